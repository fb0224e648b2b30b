"""Records as rows: the stored line, and what it is found by.

In: records. Out: columns; of a row, the record or the flaw. The line is what was written, byte by
byte; the other columns must say what it says, else somebody has edited the row (M476).
"""

from __future__ import annotations

from dataclasses import astuple
from typing import TYPE_CHECKING

from engine.errors import Diagnostic, Place
from engine.ledger.chain import BadRecord, BrokenChain, Flaw
from engine.ledger.index import projection
from engine.ledger.records import parse_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.adapters.postgres.address import Address
    from engine.ledger.records import Record

COLUMNS = "sequence, line, kind, time_ns, cycle, intent, client_order_id, symbol, verdict"
_RESTORE = (
    "the journal has the true records: see who may write to the database, then compare the two "
    "with `trader audit export`"
)


def columns_of(records: Sequence[Record]) -> tuple[list[object], ...]:
    """What to insert: for each of `COLUMNS` the values of all records."""
    return tuple(list(values) for values in zip(*map(_columns, records), strict=True))


def line_of(row: tuple[object, ...]) -> tuple[int, bytes]:
    """A row's sequence, and its line without the line break; no bytes where there is none."""
    line = row[1] if isinstance(row[1], bytes) else b""
    whole = line.endswith(b"\n") and line.count(b"\n") == 1
    return int(str(row[0])), line[:-1] if whole else b""


def edited(row: tuple[object, ...], record: Record) -> Flaw | None:
    """Why the columns beside the line are not what it says; None where they are."""
    if row == _columns(record):
        return None
    message = f"the row of record {record.sequence} is found by values that its bytes do not hold"
    return Flaw("M476", message, _RESTORE)


def genuine(address: Address, row: tuple[object, ...]) -> Record:
    """The record of one row taken alone; raises BrokenChain where it proves nothing."""
    sequence, line = line_of(row)
    record = parse_line(line)
    if record is None or not record.genuine or record.sequence != sequence:
        message = f"record {sequence} is not what was written"
        raise broken(address, sequence, Flaw("M476", message, _RESTORE))
    flaw = edited(row, record)
    if flaw is not None:
        raise broken(address, sequence, flaw)
    return record


def broken(address: Address, sequence: int, flaw: Flaw) -> BrokenChain:
    """The error to raise for a flaw; its place is the ledger's address and the record's number."""
    place = Place(str(address), max(sequence, 1), 1)
    return BrokenChain(BadRecord(sequence, Diagnostic(flaw.code, flaw.message, place, flaw.help)))


def _columns(record: Record) -> tuple[object, ...]:
    found_by = astuple(projection(record))
    return (record.sequence, record.line(), record.kind.value, record.time.ns, *found_by)
