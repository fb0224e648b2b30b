"""What nobody knows of is looked for until the venue shows it, or shows that it is not there."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from fakes.bench import BTC, Bench, buy
from fakes.exchange import Answer
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.adapters.system.rng import SeededRng
from engine.cycle.orders.searches import DELAYS_S, Lookups
from engine.ledger.records import RecordKind
from engine.ledger.state import State
from engine.model.numbers import ZERO
from engine.model.orders import ApprovedOrder, Mode, OrderStatus
from engine.ports import UnreachableError

if TYPE_CHECKING:
    from engine.model.portfolio import WorkingOrder

QUARANTINE_S = 300


def lost(answer: Answer = Answer.LOSE_REQUEST) -> tuple[Bench, ApprovedOrder]:
    """A bench whose order nobody knows of, and that order."""
    bench = Bench()
    bench.venue.answers = [answer]
    bench.place(buy())
    return bench, bench.venue.received[-1]


def tick(bench: Bench, seconds: float = 0.0) -> None:
    """Let time pass, and the clockwork run once."""
    bench.clock.passes(seconds)
    bench.tick()


def ticks(bench: Bench, seconds: float, step: float = 5.0) -> None:
    """The clockwork over a while."""
    for _ in range(int(seconds / step)):
        tick(bench, step)


def only(bench: Bench) -> WorkingOrder:
    """The one order that works."""
    (order,) = bench.state.working.values()
    return order


def test_an_order_that_was_taken_is_found_in_a_second() -> None:
    """Its answer was lost, the order was not: the first look shows it, and it is followed again."""
    bench, _ = lost(Answer.LOSE_RESPONSE)
    tick(bench)
    assert only(bench).status is OrderStatus.UNKNOWN
    tick(bench, 0.5)
    assert (only(bench).status, only(bench).venue_order_id) == (OrderStatus.OPEN, "venue-1")


def test_an_order_counts_in_full_through_its_quarantine() -> None:
    """However often it was not found, it is exposure until the quarantine is over."""
    bench, order = lost()
    ticks(bench, QUARANTINE_S - 1)
    assert only(bench).status is OrderStatus.UNKNOWN
    assert bench.desk.valuation.at_risk(bench.state) == order.quantity * only(bench).worst_price


def test_after_two_whole_readings_it_was_never_placed() -> None:
    """Quarantine, two complete scans, fills and balances that agree: then, and durably."""
    bench, _ = lost()
    ticks(bench, QUARANTINE_S + 90)
    assert bench.state.working == {}
    assert bench.kinds()[-1] == "not_seen"
    assert bench.desk.valuation.at_risk(bench.state) == ZERO
    assert len(bench.venue.received) == 1


@pytest.mark.parametrize("jump_s", [600.0, -600.0])
def test_a_wall_clock_that_steps_shortens_no_quarantine(jump_s: float) -> None:
    """Set ahead, it is not time that passed; set back, it only makes the wait longer."""
    bench, _ = lost()
    ticks(bench, 100)
    bench.clock.time = bench.clock.time.plus_s(jump_s)
    ticks(bench, QUARANTINE_S - 100 - 5)
    assert only(bench).status is OrderStatus.UNKNOWN
    ticks(bench, 90 + max(0.0, -jump_s))
    assert bench.state.working == {}


def test_what_passed_before_this_process_is_no_part_of_a_quarantine() -> None:
    """Only a wall clock tells of it, and it may have been set meanwhile: the wait begins anew."""
    bench, _ = lost()
    ticks(bench, 100)
    bench.clock.time = bench.clock.time.plus_s(600)
    bench.desk.lookups = Lookups()  # as a process that starts has none
    ticks(bench, QUARANTINE_S - 5)
    assert only(bench).status is OrderStatus.UNKNOWN
    ticks(bench, 90)
    assert bench.state.working == {}


def test_balances_that_differ_keep_it_unknown() -> None:
    """Money that moved may be this order's: nobody says that it was never placed."""
    bench, _ = lost()
    bench.venue.lies = {"USD": Decimal(9_900)}
    ticks(bench, 2 * QUARANTINE_S)
    assert only(bench).status is OrderStatus.UNKNOWN


