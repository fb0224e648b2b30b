"""When cycles run: every instant once, silences skipped and told, live with jitter and back-off."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from fakes.bench import bench_set
from fakes.clock import START, ManualClock
from hypothesis import given
from hypothesis import strategies as st

from engine.adapters.system.rng import SeededRng
from engine.adapters.system.virtual_clock import VirtualClock
from engine.cycle.timetable import LiveTimetable, RecordedTimetable
from engine.model.times import NS_PER_S, UtcTime

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from engine.kinds.schedule.document import ScheduleSpec

INTERVAL_S, SILENCE_S = 1, 300
GAPS = st.lists(
    st.one_of(st.integers(1, 3 * NS_PER_S), st.integers(1, 1000).map(lambda s: s * NS_PER_S)),
    min_size=1,
    max_size=15,
)


def schedule() -> ScheduleSpec:
    """Of the set any_pair: every second, silences of five minutes are skipped."""
    return bench_set().schedule


def timetable(times: list[list[int]], after: UtcTime | None = None) -> RecordedTimetable:
    """The instants of a recording."""
    return RecordedTimetable(schedule(), times, VirtualClock(UtcTime(0)), after)


def receipts(gaps: list[int]) -> list[int]:
    """Ascending times from the gaps between them."""
    times, now = [], START.ns
    for gap in gaps:
        now += gap
        times.append(now)
    return times


@given(GAPS, st.integers(1, 3))
def test_every_event_is_seen_by_the_instant_at_or_after_it(gaps: list[int], tables: int) -> None:
    """Instants ascend on the grid, none is missing or doubled, and none lies in a long silence."""
    times = receipts(gaps)
    table = timetable([times[part::tables] for part in range(tables)])
    instants = [each.ns for each in table.plan()]
    step = INTERVAL_S * NS_PER_S
    assert all(each % step == 0 for each in instants)
    assert {-(-each // step) * step for each in times} <= set(instants)
    assert instants[0] == table.first.ns
    for before, after in pairwise(instants):
        assert before < after
        if after - before > step:
            coming = next(each for each in times if each > before)
            assert coming - before > SILENCE_S * NS_PER_S
            assert after - coming < step
    skips = sum(after - before > step for before, after in pairwise(instants))
    assert len(table.skipped) >= skips


@given(GAPS, st.data())
def test_who_resumes_runs_the_rest_and_nothing_twice(gaps: list[int], data: st.DataObject) -> None:
    """The instants after any stop are those that the uninterrupted run had left."""
    times = [receipts(gaps)]
    whole = list(timetable(times).plan())
    stop = data.draw(st.integers(0, len(whole) - 1))
    rest = list(timetable(times, whole[stop]).plan())
    assert rest == whole[stop + 1 :]


def test_the_first_instant_does_not_depend_on_where_one_resumes() -> None:
    """It dates the genesis."""
    times = [[], receipts([5 * NS_PER_S, NS_PER_S])]
    assert timetable(times).first == timetable(times, START.plus_s(99)).first == START.plus_s(5)


def test_a_silence_is_told_with_its_ends() -> None:
    """From the last instant before it to the event that ends it."""
    table = timetable([receipts([NS_PER_S, 1000 * NS_PER_S])])
    assert len(list(table.plan())) == 2
    (silence,) = table.skipped
    assert silence.start == START.plus_s(1)
    assert silence.end == START.plus_s(1001)


def test_an_instant_comes_after_its_events() -> None:
    """A feed that wakes at the same moment has told them before the cycle runs."""
    clock = VirtualClock(START)
    table = RecordedTimetable(schedule(), [[START.plus_s(n).ns for n in (1, 2, 3)]], clock)
    log: list[str] = []

    async def feed() -> None:
        for second in (1, 2, 3):
            await clock.sleep_until(START.plus_s(second))
            log.append(f"event {second}")

    async def both() -> None:
        task = asyncio.create_task(feed())
        async for moment in table.instants():
            log.append(f"cycle {moment.since_s(START):.0f}")  # noqa: PERF401 - the order in time is what is tested
        await task

    clock.run(both())
    assert log == [f"{what} {n}" for n in (1, 2, 3) for what in ("event", "cycle")]


def live(clock: ManualClock, last_cycle_s: list[float], until_s: float) -> LiveTimetable:
    """A live rhythm from START on; the list's last number is how long the last cycle took."""
    until = START.plus_s(until_s)
    return LiveTimetable(
        schedule(), clock, SeededRng(b"x"), START, lambda: last_cycle_s[-1], until=until
    )


@given(st.lists(st.floats(0, 200), min_size=1, max_size=30), st.floats(0, 20))
def test_long_cycles_back_off_and_short_ones_come_back(
    durations: list[float], passed: float
) -> None:
    """Between the interval and its maximum; one short cycle ends the back-off; none is made up."""
    spec, clock, took = schedule(), ManualClock(), [0.0]
    table, planned = live(clock, took, 0), START
    expected = float(spec.interval)
    for seconds in durations:
        took.append(seconds)
        # Nobody asks for the next instant before the last one was there.
        clock.passes(max(0.0, planned.since_s(clock.now())) + passed)
        late = seconds > float(spec.back_off.when_cycle_over_s)
        grown = min(expected * float(spec.back_off.factor), float(spec.back_off.max_interval))
        expected = grown if late else float(spec.interval)
        coming = table.following(planned)
        assert table.interval_s == expected
        assert coming > clock.now()
        steps = coming.since_s(planned) / expected
        assert steps == pytest.approx(round(steps))
        planned = coming


def test_a_wall_clock_that_was_set_back_begins_a_new_grid() -> None:
    """Cycles, and with them stops, go on after one interval, not when it is as late as it was."""
    clock = ManualClock()
    table = live(clock, [0.0], 0)
    planned = table.following(START)
    clock.time = planned.plus_s(-3600)
    coming = table.following(planned)
    assert coming == clock.now().plus_s(table.interval_s)
    clock.passes(table.interval_s)
    assert table.following(coming) == coming.plus_s(table.interval_s)


def test_live_instants_keep_to_their_grid_until_the_feed_ends() -> None:
    """The first is the start; jitter moves each a little, and is not carried over."""
    table = live(ManualClock(), [0.0], 5)

    async def all_of(instants: AsyncIterator[UtcTime]) -> list[UtcTime]:
        return [each async for each in instants]

    found = asyncio.run(all_of(table.instants()))
    assert found[0] == START
    assert [round(each.since_s(START)) for each in found] == [0, 1, 2, 3, 4, 5]
    assert [each for each in found[1:] if each.since_s(START) % 1] != []
