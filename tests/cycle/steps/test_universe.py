"""The universe: who enters, who stays, who leaves, and who has to wait."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from cycle.small_sets import UNIVERSE
from cycle.trading_desk import BTC, DOGE, ETH, SOL, START, Bench, bench

from engine.cycle.steps import universe
from engine.ledger.state import Membership
from engine.model.symbols import Symbol

if TYPE_CHECKING:
    from engine.cycle.desk import Round

LEAVE_AFTER_S = 600
# Spreads in bps: the core takes up to 20 and keeps up to 40, the rest takes up to 100.
SIDES = {
    10: ("99.95", "100.05"),
    30: ("99.85", "100.15"),
    60: ("99.70", "100.30"),
    200: ("99", "101"),
    None: ("99.95", None),
}


def turn(made: Bench, spread: int | None, symbol: Symbol = BTC, later_s: float = 60) -> Round:
    """One cycle's decision about the universe, at a spread; it is recorded as the cycle does."""
    bid, ask = SIDES[spread]
    made.quote(symbol, bid, ask)
    return decided(made, later_s)


def decided(made: Bench, later_s: float = 60) -> Round:
    """One cycle's decision, with what the market shows already."""
    this = made.round()
    universe.run(made.desk, this)
    made.close(universe=dict(this.universe_changes))
    made.wait(later_s)
    return this


ENTRIES = {
    "the first tier that takes it": (10, "core"),
    "a lower tier where the first does not": (60, "rest"),
    "no tier takes it": (200, None),
    "nobody can decide": (None, None),
}


@pytest.mark.parametrize(("spread", "tier"), ENTRIES.values(), ids=ENTRIES)
def test_a_product_enters_the_first_tier_that_takes_it(
    spread: int | None, tier: str | None
) -> None:
    """Tiers are asked in order; doubt lets nobody in, and the facts of the cycle say the tier."""
    made = bench()
    this = turn(made, spread)
    expected = Membership(tier) if tier else None
    assert this.universe.get(BTC) == made.state.universe.get(BTC) == expected
    assert this.symbols[BTC]["asset.tier"] == (tier or "none")
    assert this.account["data.eligible_count"] == (1.0 if tier else 0.0)
    assert (BTC in this.blockers) is (tier is None)


BLOCKERS = {
    "what the lowest tier asks": (
        200,
        "NOT_IN_UNIVERSE rule=UniverseFilter/universe#rest_enter asks=quote.spread_bps <= 100",
    ),
    "what is missing": (None, "UNIVERSE_UNDECIDED missing=quote.ask"),
}


@pytest.mark.parametrize(("spread", "blocker"), BLOCKERS.values(), ids=BLOCKERS)
def test_who_stays_outside_is_told_why(spread: int | None, blocker: str) -> None:
    """The first thing that stood in a product's way is kept for whoever asks."""
    assert str(turn(bench(), spread).blockers[BTC]) == blocker


def test_a_member_stays_by_the_laxer_condition() -> None:
    """Hysteresis: what no longer suffices to enter suffices to stay."""
    made = bench()
    turn(made, 10)
    assert turn(made, 30).universe_changes == {}
    assert made.state.universe == {BTC: Membership("core")}


def test_a_member_leaves_only_after_it_has_failed_for_so_long() -> None:
    """It waits from the first miss, leaves at `leave_after`, and not a second before."""
    made = bench()
    turn(made, 10)
    failed_at = made.now
    turn(made, 200, later_s=LEAVE_AFTER_S - 1)
    assert made.state.universe == {BTC: Membership("core", failed_at)}
    this = turn(made, 200, later_s=1)
    assert this.universe_changes == {}
    turn(made, 200)
    assert made.state.universe == {}


def test_a_member_that_recovers_is_forgiven() -> None:
    """One cycle within what its tier asks, and the time of failing begins anew."""
    made = bench()
    turn(made, 10)
    turn(made, 200, later_s=LEAVE_AFTER_S - 60)
    turn(made, 30)
    assert made.state.universe == {BTC: Membership("core")}
    turn(made, 200, later_s=LEAVE_AFTER_S - 60)
    assert BTC in made.state.universe


