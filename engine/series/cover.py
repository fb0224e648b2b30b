"""Coverage: which bars a series may speak about, and what a silent minute counts as.

In: base bars on the UTC grid, in order. Out: the completed bars that the producer is fed, of its
own length. A missing base bar is a bar without trades (last close, no volume) as long as no more
than the tolerated number are missing in the series' window; beyond that nothing is known about
the window, and the series starts anew. Refuses bars that are late, off the grid or impossible.

Every function here runs in Python per bar and compiled over recordings (see `state`).
"""

# ruff: noqa: PLR1730 - min and max may differ between runtimes on signed zeros

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from engine.series.state import (
    CLOSE,
    COUNT,
    HIGH,
    INDEX,
    LOW,
    ROW,
    UNKNOWN,
    VOLUME,
)

if TYPE_CHECKING:
    from engine.series.state import Floats, Step

# A cover: the last base bar (a row), the unfinished bar of the series' own length (a row), then:
_PART = ROW
_STARTED = 2 * ROW  # whether the unfinished bar has all its base bars so far
_GROUP = _STARTED + 1  # base bars in a bar of the series' own length
_WINDOW = _STARTED + 2  # base bars that a value speaks about
_TOLERATED = _STARTED + 3  # silent base bars tolerated in that window
_SHORT = _STARTED + 4  # the same for the shortest window of the series
_SHORT_TOLERATED = _STARTED + 5
_HELD = _STARTED + 6  # the value after the last completed bar
_RESTARTED = _STARTED + 7
_NEXT = _STARTED + 8  # where the next silent base bar is noted
_SILENT = _STARTED + 9  # ring of the last `_TOLERATED + 1` silent base bars
COVER_FIXED = _SILENT + 1

# INVARIANT: within these no producer can overflow, so every value is finite or unknown.
_SMALLEST = 1e-18
_LARGEST = 1e18

# What `admit` answers; `book.BarOutcome` has the same values in words.
TAKEN = 0
OFF_GRID = 1
LATE = 2
IMPOSSIBLE = 3


def set_up(cover: Floats, group: int, windows: tuple[int, int], tolerated: tuple[int, int]) -> None:
    """Prepare a zeroed cover; `windows` and `tolerated` are (longest, shortest) in base bars."""
    cover[INDEX] = -1.0
    cover[_GROUP] = group
    cover[_WINDOW], cover[_SHORT] = windows
    cover[_TOLERATED], cover[_SHORT_TOLERATED] = tolerated
    _restart(cover)


def admit(last: float, rows: Floats, at: int) -> int:
    """Whether the row at `at` may follow the bar numbered `last`, and if not, why."""
    index = rows[at + INDEX]
    if index != math.floor(index):
        return OFF_GRID
    if index <= last:
        return LATE
    low = rows[at + LOW]
    high = rows[at + HIGH]
    close = rows[at + CLOSE]
    volume = rows[at + VOLUME]
    ordered = _SMALLEST <= low <= close <= high <= _LARGEST
    return TAKEN if ordered and not (volume < 0.0 or volume > _LARGEST) else IMPOSSIBLE


def advance(
    step: Step, cover: Floats, state: Floats, queue: Floats, rows: Floats, at: int
) -> float:
    """Take one base bar; the series' value after it, NaN while unknown.

    `queue` has room for the bars that one base bar can complete.
    """
    completed = offer(cover, queue, rows, at)
    if cover[_RESTARTED] == 1.0:
        cover[_RESTARTED] = 0.0
        state[COUNT] = 0.0
    for each in range(completed):
        cover[_HELD] = step(state, queue, each * ROW)
    # With as many tolerated in both windows, the longer one has seen to the shorter.
    if cover[_SHORT_TOLERATED] == cover[_TOLERATED] or _short_window_covered(cover):
        return cover[_HELD]
    return UNKNOWN


