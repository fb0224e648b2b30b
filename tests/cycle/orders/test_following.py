"""Following up: a cancel first, then its end, then the next rung; and never more than is held."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from fakes.bench import (
    BTC,
    EAGER,
    ETH,
    LADDERS,
    PLAN,
    RETIRED,
    SOL,
    Bench,
    bench_set,
    buy,
    done,
    sell,
)
from fakes.exchange import Answer
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.cycle.clockwork import Command
from engine.cycle.orders import following, intents
from engine.cycle.valuation import Valuation
from engine.ledger.records import RecordKind
from engine.model.decisions import ReasonCode
from engine.model.numbers import ZERO
from engine.model.orders import Intent, Mode, OrderForm, OrderStatus, Side
from engine.ports import VenueError

if TYPE_CHECKING:
    from engine.cycle.desk import Told
    from engine.model.symbols import Symbol

POST, IOC, MARKET = OrderForm.POST_ONLY, OrderForm.LIMIT_IOC, OrderForm.MARKET_IOC


def forms(bench: Bench) -> list[OrderForm]:
    """The forms of all orders that were sent, in order."""
    return [each.intent.form for each in bench.venue.received]


def _target(bench: Bench) -> None:
    """The price reaches the plan's target."""
    bench.quote(BTC, "21500", "21504")


def _stop(bench: Bench) -> None:
    """The price falls through the stop, not so far that the breaker of the day trips."""
    bench.quote(BTC, "19000", "19004")


def test_an_order_that_outlived_its_time_is_cancelled_once_it_has() -> None:
    """Not before; and its end is the venue's word, not ours."""
    bench = Bench()
    bench.place(buy())
    bench.wait(59)
    bench.tick()
    assert "cancel" not in bench.deeds
    bench.venue.lags = True
    bench.wait(1)
    bench.tick()
    assert bench.deeds.count("cancel") == 1
    assert bench.bodies(RecordKind.CANCEL)[0]["reason"] == "its time to live is over"
    bench.cycle()
    assert len(bench.state.working) == 1
    assert forms(bench) == [POST]


def test_the_next_rung_comes_after_a_confirmed_end_only() -> None:
    """Until the venue confirms the cancel both could fill; then the child names its parent."""
    bench = Bench()
    bench.place(buy())
    bench.venue.lags = True
    for _ in range(3):
        bench.wait(61)
        bench.tick()
        bench.cycle()
    assert forms(bench) == [POST]
    bench.venue.settle()
    bench.wait(1)
    bench.cycle()
    assert forms(bench) == [POST, IOC]
    child = bench.venue.received[1].intent
    assert (child.parent, child.rung, child.plan) == (1, 1, PLAN)
    assert bench.venue.received[1].client_order_id != bench.venue.received[0].client_order_id
    assert bench.state.working == {}


def test_a_child_asks_for_what_is_left() -> None:
    """A part was filled before the end: the next rung wants the rest, and no more."""
    bench = Bench()
    bench.place(buy())
    whole = bench.venue.received[0].quantity
    bench.venue.fill("venue-1", whole / 4)
    bench.absorb()
    bench.wait(61)
    bench.tick()
    bench.cycle()
    assert bench.venue.received[1].intent.quantity == whole - whole / 4


def test_an_entry_ladder_ends() -> None:
    """After the last rung nothing more is tried: the wish is over."""
    bench = Bench()
    bench.venue.taken_share = ZERO
    bench.place(buy())
    for _ in range(4):
        bench.wait(61)
        bench.tick()
        bench.cycle()
    assert forms(bench) == [POST, IOC]
    assert bench.state.working == {}


@pytest.mark.parametrize("filled", ["0", "0.5"])
def test_an_entry_goes_on_only_while_its_strategy_is_enabled(filled: str) -> None:
    """A set that switches the strategy off ends what it wanted, the rest of a part-filled too."""
    bench = Bench()
    bench.venue.taken_share = Decimal(filled)
    bench.place(buy())
    bench.wait(61)
    bench.tick()
    bench.desk.policy_set = bench_set(RETIRED)
    this = bench.cycle()
    assert forms(bench) == [POST]
    assert str(this.blockers[BTC]) == "NO_STRATEGY strategy=tight_spread why=no longer enabled"


