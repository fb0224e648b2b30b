"""The search for the largest size: exact whatever the guess, and quick where it is good."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.cycle.judging.search import largest

MOST = 10**12


@given(st.integers(0, MOST), st.integers(0, MOST), st.integers(-5, MOST + 5))
@settings(max_examples=300, deadline=None)
def test_the_largest_size_is_found_from_every_guess(most: int, allowed: int, guess: int) -> None:
    """A bad guess costs questions and changes no answer; no more than twice those of halving."""
    asked: list[int] = []

    def allows(size: int) -> bool:
        asked.append(size)
        return size <= allowed

    assert largest(most, guess, allows) == min(most, allowed)
    assert len(asked) <= 2 * most.bit_length() + 2
    assert 0 not in asked


@given(st.integers(3, MOST), st.integers(2, MOST), st.integers(-1, 1))
@settings(max_examples=200, deadline=None)
def test_a_guess_beside_the_answer_costs_four_questions(most: int, allowed: int, off: int) -> None:
    """Headroom is linear for the rules that are written: the guess is right but for a rounding."""
    asked: list[int] = []

    def allows(size: int) -> bool:
        asked.append(size)
        return size <= allowed

    largest(most, min(most, allowed) + off, allows)
    assert len(asked) <= 4
