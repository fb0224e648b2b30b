"""Columns to market events, one at a time.

In: a cleaned `Table` and a row. Out: a Quote, Bar, Trade or Book, and its time of receipt.
Refuses nothing: an absent side is None. No float leaves: a price is the Decimal of its repr.
"""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, assert_never

from engine.adapters.recorded.layout import RecordingKind
from engine.adapters.recorded.tables import ABSENT, NO_TIME
from engine.model.market import Bar, Book, BookLevel, MarketEvent, Quote, Trade
from engine.model.times import NS_PER_S, UtcTime

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from engine.adapters.recorded.tables import Table


@lru_cache(maxsize=65_536)
def decimal_of_float(value: float) -> Decimal:
    """The shortest decimal that reads back as this finite float."""
    return Decimal(repr(value))


def received(event: MarketEvent) -> UtcTime:
    """When an event becomes known: a bar when it is complete, everything else at its time."""
    if isinstance(event, Bar):
        return UtcTime(event.time.ns + event.interval_s * NS_PER_S)
    return event.time


def event_maker(table: Table) -> Callable[[int], MarketEvent]:
    """A function that builds the event of a row (of a sample, for books)."""
    match table.kind:
        case RecordingKind.QUOTES:
            return _quotes(table)
        case RecordingKind.BARS:
            return _bars(table)
        case RecordingKind.TRADES:
            return _trades(table)
        case RecordingKind.BOOKS:
            return _books(table)
        case _:
            assert_never(table.kind)


def _quotes(table: Table) -> Callable[[int], Quote]:
    symbols, codes, times = table.symbols, table.codes, table.times
    bids, asks = table.numbers["bid"], table.numbers["ask"]
    bid_sizes, ask_sizes = table.numbers.get("bid_size"), table.numbers.get("ask_size")
    venue_times = table.venue_times

    def make(row: int) -> Quote:
        return Quote(
            symbols[codes[row]],
            UtcTime(times[row]),
            _optional(bids, row),
            _optional(asks, row),
            _optional(bid_sizes, row),
            _optional(ask_sizes, row),
            _venue_time(venue_times, row),
        )

    return make


def _optional(column: Sequence[float] | None, row: int) -> Decimal | None:
    value = ABSENT if column is None else column[row]
    # NaN, and only NaN, differs from itself.
    return decimal_of_float(value) if value == value else None  # noqa: PLR0124 - see above


def _venue_time(column: Sequence[int] | None, row: int) -> UtcTime | None:
    if column is None or column[row] == NO_TIME:
        return None
    return UtcTime(column[row])


def _bars(table: Table) -> Callable[[int], Bar]:
    columns = [table.numbers[name] for name in ("open", "high", "low", "close", "volume")]

    def make(row: int) -> Bar:
        code = table.codes[row]
        interval_s = table.intervals_s[code]
        first, high, low, last, volume = (decimal_of_float(column[row]) for column in columns)
        begin = UtcTime(table.times[row] - interval_s * NS_PER_S)
        return Bar(table.symbols[code], begin, interval_s, first, high, low, last, volume)

    return make


def _trades(table: Table) -> Callable[[int], Trade]:
    prices, sizes, sides = table.numbers["price"], table.numbers["size"], table.sides or ()

    def make(row: int) -> Trade:
        return Trade(
            table.symbols[table.codes[row]],
            UtcTime(table.times[row]),
            decimal_of_float(prices[row]),
            decimal_of_float(sizes[row]),
            taker_sold=sides[row] == 1,
        )

    return make


def _books(table: Table) -> Callable[[int], Book]:
    prices, sizes, sides = table.numbers["price"], table.numbers["size"], table.sides or ()

    def levels(first: int, end: int, side: int) -> tuple[BookLevel, ...]:
        return tuple(
            BookLevel(decimal_of_float(prices[row]), decimal_of_float(sizes[row]))
            for row in range(first, end)
            if sides[row] == side
        )

    def make(sample: int) -> Book:
        first, end = table.starts[sample], table.ends[sample]
        symbol, time = table.symbols[table.codes[sample]], UtcTime(table.times[sample])
        return Book(symbol, time, levels(first, end, 0), levels(first, end, 1))

    return make
