"""Records for other programs: the stored lines as they are, or a CSV table.

In: records. Out: text on a stream. The stored lines carry their hashes, so whoever gets them can
follow the chain; the table is for spreadsheets, with nested values as JSON.
"""

from __future__ import annotations

import csv
from enum import Enum
from typing import TYPE_CHECKING, TextIO

import orjson

if TYPE_CHECKING:
    from collections.abc import Iterable

    from engine.ledger.records import Record

# Named so that no name of a body is among them.
_FIXED = ("sequence", "recorded_at", "kind")
_HASH = "record_hash"


class ExportFormat(Enum):
    """How records are written."""

    JSONL = "jsonl"
    CSV = "csv"


def write_records(records: Iterable[Record], chosen: ExportFormat, stream: TextIO) -> None:
    """Write the records, one a line."""
    if chosen is ExportFormat.JSONL:
        stream.writelines(record.line().decode() for record in records)
        return
    _write_table(list(records), stream)


def _write_table(records: list[Record], stream: TextIO) -> None:
    """A column for every name that a body has; the hash last, so that a row can be found again."""
    bodies = [record.fields() for record in records]
    names = sorted({name for body in bodies for name in body})
    table = csv.writer(stream, lineterminator="\n")
    table.writerow([*_FIXED, *names, _HASH])
    for record, body in zip(records, bodies, strict=True):
        fixed = (record.sequence, str(record.time), record.kind.value)
        table.writerow([*fixed, *(_cell(body.get(name)) for name in names), record.hash])


def _cell(value: object) -> object:
    if isinstance(value, dict | list | bool):
        return orjson.dumps(value).decode()
    # A spreadsheet would run a text that begins like a formula.
    if isinstance(value, str) and value[:1] in "=@" and value:
        return f"'{value}"
    return value
