"""Windows over the past: how long a record's moment is kept.

In: moments in the order in which they were recorded. Out: the same, without those that no fact
asks for any more, judged by the records' own times.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections import deque
    from collections.abc import Callable

    from engine.model.times import UtcTime

DAY_S = 86_400
WEEK_S = 7 * DAY_S
_T = TypeVar("_T")


def prune(times: deque[UtcTime], now: UtcTime) -> None:
    """Drop the moments older than a day."""
    while times and now.since_s(times[0]) > DAY_S:
        times.popleft()


def prune_pairs(pairs: deque[_T], now: UtcTime, time_of: Callable[[_T], UtcTime]) -> None:
    """Drop the entries whose moment is older than a day."""
    while pairs and now.since_s(time_of(pairs[0])) > DAY_S:
        pairs.popleft()
