"""Maintenance windows side by side: is something entered at a time at which nothing was?

In: the windows of two schedules as documents have them. Out: an `Effect` on permission, minute by
minute of a week, each zone by itself: two zones are never the same, whatever their clocks say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

from engine.comparison.effects import Effect
from engine.kinds.schedule.document import Day

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.kinds.base import Plain

_DAYS = get_args(Day)
_HOUR, _DAY = 60, 24 * 60
_WEEK = 7 * _DAY


def effect_of_windows(old: Plain | None, new: Plain | None) -> Effect:
    """Weaker where a minute is no longer in a window."""
    before, after = (frozenset(_minutes(each)) for each in (old, new))
    if before == after:
        return Effect.SAME
    return Effect.STRONGER if before <= after else Effect.WEAKER


def _minutes(windows: Plain | None) -> Iterator[tuple[str, int]]:
    """Every minute of a week, by its zone, that is in a window."""
    for each in windows if isinstance(windows, list) else ():
        if isinstance(each, dict) and isinstance(each["days"], list):
            start, end = (_minute(str(each[name])) for name in ("from", "to"))
            length = (end - start - 1) % _DAY + 1
            for day in each["days"]:
                begin = _DAYS.index(str(day)) * _DAY + start
                yield from ((str(each["zone"]), m % _WEEK) for m in range(begin, begin + length))


def _minute(text: str) -> int:
    hour, minute = text.split(":")
    return int(hour) * _HOUR + int(minute)
