"""The bars of a recording as columns, part after part, as a market would have them.

In: a recording and the market that would hear it. Out: each product's bars that are complete by an
instant: rows of the file where bars were recorded, else built as the market builds them.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import numpy as np

from engine.adapters.recorded import RecordingKind
from engine.cycle.market import MarketView
from engine.model.times import NS_PER_S
from engine.series import BarColumns, BarSource
from engine.series.state import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.adapters.recorded import Recording, Table
    from engine.model.market import Bar
    from engine.model.symbols import Symbol

_SHOWN = ("high", "low", "close", "volume")


class Bars(Protocol):
    """The bars of all products; `count` is how many there are."""

    @property
    def count(self) -> int:
        """How many there are."""
        ...

    def part(self, symbol: Symbol, after_ns: int, until_ns: int) -> BarColumns:
        """The bars of a product that ended after one instant and by another."""
        ...


def bars_of(recording: Recording, market: MarketView) -> Bars:
    """The bars of every product, recorded or built, as `market` would have them."""
    recorded = [each for each in recording.tables if each.kind is RecordingKind.BARS]
    if len(recorded) == 1 and all(
        market.source_of(each) is BarSource.RECORDED for each in recording.symbols
    ):
        return _Recorded(recorded[0], market.base_s)
    heard = _Heard(market.base_s)
    listening = MarketView((), market.source_of, market.base_s, bars=heard)
    for _, event in recording.arrivals():
        listening.on_event(event)
    listening.complete_bars(recording.last.plus_s(2 * market.base_s))
    return heard


@dataclass(frozen=True, slots=True)
class _Recorded:
    """The bars of one file, whose rows are in the order of their arrival."""

    table: Table
    base_s: int

    @property
    def count(self) -> int:
        return len(self.table)

    def part(self, symbol: Symbol, after_ns: int, until_ns: int) -> BarColumns:
        table = self.table
        code = table.symbols.index(symbol) if symbol in table.symbols else -1
        # A book of series takes bars of one length and refuses the others.
        if code < 0 or table.intervals_s[code] != self.base_s:
            return _no_bars()
        received = np.frombuffer(table.times, dtype=np.int64)
        first, end = np.searchsorted(received, [after_ns, until_ns], side="right")
        codes = np.frombuffer(table.codes, dtype=f"i{table.codes.itemsize}")[first:end]
        rows = first + np.flatnonzero(codes == code)
        shown = (np.frombuffer(table.numbers[name], dtype=np.float64)[rows] for name in _SHOWN)
        opened = received[rows] - self.base_s * NS_PER_S
        return BarColumns(
            array("q", opened.tobytes()), *(array("d", each.tobytes()) for each in shown)
        )


@dataclass(slots=True)
class _Heard:
    """Hears the bars that a market would give to its series."""

    base_s: int
    columns: defaultdict[Symbol, BarColumns] = field(
        default_factory=lambda: defaultdict(_no_bars), init=False
    )

    @property
    def count(self) -> int:
        return sum(len(each.opened_ns) for each in self.columns.values())

    def on_bar(self, bar: Bar, source: BarSource = BarSource.RECORDED) -> None:
        """Keep one bar; one of another length is refused by a book of series."""
        if bar.interval_s != self.base_s:
            return
        into = self.columns[bar.symbol]
        into.opened_ns.append(bar.time.ns)
        volume = float(bar.volume) if source.volume_known else UNKNOWN
        shown = float(bar.high), float(bar.low), float(bar.close), volume
        for column, value in zip(into.shown, shown, strict=True):
            column.append(value)

    def part(self, symbol: Symbol, after_ns: int, until_ns: int) -> BarColumns:
        every: Mapping[Symbol, BarColumns] = self.columns
        own = every.get(symbol)
        if own is None:
            return _no_bars()
        ended = np.frombuffer(own.opened_ns, dtype=np.int64) + self.base_s * NS_PER_S
        first, end = np.searchsorted(ended, [after_ns, until_ns], side="right")
        return BarColumns(own.opened_ns[first:end], *(each[first:end] for each in own.shown))


def _no_bars() -> BarColumns:
    return BarColumns(array("q"), array("d"), array("d"), array("d"), array("d"))
