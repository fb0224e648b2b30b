"""How one is protected is judged by declared directions: pairs whose truth is known, both ways."""

from __future__ import annotations

import pytest
from cycle.small_sets import (
    DEPLOYMENT,
    EXECUTION,
    SCHEDULE,
    STRATEGY,
    UNIVERSE,
    alert,
    breaker,
    limit,
    set_of,
)

from engine.comparison.comparing import Protection, compare
from engine.comparison.edits import Edit
from engine.comparison.protection import Effect, judged
from engine.comparison.proving.permission import Permission

FIRES = "venue.unknown_orders_count > 0"
TRIMMED = limit(
    "share",
    "position.pct_after <= params.max_pct",
    scope="symbol",
    params="{max_pct: 10}",
    trim="{after: 1h, at_least_pct: 5}",
)
DAILY = "portfolio.pnl_day_pct <= -3"


def text(base: str, old: str, new: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """A document, and the same with one text another."""
    assert base.count(old) == 1, (old, base)
    return (base,), (base.replace(old, new),)


WEAKER = {
    "a wider stop": text(STRATEGY, "stop_pct: 5", "stop_pct: 7"),
    "a larger size": text(STRATEGY, 'size_pct: "2"', 'size_pct: "3"'),
    "a trailing stop removed": text(STRATEGY, "stop_pct: 5,", "stop_pct: 5, trailing_pct: 3,")[
        ::-1
    ],
    "blind for longer": text(STRATEGY, "blind_exit_after: 30m", "blind_exit_after: 45m"),
    "an alert deleted": ((alert("unknown", FIRES),), ()),
    "an alert that waits": ((alert("unknown", FIRES),), (alert("unknown", FIRES, for_="5m"),)),
    "a quieter alert": (
        (alert("unknown", FIRES),),
        (alert("unknown", FIRES, severity="info"),),
    ),
    "less often told": ((alert("unknown", FIRES),), (alert("unknown", FIRES, dedupe="10m"),)),
    "a trim removed": ((TRIMMED,), (TRIMMED.replace("trim:", "# trim:"),)),
    "no longer sold at the trip": (
        (breaker("daily", DAILY, on_trip="exit_all"),),
        (breaker("daily", DAILY),),
    ),
    "reset by a clock and not by a person": (
        (breaker("daily", DAILY, reset="{rearm: {not_before: 1h, high_water_mark: keep}}"),),
        (breaker("daily", DAILY),),
    ),
    "reset sooner": (
        (breaker("daily", DAILY),),
        (breaker("daily", DAILY, reset="{after: 5m}"),),
    ),
    "slower cycles": text(SCHEDULE, "interval: 60s", "interval: 90s"),
    "a narrower collar of stops": text(
        EXECUTION,
        "exit_stop: [{order: limit_ioc, collar_bps: 50}",
        "exit_stop: [{order: limit_ioc, collar_bps: 20}",
    ),
}


@pytest.mark.parametrize(("base", "head"), WEAKER.values(), ids=WEAKER)
def test_what_protects_less_is_weaker_and_the_way_back_stronger(
    base: tuple[str, ...], head: tuple[str, ...]
) -> None:
    """Each field has its safer direction, and it is the same one both ways."""
    one, other = (set_of(*texts) for texts in (base, head))
    assert compare(one, other).protection is Protection.WEAKER
    assert compare(other, one).protection is Protection.STRONGER


OPEN = {
    "midnight against a while": (
        (breaker("daily", DAILY),),
        (breaker("daily", DAILY, reset="next_utc_day"),),
    ),
    "another condition of an alert": (
        (alert("unknown", FIRES),),
        (alert("unknown", "venue.unknown_orders_count > 1"),),
    ),
    "another route": ((alert("unknown", FIRES),), (alert("unknown", FIRES, route="night"),)),
    "a size by facts": text(
        STRATEGY, 'size_pct: "2"', 'size_pct: "2 if quote.spread_bps < 5 else 1"'
    ),
}


@pytest.mark.parametrize(("base", "head"), OPEN.values(), ids=OPEN)
def test_what_has_no_direction_is_unknown(base: tuple[str, ...], head: tuple[str, ...]) -> None:
    """No order between the two is declared, so nobody is told that it is safe."""
    assert compare(set_of(*base), set_of(*head)).protection is Protection.UNKNOWN


SHIFTS = {
    "a group of other coins, under a limit by group": (
        (limit("group", "portfolio.group_pct_after <= 10", scope="group"),),
        "groups: {majors: [BTC, ETH]",
        "groups: {majors: [BTC]",
    ),
    "a tier that limits ask for": (
        (limit("tiers", 'order.tier != "rest" or order.notional_usd <= 100'),),
        "require: quote.spread_bps <= 20,",
        "require: quote.spread_bps <= 10,",
    ),
}


@pytest.mark.parametrize(("limits", "old", "new"), SHIFTS.values(), ids=SHIFTS)
def test_a_fact_that_comes_about_otherwise_leaves_it_open(
    limits: tuple[str, ...], old: str, new: str
) -> None:
    """A proof over facts says nothing where the facts are no longer the same ones."""
    changed = UNIVERSE.replace(old, new)
    found = compare(set_of(UNIVERSE, *limits), set_of(changed, *limits))
    assert changed != UNIVERSE
    assert found.permission is Permission.UNKNOWN
    assert found.open_permission
    without = compare(set_of(UNIVERSE), set_of(changed))
    assert without.permission is not Permission.UNKNOWN


def test_a_stage_and_an_account_have_their_directions() -> None:
    """More trust allows more, by declaration; another account is nobody's to compare."""
    base = set_of(DEPLOYMENT)
    trusted = set_of(DEPLOYMENT.replace("stage: supervised", "stage: full"))
    other = set_of(DEPLOYMENT.replace("account: {name: main}", "account: {name: second}"))
    assert compare(base, trusted).permission is Permission.LOOSER
    assert compare(trusted, base).permission is Permission.NOT_LOOSER
    assert compare(base, other).permission is Permission.UNKNOWN


def test_the_same_set_is_the_same() -> None:
    """No edit, nothing asked, nothing weaker."""
    found = compare(set_of(STRATEGY), set_of(STRATEGY))
    assert (found.permission, found.protection) == (Permission.NOT_LOOSER, Protection.SAME)
    assert found.edits == found.findings == ()


def test_effects_have_their_reverse() -> None:
    """Weaker is the reverse of stronger; the others are their own."""
    assert [each.reversed for each in Effect] == [
        Effect.STRONGER,
        Effect.WEAKER,
        Effect.SAME,
        Effect.UNKNOWN,
    ]


def test_a_document_of_which_there_is_one_is_not_renamed_in_silence() -> None:
    """A Deployment under another name is another one: nobody says that it means the same."""
    edit = Edit("Deployment/account", (), {"spec": {}}, None)
    assert judged(edit).effect is Effect.UNKNOWN