def test_a_member_that_leaves_enters_the_tier_that_takes_it_now() -> None:
    """After `leave_after` a product of the core is one of the rest, without a cycle between."""
    made = bench()
    turn(made, 10)
    turn(made, 60, later_s=LEAVE_AFTER_S)
    turn(made, 60)
    assert made.state.universe == {BTC: Membership("rest")}


UNDECIDED = {"keep": ("keep", True), "leave": ("leave", False)}


@pytest.mark.parametrize(("word", "stays"), UNDECIDED.values(), ids=UNDECIDED)
def test_doubt_keeps_or_leaves_as_the_set_says(word: str, *, stays: bool) -> None:
    """A data gap keeps a member for ever, or counts as failing, and then only after the time."""
    made = bench(UNIVERSE.replace("on_undecided: keep", f"on_undecided: {word}"))
    turn(made, 10)
    turn(made, None, later_s=LEAVE_AFTER_S)
    assert BTC in made.state.universe
    turn(made, None)
    assert (BTC in made.state.universe) is stays


def test_a_product_without_a_quote_keeps_its_place() -> None:
    """After a restart a member that was not quoted yet is nobody's to judge."""
    made = bench()
    turn(made, 10)
    again = bench()
    again.close(universe={"BTC-USD": {"tier": "core", "failing_since": None}})
    assert decided(again).universe == {BTC: Membership("core")}


def test_a_member_whose_tier_is_gone_enters_anew() -> None:
    """A new set without a product's tier asks it as if it came from outside."""
    made = bench()
    made.close(universe={"BTC-USD": {"tier": "blue_chips", "failing_since": None}})
    turn(made, 10)
    assert made.state.universe == {BTC: Membership("core")}


def test_a_member_that_a_higher_tier_takes_moves_up_at_once() -> None:
    """Entering asks more than staying, so a step up needs no time to prove itself."""
    made = bench()
    turn(made, 60)
    assert turn(made, 30).universe_changes == {}
    turn(made, 10)
    assert made.state.universe == {BTC: Membership("core")}


def test_a_step_up_forgives_what_the_lower_tier_missed() -> None:
    """Time of failing belongs to the tier that was missed, and ends with the membership."""
    made = bench()
    turn(made, 60)
    turn(made, 200)
    turn(made, 10)
    assert made.state.universe == {BTC: Membership("core")}


SILENT = {
    "it is kept": ("", "core", Membership("core")),
    "its tier is gone": ("", "blue_chips", None),
    "it is excluded": ("  exclude: [{symbol: BTC-USD, reason: a test}]\n", "core", None),
}


@pytest.mark.parametrize(("extra", "tier", "after"), SILENT.values(), ids=SILENT)
def test_a_silent_member_is_under_the_set_as_well(
    extra: str, tier: str, after: Membership | None
) -> None:
    """A ban or a set without the tier reaches a member that was not quoted since the start."""
    made = bench(UNIVERSE + extra)
    made.close(universe={"BTC-USD": {"tier": tier, "failing_since": None}})
    decided(made)
    assert made.state.universe.get(BTC) == after


def test_a_silent_member_leaves_where_doubt_leaves() -> None:
    """With `leave`, a member that shows nothing has its time, and then it is out."""
    made = bench(UNIVERSE.replace("on_undecided: keep", "on_undecided: leave"))
    made.close(universe={"BTC-USD": {"tier": "core", "failing_since": None}})
    decided(made, later_s=LEAVE_AFTER_S)
    assert made.state.universe == {BTC: Membership("core", START)}
    decided(made)
    assert made.state.universe == {}


def exception(tier: str, bps: int, minutes: int = 30) -> str:
    """A waiver of a tier's threshold, for BTC-USD alone."""
    return f"""
kind: Waiver
metadata: {{name: rotation, description: A product just below the threshold.}}
spec:
  rule: UniverseFilter/universe#{tier}
  scope: {{symbols: [BTC-USD]}}
  instead: {{params: {{max_bps: {bps}}}}}
  reason: a test
  approved_by: risk officer
  from: "{START.plus_s(60)}"
  until: "{START.plus_s(60 * minutes)}"
  at_end: hold
"""


