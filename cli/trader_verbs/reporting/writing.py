"""A table of a report, written as text, CSV or JSON.

In: columns and rows of exact values. Out: text on a stream. Text is for reading and rounds money to
the cent; CSV and JSON keep every digit, numbers as text in JSON, since a float would change them.
"""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, TextIO

from cli.trader_verbs.shown import clock, columns, exact, money, signed
from engine.model.numbers import canonical_number
from engine.model.times import UtcTime

if TYPE_CHECKING:
    from collections.abc import Sequence

Cell = str | int | bool | Decimal | UtcTime | None


class ReportFormat(Enum):
    """How a report is written."""

    TEXT = "text"
    CSV = "csv"
    JSON = "json"


class Shape(Enum):
    """What a column holds, for the eye."""

    WORDS = "words"
    COUNT = "count"
    EXACT = "exact"
    MONEY = "money"
    SIGNED = "signed"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name for programs is its heading.

    What is `wide` would break the lines of a terminal, and is for programs alone.
    """

    name: str
    shape: Shape = Shape.WORDS
    wide: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A report; `foot` are sentences for the eye, and `none` what to say of no rows."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    none: str
    foot: tuple[str, ...] = ()


def write_table(table: Table, output: ReportFormat, stream: TextIO) -> None:
    """Write it."""
    match output:
        case ReportFormat.TEXT:
            stream.write(_text(table))
        case ReportFormat.CSV:
            names = [each.name for each in table.columns]
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerows((names, *([_plain(cell) for cell in row] for row in table.rows)))
        case ReportFormat.JSON:
            stream.write(json.dumps(_records(table), indent=2, ensure_ascii=False) + "\n")


def _records(table: Table) -> list[dict[str, str | int | bool | None]]:
    names = [each.name for each in table.columns]
    return [dict(zip(names, map(_plain, row), strict=True)) for row in table.rows]


def _plain(cell: Cell) -> str | int | bool | None:
    if isinstance(cell, Decimal):
        return canonical_number(cell)
    return str(cell) if isinstance(cell, UtcTime) else cell


def _text(table: Table) -> str:
    if not table.rows:
        return f"{table.none}\n"
    chosen = [(at, each) for at, each in enumerate(table.columns) if not each.wide]
    heading = [each.name.replace("_", " ") for _, each in chosen]
    rows = [[_shown(row[at], column.shape) for at, column in chosen] for row in table.rows]
    right = [place for place, (_, each) in enumerate(chosen) if each.shape is not Shape.WORDS]
    foot = "".join(f"\n{line}" for line in table.foot)
    return columns([heading, *rows], right, indent=0) + (f"{foot}\n" if foot else "")


def _shown(cell: Cell, shape: Shape) -> str:
    if cell is None:
        return ""
    if isinstance(cell, UtcTime):
        return clock(cell)
    if not isinstance(cell, Decimal):
        return f"{cell:,}" if shape is Shape.COUNT else str(cell)
    return {Shape.MONEY: money, Shape.SIGNED: signed}.get(shape, exact)(cell)


def total(rows: Sequence[tuple[str, Decimal]]) -> dict[str, Decimal]:
    """Sums by currency, in the order of their codes."""
    found: dict[str, Decimal] = {}
    for currency, amount in rows:
        found[currency] = found.get(currency, Decimal(0)) + amount
    return dict(sorted(found.items()))
