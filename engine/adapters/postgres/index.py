"""Questions about a shared ledger, asked of the server.

In: a connection and a stream. Out: records by sequence, kind, time, order, intent and product, as
the embedded index answers them. Each record proves itself before it is told (M476), since a
database has more hands than a journal has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, LiteralString

from engine.adapters.postgres.driver import told
from engine.adapters.postgres.rows import COLUMNS, genuine
from engine.ledger.index import MAX_RECORDS, OrderEntry, order_key

if TYPE_CHECKING:
    from engine.adapters.postgres.address import Address
    from engine.adapters.postgres.driver import Connection
    from engine.adapters.postgres.streams import Stream
    from engine.ledger.records import Record, RecordKind
    from engine.model.symbols import Symbol
    from engine.model.times import UtcTime

_FROM: LiteralString = f"SELECT {COLUMNS} FROM mandate.records WHERE stream = %s AND "  # noqa: S608 - our own words
_NEWEST: LiteralString = " ORDER BY sequence DESC LIMIT 1"
_ORDERS: LiteralString = """
    SELECT client_order_id, min(intent), min(symbol), min(sequence), max(sequence)
    FROM mandate.records
    WHERE stream = %s AND client_order_id IN (
        SELECT client_order_id FROM mandate.records WHERE stream = %s
        AND (client_order_id LIKE %s OR (intent = %s AND client_order_id IS NOT NULL))
    )
    GROUP BY client_order_id ORDER BY 4 LIMIT %s
"""


class PostgresIndex:
    """Every question may raise LedgerUnavailable (M477), and BrokenChain for a row that lies."""

    def __init__(self, connection: Connection, address: Address, stream: Stream) -> None:
        self._connection = connection
        self._address = address
        self._stream = stream.id

    def record(self, sequence: int) -> Record | None:
        """The record with this sequence."""
        return self._one("sequence = %s", sequence)

    def records(
        self, kind: RecordKind, since: UtcTime | None = None, limit: int = MAX_RECORDS
    ) -> tuple[Record, ...]:
        """The newest `limit` records of a kind since then, oldest first."""
        newest_first = self._all(
            "kind = %s AND time_ns >= %s ORDER BY sequence DESC LIMIT %s",
            kind.value,
            since.ns if since else 0,
            limit,
        )
        return newest_first[::-1]

    def orders(self, key: str) -> tuple[OrderEntry, ...]:
        """Orders whose id begins with `key` (four characters at least), or of the intent `key`."""
        prefix, intent = order_key(key)
        pattern = None if prefix is None else f"{prefix}%"  # nothing in a key is a pattern itself
        asked = [self._stream, self._stream, pattern, intent, MAX_RECORDS]
        with told(self._address):
            rows = self._connection.execute(_ORDERS, asked).fetchall()
        return tuple(map(_entry, rows))

    def records_of_order(self, key: str) -> tuple[Record, ...]:
        """Every record of an order's id or its intent, oldest first; `key` as in `orders`."""
        entries = self.orders(key)
        ids = [each.client_order_id for each in entries]
        intents = {order_key(key)[1], *(each.intent for each in entries)} - {None}
        return self._all(
            "(client_order_id = ANY(%s::text[]) OR intent = ANY(%s::bigint[])) ORDER BY sequence",
            ids,
            list(intents),
        )

    def last_decision(self, symbol: Symbol) -> Record | None:
        """The newest decision about a product."""
        return self._one(f"kind = 'decision' AND symbol = %s{_NEWEST}", str(symbol))

    def decisions_of(self, symbol: Symbol, cycle: int) -> tuple[Record, ...]:
        """What was decided about a product in one cycle, oldest first."""
        return self._all(
            "kind = 'decision' AND symbol = %s AND cycle = %s ORDER BY sequence",
            str(symbol),
            cycle,
        )

    def cycle(self, number: int) -> Record | None:
        """The record that closed the cycle of this number."""
        return self._one("kind = 'cycle' AND cycle = %s", number)

    def last(self, kind: RecordKind) -> Record | None:
        """The newest record of a kind."""
        return self._one(f"kind = %s{_NEWEST}", kind.value)

    def _one(self, condition: LiteralString, parameter: object) -> Record | None:
        found = self._all(condition, parameter)
        return found[0] if found else None

    def _all(self, condition: LiteralString, *parameters: object) -> tuple[Record, ...]:
        with told(self._address):
            query = _FROM + condition
            rows = self._connection.execute(query, [self._stream, *parameters]).fetchall()
        return tuple(genuine(self._address, row) for row in rows)


def _entry(row: tuple[object, ...]) -> OrderEntry:
    order_id, intent, symbol, first, last = row
    return OrderEntry(
        client_order_id=str(order_id),
        intent=None if intent is None else int(str(intent)),
        symbol=None if symbol is None else str(symbol),
        first_sequence=int(str(first)),
        last_sequence=int(str(last)),
    )
