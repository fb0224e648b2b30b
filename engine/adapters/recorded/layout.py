"""The four kinds of recording and the columns that tell them apart.

In: the column names of a file. Out: its `Layout`, or the finding that says what is missing.
Refuses names that fit no kind, that fit two, or that occur twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from engine.errors import Diagnostic, Place

if TYPE_CHECKING:
    from collections.abc import Sequence


class RecordingKind(Enum):
    """What a file holds; the order here is the order of arrival within one instant."""

    BARS = "bars"
    BOOKS = "books"
    TRADES = "trades"
    QUOTES = "quotes"


# At one instant the slow news comes first: a quote is judged with everything else known.
ARRIVAL_RANK = {kind: rank for rank, kind in enumerate(RecordingKind)}


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of one kind.

    `prices` must be above zero, `amounts` at least zero; both are numbers. `sides` are the two
    words that the `side` column may hold, the buying side first. `optional` columns are read
    where present; every other column is ignored, and the report lists it.
    """

    kind: RecordingKind
    prices: tuple[str, ...]
    amounts: tuple[str, ...] = ()
    sides: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()

    @property
    def required(self) -> tuple[str, ...]:
        """Every column that a file of this kind must have."""
        amounts = tuple(name for name in self.amounts if name not in self.optional)
        return ("ts", "symbol", *(("side",) if self.sides else ()), *self.prices, *amounts)

    @property
    def numbers(self) -> tuple[str, ...]:
        """The columns that hold numbers."""
        return (*self.prices, *self.amounts)

    def read_from(self, columns: Sequence[str]) -> tuple[str, ...]:
        """The columns of a file that this kind reads, in the order of the layout."""
        return (*self.required, *(name for name in self.optional if name in columns))


# A trade of nothing and a level of nothing do not exist, so their sizes count as prices do.
LAYOUTS = (
    Layout(RecordingKind.BOOKS, ("price", "size"), ("level",), ("bid", "ask")),
    Layout(RecordingKind.BARS, ("open", "high", "low", "close"), ("volume",)),
    Layout(
        RecordingKind.TRADES,
        ("price", "size"),
        sides=("buy", "sell"),
        optional=("exchange_ts", "trade_id"),
    ),
    Layout(
        RecordingKind.QUOTES,
        ("bid", "ask"),
        ("bid_size", "ask_size"),
        optional=("bid_size", "ask_size", "exchange_ts"),
    ),
)


def recognise(file: str, columns: Sequence[str]) -> Layout | Diagnostic:
    """The layout that these column names fit."""
    twice = sorted({name for name in columns if columns.count(name) > 1})
    if twice:
        return _finding(file, columns, "M505", f"column `{twice[0]}` occurs twice")
    fitting = [layout for layout in LAYOUTS if set(layout.required) <= set(columns)]
    if fitting and fitting[0].kind is RecordingKind.BOOKS:
        # A book's columns contain a trade's.
        fitting = [layout for layout in fitting if layout.kind is not RecordingKind.TRADES]
    if len(fitting) > 1:
        kinds = " and ".join(layout.kind.value for layout in fitting)
        return _finding(file, columns, "M505", f"the columns fit {kinds} alike")
    return fitting[0] if fitting else _missing(file, columns)


def _missing(file: str, columns: Sequence[str]) -> Diagnostic:
    nearest = min(LAYOUTS, key=lambda layout: len(set(layout.required) - set(columns)))
    missing = [f"`{name}`" for name in nearest.required if name not in columns]
    message = f"no column {', '.join(missing)}: {nearest.kind.value} need it"
    help_text = f"{nearest.kind.value} have the columns {', '.join(nearest.required)}"
    return _finding(file, columns, "M504", message, help_text)


def _finding(
    file: str, columns: Sequence[str], code: str, message: str, help_text: str = ""
) -> Diagnostic:
    header = ",".join(columns)
    place = Place(file, 1, 1, max(1, len(header)), header)
    return Diagnostic(code, message, place, help_text or "one file holds one kind of recording")
