"""The embedded index: questions about the ledger, answered without reading all of it.

In: the records of a journal. Out: records by sequence, kind, time, order, intent and symbol.
It has no authority: whatever does not fit the journal (absent, behind, ahead, of another stream
or version, damaged) is made again from it. A file that is no index of ours is set aside, kept.
"""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from dataclasses import astuple
from typing import TYPE_CHECKING, Any, Self

import orjson

from engine.adapters.sqlite.schema import OtherSchema, ensure_tables
from engine.errors import Diagnostic, Severity
from engine.ledger.index import MAX_RECORDS, IndexUnavailable, OrderEntry, order_key, projection
from engine.ledger.records import Body, Record, RecordKind
from engine.model.times import UtcTime

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import TracebackType

    from engine.ledger.index import RecordSource
    from engine.model.symbols import Symbol

_BUSY_S = 10.0
_INSERT = "INSERT INTO records VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_Value = int | str | bytes | None


class SqliteIndex:
    """An index in a file; several processes may ask while one adds.

    `diagnostics` tells what had to be made again. Every question may raise IndexUnavailable.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self.diagnostics: tuple[Diagnostic, ...] = ()
        with _told(path):
            self._connection = self._opened()

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def catch_up(self, journal: RecordSource) -> int:
        """Add what the journal has and the index has not; returns how many records were added.

        Raises what reading the journal raises; the index is then as it was before.
        """
        with _told(self._path):
            try:
                return self._catch_up(journal)
            except sqlite3.DatabaseError as error:
                if not _is_damage(error):
                    raise
            self._connection.close()
            self._connection = self._anew()
            return self._catch_up(journal)

    def record(self, sequence: int) -> Record | None:
        """The record with this sequence."""
        return self._one("SELECT * FROM records WHERE sequence = ?", sequence)

    def records(
        self, kind: RecordKind, since: UtcTime | None = None, limit: int = MAX_RECORDS
    ) -> tuple[Record, ...]:
        """The newest `limit` records of a kind since then, oldest first."""
        newest_first = self._all(
            "SELECT * FROM records WHERE kind = ? AND time_ns >= ? ORDER BY sequence DESC LIMIT ?",
            kind.value,
            since.ns if since else 0,
            limit,
        )
        return newest_first[::-1]

    def orders(self, key: str) -> tuple[OrderEntry, ...]:
        """Orders whose id begins with `key` (four characters at least), or of the intent `key`.

        Up to seven digits alone are an intent's number.
        """
        prefix, intent = order_key(key)
        rows = self._rows(
            "SELECT client_order_id, intent, symbol, first_sequence, last_sequence FROM orders"
            " WHERE substr(client_order_id, 1, ?) = ? OR intent = ?"
            " ORDER BY first_sequence LIMIT ?",
            *(len(prefix or ""), prefix, intent, MAX_RECORDS),
        )
        return tuple(OrderEntry(*row) for row in rows)

    def records_of_order(self, key: str) -> tuple[Record, ...]:
        """The story of an order: every record of its id or its intent, oldest first.

        `key` as in `orders`; when several orders share a prefix, all their stories come. A denied
        intent has a story too, though it never became an order.
        """
        entries = self.orders(key)
        ids = [each.client_order_id for each in entries]
        intents = {order_key(key)[1], *(each.intent for each in entries)} - {None}
        return self._all(
            "SELECT * FROM records WHERE client_order_id IN (SELECT value FROM json_each(?))"
            " OR intent IN (SELECT value FROM json_each(?)) ORDER BY sequence",
            orjson.dumps(ids).decode(),
            orjson.dumps(list(intents)).decode(),
        )

    def last_decision(self, symbol: Symbol) -> Record | None:
        """The newest decision about a product."""
        return self._one(
            "SELECT * FROM records WHERE kind = 'decision' AND symbol = ?"
            " ORDER BY sequence DESC LIMIT 1",
            str(symbol),
        )

    def decisions_of(self, symbol: Symbol, cycle: int) -> tuple[Record, ...]:
        """What was decided about a product in one cycle, oldest first."""
        return self._all(
            "SELECT * FROM records WHERE kind = 'decision' AND symbol = ? AND cycle = ?"
            " ORDER BY sequence",
            str(symbol),
            cycle,
        )

    def cycle(self, number: int) -> Record | None:
        """The record that closed the cycle of this number."""
        return self._one("SELECT * FROM records WHERE kind = 'cycle' AND cycle = ?", number)

    def last(self, kind: RecordKind) -> Record | None:
        """The newest record of a kind."""
        query = "SELECT * FROM records WHERE kind = ? ORDER BY sequence DESC LIMIT 1"
        return self._one(query, kind.value)

    def _catch_up(self, journal: RecordSource) -> int:
        # One at a time: what another process has added meanwhile is seen, and not added twice.
        self._connection.execute("BEGIN IMMEDIATE")
        with self._connection:
            known = self._newest()
            if known is None:
                return self._add(journal.records())
            records = journal.records(known.sequence)
            if next(records, None) == known:
                return self._add(records)
            self._connection.execute("DELETE FROM records")
            self._tell("it held records that the journal does not")
            return self._add(journal.records())

    def _newest(self) -> Record | None:
        row = self._connection.execute(
            "SELECT * FROM records ORDER BY sequence DESC LIMIT 1"
        ).fetchone()
        return row and _record_of(row)

    def _add(self, records: Iterator[Record]) -> int:
        return max(0, self._connection.executemany(_INSERT, map(_row_of, records)).rowcount)

    def _one(self, query: str, parameter: _Value) -> Record | None:
        found = self._all(query, parameter)
        return found[0] if found else None

    def _all(self, query: str, *parameters: _Value) -> tuple[Record, ...]:
        return tuple(map(_record_of, self._rows(query, *parameters)))

    def _rows(self, query: str, *parameters: _Value) -> list[Any]:
        with _told(self._path):
            return self._connection.execute(query, parameters).fetchall()

    def _opened(self) -> sqlite3.Connection:
        try:
            return _connected(self._path)
        except sqlite3.DatabaseError as error:
            if not _is_damage(error):
                raise
        return self._anew()

    def _anew(self) -> sqlite3.Connection:
        # Set aside and not deleted: a wrong path may name what somebody else still needs.
        for suffix in ("", "-wal", "-shm"):
            file = self._path.with_name(self._path.name + suffix)
            if file.exists():
                file.replace(self._path.with_name(f"{self._path.name}.set-aside{suffix}"))
        self._tell("it was damaged, or no index of this version")
        return _connected(self._path)

    def _tell(self, reason: str) -> None:
        message = f"the index `{self._path.name}` was made again from the journal: {reason}"
        help_text = "nothing is lost: the journal is the only truth, the index answers questions"
        told = Diagnostic("M412", message, help=help_text, severity=Severity.WARNING)
        self.diagnostics = (*self.diagnostics, told)


def _connected(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=_BUSY_S, isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        # Losing the newest commits with the power costs nothing here; a full sync would.
        connection.execute("PRAGMA synchronous = NORMAL")
        ensure_tables(connection)
    except sqlite3.DatabaseError:
        connection.close()
        raise
    return connection


def _is_damage(error: sqlite3.DatabaseError) -> bool:
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    return isinstance(error, OtherSchema) or (
        code & 0xFF in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
    )


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        message = f"the index `{path.name}` cannot be used: {error}"
        help_text = "the journal answers too; when the index stays so, delete it"
        raise IndexUnavailable((Diagnostic("M414", message, help=help_text),)) from error


def _row_of(record: Record) -> tuple[_Value, ...]:
    kept = (record.sequence, record.time.ns, record.kind.value, record.body, record.previous)
    return (*kept, record.hash, *astuple(projection(record)))


def _record_of(row: tuple[Any, ...]) -> Record:
    sequence, time_ns, kind, body, previous, digest = row[:6]
    return Record(sequence, UtcTime(time_ns), RecordKind(kind), Body(body), previous, digest)
