"""The paced clock: recorded time by the machine's steady one."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.adapters.system.paced_clock import PacedClock
from engine.model.times import UtcTime

START = UtcTime.parse("2018-04-04T10:00:00Z")


@given(st.floats(0.01, 10_000), st.lists(st.floats(0, 100), max_size=6))
def test_recorded_time_runs_at_its_pace(pace: float, steps: list[float]) -> None:
    """Both readings move by real seconds times the pace, from where the recording begins."""
    real = [5.0]
    clock = PacedClock(START, pace, lambda: real[0])
    assert clock.now() == START
    for step in steps:
        real[0] += step
    passed = (real[0] - 5.0) * pace
    assert clock.monotonic_s() == passed
    assert clock.now().since_s(START) == pytest.approx(passed, abs=1e-6)


@pytest.mark.parametrize("pace", [0.0, -1.0])
def test_time_cannot_stand_or_run_back(pace: float) -> None:
    """A pace is above zero."""
    with pytest.raises(ValueError, match="above zero"):
        PacedClock(START, pace)


def test_a_sleeper_wakes_in_recorded_time() -> None:
    """At or after its moment; for a moment that has passed it only lets others run."""
    clock = PacedClock(START, 1000)
    asyncio.run(clock.sleep_until(START.plus_s(20)))
    assert clock.now() >= START.plus_s(20)
    others: list[str] = []

    async def both() -> None:
        task = asyncio.create_task(_note(others))
        await clock.sleep_until(START)
        assert others == ["ran"]
        await task

    asyncio.run(both())


async def _note(others: list[str]) -> None:
    others.append("ran")
