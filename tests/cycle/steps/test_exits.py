"""Exits: each position against the plan that was written when it was opened."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from cycle.small_sets import STRATEGY, breaker
from cycle.trading_desk import BTC, ETH, PLAN, START, Bench, bench
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.cycle.steps import breakers, exits
from engine.ledger.records import RecordKind

if TYPE_CHECKING:
    from engine.cycle.steps.exits import Exit, Mark
    from engine.model.orders import ExitPlan

BLIND_S = PLAN.blind_exit_after_s


def holding(plan: ExitPlan = PLAN, *texts: str) -> Bench:
    """A desk that bought two units at 100."""
    made = bench(STRATEGY, *texts)
    made.hold(BTC, "2", "100", plan=plan)
    return made


def judged(made: Bench) -> tuple[tuple[Exit, ...], dict[str, Mark]]:
    """The exits of one cycle, and its marks, with breakers asked first."""
    this = made.round()
    breakers.run(made.desk, this)
    seen = exits.marks(made.desk, this)
    return exits.run(made.desk, this, seen), seen


def close(made: Bench, seen: dict[str, Mark], seconds: float = 60) -> None:
    """Record the cycle with its marks, and let time pass."""
    made.close(marks={name: mark.body() for name, mark in seen.items()})  # type: ignore[arg-type] # Json
    made.wait(seconds)


def told(found: tuple[Exit, ...]) -> list[tuple[str, bool]]:
    """The reasons, and whether each is a stop."""
    return [(each.reason, each.stop) for each in found]


def plan(**changes: Decimal | int | str) -> ExitPlan:
    """The plan of the tests with other parts."""
    return replace(PLAN, **changes)  # type: ignore[arg-type] # a row of a table


PLANS = {
    "nothing reached": (plan(), ["100"], []),
    "just above the stop": (plan(), ["95.01"], []),
    "at the stop": (plan(), ["95"], [("stop -5.00 % <= -5 %", True)]),
    "far below the stop": (plan(), ["50"], [("stop -50.00 % <= -5 %", True)]),
    "just above the trailing stop": (plan(trailing_pct=Decimal(3)), ["120", "116.5"], []),
    "at the trailing stop": (
        plan(trailing_pct=Decimal(3)),
        ["120", "116.4"],
        [("trailing 3.00 % >= 3 %", True)],
    ),
    "the peak is the best since entry": (
        plan(trailing_pct=Decimal(3)),
        ["110", "120", "119", "116"],
        [("trailing 3.33 % >= 3 %", True)],
    ),
    "just below the target": (plan(target_pct=Decimal(10)), ["109.99"], []),
    "at the target": (
        plan(target_pct=Decimal(10)),
        ["110"],
        [("target 10.00 % >= 10 %", False)],
    ),
    "a stop comes before a target": (
        plan(trailing_pct=Decimal(3), target_pct=Decimal(5)),
        ["120", "110"],
        [("trailing 8.33 % >= 3 %", True)],
    ),
    "its condition holds": (
        plan(when="quote.spread_bps > 100"),
        ["90.5"],
        [("stop -9.50 % <= -5 %", True)],
    ),
    "its condition does not hold": (plan(when="quote.spread_bps > 5000"), ["100"], []),
    "its condition is undecided": (plan(when="venue.clock_skew_ms > 100"), ["100"], []),
    "its condition alone": (
        plan(when="quote.bid > 101"),
        ["102"],
        [("when quote.bid > 101", False)],
    ),
}


@pytest.mark.parametrize(("terms", "bids", "found"), PLANS.values(), ids=PLANS)
def test_a_position_leaves_by_its_plan(
    terms: ExitPlan, bids: list[str], found: list[tuple[str, bool]]
) -> None:
    """Each part of a plan is reached at its number and not before; the last bid decides."""
    made = holding(terms)
    outcome: tuple[Exit, ...] = ()
    for bid in bids:
        made.quote(BTC, bid, "130")
        outcome, seen = judged(made)
        close(made, seen)
    assert told(outcome) == found


def test_a_position_leaves_after_its_longest_hold() -> None:
    """At its longest hold it is sold, a second earlier it is not."""
    made = holding(plan(max_hold_s=3600))
    made.wait(3599)
    made.quote()
    assert judged(made)[0] == ()
    made.wait(1)
    made.quote()
    assert told(judged(made)[0]) == [("held 3600 s >= 3600 s", False)]


def test_a_condition_that_means_nothing_leaves_the_rest_of_the_plan() -> None:
    """A plan whose condition this release cannot read still stops, and the cycle says so."""
    made = holding(plan(when="quote.bid >", target_pct=Decimal(10)))
    made.quote(BTC, "100")
    this = made.round()
    assert exits.run(made.desk, this, exits.marks(made.desk, this)) == ()
    assert this.notes == ["exit condition of BTC-USD means nothing in this release: quote.bid >"]
    made.quote(BTC, "94")
    assert told(judged(made)[0]) == [("stop -6.00 % <= -5 %", True)]
    made.quote(BTC, "111", "112")
    assert told(judged(made)[0]) == [("target 11.00 % >= 10 %", False)]


def test_a_condition_is_asked_of_the_position_not_of_its_strategy() -> None:
    """A plan goes on when its strategy is gone from the set."""
    made = bench()
    made.hold(BTC, "2", "100", plan=plan(when="position.hold_h >= 1"), strategy="forgotten")
    made.wait(3600)
    made.quote()
    assert told(judged(made)[0]) == [("when position.hold_h >= 1", False)]


ONE_SIDED = {
    "the bid suffices": ("94", None, [("stop -6.00 % <= -5 %", True)]),
    "an ask alone is blind": (None, "94", []),
    "a bid of nothing is blind": ("0", "94", []),
}


@pytest.mark.parametrize(("bid", "ask", "found"), ONE_SIDED.values(), ids=ONE_SIDED)
def test_a_one_sided_book_is_judged_by_its_bid(
    bid: str | None, ask: str | None, found: list[tuple[str, bool]]
) -> None:
    """A sale needs a bid and nothing else; without one nobody can say."""
    made = holding()
    made.quote(BTC, bid, ask)
    outcome, seen = judged(made)
    assert told(outcome) == found
    assert (seen["BTC-USD"].bid is None) is not bool(found)


def test_a_blind_position_holds_and_then_sells() -> None:
    """Undecidable for as long as its plan allows, it is sold; a second earlier it is held."""
    made = holding()
    made.quote(BTC, None, "100")
    since = made.now
    while made.now.since_s(since) < BLIND_S:
        outcome, seen = judged(made)
        assert outcome == ()
        assert seen["BTC-USD"].blind_since == since
        close(made, seen, 599 if made.now == since else 60.05)
    assert told(judged(made)[0]) == [(f"blind for {made.now.since_s(since):.0f} s", True)]


def test_silence_counts_from_the_last_quote() -> None:
    """A feed that went silent is blind since its last quote, not since somebody looked."""
    made = holding()
    made.quote()
    made.wait(BLIND_S - 1)
    outcome, seen = judged(made)
    assert outcome == ()
    assert seen["BTC-USD"].bid is not None
    made.wait(1)
    outcome, seen = judged(made)
    assert seen["BTC-USD"].blind_since == START
    assert told(outcome) == [(f"blind for {BLIND_S} s", True)]


def test_a_position_without_any_quote_is_blind_from_the_first_look() -> None:
    """After a restart nothing was quoted yet: the position holds, and its blindness begins."""
    made = holding()
    outcome, seen = judged(made)
    assert outcome == ()
    assert seen["BTC-USD"].blind_since == made.now


def test_a_quote_from_the_future_does_not_put_blindness_off() -> None:
    """A stamp far ahead of our clock is no price, and is blind from now, not from its own time."""
    made = holding()
    made.quote(age_s=-7200)
    outcome, seen = judged(made)
    assert outcome == ()
    assert seen["BTC-USD"].bid is None
    assert seen["BTC-USD"].blind_since == made.now


def test_a_returning_quote_ends_blindness() -> None:
    """Once a bid is seen again the clock of blindness starts anew."""
    made = holding()
    made.quote(BTC, None, "100")
    close(made, judged(made)[1], 1000)
    made.quote()
    outcome, seen = judged(made)
    assert (outcome, seen["BTC-USD"].blind_since) == ((), None)
    close(made, seen, 1000)
    made.quote(BTC, None, "100")
    assert judged(made)[0] == ()
    assert made.state.positions[BTC].blind_since is None


EXIT_ALL = {
    "the account": ("account", "engine.kill_switch", ["BTC-USD", "ETH-USD"]),
    "one product": ("symbol", 'asset.symbol == "ETH-USD"', ["ETH-USD"]),
}


@pytest.mark.parametrize(("scope", "when", "leaving"), EXIT_ALL.values(), ids=EXIT_ALL)
def test_a_breaker_that_says_so_sells_its_scope(scope: str, when: str, leaving: list[str]) -> None:
    """`exit_all` sells every position in the scope of the latch, by the stop's ladder."""
    made = bench(
        STRATEGY,
        breaker("out", when, scope=scope, on_trip="exit_all"),
        breaker("quiet", "engine.kill_switch", on_trip="none"),
    )
    made.killed = "a test"
    for symbol in (BTC, ETH):
        made.hold(symbol)
        made.quote(symbol)
    outcome, _ = judged(made)
    assert [str(each.position.symbol) for each in outcome] == leaving
    assert {(each.reason, each.stop) for each in outcome} == {("breaker out", True)}


