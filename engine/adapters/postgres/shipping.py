"""Shipping: what is durable in the journal follows to the server, exactly once.

In: an outbox, a grant, the sequence that is durable. Out: the same records at the server, and how
we stand with it. An attempt that fails is made again from what the server then says that it has,
so a commit whose answer was lost is not repeated. Never blocks the loop: it has its own thread.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.adapters.postgres import driver, streams
from engine.adapters.postgres.writing import HeadMoved, LeaseLost, append
from engine.ledger.chain import BrokenChain, LedgerUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.adapters.postgres.outbox import Outbox
    from engine.adapters.postgres.standing import Standing
    from engine.adapters.postgres.streams import Grant
    from engine.ledger.verify import Checkpoint

BATCH = 500
_BATCHES = 20
_RENEWALS = 3
_OTHER = "another loop has taken the account"
_DIVERGED = "the server holds records that this journal does not"


class Shipping:
    """One stream's way to the server; used by one thread at a time."""

    def __init__(
        self,
        connect: Callable[[], driver.Connection],
        grant: Grant,
        outbox: Outbox,
        standing: Standing,
        durable: Callable[[], int],
    ) -> None:
        self._connect = connect
        self._grant = grant
        self._outbox = outbox
        self._standing = standing
        self._durable = durable
        self._connection: driver.Connection | None = None
        self._head: Checkpoint | None = None

    def attempt(self) -> bool:
        """Ship what there is; whether the server holds now all that was durable at the start."""
        began = self._standing.begin()
        try:
            whole = self._attempt(began)
        except LeaseLost:
            self._standing.lost(_OTHER)
        except HeadMoved:
            # Somebody put the database back, or a commit went through whose answer was lost.
            self._forget("the server's last record is not the one that was shipped last")
        except (driver.Failure, LedgerUnavailable, BrokenChain, OSError) as failure:
            self._forget(str(failure))
        else:
            self._standing.done(began, whole=whole)
            return whole
        return False

    def release(self) -> None:
        """Give the stream back and let go of the server; what cannot be said is left to expire."""
        try:
            if self._connection is not None and self._standing.seen.lost is None:
                streams.release(self._connection, self._grant)
        except driver.Failure as failure:
            self._standing.failed(str(failure))
        self._close()

    def _attempt(self, began: float) -> bool:
        connection = self._connection
        if connection is None:
            connection = self._connection = self._connect()
        head = self._asked(connection, began)
        if head is None:
            raise LeaseLost
        if head != self._head:
            self._stand_after(head)
        until = self._durable()
        for _ in range(_BATCHES):
            records = self._outbox.take(until, BATCH)
            if not records:
                return True
            # Forgotten until it is known: an answer that is lost leaves open where the server is.
            known, self._head = head, None
            head = self._head = append(connection, self._grant, known, records)
        return head.sequence >= until

    def _asked(self, connection: driver.Connection, began: float) -> Checkpoint | None:
        """The server's last record; with it the lease is renewed when a third of it has passed."""
        standing = self._standing
        if (
            not standing.seen.unsure
            and began - standing.seen.renewed < standing.lease_s / _RENEWALS
        ):
            return streams.head(connection, self._grant)
        head = streams.renew(connection, self._grant, standing.lease_s)
        if head is not None:
            standing.renewed(began)
        return head

    def _stand_after(self, head: Checkpoint) -> None:
        if not self._outbox.stand_after(head):
            raise OSError(_DIVERGED)
        self._head = head

    def _forget(self, words: str) -> None:
        self._standing.failed(words)
        self._head = None
        self._close()

    def _close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()
