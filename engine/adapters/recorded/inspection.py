"""What is odd about rows that stay: told, not mended.

In: a cleaned `Table`. Out: counts of crossed quotes and books, exchange times in the future,
bars without volume or beyond their own range, levels out of order, and silences.
"""

from __future__ import annotations

from array import array
from heapq import merge
from itertools import pairwise
from operator import sub
from typing import TYPE_CHECKING

from engine.adapters.recorded.layout import RecordingKind
from engine.adapters.recorded.report import Correction, CorrectionKind
from engine.adapters.recorded.vectors import quickest
from engine.model.times import NS_PER_S, UtcTime

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from engine.adapters.recorded.tables import Table
    from engine.model.symbols import Symbol

# A silence is told when it lasts this many median spacings, and at least a minute:
# between ticks a millisecond apart, ten milliseconds are no news.
GAP_FACTOR = 10
_GAP_FLOOR_NS = 60 * NS_PER_S


def inspect(table: Table) -> list[Correction]:
    """Everything odd in one table, gaps aside (they need the span of the whole recording)."""
    kept = "kept: the engine judges them"
    counts = [
        (CorrectionKind.CROSSED, _crossed(table), f"bid above ask, {kept}"),
        (CorrectionKind.ZERO_VOLUME, _zero_volumes(table), "bars without volume, kept"),
        (CorrectionKind.OUTSIDE_RANGE, _outside(table), "open or close beyond high and low, kept"),
        (CorrectionKind.LEVEL_ORDER, _level_order(table), "levels put in order, best first"),
    ]
    found = [Correction(kind, table.file, number, words) for kind, number, words in counts]
    return [each for each in (*found, *_ahead(table), *_marked(table)) if each.count]


def _crossed(table: Table) -> int:
    if table.kind is RecordingKind.QUOTES:
        return quickest(len(table)).count_above(table.numbers["bid"], table.numbers["ask"])
    if table.kind is RecordingKind.BOOKS:
        return sum(bid > ask for bid, ask in _tops(table))
    return 0


def _tops(table: Table) -> Iterator[tuple[float, float]]:
    """Best bid and best ask of each sample that has both."""
    sides, prices = table.sides or (), table.numbers["price"]
    for first, end in zip(table.starts, table.ends, strict=True):
        asks = first + sum(not side for side in sides[first:end])
        if first < asks < end:
            yield prices[first], prices[asks]


def _zero_volumes(table: Table) -> int:
    return table.numbers["volume"].count(0.0) if table.kind is RecordingKind.BARS else 0


def _outside(table: Table) -> int:
    if table.kind is not RecordingKind.BARS:
        return 0
    bars = [table.numbers[name] for name in ("open", "high", "low", "close")]
    return quickest(len(table)).count_outside(bars)


def _level_order(table: Table) -> int:
    """Rows whose stated level is not above that of the better row before them."""
    if table.kind is not RecordingKind.BOOKS:
        return 0
    sides, levels = table.sides or (), table.numbers["level"]
    return sum(
        sides[row] == sides[row - 1] and levels[row] <= levels[row - 1]
        for first, end in zip(table.starts, table.ends, strict=True)
        for row in range(first + 1, end)
    )


def _ahead(table: Table) -> list[Correction]:
    if table.venue_times is None:
        return []
    leads = [lead for lead in map(sub, table.venue_times, table.times) if lead > 0]
    if not leads:
        return []
    most_s = max(leads) / NS_PER_S
    words = f"exchange time later than receipt, by up to {most_s:.3f} s, kept"
    return [Correction(CorrectionKind.VENUE_AHEAD, table.file, len(leads), words)]


def _marked(table: Table) -> list[Correction]:
    """Quotes without any side: whoever recorded heard nothing from there on."""
    if table.kind is not RecordingKind.QUOTES:
        return []
    marks = quickest(len(table)).both_absent(table.numbers["bid"], table.numbers["ask"])
    if not marks:
        return []
    symbol, time = table.symbols[table.codes[marks[0]]], UtcTime(table.times[marks[0]])
    words = f"no side known, the first at {symbol} from {time}: unknown until the next quote"
    return [Correction(CorrectionKind.GAP, table.file, len(marks), words)]


def gaps(tables: Sequence[Table]) -> list[Correction]:
    """Each symbol's silences, over all tables of a kind and up to the end of the recording."""
    last_ns = max(table.times[-1] for table in tables if table)
    found: list[Correction] = []
    for kind in RecordingKind:
        streams = _streams([table for table in tables if table.kind is kind])
        for symbol in sorted(streams, key=str):
            silences = _silences(str(symbol), streams[symbol], last_ns)
            found += [silences] if silences else []
    return found


_Streams = dict["Symbol", dict[str, "array[int]"]]


def _streams(tables: Sequence[Table]) -> _Streams:
    """The receipts of each symbol in each file."""
    streams: _Streams = {symbol: {} for table in tables for symbol in table.symbols}
    for table in tables:
        own = quickest(len(table)).times_by_code(table.times, table.codes, len(table.symbols))
        for symbol, times in zip(table.symbols, own, strict=True):
            streams[symbol][table.file] = times
    return streams


def _silences(symbol: str, by_file: Mapping[str, array[int]], last_ns: int) -> Correction | None:
    streams = list(by_file.values())
    times = streams[0] if len(streams) == 1 else array("q", merge(*streams))
    if len(times) < 2:  # noqa: PLR2004 - one receipt leaves no span
        return None
    spans = quickest(len(times)).spans(times)
    least = max(GAP_FACTOR * _median_low(spans), _GAP_FLOOR_NS)
    at_end = last_ns - times[-1]
    longest = max(at_end, *spans)
    if longest <= least:
        return None
    silences = sum(number for span, number in spans.items() if span > least) + (at_end > least)
    begin = next((a for a, b in pairwise(times) if b - a == longest), times[-1])
    file = next(name for name, own in by_file.items() if begin in own)
    end = " to the end" if begin == times[-1] else ""
    words = f"{symbol} silent, longest {longest / NS_PER_S:.0f} s from {UtcTime(begin)}{end}"
    return Correction(CorrectionKind.GAP, file, silences, words)


def _median_low(spans: Mapping[int, int]) -> int:
    """The lower of the two in the middle, of values with how often each occurs."""
    left = (sum(spans.values()) + 1) // 2
    for span in sorted(spans):
        left -= spans[span]
        if left <= 0:
            return span
    message = "nothing has no middle"
    raise ValueError(message)