WAIVABLE = UNIVERSE.replace(
    "quote.spread_bps <= 20, stay: quote.spread_bps <= 40",
    "quote.spread_bps <= params.max_bps, params: {max_bps: 20}",
).replace("{name: rest, require: quote.spread_bps <= 100}", "{name: rest, require: quote.crossed}")


def test_a_waiver_lets_a_product_in_below_the_threshold() -> None:
    """A near-threshold product enters by its waiver, and no other product does."""
    made = bench(WAIVABLE, exception("core", 31))
    turn(made, 30)
    assert made.state.universe == {}
    made.quote(ETH, *SIDES[30])
    turn(made, 30)
    assert made.state.universe == {BTC: Membership("core")}


def test_what_a_waiver_let_in_leaves_after_it_as_any_member_does() -> None:
    """At its end the product begins to fail, and leaves `leave_after` later."""
    made = bench(WAIVABLE, exception("core", 500, minutes=2))
    made.wait(60)
    turn(made, 200)
    assert made.state.universe == {BTC: Membership("core")}
    turn(made, 200, later_s=LEAVE_AFTER_S)
    assert made.state.universe == {BTC: Membership("core", START.plus_s(120))}
    turn(made, 200)
    assert made.state.universe == {}


def with_exclusion(until: str) -> str:
    """The universe of the base without BTC-USD."""
    return f"{UNIVERSE}  exclude: [{{symbol: BTC-USD, reason: a test{until}}}]\n"


def test_an_excluded_product_leaves_at_once() -> None:
    """An exclusion does not wait for `leave_after`, and is told by its reason."""
    made = bench(with_exclusion(""))
    made.close(universe={"BTC-USD": {"tier": "core", "failing_since": None}})
    this = turn(made, 10)
    assert str(this.blockers[BTC]) == "EXCLUDED why=a test"
    assert made.state.universe == {}
    assert this.symbols[BTC]["asset.excluded"] is True


def test_an_exclusion_ends_at_its_instant() -> None:
    """A second before its end the product is out, at its end it may enter."""
    until = START.plus_s(60)
    made = bench(with_exclusion(f', until: "{until}"'))
    made.wait(59)
    assert BTC not in turn(made, 10, later_s=1).universe
    this = turn(made, 10)
    assert BTC in this.universe
    assert this.symbols[BTC]["asset.excluded"] is False


def test_other_quote_currencies_stay_outside() -> None:
    """A product that is not quoted in one of the set's currencies is not in the universe."""
    other = Symbol("BTC", "EUR")
    this = turn(bench(), 10, other)
    assert str(this.blockers[other]) == "NOT_IN_UNIVERSE quote_currency=EUR allowed=USD"
    assert this.universe == {}


def test_beyond_the_largest_number_the_held_ones_stay() -> None:
    """With room for two, what is held counts first, then the earlier in name."""
    made = bench(UNIVERSE.replace("max_symbols: 40", "max_symbols: 2"))
    made.hold(SOL)
    for symbol in (BTC, ETH, SOL, DOGE):
        made.quote(symbol)
    this = decided(made)
    assert sorted(map(str, this.universe)) == ["BTC-USD", "SOL-USD"]
    assert sorted(map(str, made.state.universe)) == ["BTC-USD", "SOL-USD"]
    assert str(this.blockers[ETH]) == "NOT_IN_UNIVERSE max_symbols=2"
    assert this.symbols[ETH]["asset.tier"] == "none"


def test_a_member_too_many_leaves_though_it_was_not_quoted() -> None:
    """A set that lets fewer in takes a silent member out as it takes any other."""
    made = bench(UNIVERSE.replace("max_symbols: 40", "max_symbols: 1"))
    member = {"tier": "core", "failing_since": None}
    made.close(universe={"BTC-USD": {**member}, "ETH-USD": {**member}})
    decided(made)
    assert made.state.universe == {BTC: Membership("core")}
