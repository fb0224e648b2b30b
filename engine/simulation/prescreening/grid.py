"""The instants that cycles may run at, and the bars and quotes of a recording as of each.

In: a recording and the market that would hear it. Out: rows: one an instant, in order. The grid
has the silences too, which no cycle runs in: a row too many changes nothing.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from engine.adapters.recorded import RecordingKind
from engine.cycle.market import MarketView
from engine.model.times import NS_PER_S
from engine.series import BarColumns, BarSource
from engine.series.state import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from engine.adapters.recorded import Recording, Table
    from engine.model.market import Bar
    from engine.model.symbols import Symbol
    from engine.model.times import UtcTime


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

    @property
    def instants(self) -> NDArray[np.int64]:
        """All of them, in nanoseconds."""
        return self.start_ns + self.step_ns * np.arange(self.count, dtype=np.int64)

    def row(self, moment: UtcTime) -> int:
        """The row of an instant of the schedule."""
        return (moment.ns - self.start_ns) // self.step_ns


@dataclass(frozen=True, slots=True)
class QuoteRows:
    """The quotes of one product in the order of receipt; NaN is a side or size that is missing."""

    times: NDArray[np.int64]
    venue_times: NDArray[np.int64] | None
    numbers: Mapping[str, NDArray[np.float64]]


_SHOWN = ("high", "low", "close", "volume")
QUOTE_NUMBERS = ("bid", "ask", "bid_size", "ask_size")


def quotes_of(recording: Recording, symbol: Symbol) -> QuoteRows:
    """The quotes of one product, of all files."""
    times: list[NDArray[np.int64]] = []
    venue: list[NDArray[np.int64]] = []
    numbers: defaultdict[str, list[NDArray[np.float64]]] = defaultdict(list)
    for table in recording.tables:
        if table.kind is not RecordingKind.QUOTES or symbol not in table.symbols:
            continue
        codes = np.frombuffer(table.codes, dtype=f"i{table.codes.itemsize}")
        own = np.flatnonzero(codes == table.symbols.index(symbol))
        times.append(np.frombuffer(table.times, dtype=np.int64)[own])
        for name in QUOTE_NUMBERS:
            column = table.numbers.get(name)
            every = None if column is None else np.frombuffer(column, dtype=np.float64)
            numbers[name].append(np.full(len(own), np.nan) if every is None else every[own])
        if table.venue_times is not None:
            venue.append(np.frombuffer(table.venue_times, dtype=np.int64)[own])
    if not times:
        return QuoteRows(np.empty(0, dtype=np.int64), None, {})
    received = np.concatenate(times)
    order = np.argsort(received, kind="stable")
    return QuoteRows(
        times=received[order],
        # Some files with the venue's stamps and some without: nobody can say which row is which.
        venue_times=np.concatenate(venue)[order] if len(venue) == len(times) else None,
        numbers={name: np.concatenate(parts)[order] for name, parts in numbers.items()},
    )


class _Bars:
    """Hears the bars that a market would give to its series."""

    def __init__(self) -> None:
        self.columns: defaultdict[Symbol, BarColumns] = defaultdict(_no_bars)

    def on_bar(self, bar: Bar, source: BarSource = BarSource.RECORDED) -> None:
        """Keep one bar."""
        into = self.columns[bar.symbol]
        into.opened_ns.append(bar.time.ns)
        volume = float(bar.volume) if source.volume_known else UNKNOWN
        shown = float(bar.high), float(bar.low), float(bar.close), volume
        for column, value in zip(into.shown, shown, strict=True):
            column.append(value)


def _no_bars() -> BarColumns:
    return BarColumns(array("q"), array("d"), array("d"), array("d"), array("d"))


def bars_of(recording: Recording, market: MarketView) -> Mapping[Symbol, BarColumns]:
    """The bars of every product, recorded or built, as `market` would have them."""
    recorded = [each for each in recording.tables if each.kind is RecordingKind.BARS]
    if len(recorded) == 1 and all(
        market.source_of(each) is BarSource.RECORDED for each in recording.symbols
    ):
        return _of_table(recorded[0], market.base_s)
    heard = _Bars()
    listening = MarketView((), market.source_of, market.base_s, bars=heard)
    for _, event in recording.arrivals():
        listening.on_event(event)
    listening.complete_bars(recording.last.plus_s(2 * market.base_s))
    return heard.columns


def _of_table(table: Table, base_s: int) -> dict[Symbol, BarColumns]:
    """The bars of one file, whose rows are in the order of their arrival."""
    codes = np.frombuffer(table.codes, dtype=f"i{table.codes.itemsize}")
    received = np.frombuffer(table.times, dtype=np.int64)
    found = {}
    for code, symbol in enumerate(table.symbols):
        own = np.flatnonzero(codes == code)
        # A book of series takes bars of one length and refuses the others.
        if not len(own) or table.intervals_s[code] != base_s:
            continue
        shown = (np.frombuffer(table.numbers[name], dtype=np.float64)[own] for name in _SHOWN)
        opened = received[own] - base_s * NS_PER_S
        found[symbol] = BarColumns(
            array("q", opened.tobytes()), *(array("d", each.tobytes()) for each in shown)
        )
    return found
