"""Reading a stream: its rows in order, every record checked against the one before.

In: a connection and a stream. Out: records, a page at a time. Raises BrokenChain with the first
row that is not what was shipped: its bytes, the columns beside them, or the end of the stream.
Writes nothing: any process may read, also while a loop writes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.adapters.postgres.driver import told
from engine.adapters.postgres.rows import COLUMNS, broken, edited, line_of
from engine.adapters.postgres.streams import streams
from engine.ledger.chain import Flaw, next_record, sequence_after, unreadable
from engine.ledger.records import FIRST_SEQUENCE, parse_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.adapters.postgres.address import Address
    from engine.adapters.postgres.driver import Connection
    from engine.adapters.postgres.streams import Stream
    from engine.errors import Diagnostic
    from engine.ledger.records import Record

_PAGE = 500
_ROWS = f"SELECT {COLUMNS} FROM mandate.records WHERE stream = %s AND sequence >= %s"  # noqa: S608 - our own words
_HELP = "restore the database from the journal of the loop that wrote it; never mend it by hand"


class PostgresReader:
    """One stream for reading only; `last` is of the pass that was read last."""

    def __init__(self, connection: Connection, address: Address, stream: Stream) -> None:
        self._connection = connection
        self._address = address
        self._stream = stream
        self.last: Record | None = None
        self.diagnostics: tuple[Diagnostic, ...] = ()

    def records(self, first: int = FIRST_SEQUENCE) -> Iterator[Record]:
        """Every record from this sequence on; raises BrokenChain and LedgerUnavailable."""
        self.last = None
        start = FIRST_SEQUENCE
        if first > FIRST_SEQUENCE and (anchor := self._anchor(first - 1)) is not None:
            self.last, start = anchor, first
        return (each for each in self._follow(start) if each.sequence >= first)

    def _follow(self, start: int) -> Iterator[Record]:
        while rows := self._page(start):
            for row in rows:
                yield self._next(row)
            start = int(str(rows[-1][0])) + 1
        self._check_end()

    def _page(self, start: int) -> list[tuple[object, ...]]:
        with told(self._address):
            query = f"{_ROWS} ORDER BY sequence LIMIT {_PAGE}"
            return self._connection.execute(query, [self._stream.id, start]).fetchall()

    def _next(self, row: tuple[object, ...]) -> Record:
        expected = sequence_after(self.last)
        sequence, line = line_of(row)
        if sequence != expected:
            message = f"record {expected} is missing: record {sequence} comes next"
            raise broken(self._address, expected, Flaw("M405", message, _HELP))
        found = next_record(line, self.last) if line else unreadable(expected)
        flaw = found if isinstance(found, Flaw) else edited(row, found)
        if flaw is not None:
            raise broken(self._address, expected, flaw)
        self.last = found if not isinstance(found, Flaw) else None
        return self.last  # type: ignore[return-value]  # a flaw was raised above

    def _check_end(self) -> None:
        """The stream's head names its last record; a loop may have added some meanwhile."""
        with told(self._address):
            (now,) = (each for each in streams(self._connection) if each.id == self._stream.id)
        end = self.last.sequence if self.last else 0
        if now.head.sequence < end or self._stream.head.sequence > end:
            named = max(now.head.sequence, self._stream.head.sequence)
            message = f"the stream ends at record {end}, but its head names record {named}"
        elif now.head.sequence == end and self.last and now.head.hash != self.last.hash:
            message = f"record {end} is not the one that the stream's head names"
        else:
            return
        raise broken(self._address, end + 1, Flaw("M476", message, _HELP))

    def _anchor(self, sequence: int) -> Record | None:
        """The record that the first one must follow, if it can be trusted."""
        with told(self._address):
            row = self._connection.execute(
                f"{_ROWS} LIMIT 1", [self._stream.id, sequence]
            ).fetchone()
        record = None if row is None else parse_line(line_of(row)[1])
        if record is None or record.sequence != sequence or not record.genuine:
            return None
        return record
