"""Requests never outrun the venue's quota, and retries never pile up."""

from __future__ import annotations

import asyncio

import pytest
from fakes.clock import ManualClock
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.adapters.coinbase.pacing import RetryBudget, TokenBucket, delay_s, retry_after_s
from engine.adapters.system.rng import SeededRng


@settings(max_examples=60, deadline=None)
@given(st.floats(0.5, 50), st.integers(1, 30), st.lists(st.floats(0, 3), min_size=1, max_size=120))
def test_no_window_holds_more_than_burst_and_rate(
    rate: float, burst: int, pauses: list[float]
) -> None:
    """Between any two requests lie at most `burst` and what the rate earned in between."""
    clock = ManualClock()
    bucket = TokenBucket(clock, rate, float(burst))
    times = []
    for pause in pauses:
        clock.passes(pause)
        asyncio.run(bucket.take())
        times.append(clock.monotonic_s())
    for first in range(len(times)):
        for last in range(first, len(times)):
            most = burst + rate * (times[last] - times[first])
            assert last - first + 1 <= most + 1e-6


def test_what_the_venue_says_makes_it_wait() -> None:
    """No request leaves before the reset that the headers name, nor before a wait that is on."""
    clock = ManualClock()
    bucket = TokenBucket(clock, 100.0, 10.0)
    bucket.hear({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "7"})
    bucket.wait(2.0)
    asyncio.run(bucket.take())
    assert clock.monotonic_s() == pytest.approx(7.0)


IGNORED = {
    "nothing": {},
    "some left": {"x-ratelimit-remaining": "3", "x-ratelimit-reset": "9"},
    "no reset": {"x-ratelimit-remaining": "0"},
    "words": {"x-ratelimit-remaining": "none", "x-ratelimit-reset": "soon"},
    "not a number": {"x-ratelimit-remaining": "nan", "x-ratelimit-reset": "inf"},
}


@pytest.mark.parametrize("headers", IGNORED.values(), ids=IGNORED)
def test_headers_that_say_nothing_change_nothing(headers: dict[str, str]) -> None:
    """A quota that is left, or a header that cannot be read, makes nobody wait."""
    clock = ManualClock()
    bucket = TokenBucket(clock, 100.0, 10.0)
    bucket.hear(headers)
    asyncio.run(bucket.take())
    assert clock.monotonic_s() == 0.0


def test_a_wait_has_an_end() -> None:
    """Whatever the venue asks for, the next try is not put off by more than thirty seconds."""
    clock = ManualClock()
    bucket = TokenBucket(clock, 100.0, 10.0)
    bucket.wait(86_400.0)
    asyncio.run(bucket.take())
    assert clock.monotonic_s() == pytest.approx(30.0)


AFTER = {
    "seconds": ("3", 3.0),
    "a date": ("Wed, 21 Oct 2026 07:28:00 GMT", None),
    "no": (None, None),
}


@pytest.mark.parametrize(("text", "seconds"), AFTER.values(), ids=AFTER)
def test_retry_after_is_read_in_seconds(text: str | None, seconds: float | None) -> None:
    """A date is left alone: our clock and the venue's may differ."""
    assert retry_after_s({} if text is None else {"retry-after": text}) == seconds


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 40), st.binary(max_size=4))
def test_a_delay_is_anywhere_up_to_its_bound(failures: int, seed: bytes) -> None:
    """Full jitter: `U(0, min(30, 2^n))`, so that clients do not come back together."""
    assert 0.0 <= delay_s(failures, SeededRng(seed)) <= min(30.0, 2.0**failures)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.booleans(), max_size=400))
def test_retries_stay_a_tenth_of_all_calls(wants: list[bool]) -> None:
    """Beyond what was saved up, at most one call in ten is a retry."""
    budget, granted = RetryBudget(), 0
    for calls, want in enumerate(wants, start=1):
        budget.on_call()
        granted += want and budget.take()
        assert granted <= budget.most + calls * 0.1 + 1e-9