def test_a_post_only_that_would_cross_goes_to_the_next_rung_at_once() -> None:
    """In the same cycle, judged anew, with a parent; the venue's refusal is not counted."""
    bench = Bench((EAGER,))
    bench.venue.answers = [Answer.CROSS]
    bench.cycle()
    first, second = bench.venue.received[:2]
    assert [first.intent.form, second.intent.form] == [POST, IOC]
    assert second.intent.parent == first.intent.number
    assert second.intent.quantity == first.quantity
    decided = [each for each in bench.bodies(RecordKind.DECISION) if each["symbol"] == str(BTC)]
    assert [each["verdict"] for each in decided] == ["allow", "allow"]
    assert not bench.state.pace.rejected


def test_a_crossing_on_the_last_rung_is_the_end() -> None:
    """There is nothing to fall to."""
    bench = Bench()
    this = bench.round()
    wish = replace(buy(), rung=1)
    told = bench.place(wish, this)
    assert following.after_refusal(bench.desk, wish, told) is None


def test_an_exit_goes_down_its_ladder_while_the_market_moves() -> None:
    """A resting exit that ended unfilled takes next; it does not begin anew at its first rung."""
    bench = Bench()
    held = bench.hold()
    bench.venue.taken_share = Decimal(1)
    _target(bench)
    bench.cycle()
    assert forms(bench)[1:] == [POST]
    bench.wait(61)
    _target(bench)
    bench.tick()
    bench.cycle()
    assert forms(bench)[1:] == [POST, IOC]
    assert bench.venue.received[-1].intent.rung == 1
    assert bench.venue.received[-1].quantity == held
    assert bench.state.positions or bench.state.fills_seen
    bench.absorb()
    assert bench.state.positions == {}


def test_an_exit_whose_ladder_is_at_its_end_begins_again() -> None:
    """The position is still there, so the next cycle starts over, once in a cycle."""
    bench = Bench()
    bench.hold()
    bench.venue.taken_share = ZERO
    for _ in range(4):
        _target(bench)
        bench.tick()
        bench.cycle()
        bench.wait(61)
    assert forms(bench)[1:] == [POST, IOC, POST, IOC]


def test_a_stop_clears_a_resting_exit_out_of_its_way() -> None:
    """The resting order is cancelled and its end is known before the stop sells the same units."""
    bench = Bench()
    held = bench.hold()
    _target(bench)
    bench.cycle()
    assert bench.state.pending_sell(BTC) == held
    bench.wait(1)
    _stop(bench)
    this = bench.cycle()
    assert forms(bench)[1:] == [POST, IOC]
    assert bench.venue.received[-1].intent.ladder == "exit_stop"
    assert bench.venue.book["venue-2"].status is OrderStatus.CANCELLED
    assert bench.bodies(RecordKind.CANCEL)[-1]["reason"] == "a stop takes its place"
    assert bench.state.positions == {}
    assert [each.outcome for each in this.orders] == ["sent"]


def test_a_stop_waits_for_a_cancel_that_the_venue_has_not_confirmed() -> None:
    """The units may still be sold by the resting order: nothing is sold twice."""
    bench = Bench()
    bench.hold()
    _target(bench)
    bench.cycle()
    bench.venue.lags = True
    bench.wait(1)
    _stop(bench)
    bench.cycle()
    assert forms(bench)[1:] == [POST]
    bench.venue.settle()
    bench.wait(1)
    _stop(bench)
    bench.cycle()
    assert forms(bench)[1:] == [POST, IOC]


def _both_stops(bench: Bench) -> None:
    """Two products fall through their stops at once."""
    bench.quote(BTC, "19000", "19004")
    bench.quote(ETH, "950", "950.2")


def test_a_stop_goes_on_once_its_way_is_clear() -> None:
    """The end of the resting exit may be learnt while another position is sold."""
    bench = Bench()
    bench.hold()
    bench.wait(2)
    bench.hold(ETH)
    _target(bench)
    bench.cycle()
    bench.venue.lags, bench.venue.before_the_wire = True, bench.venue.settle
    bench.wait(1)
    _both_stops(bench)
    bench.cycle()
    sold = [(each.symbol, each.intent.ladder) for each in bench.venue.received[2:]]
    assert sold == [(BTC, "exit"), (ETH, "exit_stop"), (BTC, "exit_stop")]
    assert bench.state.positions == {}


