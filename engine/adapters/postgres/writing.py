"""Adding to a stream: all of a batch, or nothing of it, and only under the newest epoch.

In: a grant, the head as the writer knows it, and the records that follow it. Out: the new head.
Raises LeaseLost where another loop has the stream, HeadMoved where the server has other records
than the writer thinks; then nothing was added.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, LiteralString

from engine.adapters.postgres.rows import COLUMNS, columns_of
from engine.adapters.postgres.streams import head as head_of
from engine.ledger.verify import Checkpoint

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.adapters.postgres.driver import Connection
    from engine.adapters.postgres.streams import Grant
    from engine.ledger.records import Record

# One statement, which the server runs by itself once it has all of it: a holder that is stopped in
# the middle of sending keeps no lock, and whoever takes the stream over waits for nobody.
# INVARIANT: the head moves under the epoch before a record is added, so a stale epoch adds none.
_APPEND: LiteralString = f"""
    WITH moved AS (
        UPDATE mandate.streams SET head_sequence = %s, head_hash = %s
        WHERE id = %s AND epoch = %s AND head_sequence = %s AND head_hash = %s
        RETURNING id, epoch
    )
    INSERT INTO mandate.records (stream, epoch, {COLUMNS})
    SELECT moved.id, moved.epoch, new.* FROM moved, unnest(
        %s::bigint[], %s::bytea[], %s::text[], %s::bigint[],
        %s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::text[]
    ) AS new
"""  # noqa: S608 - our own words


class LeaseLost(Exception):  # noqa: N818 - it names what is found
    """The stream has a newer epoch: another loop holds it."""


class HeadMoved(Exception):  # noqa: N818 - it names what is found
    """The server's last record is not the one that these would follow."""


def append(
    connection: Connection, grant: Grant, known: Checkpoint, records: Sequence[Record]
) -> Checkpoint:
    """Add records that follow `known`; durable on the server when this returns.

    Raises LeaseLost, HeadMoved, and what the library raises: then it is unknown whether they
    were added, and whoever asks for the head learns it.
    """
    moved = Checkpoint(records[-1].sequence, records[-1].hash)
    after = [moved.sequence, moved.hash, grant.stream, grant.epoch, known.sequence, known.hash]
    if connection.execute(_APPEND, [*after, *columns_of(records)]).rowcount != len(records):
        raise LeaseLost if head_of(connection, grant) is None else HeadMoved
    return moved
