"""The largest size that is allowed, where a larger one never is when a smaller one is not.

In: a grid of sizes, a guess, and a question. Out: the largest size that answers yes. Exact for
every guess; a good one costs two questions instead of the forty of halving the whole grid.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def largest(most: int, guess: int, allows: Callable[[int], bool]) -> int:
    """The largest n from 0 to `most` that is allowed; 0 is not asked, since it is no order."""
    low, high = 0, most
    at, reach = min(max(guess, 0), most), 1
    # Ever wider steps away from the guess, until the answer lies between two of them.
    while low < high and low <= at <= high:
        if at == 0 or allows(at):
            low = at
            at += reach
        else:
            high = at - 1
            at -= reach
        reach *= 2
    return _halved(low, high, allows)


def _halved(low: int, high: int, allows: Callable[[int], bool]) -> int:
    while low < high:
        middle = (low + high + 1) // 2
        if allows(middle):
            low = middle
        else:
            high = middle - 1
    return low
