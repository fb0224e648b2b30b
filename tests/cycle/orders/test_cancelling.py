"""A cancel is asked for until it is done, and not more often than helps."""

from __future__ import annotations

from itertools import pairwise

import pytest
from fakes.bench import BTC, ETH, SOL, Bench, buy, done
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.cycle.clockwork import Command
from engine.cycle.orders import cancelling
from engine.ledger.chain import LedgerUnavailable
from engine.ledger.records import RecordKind
from engine.ports import UnreachableError


def halted_with_an_order() -> Bench:
    """The kill switch is thrown over a resting entry, and nobody answers a cancel of it."""
    bench = Bench()
    bench.place(buy())
    bench.venue.lags = True
    bench.venue.deaf = {"venue-1"}
    bench.killed = "fire"
    return bench


def requests(bench: Bench) -> int:
    """How many cancels were recorded, and asked for."""
    recorded = len(bench.bodies(RecordKind.CANCEL))
    assert recorded == bench.venue.deeds.count("cancel")
    return recorded


def test_eight_ticks_a_second_do_not_ask_eight_times_a_second() -> None:
    """At once, then a quarter, a half, and every whole second after the one before."""
    bench = halted_with_an_order()
    times = []
    for tick in range(25):
        before = requests(bench)
        bench.tick()
        if requests(bench) > before:
            times.append(tick / 8)
        bench.clock.passes(0.125)
    assert times == [0.0, 0.25, 0.75, 1.75, 2.75]


def test_what_is_cancelled_for_good_is_asked_at_once() -> None:
    """A person's word, or a way out, does not wait for the spacing; it is said once."""
    bench = halted_with_an_order()
    bench.tick()
    bench.cycle()
    assert requests(bench) == 1
    (order,) = bench.state.working.values()
    assert order.wanted
    bench.killed = None
    bench.tick(Command("cancel-all", "", "anna", "enough"))
    bench.tick(Command("cancel-all", "", "anna", "enough"))
    assert requests(bench) == 2
    (order,) = bench.state.working.values()
    assert not order.wanted


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(0.01, 3.0), min_size=1, max_size=25))
def test_a_slow_venue_is_asked_until_it_is_done(pauses: list[float]) -> None:
    """Whatever the ticks, a request follows the last within its spacing and a tick."""
    bench = halted_with_an_order()
    asked, passed = [], 0.0
    for pause in pauses:
        before = requests(bench)
        bench.tick()
        if requests(bench) > before:
            asked.append(passed)
        bench.clock.passes(pause)
        passed += pause
    gaps = [later - earlier for earlier, later in pairwise(asked)]
    assert all(gap >= 0.25 - 1e-9 for gap in gaps)
    assert all(gap <= 1.0 + max(pauses) + 1e-9 for gap in gaps)
    bench.venue.end("venue-1")
    done = requests(bench)
    bench.absorb()
    bench.clock.passes(5)
    bench.tick()
    assert requests(bench) == done
    assert bench.state.working == {}


def test_what_the_venue_has_in_hand_is_left_to_it() -> None:
    """An answered cancel is asked again after ten seconds, since its end may be long in coming."""
    bench = halted_with_an_order()
    bench.venue.deaf = set()
    times = []
    for second in range(25):
        before = requests(bench)
        bench.tick()
        if requests(bench) > before:
            times.append(second)
        bench.clock.passes(1)
    assert times == [0, 10, 20]


def test_a_failed_request_is_as_good_as_none() -> None:
    """A venue that cannot be reached is asked again as soon as one that says nothing."""
    bench = halted_with_an_order()
    bench.venue.failing["cancel"] = UnreachableError("down")
    bench.tick()
    bench.clock.passes(0.3)
    bench.tick()
    assert requests(bench) == 2


def test_many_orders_are_one_request_and_each_has_its_record() -> None:
    """What is left out of the answer is asked again, and nothing else."""
    bench = Bench()
    for symbol in (BTC, ETH, SOL):
        assert bench.place(buy(symbol)).outcome == "sent"
    bench.venue.lags = True
    bench.venue.deaf = {"venue-1", "venue-3"}
    bench.killed = "fire"
    bench.tick()
    assert len(bench.bodies(RecordKind.CANCEL)) == 3
    bench.clock.passes(0.3)
    bench.tick()
    asked = [("venue-1", "venue-2", "venue-3"), ("venue-1", "venue-3")]
    assert bench.venue.cancels == asked


def test_a_wall_clock_that_is_set_back_puts_no_cancel_off() -> None:
    """Requests are spaced by a clock that nobody sets."""
    bench = halted_with_an_order()
    bench.tick()
    bench.clock.time = bench.clock.time.plus_s(-86_400)
    bench.clock.steady_s += 0.3
    bench.tick()
    assert requests(bench) == 2


def test_a_disk_that_is_full_keeps_no_order_at_the_venue() -> None:
    """The venue is asked although nothing can be recorded, and the failure is told after it."""
    bench = Bench()
    bench.place(buy())
    (order,) = bench.state.working.values()
    bench.disk.refused = {"append", "sync"}
    with pytest.raises(LedgerUnavailable):
        bench.desk.recorder.sync()
    with pytest.raises(LedgerUnavailable):
        done(cancelling.cancel(bench.desk, bench.clock.now(), [order], "full"))
    assert bench.venue.book["venue-1"].status.final
