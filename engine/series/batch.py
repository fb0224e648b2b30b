"""Series over a whole recording of one product: columns in, columns out.

In: bars as columns, in the order of their arrival. Out: each series' value after each bar that
was taken, and as of any instants; NaN is unknown. Equal to a `SeriesBook` fed the same bars, to
the last bit. Bars that the book would refuse (late, off the grid, impossible) are left out.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.model.times import NS_PER_S
from engine.series.compiled import Runtime, loops, quickest
from engine.series.producers import BASE_S, Series, plan
from engine.series.state import ROW

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
    planned = tuple(plan(name, base_s) for name in sorted(set(names)))
    taken = runtime or quickest(len(planned) * len(columns.opened_ns))
    chosen = loops(taken)
    rows = _floats(ROW * len(columns.opened_ns) + ROW)
    closed_ns = array("q", bytes(8 * len(columns.opened_ns)))
    count = chosen.collect(columns.opened_ns, columns.shown, base_s * NS_PER_S, rows, closed_ns)
    values: dict[str, array[float]] = {}
    for series in planned:
        values[series.name] = _floats(count)
        memory = series.new_cover(), series.new_state(), series.new_queue()
        step = chosen.prepare(series.producer.step)
        chosen.run(step, memory, rows, count, values[series.name])
    return SeriesColumns(planned, closed_ns[:count], values, taken)


def _floats(count: int) -> array[float]:
    return array("d", bytes(8 * count))
