"""What is wrong with rows is put right or left alone, and always counted."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from engine.adapters.recorded import CorrectionKind as Kind
from engine.model.market import Bar, Book, Quote, Trade

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from engine.adapters.recorded import Recording

GOOD_BAR = "0 BTC-USD,10,12,9,11,5"
NEXT_BAR = "60 BTC-USD,11,13,10,12,5"
GOOD_QUOTE = "0 BTC-USD,10,11,1,1"
GOOD_LEVELS = ("0 BTC-USD,bid,0,10,1", "0 BTC-USD,ask,0,11,1")

# name: (kind of file, rows, events that stay, what is counted)
TABLE: dict[str, tuple[str, tuple[str, ...], int, dict[Kind, int]]] = {
    "clean rows are not remarked upon": ("quotes", (GOOD_QUOTE, "1 BTC-USD,10,11,1,1"), 2, {}),
    "a side that is absent is a fact": ("quotes", ("0 BTC-USD,10,,1,",), 1, {}),
    "a quote without any side stays, as a gap": (
        "quotes",
        ("0 BTC-USD,,,,",),
        1,
        {Kind.GAP: 1},
    ),
    "a row back in time is sorted": (
        "quotes",
        ("5 BTC-USD,10,11,1,1", GOOD_QUOTE, "6 BTC-USD,10,11,1,1"),
        3,
        {Kind.UNSORTED: 1},
    ),
    "symbols out of order within an instant are no defect": (
        "quotes",
        ("0 ETH-USD,10,11,1,1", GOOD_QUOTE),
        2,
        {},
    ),
    "an equal row is dropped": ("quotes", (GOOD_QUOTE, GOOD_QUOTE), 1, {Kind.DUPLICATE: 1}),
    "equal rows with absent sides are equal": (
        "quotes",
        ("0 BTC-USD,10,,1,", "0 BTC-USD,10,,1,", "0 BTC-USD,10,,2,"),
        2,
        {Kind.DUPLICATE: 1},
    ),
    "two ticks of one instant both stay": ("quotes", (GOOD_QUOTE, "0 BTC-USD,10,12,1,1"), 2, {}),
    "a crossed quote stays": ("quotes", ("0 BTC-USD,12,11,1,1",), 1, {Kind.CROSSED: 1}),
    "a locked quote is not crossed": ("quotes", ("0 BTC-USD,11,11,1,1",), 1, {}),
    "an impossible price makes a side unknown": (
        "quotes",
        ("0 BTC-USD,nan,11,1,1", "1 BTC-USD,10,inf,1,1", "2 BTC-USD,-1,0,1,1"),
        3,
        {Kind.BAD_NUMBER: 4, Kind.GAP: 1},
    ),
    "a negative size is unknown, a zero size is not": (
        "quotes",
        ("0 BTC-USD,10,11,-1,0",),
        1,
        {Kind.BAD_NUMBER: 1},
    ),
    "digits beyond binary64 are rounded aloud": (
        "quotes",
        ("0 BTC-USD,10.00000000000000001,11.0000000000000000000,1,1",),
        1,
        {Kind.ROUNDED: 1},
    ),
    "a stranger among the symbols is dropped": (
        "quotes",
        (GOOD_QUOTE, "0 ?,10,11,1,1", "0 ,10,11,1,1"),
        1,
        {Kind.UNKNOWN_SYMBOL: 2},
    ),
    "two spellings of one symbol are one": (
        "quotes",
        ("0 XBT/USD,1,2,1,1", "1 BTC-USD,1,2,1,1"),
        2,
        {},
    ),
    "silence is told": (
        "quotes",
        tuple(f"{s} BTC-USD,10,11,1,1" for s in (0, 10, 20, 30, 500, 510)),
        6,
        {Kind.GAP: 1},
    ),
    "silence until the end is told": (
        "quotes",
        (
            *(f"{s} BTC-USD,10,11,1,1" for s in range(0, 50, 10)),
            *(f"{s} ETH-USD,10,11,1,1" for s in range(0, 500, 10)),
        ),
        55,
        {Kind.UNSORTED: 1, Kind.GAP: 1},
    ),
    "a short pause between ticks is no silence": (
        "quotes",
        tuple(f"{s} BTC-USD,10,11,1,1" for s in (0, 0.1, 0.2, 0.3, 50)),
        5,
        {},
    ),
    "an exchange time in the future stays": (
        "timed_quotes",
        (f"0 BTC-USD,10,11,{1_767_600_001_500_000_000}", "1 BTC-USD,10,11,"),
        2,
        {Kind.VENUE_AHEAD: 1},
    ),
    "an exchange time in the past is normal": (
        "timed_quotes",
        (f"2 BTC-USD,10,11,{1_767_600_001_500_000_000}",),
        1,
        {},
    ),
    "a bar with its high below its low is dropped": (
        "bars",
        (GOOD_BAR, "60 BTC-USD,10,9,12,11,5", "120 BTC-USD,10,12,9,11,5"),
        2,
        {Kind.HIGH_BELOW_LOW: 1},
    ),
    "a bar that closes beyond its range stays": (
        "bars",
        (GOOD_BAR, "60 BTC-USD,10,12,9,13,5"),
        2,
        {Kind.OUTSIDE_RANGE: 1},
    ),
    "a bar without volume stays": (
        "bars",
        (GOOD_BAR, "60 BTC-USD,10,12,9,11,-0.0"),
        2,
        {Kind.ZERO_VOLUME: 1},
    ),
    "a bar without a price is dropped": (
        "bars",
        (GOOD_BAR, NEXT_BAR, "120 BTC-USD,10,12,9,,5", "180 BTC-USD,10,0,9,11,"),
        2,
        {Kind.MISSING_VALUE: 2, Kind.BAD_NUMBER: 1},
    ),
    "the second bar of a minute is dropped": (
        "bars",
        (GOOD_BAR, GOOD_BAR, "0 BTC-USD,10,12,9,11,6", NEXT_BAR),
        2,
        {Kind.DUPLICATE: 1, Kind.CONFLICTING_BAR: 1},
    ),
    "a stray bar between the others stays": (
        "bars",
        (*(f"{60 * m} BTC-USD,10,12,9,11,5" for m in range(99)), "90 BTC-USD,10,12,9,11,5"),
        100,
        {Kind.UNSORTED: 1, Kind.CLOSE_BARS: 2},
    ),
    "a trade of neither side is dropped": (
        "trades",
        ("0 BTC-USD,10,1,buy", "1 BTC-USD,10,1,?"),
        1,
        {Kind.UNKNOWN_SIDE: 1},
    ),
    "a trade of nothing is dropped": (
        "trades",
        ("0 BTC-USD,10,1,BUY", "1 BTC-USD,10,0,sell", "2 BTC-USD,,1,sell"),
        1,
        {Kind.BAD_NUMBER: 1, Kind.MISSING_VALUE: 2},
    ),
    "equal trades without numbers are one": (
        "trades",
        ("0 BTC-USD,10,1,buy", "0 BTC-USD,10,1,buy"),
        1,
        {Kind.DUPLICATE: 1},
    ),
    "equal trades with their own numbers are two": (
        "numbered_trades",
        ("0 BTC-USD,10,1,buy,1", "0 BTC-USD,10,1,buy,2", "0 BTC-USD,10,1,buy,2"),
        2,
        {Kind.DUPLICATE: 1},
    ),
    "levels worst first are turned round": (
        "books",
        (*GOOD_LEVELS, "1 BTC-USD,bid,0,9,1", "1 BTC-USD,bid,1,10,1", "1 BTC-USD,ask,0,11,1"),
        2,
        {Kind.LEVEL_ORDER: 1},
    ),
    "a crossed book stays": (
        "books",
        ("0 BTC-USD,bid,0,12,1", "0 BTC-USD,ask,0,11,1"),
        1,
        {Kind.CROSSED: 1},
    ),
    "a level without a size is dropped": (
        "books",
        (*GOOD_LEVELS, "0 BTC-USD,ask,1,12,"),
        1,
        {Kind.MISSING_VALUE: 1},
    ),
    "an equal level is dropped": ("books", (*GOOD_LEVELS, GOOD_LEVELS[0]), 1, {Kind.DUPLICATE: 1}),
}


@pytest.mark.parametrize(("kind", "rows", "events", "counts"), TABLE.values(), ids=TABLE)
def test_rows_are_put_right_and_counted(
    kind: str,
    rows: tuple[str, ...],
    events: int,
    counts: dict[Kind, int],
    write: Callable[..., Path],
    opened: Callable[..., Recording],
) -> None:
    """Each defect leaves the events that it should, and exactly its own count in the report."""
    recording = opened(write(kind, *rows))
    found = {each.kind: recording.report.count(each.kind) for each in recording.report.corrections}
    assert (len(list(recording.events())), found) == (events, counts)
    assert recording.report.rows == len(rows)
    assert all(each.detail and each.file for each in recording.report.corrections)


def test_impossible_and_absent_sides_are_none(
    write: Callable[..., Path], opened: Callable[..., Recording]
) -> None:
    """A side that is not there, or cannot be, is None, and its neighbour keeps its price."""
    rows = ("0 BTC-USD,nan,11.50,-1,0", "1 BTC-USD,10.25,,2,")
    first, second = opened(write("quotes", *rows)).events()
    assert isinstance(first, Quote)
    assert isinstance(second, Quote)
    assert (first.bid, first.ask) == (None, Decimal("11.5"))
    assert (first.bid_size, first.ask_size) == (None, Decimal(0))
    assert (second.bid, second.ask, second.ask_size) == (Decimal("10.25"), None, None)


def test_book_levels_come_best_first(
    write: Callable[..., Path], opened: Callable[..., Recording]
) -> None:
    """Bids fall and asks rise from the top, whatever order the file has them in."""
    rows = ("0 A-USD,ask,1,12,1", "0 A-USD,bid,1,9,2", "0 A-USD,ask,0,11,3", "0 A-USD,bid,0,10,4")
    (book,) = opened(write("books", *rows)).events()
    assert isinstance(book, Book)
    assert [level.price for level in book.bids] == [10, 9]
    assert [(level.price, level.size) for level in book.asks] == [(11, 3), (12, 1)]


def test_negative_zero_volume_is_zero(
    write: Callable[..., Path], opened: Callable[..., Recording]
) -> None:
    """A negative zero leaves no sign behind."""
    bars = list(opened(write("bars", GOOD_BAR, "60 BTC-USD,10,12,9,11,-0.0")).events())
    assert [str(bar.volume) for bar in bars if isinstance(bar, Bar)] == ["5.0", "0.0"]


def test_takers_side_is_told(write: Callable[..., Path], opened: Callable[..., Recording]) -> None:
    """`side` is the taker's, in any case."""
    trades = opened(write("trades", "0 A-USD,1,1,SELL", "1 A-USD,1,1,buy")).events()
    assert [each.taker_sold for each in trades if isinstance(each, Trade)] == [True, False]


def test_gap_names_its_symbol_and_beginning(
    write: Callable[..., Path], opened: Callable[..., Recording]
) -> None:
    """A silence is told with the symbol, its length and the last word before it."""
    seconds = (0, 10, 20, 30, 500)
    recording = opened(write("quotes", *(f"{s} BTC-USD,10,11,1,1" for s in seconds)))
    (gap,) = recording.report.corrections
    assert gap.detail == "BTC-USD silent, longest 470 s from 2026-01-05T08:00:30Z"


def test_strangers_are_named(write: Callable[..., Path], opened: Callable[..., Recording]) -> None:
    """The report spells the symbols that it could not read, at most five of them."""
    rows = [f"{n} {'?' * (n + 1)},1,2,1,1" for n in range(7)]
    recording = opened(write("quotes", GOOD_QUOTE, *rows))
    (correction,) = recording.report.corrections
    assert correction.count == 7
    assert correction.detail.count("`") == 10