def test_a_stop_whose_end_was_unknown_goes_on_when_it_is_known() -> None:
    """An order that was still unknown when its position's turn came is followed in that cycle."""
    bench = Bench()
    bench.hold()
    bench.wait(2)
    bench.hold(ETH)
    bench.venue.answers, bench.venue.taken_share = [Answer.LOSE_RESPONSE], Decimal("0.25")
    _stop(bench)
    bench.venue.failing["orders"] = VenueError("out of order")
    bench.cycle()
    assert bench.state.pending_sell(BTC) == bench.state.positions[BTC].quantity
    bench.venue.before_the_wire = bench.venue.failing.clear
    bench.venue.taken_share = Decimal(1)
    bench.wait(1)
    _both_stops(bench)
    bench.cycle()
    sold = [(each.symbol, each.intent.rung) for each in bench.venue.received[2:]]
    assert sold == [(BTC, 0), (ETH, 0), (BTC, 1)]
    assert bench.state.positions == {}


def test_a_stop_goes_further_until_it_is_out() -> None:
    """Its rungs follow one another in one cycle, each judged, the last at any price."""
    bench = Bench()
    bench.hold()
    bench.venue.taken_share = Decimal("0.25")
    _stop(bench)
    bench.cycle()
    assert forms(bench)[1:] == [IOC, IOC, MARKET]
    quantities = [each.quantity for each in bench.venue.received[1:]]
    assert quantities == sorted(quantities, reverse=True)
    assert bench.state.positions[BTC].quantity > 0


def test_a_stop_takes_the_place_of_an_exit_that_just_ended() -> None:
    """The next rung of a target is not tried while the stop already wants out."""
    bench = Bench()
    bench.hold()
    _target(bench)
    bench.cycle()
    bench.venue.end("venue-2")
    bench.wait(1)
    _stop(bench)
    bench.cycle()
    assert [each.intent.ladder for each in bench.venue.received[1:]] == ["exit", "exit_stop"]


def test_dust_is_left_alone() -> None:
    """Too little to be sold is not tried, and says so."""
    bench = Bench()
    held = bench.hold()
    bench.relist(replace(bench.desk.products[BTC], base_min_size=held * 2))
    _stop(bench)
    this = bench.cycle()
    assert len(bench.venue.received) == 1
    assert this.blockers[BTC].code is ReasonCode.BELOW_VENUE_MINIMUM


def test_without_equity_nothing_can_be_sized() -> None:
    """A strategy's wish is a share of equity; unknown equity is no equity."""
    bench = Bench((EAGER,))
    bench.hold()
    bench.wait(10)
    blocking = bench.desk.policy_set.deployment.model_copy(update={"unpriced": "block"})
    bench.desk.valuation = Valuation(blocking, bench.desk.market)
    del bench.desk.market.last_bid[BTC]
    del bench.desk.market.quotes[BTC]
    this = bench.round()
    proposals = intents_of(bench, this)
    done(intents.place_entries(bench.desk, this, proposals))
    assert {each.code for each in this.blockers.values()} == {ReasonCode.NO_EQUITY}
    assert len(bench.venue.received) == 1


def intents_of(bench: Bench, this: object) -> tuple[object, ...]:
    """What the strategies propose."""
    from engine.cycle.steps import strategies

    return strategies.run(bench.desk, this)  # type: ignore[arg-type] # a Round


def test_a_plan_is_written_with_its_numbers() -> None:
    """The strategy's exit becomes the position's, conditions in canonical text."""
    bench = Bench((EAGER,))
    bench.cycle()
    plans = {each.intent.plan for each in bench.venue.received}
    (plan,) = plans
    assert plan is not None
    assert (plan.stop_pct, plan.target_pct, plan.blind_exit_after_s) == (3, 5, 1800)


def test_orders_without_an_answer_cannot_be_cancelled() -> None:
    """Without the venue's id there is nothing to name; the look-up comes first."""
    bench = Bench()
    bench.venue.answers = [Answer.LOSE_REQUEST]
    bench.place(buy())
    bench.wait(61)
    bench.tick()
    assert "cancel" not in bench.deeds


@pytest.mark.parametrize(
    ("cancel", "entry_goes", "exit_goes"),
    [("all", True, True), ("entries", True, False), ("none", False, False)],
)
def test_a_tripped_breaker_cancels_what_its_document_says(
    *, cancel: str, entry_goes: bool, exit_goes: bool
) -> None:
    """All, entries or none of the working orders in its scope; other products are left alone."""
    bench = Bench()
    held = bench.hold()
    this = bench.round()
    bench.place(sell(BTC, held), this)
    bench.wait(10)
    this = bench.round()
    bench.place(buy(ETH), this)
    for key in (str(BTC), str(ETH)):
        bench.record(
            RecordKind.BREAKER_TRIPPED,
            {
                "breaker": "by_hand",
                "key": key,
                "scope": "symbol",
                "while_tripped": "reducing",
                "cancel": cancel,
                "on_trip": "none",
                "text": "test",
            },
        )
    done(following.cancel_for_breakers(bench.desk, bench.clock.now()))
    assert bench.venue.book["venue-2"].status.final is exit_goes
    assert bench.venue.book["venue-3"].status.final is entry_goes


