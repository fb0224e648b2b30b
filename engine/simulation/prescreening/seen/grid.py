"""The instants that cycles may run at, in stretches that are looked at one after the other.

In: a recording. Out: rows: one an instant, in order. The grid has the silences too, which no
cycle runs in: a row too many changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from engine.model.times import NS_PER_S

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from engine.adapters.recorded import Recording
    from engine.model.times import UtcTime

    Instants = NDArray[np.int64]

STRETCH_ROWS = 32_768
"""Rows that are looked at together: enough to be worth a look, few enough to be held."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Instants from `start_ns`, every `step_ns`, `count` of them."""

    start_ns: int
    step_ns: int
    count: int

    @classmethod
    def over(cls, recording: Recording, interval_s: int) -> Grid:
        """Every instant of a schedule that a cycle over this recording could run at."""
        step = interval_s * NS_PER_S
        start = recording.first.ns // step * step
        return cls(start, step, (recording.last.ns - start) // step + 2)

    def row(self, moment: UtcTime) -> int:
        """The row of an instant of the schedule."""
        return (moment.ns - self.start_ns) // self.step_ns

    def stretch(self, start: int) -> Stretch:
        """The stretch that begins at a row, as far as the grid goes."""
        base, stop = max(0, start - 1), min(start + STRETCH_ROWS, self.count)
        instants = self.start_ns + self.step_ns * np.arange(base, stop, dtype=np.int64)
        return Stretch(base, start, stop, instants)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Rows from `start` up to, not including, `stop`, looked at together.

    Columns begin at the row `base`, the last one of the stretch before: only against that can be
    told what changes in the first row. `instants` are in nanoseconds.
    """

    base: int
    start: int
    stop: int
    instants: Instants

    @property
    def after_ns(self) -> int:
        """What was received by then was in the stretch before; -1 where there was none."""
        return int(self.instants[0]) if self.base < self.start else -1

    @property
    def until_ns(self) -> int:
        """What is received later is in a stretch to come."""
        return int(self.instants[-1])