def offer(cover: Floats, queue: Floats, rows: Floats, at: int) -> int:
    """Put into `queue` the bars that this base bar completes, tolerated silence filled."""
    index = rows[at + INDEX]
    completed = 0
    if index != cover[INDEX] + 1.0:
        if _silence_tolerated(cover, int(index)):
            completed = _fill(cover, queue, int(index))
        else:
            _restart(cover)
    cover[INDEX] = index
    cover[HIGH] = rows[at + HIGH]
    cover[LOW] = rows[at + LOW]
    cover[CLOSE] = rows[at + CLOSE]
    cover[VOLUME] = rows[at + VOLUME]
    return _aggregate(cover, queue, completed)


def _silence_tolerated(cover: Floats, index: int) -> bool:
    """Note the silent bars before `index`; whether the window still counts as covered."""
    first = int(cover[INDEX]) + 1
    tolerated = int(cover[_TOLERATED])
    if first == 0 or index - first > tolerated:
        return False
    for silent in range(first, index):
        cover[_SILENT + int(cover[_NEXT])] = silent
        cover[_NEXT] = (int(cover[_NEXT]) + 1) % (tolerated + 1)
    # The ring is one longer than what is tolerated, so its oldest entry is the one too many.
    return cover[_SILENT + int(cover[_NEXT])] < index - cover[_WINDOW]


def _short_window_covered(cover: Floats) -> bool:
    size = int(cover[_TOLERATED]) + 1
    back = int(cover[_SHORT_TOLERATED]) + 1
    one_too_many = cover[_SILENT + (int(cover[_NEXT]) - back) % size]
    return one_too_many <= cover[INDEX] - cover[_SHORT]


def _restart(cover: Floats) -> None:
    cover[_RESTARTED] = 1.0
    cover[_STARTED] = 0.0
    cover[_HELD] = UNKNOWN
    cover[_NEXT] = 0.0
    for each in range(int(cover[_TOLERATED]) + 1):
        cover[_SILENT + each] = -math.inf


def _fill(cover: Floats, queue: Floats, index: int) -> int:
    """Complete bars without trades up to, not including, `index`."""
    completed = 0
    for silent in range(int(cover[INDEX]) + 1, index):
        cover[INDEX] = silent
        cover[HIGH] = cover[CLOSE]
        cover[LOW] = cover[CLOSE]
        cover[VOLUME] = 0.0
        completed = _aggregate(cover, queue, completed)
    return completed


def _aggregate(cover: Floats, queue: Floats, completed: int) -> int:
    """Add the last base bar to the unfinished one; queue that when its UTC boundary is reached.

    A bar whose beginning was not seen is never completed.
    """
    if cover[_GROUP] == 1.0:
        for each in range(ROW):
            queue[completed * ROW + each] = cover[each]
        return completed + 1
    group = int(cover[_GROUP])
    index = int(cover[INDEX])
    place = index % group
    if place == 0:
        cover[_STARTED] = 1.0
        cover[_PART + HIGH] = cover[HIGH]
        cover[_PART + LOW] = cover[LOW]
        cover[_PART + VOLUME] = 0.0
    elif cover[HIGH] > cover[_PART + HIGH]:
        cover[_PART + HIGH] = cover[HIGH]
    if cover[LOW] < cover[_PART + LOW]:
        cover[_PART + LOW] = cover[LOW]
    cover[_PART + VOLUME] += cover[VOLUME]
    if place < group - 1 or cover[_STARTED] == 0.0:
        return completed
    to = completed * ROW
    queue[to + INDEX] = index // group
    queue[to + HIGH] = cover[_PART + HIGH]
    queue[to + LOW] = cover[_PART + LOW]
    queue[to + CLOSE] = cover[CLOSE]
    queue[to + VOLUME] = cover[_PART + VOLUME]
    return completed + 1


def grid_index(opened_ns: int, base_ns: int) -> float:
    """The number on the UTC grid of the base bar that opened then; a half where it is off it."""
    whole = opened_ns // base_ns
    return float(whole) if whole * base_ns == opened_ns else whole + 0.5
