"""A shared ledger for questions, from wherever somebody asks.

In: an address. Out: a `LedgerView` of one stream. Refuses (M479) to act: the kill switch and the
command files lie where the loop runs, so that they work while the server does not.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from engine.adapters.postgres.address import parse_address
from engine.adapters.postgres.driver import connect, told
from engine.adapters.postgres.index import PostgresIndex
from engine.adapters.postgres.opening import open_to_read
from engine.adapters.postgres.reading import PostgresReader
from engine.adapters.postgres.schema import has_tables
from engine.adapters.postgres.streams import Tenure, streams
from engine.errors import Diagnostic, MandateError
from engine.ledger.records import FIRST_SEQUENCE
from engine.ledger.verify import verify_records
from engine.run.ledgers import LedgerView

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.adapters.postgres.driver import Connection
    from engine.adapters.postgres.streams import Stream
    from engine.adapters.system.lock import Holder
    from engine.ledger.records import Record
    from engine.ledger.verify import VerifyReport
    from engine.ports import Disk
    from engine.run.ledgers import Follower


def streams_at(text: str) -> tuple[str, ...]:
    """The address of each stream that lies at a server, or of the one that was named."""
    address = parse_address(text)
    with connect(address) as connection, told(address):
        connection.read_only = True
        found = streams(connection) if has_tables(connection) else ()
    wanted = (each for each in found if address.stream in {None, (each.mode, each.account)})
    return tuple(str(address.of(each.mode, each.account)) for each in wanted)


class SharedView(LedgerView):
    """One stream of a shared ledger; each question has a connection of its own."""

    def __init__(self, text: str) -> None:
        self.address = parse_address(text)
        self.path = None
        with self._opened() as (_, stream):
            self.stream = stream

    @property
    def disk(self) -> Disk:
        """Refused (M479), with the place where it can be done."""
        holder = self.stream.holder
        where = "nobody has run it yet" if holder is None else f"that is on {holder.host}"
        message = "a trader is ordered where it runs, not through its shared ledger"
        mend = f"{where}: say it there with `--ledger {self.stream.directory}`"
        raise MandateError([Diagnostic("M479", message, None, mend)])

    def records(self) -> Iterator[Record]:
        """Every record, checked against the one before."""
        with self._opened() as (connection, stream):
            yield from PostgresReader(connection, self.address, stream).records()

    def follow(self) -> Follower:
        """The rows, read on."""
        return _SharedFollower(self)

    def verify(self) -> VerifyReport:
        """Whether the rows are what was shipped."""
        with self._opened() as (connection, stream):
            return verify_records(PostgresReader(connection, self.address, stream))

    @contextmanager
    def index(self) -> Iterator[PostgresIndex]:
        """The server itself answers."""
        with self._opened() as (connection, stream):
            yield PostgresIndex(connection, self.address, stream)

    def holder(self) -> Holder | None:
        """The process that holds the lease now, by the server's clock."""
        return self.stream.holder if self.stream.tenure is Tenure.HELD else None

    def kill_switch(self) -> str | None:
        """A file that lies where the loop runs: from here only its records tell of it."""
        return None

    def since(self, first: int) -> Iterator[Record]:
        """The records from this sequence on; who holds the lease is asked anew."""
        with self._opened() as (connection, self.stream):
            yield from PostgresReader(connection, self.address, self.stream).records(first)

    @contextmanager
    def _opened(self) -> Iterator[tuple[Connection, Stream]]:
        connection, stream = open_to_read(self.address)
        with connection:
            yield connection, stream


class _SharedFollower:
    """Where the last look at a stream ended."""

    def __init__(self, view: SharedView) -> None:
        self._view = view
        self._next = FIRST_SEQUENCE

    def more(self) -> Iterator[Record]:
        """The records that are new."""
        for record in self._view.since(self._next):
            self._next = record.sequence + 1
            yield record
