"""Clocks: the machine's, and one that stands still until nothing else can happen."""

from __future__ import annotations

import asyncio
import time
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.adapters.system.clock import SystemClock
from engine.adapters.system.virtual_clock import StandStill, VirtualClock
from engine.model.times import UtcTime

if TYPE_CHECKING:
    from collections.abc import Coroutine

START = UtcTime.parse("2025-11-22T10:00:00Z")


def test_the_system_clock_tells_the_time_and_sleeps() -> None:
    """It agrees with the system, never wakes early, and does not sleep for the past."""
    clock = SystemClock()
    before, steady = time.time_ns(), clock.monotonic_s()
    moment = clock.now().plus_s(0.02)
    asyncio.run(clock.sleep_until(moment))
    asyncio.run(clock.sleep_until(moment))
    assert before <= clock.now().ns
    assert clock.now() >= moment
    assert clock.monotonic_s() - steady >= 0.01


def test_a_system_sleeper_notices_that_the_wall_clock_was_set(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It sleeps in naps, and looks at the wall clock after each."""
    clock, naps = SystemClock(), []

    async def nap(seconds: float) -> None:
        naps.append(seconds)
        monkeypatch.setattr(time, "time_ns", lambda: START.plus_s(7200).ns)

    monkeypatch.setattr(time, "time_ns", lambda: START.ns)
    monkeypatch.setattr(asyncio, "sleep", nap)
    asyncio.run(clock.sleep_until(START.plus_s(3600)))
    assert naps == [1.0]


def test_a_system_sleeper_does_not_wait_for_a_wall_clock_that_was_set_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What was two seconds away is two seconds away, whatever the wall clock says by then."""
    clock, naps, steady = SystemClock(), [], [100.0]

    async def nap(seconds: float) -> None:
        naps.append(seconds)
        steady[0] += seconds
        monkeypatch.setattr(time, "time_ns", lambda: START.plus_s(-3600).ns)

    monkeypatch.setattr(time, "time_ns", lambda: START.ns)
    monkeypatch.setattr(time, "clock_gettime", lambda _which: steady[0])
    monkeypatch.setattr(asyncio, "sleep", nap)
    asyncio.run(clock.sleep_until(START.plus_s(2)))
    assert naps == [1.0, 1.0]


def test_virtual_hours_pass_at_once() -> None:
    """Both clocks have moved by what was slept, to the nanosecond, and by nothing else."""
    clock = VirtualClock(START)

    async def sleeper() -> str:
        await clock.sleep_until(UtcTime(START.ns + 86_400_000_000_001))
        return "done"

    assert clock.run(sleeper()) == "done"
    assert clock.now().ns - START.ns == 86_400_000_000_001
    assert clock.monotonic_s() == pytest.approx(86_400.000000001)


@settings(max_examples=60)
@given(st.lists(st.lists(st.integers(0, 5), max_size=4), max_size=6))
def test_sleepers_wake_in_the_order_of_time_and_then_of_sleeping(plans: list[list[int]]) -> None:
    """Each wakes at its moment exactly; equal moments keep the order in which they slept."""

    def history() -> list[tuple[float, int]]:
        clock, log = VirtualClock(START), []

        async def worker(number: int, naps: list[int]) -> None:
            for nap in naps:
                due = clock.now().plus_s(nap)
                await clock.sleep_until(due)
                assert clock.now() == due
                log.append((clock.monotonic_s(), number))

        clock.run(_together(*(worker(number, naps) for number, naps in enumerate(plans))))
        return log

    log = history()
    assert [moment for moment, _ in log] == sorted(moment for moment, _ in log)
    assert len(log) == sum(map(len, plans))
    assert history() == log


def test_time_stands_still_while_anything_can_run() -> None:
    """A chain of hand-overs between tasks takes no time, however long it is."""
    clock = VirtualClock(START)

    async def passing() -> None:
        queues: list[asyncio.Queue[int]] = [asyncio.Queue() for _ in range(50)]

        async def relay(source: asyncio.Queue[int], target: asyncio.Queue[int]) -> None:
            target.put_nowait(await source.get())

        async def early_bird() -> None:
            await clock.sleep_until(START.plus_s(1))
            assert queues[-1].qsize() == 1

        relays = (relay(*pair) for pair in pairwise(queues))
        queues[0].put_nowait(1)
        await _together(early_bird(), *relays)

    clock.run(passing())
    assert clock.now() == START.plus_s(1)


def test_time_outs_are_virtual_too() -> None:
    """What the library of tasks does with time happens in the same time."""
    clock = VirtualClock(START)

    async def impatient() -> float:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(30):
                await clock.sleep_until(START.plus_s(3600))
        await asyncio.sleep(15)
        return clock.monotonic_s()

    assert clock.run(impatient()) == pytest.approx(45, abs=1e-6)


def test_a_cancelled_sleeper_wakes_nobody() -> None:
    """Time does not stop at a moment that no one waits for any more."""
    clock = VirtualClock(START)

    async def cancelling() -> None:
        task = asyncio.ensure_future(clock.sleep_until(START.plus_s(5)))
        await asyncio.sleep(0)
        task.cancel()
        await clock.sleep_until(START.plus_s(9))

    clock.run(cancelling())
    assert clock.now() == START.plus_s(9)


def test_a_moment_in_the_past_lets_others_run_first() -> None:
    """Sleeping until now gives way, takes no time, and still comes back."""
    clock, log = VirtualClock(START), []

    async def main() -> None:
        asyncio.get_running_loop().call_soon(log.append, "other")
        await clock.sleep_until(START.plus_s(-10))
        log.append("sleeper")

    clock.run(main())
    assert (log, clock.now()) == (["other", "sleeper"], START)


@pytest.mark.parametrize(("step_s", "passed_s"), [(3600, 0), (30, 30), (-60, 120)])
def test_sleepers_follow_the_wall_clock_when_it_is_set(step_s: float, passed_s: float) -> None:
    """A step of the wall clock moves no other clock, and those who are due then wake."""
    clock = VirtualClock(START)

    async def sleeper() -> None:
        await clock.sleep_until(START.plus_s(60))

    async def setter() -> None:
        clock.step_wall(step_s)

    clock.run(_together(sleeper(), setter()))
    assert clock.monotonic_s() == passed_s
    assert clock.now() == START.plus_s(max(60, step_s))


def test_waiting_for_nothing_is_told() -> None:
    """A simulation whose tasks wait for each other ends instead of hanging."""
    clock = VirtualClock(START)

    async def forever() -> None:
        await asyncio.get_running_loop().create_future()

    with pytest.raises(StandStill, match="every task waits"):
        clock.run(forever())


def test_a_virtual_clock_needs_its_loop() -> None:
    """Under another loop a virtual sleeper would never wake: it says so instead."""
    with pytest.raises(StandStill, match="outside"):
        asyncio.run(VirtualClock(START).sleep_until(START.plus_s(1)))


def test_two_virtual_clocks_are_not_mixed() -> None:
    """A loop serves the sleepers of its own clock only."""
    clock, other = VirtualClock(START), VirtualClock(START)
    with pytest.raises(StandStill, match="outside"):
        clock.run(other.sleep_until(START.plus_s(1)))


def test_time_can_be_passed_by_hand() -> None:
    """A step-by-step simulation needs no loop; backwards is refused."""
    clock = VirtualClock(START)
    clock.advance(1.5)
    assert (clock.now(), clock.monotonic_s()) == (START.plus_s(1.5), 1.5)
    with pytest.raises(ValueError, match="one direction"):
        clock.advance(-1)


def test_what_the_main_task_raises_comes_out() -> None:
    """A failure inside is a failure outside, and the sleepers left over are let go."""
    clock = VirtualClock(START)

    async def failing() -> None:
        task = asyncio.ensure_future(clock.sleep_until(START.plus_s(5)))
        await clock.sleep_until(START.plus_s(1))
        assert not task.done()
        message = "as planned"
        raise LookupError(message)

    with pytest.raises(LookupError, match="as planned"):
        clock.run(failing())
    assert clock.now() == START.plus_s(1)


async def _together(*workers: Coroutine[object, object, None]) -> None:
    async with asyncio.TaskGroup() as group:
        for worker in workers:
            group.create_task(worker)
