"""Series over a whole recording of one product: columns in, columns out.

In: bars as columns, in the order of their arrival, whole or in parts. Out: each series' value
after each bar that was taken, and as of any instants; NaN is unknown. Equal to a `SeriesBook` fed
the same bars, to the last bit: what that refuses (late, off the grid, impossible) is left out.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from engine.model.times import NS_PER_S
from engine.series.compiled import Runtime, loops, quickest
from engine.series.producers import BASE_S, Series, plan
from engine.series.state import INDEX, ROW

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class BarColumns:
    """Bars of one product as columns of one length (`array` codes "q" and "d").

    `opened_ns` is each bar's open, in UTC nanoseconds; a volume of NaN is unknown.
    Raises ValueError when the lengths differ.
    """

    opened_ns: array[int]
    high: array[float]
    low: array[float]
    close: array[float]
    volume: array[float]

    def __post_init__(self) -> None:
        if len({len(each) for each in (self.opened_ns, *self.shown)}) != 1:
            message = "columns of bars differ in length"
            raise ValueError(message)

    @property
    def shown(self) -> tuple[array[float], array[float], array[float], array[float]]:
        """High, low, close, volume."""
        return self.high, self.low, self.close, self.volume


@dataclass(frozen=True, slots=True)
class SeriesColumns:
    """Values of series after each bar taken; `closed_ns` is when the bar was complete."""

    series: tuple[Series, ...]
    closed_ns: array[int]
    values: dict[str, array[float]]
    runtime: Runtime

    @property
    def newest(self) -> SeriesColumns:
        """The last bar alone."""
        values = {name: own[-1:] for name, own in self.values.items()}
        return replace(self, closed_ns=self.closed_ns[-1:], values=values)

    def at(self, instants_ns: array[int]) -> dict[str, array[float]]:
        """What a `SeriesBook` would have known at each instant (in ascending order)."""
        as_of = loops(self.runtime).as_of
        ended = self.closed_ns, len(self.closed_ns)
        known = {series.name: _floats(len(instants_ns)) for series in self.series}
        for series in self.series:
            grid = series.base_s * NS_PER_S, series.gap_bars
            as_of(ended, self.values[series.name], instants_ns, grid, known[series.name])
        return known


def produce(
    names: Iterable[str],
    columns: BarColumns,
    base_s: int = BASE_S,
    runtime: Runtime | None = None,
) -> SeriesColumns:
    """Run the series of canonical `names` over the bars of one product.

    `base_s` is the length of the bars. Without a `runtime`, whichever is quicker is taken.
    Raises ValueError for a name that `refusal` refuses.
    """
    asked = sorted(set(names))
    taken = runtime or quickest(len(asked) * len(columns.opened_ns))
    return SeriesRun(asked, base_s, taken).take(columns)


class SeriesRun:
    """The series of one product over its bars, part after part: the same values as of the whole.

    Raises ValueError for a name that `refusal` refuses.
    """

    def __init__(self, names: Iterable[str], base_s: int, runtime: Runtime) -> None:
        self.series = tuple(plan(name, base_s) for name in sorted(set(names)))
        self._base_ns = base_s * NS_PER_S
        self._runtime = runtime
        self._loops = loops(runtime)
        self._memory = [(e.new_cover(), e.new_state(), e.new_queue()) for e in self.series]
        self._last = -1.0
        self._newest: SeriesColumns | None = None

    def take(self, columns: BarColumns) -> SeriesColumns:
        """The values after each bar of this part, and first of all after the newest before it."""
        rows = _floats(ROW * len(columns.opened_ns) + ROW)
        closed_ns = array("q", bytes(8 * len(columns.opened_ns)))
        shown, base_ns = columns.shown, self._base_ns
        count = self._loops.collect(columns.opened_ns, shown, base_ns, self._last, rows, closed_ns)
        if count:
            self._last = rows[(count - 1) * ROW + INDEX]
        values = {
            series.name: self._values(series, memory, rows, count)
            for series, memory in zip(self.series, self._memory, strict=True)
        }
        found = self._after_newest(
            SeriesColumns(self.series, closed_ns[:count], values, self._runtime)
        )
        self._newest = found.newest
        return found

    def _values(
        self,
        series: Series,
        memory: tuple[array[float], array[float], array[float]],
        rows: array[float],
        count: int,
    ) -> array[float]:
        values = _floats(count)
        self._loops.run(self._loops.prepare(series.producer.step), memory, rows, count, values)
        return values

    def _after_newest(self, part: SeriesColumns) -> SeriesColumns:
        before = self._newest
        if before is None:
            return part
        values = {name: before.values[name] + own for name, own in part.values.items()}
        return replace(part, closed_ns=before.closed_ns + part.closed_ns, values=values)


def _floats(count: int) -> array[float]:
    return array("d", bytes(8 * count))
