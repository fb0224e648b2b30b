"""Randomness: unpredictable, or decided by a seed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.adapters.system.rng import SeededRng, SystemRng

if TYPE_CHECKING:
    from engine.ports import Rng

FLOATS = st.floats(-1e9, 1e9)


@pytest.mark.parametrize("make", [SystemRng, lambda: SeededRng(b"seed")], ids=["system", "seeded"])
@pytest.mark.parametrize("count", [0, 1, 31, 32, 33, 100])
def test_as_many_bytes_as_asked(make: type[SystemRng], count: int) -> None:
    """No more and no fewer, and not the same again."""
    rng: Rng = make()
    first, second = rng.token_bytes(count), rng.token_bytes(count)
    assert len(first) == len(second) == count
    assert count < 31 or first != second


@given(FLOATS, FLOATS, st.binary())
def test_numbers_are_in_their_range(one: float, other: float, seed: bytes) -> None:
    """Both ends are included, even when they are equal."""
    low, high = sorted((one, other))
    for rng in (SystemRng(), SeededRng(seed)):
        assert low <= rng.uniform(low, high) <= high


def test_numbers_fill_their_range() -> None:
    """The mean of many is near the middle, and the ends are approached."""
    rng = SeededRng(b"range")
    numbers = [rng.uniform(0, 1) for _ in range(2000)]
    assert abs(sum(numbers) / 2000 - 0.5) < 0.03
    assert min(numbers) < 0.01
    assert max(numbers) > 0.99


def test_a_seed_decides_the_sequence_for_ever() -> None:
    """The same seed repeats a history in every release; another one does not."""
    first, again, other = SeededRng(b"a"), SeededRng(b"a"), SeededRng(b"b")
    assert first.token_bytes(40) == again.token_bytes(40) != other.token_bytes(40)
    assert first.uniform(0, 1) == again.uniform(0, 1)
    assert SeededRng(b"mandate").token_bytes(8).hex() == "e6b150e46320414a"
