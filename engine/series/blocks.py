"""Sums, extremes and moments of the last n values, in constant amortised time, without drift.

Running sums that add the new and subtract the old drift, and their last bits depend on when the
process was started. Here the UTC grid is cut into blocks of n places: a window that ends at
place p is the tail of the block before (kept as suffix results) and the head of this one (kept
as a prefix result). So a result depends on the window's values and the clock alone, its error is
that of one plain sum, and a restarted trader agrees with one that never stopped, to the last bit.
Source: M. van Herk 1992, J. Gil and M. Werman 1993 (extremes), generalised to sums and moments;
moments are combined as in T. Chan, G. Golub, R. LeVeque 1979.

A block at `start` holds the prefix first (one float; two for moments), then its n places (two
runs of n for moments). A result means the last n values once n values were pushed; before that
it is a finite number without meaning, and the caller says unknown.
"""

# ruff: noqa: FURB136, PLR1730 - min and max may differ between runtimes on signed zeros

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.series.state import Floats


def push_sum(state: Floats, start: int, bars: int, index: int, value: float) -> float:
    """Push `value` at grid place `index`; the sum of the last `bars` values."""
    place = index % bars
    slot = start + 1 + place
    head = value if place == 0 else state[start] + value
    state[start] = head
    state[slot] = value
    if place < bars - 1:
        return head + state[slot + 1]
    for each in range(slot - 1, start, -1):
        state[each] += state[each + 1]
    return head


def push_highest(state: Floats, start: int, bars: int, index: int, value: float) -> float:
    """Push `value` at grid place `index`; the largest of the last `bars` values."""
    place = index % bars
    slot = start + 1 + place
    head = value if place == 0 or value > state[start] else state[start]
    state[start] = head
    state[slot] = value
    if place < bars - 1:
        tail = state[slot + 1]
        return tail if tail > head else head
    for each in range(slot - 1, start, -1):
        if state[each + 1] > state[each]:
            state[each] = state[each + 1]
    return head


def push_moments(state: Floats, start: int, bars: int, index: int, value: float) -> None:
    """Push `value`; leave mean and sum of squared deviations at `start - 2` and `start - 1`.

    Welford's update within a block, Chan's combination across: no squares of large numbers are
    subtracted, and equal values have a deviation of exactly zero.
    """
    place = index % bars
    means = start + 2
    squares = means + bars
    mean = 0.0 if place == 0 else state[start]
    square = 0.0 if place == 0 else state[start + 1]
    delta = value - mean
    mean += delta / (place + 1)
    square += delta * (value - mean)
    state[start] = mean
    state[start + 1] = square
    state[means + place] = value
    if place == bars - 1:
        _sweep_moments(state, means, squares, bars)
    else:
        older = bars - 1 - place
        delta = state[means + place + 1] - mean
        mean += delta * older / bars
        square += state[squares + place + 1] + delta * delta * (place + 1) * older / bars
    state[start - 2] = mean
    state[start - 1] = square


def _sweep_moments(state: Floats, means: int, squares: int, bars: int) -> None:
    mean = 0.0
    square = 0.0
    for place in range(bars - 1, -1, -1):
        value = state[means + place]
        delta = value - mean
        mean += delta / (bars - place)
        square += delta * (value - mean)
        state[means + place] = mean
        state[squares + place] = square