ACTS = st.sampled_from(
    ["up", "down", "flat", "fill", "end", "settle", "lag", "wait", "cross", "lose", "part", "all"]
)


@pytest.mark.long
@settings(max_examples=50)
@given(st.lists(st.tuples(ACTS, st.integers(1, 9)), max_size=25))
def test_never_more_is_sold_than_is_held(acts: list[tuple[str, int]]) -> None:
    """Whatever the venue and the market do: sells sum to at most what was bought."""
    bench = Bench()
    for symbol in (BTC, SOL):
        bench.hold(symbol)
        bench.wait(10)
    prices = {"up": ("21500", "54"), "down": ("19100", "47.7"), "flat": ("20000", "50")}
    for act, number in acts:
        _act(bench, act, number, prices)
        bench.tick()
        bench.cycle()
        for symbol in (BTC, SOL):
            _sells_are_covered(bench, symbol)
        bench.clock.passes(7 * number)
        bench.again()


def _act(bench: Bench, act: str, number: int, prices: dict[str, tuple[str, str]]) -> None:
    working = [each for each in bench.venue.book.values() if not each.status.final]
    if act in prices:
        for symbol, bid in zip((BTC, SOL), prices[act], strict=True):
            bench.quote(symbol, bid, str(Decimal(bid) * Decimal("1.0002")))
    elif act == "fill" and working:
        each = working[number % len(working)]
        left = each.quantity - each.filled_quantity
        bench.venue.fill(each.venue_order_id, left * number / 10)
    elif act == "end" and working:
        bench.venue.end(working[number % len(working)].venue_order_id)
    elif act == "settle":
        bench.venue.settle()
    elif act == "lag":
        bench.venue.lags = not bench.venue.lags
    elif act in {"cross", "lose"}:
        answer = Answer.CROSS if act == "cross" else Answer.LOSE_RESPONSE
        bench.venue.answers = [answer] * (number % 3)
    elif act in {"part", "all"}:
        bench.venue.taken_share = Decimal(number) / 10 if act == "part" else Decimal(1)
    elif act == "wait":
        bench.clock.passes(60)


def _sells_are_covered(bench: Bench, symbol: Symbol) -> None:
    zero = Decimal(0)
    bought = sold = standing = zero
    for each in bench.venue.book.values():
        if each.symbol != symbol:
            continue
        if each.side is Side.BUY:
            bought += each.filled_quantity
            continue
        sold += each.filled_quantity
        if not each.status.final:
            standing += each.quantity - each.filled_quantity
    assert sold + standing <= bought


def test_a_halt_cancels_everything_that_works() -> None:
    """The operator's halt leaves no order standing, entries and exits alike."""
    bench = Bench(mode=Mode.PAPER)
    held = bench.hold()
    bench.place(sell(BTC, held))
    bench.tick(Command("halt", "", "anna", "fire"))
    assert bench.venue.book["venue-2"].status.final


def test_the_rest_of_an_entry_adds_to_what_its_first_part_opened() -> None:
    """The position keeps its age and its plan, and the rest is no entry that opens anything."""
    bench = Bench()
    bench.place(buy())
    whole = bench.venue.received[0].quantity
    bench.venue.fill("venue-1", whole / 4)
    bench.absorb()
    opened = bench.state.positions[BTC]
    bench.venue.taken_share = Decimal(1)
    bench.wait(61)
    bench.tick()
    bench.cycle()
    bench.absorb()
    rest = bench.venue.received[1].intent
    assert (rest.intent, rest.parent, rest.plan) == (Intent.ADD, 1, PLAN)
    held = bench.state.positions[BTC]
    assert held.quantity == whole
    assert (held.opened, held.entry_intent, held.plan) == (opened.opened, 1, PLAN)


