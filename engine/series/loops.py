"""The loops of a batch run, over flat arrays: plain Python, and the source that is compiled.

In: whole columns. Out: results written into arrays that the caller made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.series.cover import TAKEN, admit, advance, grid_index
from engine.series.state import CLOSE, HIGH, INDEX, LOW, ROW, UNKNOWN, VOLUME

if TYPE_CHECKING:
    from collections.abc import MutableSequence, Sequence

    from engine.series.state import Floats, Step


def collect(
    opened_ns: Sequence[int],
    shown: tuple[Floats, Floats, Floats, Floats],
    base_ns: int,
    last: float,
    rows: Floats,
    closed_ns: MutableSequence[int],
) -> int:
    """Write the bars that are admitted into `rows`, their ends into `closed_ns`; how many.

    `last` is the number of the bar before them, -1 where there is none.
    """
    high, low, close, volume = shown
    count = 0
    for each in range(len(opened_ns)):
        at = count * ROW
        rows[at + INDEX] = grid_index(opened_ns[each], base_ns)
        rows[at + HIGH] = high[each]
        rows[at + LOW] = low[each]
        rows[at + CLOSE] = close[each]
        rows[at + VOLUME] = volume[each]
        if admit(last, rows, at) == TAKEN:
            last = rows[at + INDEX]
            closed_ns[count] = opened_ns[each] + base_ns
            count += 1
    return count


def run(
    step: Step, memory: tuple[Floats, Floats, Floats], rows: Floats, count: int, values: Floats
) -> None:
    """Run one series over `count` rows; `memory` is its cover, state and queue."""
    cover, state, queue = memory
    for each in range(count):
        values[each] = advance(step, cover, state, queue, rows, each * ROW)


def as_of(
    ended: tuple[Sequence[int], int],
    values: Sequence[float],
    instants_ns: Sequence[int],
    grid: tuple[int, int],
    known: Floats,
) -> None:
    """For each instant, in order, the value after the last bar that had ended by then.

    `ended` is (ends of bars, how many), `grid` (length of a base bar in ns, silent bars tolerated).
    """
    closed_ns, count = ended
    base_ns, gap_bars = grid
    after = 0
    for each in range(len(instants_ns)):
        while after < count and closed_ns[after] <= instants_ns[each]:
            after += 1
        fresh = after > 0 and (instants_ns[each] - closed_ns[after - 1]) // base_ns <= gap_bars
        known[each] = values[after - 1] if fresh else UNKNOWN
