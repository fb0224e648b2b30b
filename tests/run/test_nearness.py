"""How near a breaker is to tripping, by what the ledger itself knows."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from cycle.small_sets import breaker, set_of
from fakes.status import NOON, everything

from engine.ledger.state import Latch
from engine.run.nearness import nearest_breakers
from engine.run.questions import NamedSet

if TYPE_CHECKING:
    from engine.run.status import Status


def _status(*conditions: str) -> Status:
    """10,123 USD and nothing else: 1.23 % above genesis, 3.18 % below its peak, no losses."""
    status = everything()
    status.state.latches, status.state.positions, status.state.working = {}, {}, {}
    status.state.cash, status.state.nav.units = {"USD": Decimal(10_123)}, 10_000.0
    documents = [breaker(f"b{number}", text) for number, text in enumerate(conditions)]
    status.named = NamedSet("small", "84d4e07754bb" + "0" * 52, set_of(*documents))
    return status


NEAR = {
    "a third of the way down": ("portfolio.drawdown_pct >= 10", 31.85),
    "a loss that is a gain": ("portfolio.pnl_day_pct <= -2", 0),
    "nothing of a count": ("pace.losses_consecutive_count >= 3", 0),
    "all of them must": ("portfolio.drawdown_pct >= 10 and portfolio.drawdown_pct >= 4", 31.85),
    "any of them may": ("portfolio.drawdown_pct >= 10 or portfolio.drawdown_pct >= 4", 79.62),
    "what is known of a choice": (
        "portfolio.drawdown_pct >= 10 or venue.errors_consecutive_count > 5",
        31.85,
    ),
    "what only the venue tells": ("venue.errors_consecutive_count > 5", None),
    "one of all that only the venue tells": (
        "portfolio.drawdown_pct >= 10 and venue.errors_consecutive_count > 5",
        None,
    ),
    "what has no order": ('regime.name == "crash"', None),
    "what is turned round": ("not portfolio.drawdown_pct < 10", None),
}


@pytest.mark.parametrize(("condition", "used"), NEAR.values(), ids=NEAR)
def test_how_near_a_condition_is(condition: str, used: float | None) -> None:
    """100 is where it trips; what the ledger cannot decide has no nearness."""
    found = nearest_breakers(_status(condition))
    assert [each.used_pct for each in found] == (
        [] if used is None else [pytest.approx(used, abs=0.01)]
    )


def test_the_nearest_comes_first_in_words() -> None:
    """With the number as it is now, and the one at which it trips."""
    near, far = nearest_breakers(
        _status("portfolio.drawdown_pct >= 10", "portfolio.drawdown_pct >= 4")
    )
    assert (near.name, far.name) == ("b1", "b0")
    assert near.says == "portfolio.drawdown_pct 3.18 %, trips at >= 4 %"
    assert (near.near, near.asked) == (False, None)


def test_what_is_tripped_or_does_not_count_is_not_near() -> None:
    """A tripped breaker is told as tripped; one in shadow or of another mode does not count."""
    status = _status("portfolio.drawdown_pct >= 10")
    status.state.latches["b0", ""] = Latch(
        "b0", "", "account", "reducing", NOON, None, None, None, "x", "none", "none"
    )
    assert nearest_breakers(status) == []
    status.state.latches = {}
    status.state.mode = "live"
    assert len(nearest_breakers(status)) == 1
    shadowed = breaker("b0", "portfolio.drawdown_pct >= 10", stage="shadow")
    status.named = NamedSet("small", "0" * 64, set_of(shadowed))
    assert nearest_breakers(status) == []
    status.named = None
    assert nearest_breakers(status) == []
