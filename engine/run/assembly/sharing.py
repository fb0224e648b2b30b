"""Sharing: a run whose journal is followed by a shared ledger, and that holds its lease.

In: settings, whose stream it is, the journal's directory under its lock. Out: `SharedLease`, taken
after the journal was found to be the server's own history (M474). Refuses what `LeaseHeld` says
(M471).
"""

from __future__ import annotations

import asyncio
import os
import socket
from functools import partial
from typing import TYPE_CHECKING

from engine.adapters.postgres import driver, schema
from engine.adapters.postgres.companion import TICK_S, Companion
from engine.adapters.postgres.outbox import Outbox
from engine.adapters.postgres.shipping import Shipping
from engine.adapters.postgres.standing import Standing
from engine.adapters.postgres.streams import Claim, take
from engine.adapters.system.clock import SystemClock
from engine.errors import Diagnostic, MandateError

if TYPE_CHECKING:
    from pathlib import Path

    from engine.adapters.postgres.address import Address
    from engine.adapters.postgres.streams import Grant, Stream
    from engine.adapters.system.lock import FileLock
    from engine.ledger.journal import Journal

_PATIENCE_S = 5.0
"""How long a process that was stopped waits to hear that the lease is still its own."""


class SharedLease:
    """The lock of the directory and the lease of the server, as one; ships beside the loop."""

    def __init__(
        self, address: Address, lock: FileLock, companion: Companion, journal: Path
    ) -> None:
        self.address = address
        self._lock = lock
        self._companion = companion
        self._standing = companion.standing
        self._journal = journal
        self.findings: tuple[Diagnostic, ...] = ()

    @property
    def held(self) -> bool:
        """Whether both are ours at this moment, by the monotonic clock."""
        return self._lock.held and self._standing.held

    def may_write(self) -> bool:
        """Whether both are ours, after asking the server where only it can say."""
        return self._lock.held and self._standing.settled(_PATIENCE_S)

    def lag_s(self) -> float:
        """For how long the server has not held what the journal does."""
        return self._standing.lag_s()

    async def watch(self) -> None:
        """Return never; raises MandateError (M472) when another loop has the account."""
        while self._standing.seen.lost is None and self._companion.alive:  # noqa: ASYNC110 - another thread learns it
            await asyncio.sleep(TICK_S)
        why = self._standing.seen.lost or "shipping ended by a fault of ours"
        message = f"the lease is lost: {why}"
        mend = f"only one loop trades an account; what this one wrote lies in `{self._journal}`"
        raise MandateError([Diagnostic("M472", message, None, mend)])

    def release(self) -> None:
        """Ship the rest, give both back; `findings` says what could not be shipped."""
        if not self._lock.held:
            return
        whole = self._companion.finish()
        self._lock.release()
        if not whole:
            why = self._standing.seen.lost or self._standing.seen.failing
            message = f"the shared ledger does not hold all of this run yet: {why}"
            mend = f"nothing is lost: the next run with the journal `{self._journal}` ships it"
            self.findings = (Diagnostic("M477", message, None, mend),)


def share(
    address: Address, claim: Claim, journal: Journal, lock: FileLock, *, lease_s: float, over: bool
) -> SharedLease:
    """Take the stream for this journal, and ship from now on.

    `lease_s` is how long the lease lasts that nobody renews; it is renewed three times in it.
    """
    root = lock.path.parent
    with driver.connect(address) as connection, driver.told(address):
        schema.migrate(connection)
        accept = partial(_check_history, address, Outbox(root), root)
        grant = take(connection, claim, lease_s, over=over, accept=accept)
    standing = Standing(SystemClock().monotonic_s, lease_s)
    companion = _companion(address, grant, standing, journal, root)
    companion.start()
    return SharedLease(address, lock, companion, root)


def claim_of(mode: str, account: str, lock: FileLock) -> Claim:
    """Who we are, and which directory it is that we hold the lock of."""
    host, directory = socket.gethostname(), str(lock.path.parent.resolve())
    return Claim(mode, account, host, os.getpid(), f"{host} {lock.identity}", directory)


def _companion(
    address: Address, grant: Grant, standing: Standing, journal: Journal, root: Path
) -> Companion:
    connect = partial(driver.connect, address, standing.silent)
    shipping = Shipping(connect, grant, Outbox(root), standing, lambda: journal.durable_sequence)
    return Companion(shipping, standing)


def _check_history(address: Address, outbox: Outbox, root: Path, stream: Stream) -> None:
    """The server's last record is one of this journal: then all before it are, by the chain."""
    if outbox.stand_after(stream.head):
        return
    message = (
        f"`{address}` holds {stream.head.sequence:,} records of {stream.name} that the journal in "
        f"`{root}` does not"
    )
    mend = (
        f"they were shipped from `{stream.directory}` by {stream.holder}: go on with that journal, "
        "and name its directory with `--journal`"
    )
    raise MandateError([Diagnostic("M474", message, None, mend)])
