"""Fewer points of a series, and honestly: of each stretch its lowest, its highest and its last.

In: values, one a cycle. Out: which of them to show. A fall that lasted one cycle is still there.
"""

from __future__ import annotations

from math import inf, isnan
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_KEPT_OF_A_STRETCH = 3


def kept(values: Sequence[float], most: int) -> list[int]:
    """Places of at most about `most` values, ascending; all of them where they are no more."""
    count = len(values)
    if count <= most:
        return list(range(count))
    stretch = -(-count * _KEPT_OF_A_STRETCH // most)
    found = {0, count - 1}
    for begin in range(0, count, stretch):
        places = range(begin, min(begin + stretch, count))
        found.add(min(places, key=lambda at: _or(values[at], inf)))
        found.add(max(places, key=lambda at: _or(values[at], -inf)))
        found.add(places[-1])
    return sorted(found)


def _or(value: float, otherwise: float) -> float:
    """Unknown is neither the lowest nor the highest."""
    return otherwise if isnan(value) else value
