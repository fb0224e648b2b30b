"""Series as bars come in: the live half, one memory per product and series.

In: completed base bars of any number of products, each product's in order of time. Out: the known
values of a product by canonical name; absent is unknown. Refuses, by outcome and count, bars that
are late, off the UTC grid, of another length or impossible; a refused bar is a silent minute.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from engine.model.times import NS_PER_S, UtcTime
from engine.series import cover
from engine.series.builder import BarSource
from engine.series.producers import BASE_S, plan
from engine.series.state import HIGH, INDEX, ROW, UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from engine.model.market import Bar
    from engine.model.symbols import Symbol
    from engine.series.producers import Series
    from engine.series.state import Floats, Step


class BarOutcome(Enum):
    """What became of a bar."""

    TAKEN = cover.TAKEN
    OFF_GRID = cover.OFF_GRID
    LATE = cover.LATE
    IMPOSSIBLE = cover.IMPOSSIBLE
    OTHER_LENGTH = 4


@dataclass(frozen=True, slots=True)
class BarHealth:
    """What was seen of one product: `completed` is the end of its last bar, None before one.

    `silent` counts base bars that nobody sent between two that were taken.
    """

    completed: UtcTime | None
    taken: int
    silent: int
    refused: Mapping[BarOutcome, int]


@dataclass(slots=True)
class _Lane:
    """One series of one product: its memory and its value after the last bar."""

    name: str
    step: Step
    gap_bars: int
    cover: Floats
    state: Floats
    queue: Floats
    value: float = UNKNOWN

    @classmethod
    def of(cls, series: Series) -> _Lane:
        # Lists are quicker per bar; the rings in the state are long, and stay packed.
        cover, queue = list(series.new_cover()), list(series.new_queue())
        step, gap_bars = series.producer.step, series.gap_bars
        return cls(series.name, step, gap_bars, cover, series.new_state(), queue)


@dataclass(slots=True)
class _Product:
    lanes: tuple[_Lane, ...]
    last: int = -1
    taken: int = 0
    silent: int = 0
    refused: Counter[BarOutcome] = field(default_factory=Counter)
    known: Mapping[str, float] = field(default_factory=dict)
    known_after: int | None = None

    def admit(self, bar: Bar, row: Floats, base_s: int) -> BarOutcome:
        if bar.interval_s != base_s:
            return BarOutcome.OTHER_LENGTH
        return BarOutcome(cover.admit(float(self.last), row, 0))

    def take(self, row: Floats) -> None:
        index = int(row[INDEX])
        self.silent += index - self.last - 1 if self.taken else 0
        self.taken += 1
        self.last = index
        self.known_after = None
        for lane in self.lanes:
            lane.value = cover.advance(lane.step, lane.cover, lane.state, lane.queue, row, 0)

    def values(self, silent: int) -> Mapping[str, float]:
        """What is known when so many bars are silent; made anew when that or a value changes."""
        if self.known_after != silent:
            self.known_after = silent
            self.known = {
                lane.name: lane.value
                for lane in self.lanes
                if -1 <= silent <= lane.gap_bars and not math.isnan(lane.value)
            }
        return self.known


class SeriesBook:
    """The series that a policy set uses, for every product whose bars come in.

    `names` are canonical; raises ValueError for one that `refusal` refuses. `base_s` is the
    length of the bars that it takes.
    """

    def __init__(self, names: Iterable[str], base_s: int = BASE_S) -> None:
        self.series = tuple(plan(name, base_s) for name in sorted(set(names)))
        self._base_s = base_s
        self._base_ns = base_s * NS_PER_S
        self._products: dict[Symbol, _Product] = {}
        self._row = [0.0] * ROW

    def use(self, names: Iterable[str]) -> None:
        """From now on also these; raises ValueError as the constructor does.

        What was known goes on. A new series begins with the next bar, and is unknown until it has
        seen what it asks for.
        """
        known = {each.name for each in self.series}
        more = tuple(plan(name, self._base_s) for name in sorted(set(names) - known))
        self.series += more
        for product in self._products.values():
            product.lanes += tuple(map(_Lane.of, more))

    def leave(self, names: Iterable[str]) -> None:
        """Keep these series, and forget all others."""
        kept = frozenset(names)
        self.series = tuple(each for each in self.series if each.name in kept)
        for product in self._products.values():
            product.lanes = tuple(each for each in product.lanes if each.name in kept)
            product.known_after = None

    def on_bar(self, bar: Bar, source: BarSource = BarSource.RECORDED) -> BarOutcome:
        """Take one bar that is complete; its volume counts as unknown where `source` says so."""
        product = self._products.get(bar.symbol)
        if product is None:
            product = self._products[bar.symbol] = _Product(tuple(map(_Lane.of, self.series)))
        row = self._row
        row[INDEX] = cover.grid_index(bar.time.ns, self._base_ns)
        volume = float(bar.volume) if source.volume_known else UNKNOWN
        shown = float(bar.high), float(bar.low), float(bar.close), volume
        for place, value in enumerate(shown, HIGH):
            row[place] = value
        outcome = product.admit(bar, row, self._base_s)
        if outcome is BarOutcome.TAKEN:
            product.take(row)
        else:
            product.refused[outcome] += 1
        return outcome

    def values(self, symbol: Symbol, now: UtcTime) -> Mapping[str, float]:
        """The values that are known at `now`, not to be changed by whoever gets them.

        A value outlives its last bar by the silence that its series tolerates, not longer. A bar
        that ends more than its length after `now` is from the future: nothing is known.
        """
        product = self._products.get(symbol)
        if product is None or not product.taken:
            return {}
        return product.values(now.ns // self._base_ns - product.last - 1)

    def completed(self, symbol: Symbol) -> UtcTime | None:
        """When the last bar of the product ended; None before one was taken."""
        product = self._products.get(symbol)
        return self._completed(product) if product and product.taken else None

    def health(self, symbol: Symbol) -> BarHealth:
        """What was seen and refused of the product."""
        product = self._products.get(symbol) or _Product(())
        refused = dict(product.refused)
        return BarHealth(self.completed(symbol), product.taken, product.silent, refused)

    def _completed(self, product: _Product) -> UtcTime:
        return UtcTime((product.last + 1) * self._base_ns)
