"""Is a change a tightening, and nothing else: by declared directions, by proof, or refused."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from engine.comparison.tightening import Way, tightness
from engine.policyset.laying import laid_over
from engine.policyset.opening import load_policy_set

if TYPE_CHECKING:
    from engine.policyset.policyset import PolicySet

BRISK = Path(__file__).parents[1] / "run" / "real_time" / "policies"


@cache
def brisk() -> PolicySet:
    """A small set that may send."""
    return load_policy_set(BRISK).required()


def laid(*values: tuple[str, str, str]) -> PolicySet:
    """The small set with these values."""
    found = brisk()
    for each in values:
        found = laid_over(found, *each).required()
    return found


TIGHTER = {
    "a limit, by proof": ("max_exposure", "params.max_exposure_pct", "15"),
    "a rule, by proof": (
        "max_exposure",
        "require",
        "portfolio.at_risk_pct_after * 2 <= params.max_exposure_pct",
    ),
    "a breaker, by proof": ("daily_stop", "params.loss_pct", "9"),
    "a guard, by proof": ("execution", "params.max_spread_bps", "5"),
    "a stop, as declared": ("eager", "exit.stop_pct", "0.2"),
    "a collar, as declared": ("execution", "ladders.entry.1.collar_bps", "5"),
    "assumed fees, as declared": ("account", "fees.taker_bps", "150"),
    "a rest that comes sooner": ("rhythm", "back_off.max_interval", "40s"),
    "less for one strategy, by proof": ("eager", "budget.at_risk_pct", "0.1"),
}


@pytest.mark.parametrize("value", TIGHTER.values(), ids=TIGHTER)
def test_what_is_tighter_one_way_is_looser_the_other(value: tuple[str, str, str]) -> None:
    """Never both, and back again is refused with where it belongs."""
    head = laid(value)
    assert tightness(brisk(), head).way is Way.TIGHTER
    back = tightness(head, brisk())
    assert back.way is Way.LOOSER
    assert back.why is not None
    assert (back.why.code, "pull request" in back.why.help) == ("M930", True)


def test_looser_for_one_order_is_looser() -> None:
    """Whatever else it forbids, and it says by which order."""
    both = "portfolio.at_risk_pct_after <= params.max_exposure_pct + 9 and position.pct_after <= 1"
    found = tightness(brisk(), laid(("max_exposure", "require", both)))
    assert found.way is Way.LOOSER
    assert found.why is not None
    assert "leaves now, and was refused by RiskLimit/max_exposure" in found.why.message


NOT_SAID = {
    "what is wanted": ("eager", "enabled", "false", "M931", "what strategies want"),
    "no safer direction": ("account", "liquidate_into", "USDC", "M931", "no safer direction"),
    "nothing leaves the machine": ("account", "read_only", "true", "M933", "leave the machine"),
    "a halting breaker": (
        "kill_switch",
        "trip_when",
        "engine.kill_switch or engine.ledger_ok",
        "M933",
        "",
    ),
    "a limit that names ways out": ("max_exposure", "intents", "[entry, add, exit]", "M933", ""),
}


@pytest.mark.parametrize(("name", "path", "value", "code", "says"), NOT_SAID.values(), ids=NOT_SAID)
def test_what_nobody_can_say_or_what_stops_ways_out(
    name: str, path: str, value: str, code: str, says: str
) -> None:
    """What strategies want has no safer side, and a way out is closed by a halt alone."""
    found = tightness(brisk(), laid((name, path, value)))
    assert found.why is not None
    assert (found.way, found.why.code) == (Way.UNKNOWN, code)
    assert says in found.why.message


def test_a_set_that_may_not_send_is_asked_as_if_it_might() -> None:
    """Where nothing leaves the machine a higher limit would be no looser; on paper it is."""
    shut = laid(("account", "read_only", "true"))
    looser = laid_over(shut, "max_exposure", "params.max_exposure_pct", "25").required()
    assert tightness(shut, looser).way is Way.LOOSER
    assert tightness(looser, shut).way is Way.TIGHTER
    assert tightness(shut, brisk()).way is Way.LOOSER


def test_the_value_in_force_is_no_change() -> None:
    """However it is spelt."""
    found = tightness(brisk(), laid(("max_exposure", "params.max_exposure_pct", "20.0")))
    assert found.way is Way.SAME
    assert found.why is not None
    assert found.why.code == "M932"