@pytest.mark.parametrize("call", ["orders", "fills", "balances"])
def test_a_reading_that_is_not_whole_proves_nothing(call: str) -> None:
    """While a part of the account cannot be read, no scan counts."""
    bench, _ = lost()
    bench.venue.failing = {call: UnreachableError("down")}
    ticks(bench, 2 * QUARANTINE_S)
    assert only(bench).status is OrderStatus.UNKNOWN
    bench.venue.failing = {}
    ticks(bench, 120)
    assert bench.state.working == {}


def test_one_that_comes_too_late_is_cancelled() -> None:
    """It counts again from the moment that it is seen, and is not wanted any more."""
    bench, order = lost()
    ticks(bench, QUARANTINE_S + 90)
    bench.venue.lags = True
    bench.venue.arrive(order)
    this = bench.cycle()
    assert only(bench).status is OrderStatus.OPEN
    assert bench.venue.doomed == {"venue-1"}
    bench.venue.settle()
    bench.cycle()
    assert bench.state.working == {}
    bench.wait(1)
    this = bench.cycle()
    assert this.account["venue.late_orders_24h_count"] == 1.0


def test_one_that_was_filled_too_late_is_held_with_its_plan() -> None:
    """The units are ours, so they have the stop that they were bought with."""
    bench, order = lost()
    ticks(bench, QUARANTINE_S + 90)
    bench.venue.fill(bench.venue.arrive(order), order.quantity)
    bench.cycle()
    held = bench.state.positions[BTC]
    assert (held.quantity, held.plan) == (order.quantity, order.intent.plan)
    assert bench.state.working == {}


def test_a_day_later_nobody_watches_any_more() -> None:
    """The watch ends with the next one that begins after 24 hours."""
    bench, _ = lost()
    ticks(bench, QUARANTINE_S + 90)
    assert len(bench.state.watched) == 1
    bench.clock.passes(86_400 + 60)
    bench.again()
    bench.venue.answers = [Answer.LOSE_REQUEST]
    bench.place(buy())
    ticks(bench, QUARANTINE_S + 90)
    assert list(bench.state.watched) == [2]


def test_a_send_without_an_answer_is_unknown_to_the_next_process() -> None:
    """The process that sent it is gone: what became of it is looked up like any unknown order."""
    bench = Bench()
    bench.venue.answers = [Answer.BREAK]
    with pytest.raises(ConnectionError):
        bench.place(buy())
    assert only(bench).status is OrderStatus.SENT
    tick(bench)
    assert only(bench).status is OrderStatus.UNKNOWN
    ticks(bench, QUARANTINE_S + 90)
    assert bench.state.working == {}


def test_a_dry_run_looks_for_nothing() -> None:
    """It sends nothing, so there is nothing to find, and no venue is asked."""
    bench = Bench(mode=Mode.DRY_RUN)
    tick(bench, 10)
    assert bench.deeds == []


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(0.0, 60.0), max_size=30), st.binary(max_size=4))
def test_a_search_never_ends_and_never_hurries(waits: list[float], seed: bytes) -> None:
    """With jitter each delay is at most its own bound, and after the last one it goes on."""
    bench, _ = lost()
    order = only(bench)
    searches, now = Lookups(SeededRng(seed)), bench.clock.now()
    assert not searches.due(order, now, 0.0) or searches.searches[order.number].due == now
    for tries, wait in enumerate(waits):
        now = now.plus_s(wait)
        if searches.due(order, now, 0.0):
            search = searches.tried(order, now)
            bound = DELAYS_S[min(search.tries, len(DELAYS_S) - 1)]
            assert 0.0 <= search.due.since_s(now) <= bound + 1e-6
            assert search.tries <= tries + 1
    assert searches.due(order, now.plus_s(31.0), 0.0)


def test_the_fold_of_a_search_is_the_state_itself() -> None:
    """Folding the records again gives the same watch list and the same working orders."""
    bench, order = lost()
    ticks(bench, QUARANTINE_S + 90)
    bench.venue.arrive(order)
    bench.cycle()
    again = bench.replayed()
    assert isinstance(again, State)
    assert (again.watched, again.working) == (bench.state.watched, bench.state.working)
    assert RecordKind.NOT_SEEN.value in bench.kinds()
