"""Adding to a stream: all of a batch, or nothing of it, and only under the newest epoch.

In: a grant, the head as the writer knows it, and the records that follow it. Out: the new head.
Raises LeaseLost where another loop has the stream, HeadMoved where the server has other records
than the writer thinks; then nothing was added.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.adapters.postgres.rows import COLUMNS, row_of
from engine.adapters.postgres.streams import head as head_of
from engine.ledger.verify import Checkpoint

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.adapters.postgres.driver import Connection
    from engine.adapters.postgres.streams import Grant
    from engine.ledger.records import Record

_COPY = f"COPY mandate.records (stream, epoch, {COLUMNS}) FROM STDIN"
_MOVE = """
    UPDATE mandate.streams SET head_sequence = %s, head_hash = %s
    WHERE id = %s AND epoch = %s AND head_sequence = %s AND head_hash = %s
"""


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
    with connection.transaction(), connection.cursor() as cursor:
        # INVARIANT: the row is locked from here to the commit, so no newer epoch begins meanwhile.
        if cursor.execute(_MOVE, after).rowcount != 1:
            raise LeaseLost if head_of(connection, grant) is None else HeadMoved
        with cursor.copy(_COPY) as copy:
            for record in records:
                copy.write_row(row_of(grant, record))
    return moved