def test_an_entry_that_got_nothing_goes_on_as_an_entry() -> None:
    """Nothing was opened, so the next rung opens it; how sure the strategy was goes with it."""
    bench = Bench()
    bench.place(replace(buy(), conviction=0.7))
    bench.wait(61)
    bench.tick()
    bench.cycle()
    (_, second) = bench.venue.received
    assert (second.intent.intent, second.intent.conviction) == (Intent.ENTRY, 0.7)


def test_a_way_out_does_not_meet_our_own_entry() -> None:
    """A resting buy of the product is cancelled before the sale, and its rest wanted no more."""
    bench = Bench()
    held = bench.hold()
    bench.wait(3600)
    bench.place(buy())
    assert [each.side for each in bench.state.working.values()] == [Side.BUY]
    bench.venue.taken_share = Decimal(1)
    _stop(bench)
    bench.cycle()
    deeds = [each for each in bench.deeds if each not in {"append", "sync"}]
    assert deeds.index("cancel") < len(deeds) - 1 - deeds[::-1].index("submit")
    assert [each.intent.intent for each in bench.venue.received][2:] == [Intent.EXIT]
    assert bench.venue.received[2].quantity == held
    bench.absorb()
    assert bench.state.positions == {}
    bench.wait(61)
    bench.cycle()
    assert [each.intent.intent for each in bench.venue.received][3:] == []


def test_a_way_out_is_not_blocked_by_an_entry_that_cannot_be_cancelled() -> None:
    """The venue does not confirm the cancel: the stop is sent all the same."""
    bench = Bench()
    held = bench.hold()
    bench.wait(3600)
    bench.place(buy())
    assert bench.state.working
    bench.venue.lags = True
    _stop(bench)
    bench.cycle()
    sold = [each for each in bench.venue.received if each.intent.side is Side.SELL]
    assert [each.quantity for each in sold][:1] == [held]


def test_the_rest_of_a_cancelled_entry_stays_unwanted_whenever_its_end_is_learnt() -> None:
    """The venue confirms late, long after the way out: nothing is bought back on a next rung."""
    bench = Bench()
    bench.hold()
    bench.wait(3600)
    bench.place(buy())
    bench.venue.lags = True
    bench.venue.taken_share = Decimal(1)
    _stop(bench)
    bench.cycle()
    bench.venue.settle()
    for _ in range(3):
        bench.wait(61)
        bench.tick()
        bench.cycle()
    assert bench.state.working == {}
    bought = [each for each in bench.venue.received if each.intent.side is Side.BUY]
    assert len(bought) == 2
    assert bench.replayed().ended == {}


@pytest.mark.parametrize("sold", ["0.25", "1"])
def test_the_rest_of_an_entry_is_unwanted_in_the_cycle_of_a_way_out(sold: str) -> None:
    """It ended by itself just before its stop sells: what is left buys nothing back."""
    bench = Bench()
    bench.place(buy())
    bench.venue.fill("venue-1", bench.venue.received[0].quantity / 4)
    bench.venue.end("venue-1")
    bench.venue.taken_share = Decimal(sold)
    _stop(bench)
    asked: list[Told] = []
    for _ in range(3):
        asked += bench.cycle().orders
        bench.wait(1)
    assert asked
    assert {each.intent.intent for each in asked} == {Intent.EXIT}


def test_what_a_person_cancels_is_not_tried_again() -> None:
    """`cancel-all` means the wish too: no rung follows an order that a person took away."""
    bench = Bench()
    bench.place(buy())
    bench.tick(Command("cancel-all", "", "a person", "enough"))
    for _ in range(2):
        bench.wait(61)
        bench.cycle()
    assert forms(bench) == [POST]


RESTS_TWICE = LADDERS.replace(
    "entry: [{order: post_only, time_to_live: 60s},",
    "entry: [{order: post_only, time_to_live: 60s}, {order: post_only, time_to_live: 60s},",
)


def test_crossings_are_capped_by_the_ladder() -> None:
    """A venue that says "would cross" to everything hears as many tries as there are rungs.

    Nothing of it counts as a rejection, and the entry counts once.
    """
    bench = Bench((RESTS_TWICE, EAGER))
    bench.venue.answers = [Answer.CROSS] * 50
    this = bench.cycle()
    tried = [each for each in this.orders if each.intent.symbol == BTC]
    assert [each.intent.rung for each in tried] == [0, 1, 2]
    assert tried[0].intent.parent is None
    assert all(each.crossed for each in tried)
    assert not bench.state.pace.rejected
    begun = [each for each in bench.venue.received if each.intent.parent is None]
    assert len(bench.state.pace.entries) == len(begun)