def test_the_order_of_a_breaker_does_not_need_a_price() -> None:
    """What a breaker orders out leaves even where nobody can say what it is worth."""
    made = holding(PLAN, breaker("out", "engine.kill_switch", on_trip="exit_all"))
    made.killed = "a test"
    assert told(judged(made)[0]) == [("breaker out", True)]


BACK_OFF = {
    "the market has shown nothing since": (-1.0, 60.0, False),
    "a quote of the same moment is nothing new": (0.0, 60.0, False),
    "the market has moved on": (1.0, 60.0, True),
    "the feed may be dead and the venue alive": (-1.0, float(BLIND_S), True),
}


@pytest.mark.parametrize(("after_s", "later_s", "again"), BACK_OFF.values(), ids=BACK_OFF)
def test_a_whole_ladder_is_tried_again_only_on_news(
    after_s: float, later_s: float, *, again: bool
) -> None:
    """After an exit was tried, the same view of the market is no reason to try it again."""
    made = holding()
    made.wait(60)
    made.hold(BTC, "2", "94", intent="exit", filled="0")
    made.quote(BTC, "94", "95", age_s=-after_s)
    made.wait(later_s)
    assert bool(judged(made)[0]) is again


def test_positions_leave_in_the_order_of_their_products() -> None:
    """The order of exits follows from the products, not from the order of their entries."""
    made = bench(STRATEGY)
    for symbol in (ETH, BTC):
        made.hold(symbol)
        made.quote(symbol, "50", "51")
    assert [each.position.symbol for each in judged(made)[0]] == [BTC, ETH]


