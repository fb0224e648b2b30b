"""CSV to columns, with the standard library alone.

In: UTF-8 bytes; leading lines that begin with `#` are comments. Out: a `RawTable`.
Refuses, with file and row: what is no number, no time, or has another count of fields.
Times are integer nanoseconds, or text like `2025-11-22T10:00:00Z`.
"""

from __future__ import annotations

import csv
import io
import math
import re
from array import array
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from engine.adapters.recorded.layout import Layout, recognise
from engine.adapters.recorded.tables import ABSENT, IMPOSSIBLE, NO_SIDE, NO_TIME, RawTable
from engine.errors import Diagnostic, Place
from engine.model.times import UtcTime

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

MAX_ROW_FINDINGS = 10
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_NOT_FINITE = frozenset({"nan", "inf", "+inf", "-inf", "infinity", "-infinity"})
_WHOLE = re.compile(r"-?[0-9]{1,19}")
_EXACT_DIGITS = 15
_NumberedRow = tuple[int, list[str]]


@dataclass(slots=True)
class _Columns:
    """The columns under construction."""

    names: dict[str, int] = field(default_factory=dict)
    times: array[int] = field(default_factory=lambda: array("q"))
    codes: array[int] = field(default_factory=lambda: array("q"))
    numbers: dict[str, array[float]] = field(default_factory=dict)
    sides: array[int] = field(default_factory=lambda: array("q"))
    venue_times: array[int] = field(default_factory=lambda: array("q"))
    ids: list[object] = field(default_factory=list)
    rounded: int = 0


def read_csv(file: str, data: bytes) -> RawTable | tuple[Diagnostic, ...]:
    """Read one CSV recording."""
    try:
        skipped, body = _without_comments(data.decode("utf-8-sig"))
        return _read(file, _numbered_rows(body, skipped))
    except (UnicodeDecodeError, csv.Error) as error:
        words = str(error).replace("\n", " ")
        message = f"not readable as CSV: {words}"
        return (Diagnostic("M502", message, Place(file, 1, 1), "CSV is UTF-8 text"),)


def _read(file: str, rows: Iterator[_NumberedRow]) -> RawTable | tuple[Diagnostic, ...]:
    _, names = next(rows, (0, []))
    header = [name.strip() for name in names]
    layout = recognise(file, header) if header else None
    if isinstance(layout, Diagnostic):
        return (layout,)
    table = _read_rows(file, layout, header, rows) if layout else ()
    if isinstance(table, RawTable) and not table.times:
        table = ()
    return table or (Diagnostic("M503", "no rows", Place(file, 1, 1), "record something first"),)


def _without_comments(text: str) -> tuple[int, io.StringIO]:
    stream = io.StringIO(text, newline="")
    skipped, at = 0, 0
    for line in stream:
        if not line.startswith("#"):
            break
        skipped += 1
        at += len(line)
    stream.seek(at)
    return skipped, stream


def _numbered_rows(body: io.StringIO, skipped: int) -> Iterator[_NumberedRow]:
    reader = csv.reader(body, strict=True)
    for row in reader:
        if row:
            yield skipped + reader.line_num, row


def _read_rows(
    file: str, layout: Layout, header: Sequence[str], rows: Iterable[_NumberedRow]
) -> RawTable | tuple[Diagnostic, ...]:
    wanted = layout.read_from(header)
    places = {name: header.index(name) for name in wanted}
    columns = _Columns(numbers={n: array("d") for n in layout.numbers if n in places})
    findings: list[Diagnostic] = []
    for line, row in rows:
        finding = _take(file, layout, columns, places, (line, row), len(header))
        if finding is not None:
            findings.append(finding)
            if len(findings) == MAX_ROW_FINDINGS:
                break
    ignored = tuple(name for name in header if name not in wanted)
    return tuple(findings) or _table(file, layout, columns, ignored)


def _take(
    file: str,
    layout: Layout,
    columns: _Columns,
    places: dict[str, int],
    numbered: _NumberedRow,
    width: int,
) -> Diagnostic | None:
    line, row = numbered
    if len(row) != width:
        message = f"{len(row)} fields where the header has {width}"
        return Diagnostic("M506", message, Place(file, line, 1, 1, ",".join(row)))
    for name, at in places.items():
        if not _take_field(layout, columns, name, row[at].strip()):
            before = sum(len(each) + 1 for each in row[:at])
            place = Place(file, line, before + 1, max(1, len(row[at])), ",".join(row))
            what = "a time" if name in {"ts", "exchange_ts"} else "a number"
            return Diagnostic("M506", f"`{name}` is not {what}: `{row[at]}`", place, _HELP[what])
    return None


_HELP = {
    "a time": "times are nanoseconds since 1970 in UTC, or written like 2025-11-22T10:00:00Z",
    "a number": "write decimals with a point and no separators; leave an unknown value empty",
}


def _take_field(layout: Layout, columns: _Columns, name: str, text: str) -> bool:
    match name:
        case "ts" | "exchange_ts":
            time = _time(text)
            column = columns.times if name == "ts" else columns.venue_times
            column.append(NO_TIME if time is None else time)
            return time is not None
        case "symbol":
            columns.codes.append(columns.names.setdefault(text, len(columns.names)))
        case "side":
            word = text.lower()
            columns.sides.append(layout.sides.index(word) if word in layout.sides else NO_SIDE)
        case "trade_id":
            columns.ids.append(text)
        case _:
            number = _number(text)
            columns.numbers[name].append(ABSENT if number is None else number)
            columns.rounded += number is not None and _is_rounded(text, number)
            return number is not None
    return True


def _time(text: str) -> int | None:
    """Nanoseconds, `NO_TIME` for an empty field, None for what is no time."""
    if _WHOLE.fullmatch(text):
        value = int(text)
        return value if abs(value) < -NO_TIME else None
    if not text:
        return NO_TIME
    try:
        return UtcTime.parse(text).ns
    except ValueError:
        return None


def _number(text: str) -> float | None:
    if _NUMBER.fullmatch(text):
        return float(text)
    if not text:
        return ABSENT
    return IMPOSSIBLE if text.lower() in _NOT_FINITE else None


def _is_rounded(text: str, number: float) -> bool:
    if len(text) <= _EXACT_DIGITS or not math.isfinite(number):
        return False
    return Decimal(repr(number)) != Decimal(text)


def _table(file: str, layout: Layout, columns: _Columns, ignored: tuple[str, ...]) -> RawTable:
    return RawTable(
        file=file,
        layout=layout,
        times=columns.times,
        names=tuple(columns.names),
        codes=columns.codes,
        numbers=columns.numbers,
        sides=columns.sides if layout.sides else None,
        venue_times=columns.venue_times or None,
        ids=columns.ids or None,
        ignored=ignored,
        rounded=columns.rounded,
    )
