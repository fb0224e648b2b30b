"""A cancel is asked for until it is done, and not more often than helps."""

from __future__ import annotations

from itertools import pairwise

from fakes.bench import Bench, buy
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.cycle.clockwork import Command
from engine.ledger.records import RecordKind


def halted_with_an_order() -> Bench:
    """The kill switch is thrown over a resting entry, and the venue is slow to cancel."""
    bench = Bench()
    bench.place(buy())
    bench.venue.lags = True
    bench.killed = "fire"
    return bench


def requests(bench: Bench) -> int:
    """How many cancels were recorded, and asked for."""
    recorded = len(bench.bodies(RecordKind.CANCEL))
    assert recorded == bench.venue.deeds.count("cancel")
    return recorded


def test_ticks_of_a_tenth_of_a_second_do_not_ask_ten_times_a_second() -> None:
    """At once, then a quarter, a half, and every whole second after the one before."""
    bench = halted_with_an_order()
    times = []
    for tick in range(31):
        before = requests(bench)
        bench.tick()
        if requests(bench) > before:
            times.append(tick / 10)
        bench.clock.passes(0.1)
    assert times == [0.0, 0.3, 0.8, 1.8, 2.8]


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
    bench.venue.settle()
    done = requests(bench)
    bench.absorb()
    bench.clock.passes(5)
    bench.tick()
    assert requests(bench) == done
    assert bench.state.working == {}