BIDS = st.decimals("60", "140", places=2)


@given(st.lists(BIDS, min_size=1, max_size=8), st.sampled_from([None, Decimal(4)]))
@settings(max_examples=40)
def test_a_position_below_its_stop_is_always_sold(
    bids: list[Decimal], trailing: Decimal | None
) -> None:
    """Whatever came before, a bid at or below the stop, or so far below the peak, is an exit."""
    made = holding(replace(PLAN, trailing_pct=trailing))
    peak = Decimal(100)
    for bid in bids:
        made.quote(BTC, str(bid), "150")
        outcome, seen = judged(made)
        close(made, seen)
        peak = max(peak, bid)
        stopped = bid <= 95
        trailed = trailing is not None and bid <= peak * (100 - trailing) / 100
        assert bool(outcome) is (stopped or trailed)


MEETS = {
    "the stop": ({"stop_pct": Decimal("0.6")}, "99.4", "stop"),
    "the target": ({"target_pct": Decimal("0.6")}, "100.6", "target"),
    "the trail": ({"stop_pct": Decimal(50), "trailing_pct": Decimal("0.6")}, "99.4", "trailing"),
}


@pytest.mark.parametrize(("plan", "bid", "reason"), MEETS.values(), ids=MEETS)
def test_a_price_that_meets_its_level_to_the_last_digit_counts(
    plan: dict[str, Decimal], bid: str, reason: str
) -> None:
    """0.6 % below 100 is 99.4: no rounding of a quotient stands between a stop and its sale."""
    made = holding(replace(PLAN, **plan))
    made.quote(BTC, bid, "150")
    ((leaving,), _) = judged(made)
    assert leaving.reason.startswith(reason)


def test_a_latch_of_another_kind_orders_nothing() -> None:
    """A latch whose document sells nothing leaves positions to their plans."""
    made = holding()
    made.quote()
    made.record(
        RecordKind.BREAKER_TRIPPED,
        {
            "breaker": "old",
            "key": "",
            "scope": "account",
            "while_tripped": "halted",
            "text": "true",
            "cancel": "none",
            "on_trip": "none",
        },
    )
    assert judged(made)[0] == ()
