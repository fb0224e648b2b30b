"""A stream of the shared ledger, taken and filled at once, for tests of whoever reads it."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.adapters.postgres import driver, schema
from engine.adapters.postgres.address import Address, parse_address
from engine.adapters.postgres.index import PostgresIndex
from engine.adapters.postgres.reading import PostgresReader
from engine.adapters.postgres.streams import Claim, Grant, Stream, streams, take
from engine.adapters.postgres.writing import append

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from engine.ledger.records import Record

CLAIM = Claim("paper", "main", "desk-1", 4242, "desk-1 boot 8:1", "/var/lib/mandate")
LONG_S = 3600.0


@dataclass
class SharedLedger:
    """One stream, and a connection to it."""

    address: Address
    connection: driver.Connection
    grant: Grant

    @property
    def stream(self) -> Stream:
        """The stream as it is now."""
        (found,) = streams(self.connection)
        return found

    def index(self) -> PostgresIndex:
        """Questions about it."""
        return PostgresIndex(self.connection, self.address, self.stream)

    def reader(self) -> PostgresReader:
        """Its records in order."""
        return PostgresReader(self.connection, self.address, self.stream)


@contextmanager
def ship(address: str, records: Iterable[Record], claim: Claim = CLAIM) -> Iterator[SharedLedger]:
    """Take a stream in an empty database, and add these records."""
    parsed = parse_address(address)
    with driver.connect(parsed) as connection:
        schema.migrate(connection)
        grant = take(connection, claim, LONG_S, over=False)
        told = list(records)
        if told:
            append(connection, grant, grant.head, told)
        yield SharedLedger(parsed, connection, grant)
