"""Streams of the shared ledger: one for each mode and account, and who holds it.

In: a connection. Out: what lies there, and a `Grant` to whoever may add to a stream: an epoch
that nobody had before. Refuses (M471) a stream that another loop holds. A lease that ran out is
not free: its holder may trade on without the server, as its policy says, so only the same
directory gets it again, or a person who says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING

from engine.adapters.system.lock import Holder
from engine.errors import Diagnostic, MandateError
from engine.ledger.verify import Checkpoint
from engine.model.times import UtcTime

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.adapters.postgres.driver import Connection

_SELECT = """
    SELECT s.id, s.mode, s.account, s.epoch, s.head_sequence, s.head_hash,
        s.expires IS NULL, s.expires <= clock_timestamp(),
        e.host, e.pid, e.place, e.directory, e.since
    FROM mandate.streams s LEFT JOIN mandate.epochs e ON e.stream = s.id AND e.epoch = s.epoch
"""


class Tenure(Enum):
    """How a stream is held, by the server's clock."""

    FREE = "free"
    HELD = "held"
    RAN_OUT = "ran out"


@dataclass(frozen=True, slots=True)
class Claim:
    """Who asks for a stream: `place` is the directory's lock file itself, wherever it is seen."""

    mode: str
    account: str
    host: str
    pid: int
    place: str
    directory: str


@dataclass(frozen=True, slots=True)
class Stream:
    """One stream as it is now; `holder` is the last one, also where the stream is free."""

    id: int
    mode: str
    account: str
    epoch: int
    head: Checkpoint
    tenure: Tenure
    holder: Holder | None
    place: str | None
    directory: str | None

    @property
    def name(self) -> str:
        """The stream as an address names it."""
        return f"{self.mode}/{self.account}"


@dataclass(frozen=True, slots=True)
class Grant:
    """The right to add to a stream, for as long as nobody gets a newer epoch."""

    stream: int
    epoch: int
    head: Checkpoint


class LeaseHeld(MandateError):  # noqa: N818 - it names what is found, as the words to a user do
    """Another loop holds the stream."""

    def __init__(self, stream: Stream) -> None:
        self.holder = stream.holder
        message = f"account `{stream.account}` in mode {stream.mode} is held by {stream.holder}"
        mend = f"its journal is `{stream.directory}`; stop that loop first"
        if stream.tenure is Tenure.RAN_OUT:
            message += ", who has not been heard of"
            mend = (
                f"go on in its journal, `{stream.directory}`; or see that it is stopped for good, "
                "since it may trade on without the server, and say `--take-over`"
            )
        super().__init__((Diagnostic("M471", message, None, mend),))


def streams(connection: Connection) -> tuple[Stream, ...]:
    """Every stream that lies there, by name."""
    return tuple(map(_stream, connection.execute(f"{_SELECT} ORDER BY 2, 3").fetchall()))


def take(
    connection: Connection,
    claim: Claim,
    ttl_s: float,
    *,
    over: bool,
    accept: Callable[[Stream], None] | None = None,
) -> Grant:
    """Take a stream, making it where it is new; `over` takes one whose lease ran out.

    Of any number of claims at the same time one wins. `accept` sees the stream before it is ours,
    while nobody else can move it, and may raise. Raises LeaseHeld.
    """
    named = [claim.mode, claim.account]
    with connection.transaction():
        connection.execute(
            "INSERT INTO mandate.streams (mode, account) VALUES (%s, %s) ON CONFLICT DO NOTHING",
            named,
        )
        row = connection.execute(
            f"{_SELECT} WHERE s.mode = %s AND s.account = %s FOR UPDATE OF s", named
        ).fetchone()
        if row is None:
            message = "a row that was just made is gone"
            raise AssertionError(message)
        stream = _stream(row)
        if not _may_have(claim, stream, over=over):
            raise LeaseHeld(stream)
        if accept is not None:
            accept(stream)
        return _granted(connection, claim, stream, ttl_s)


def renew(connection: Connection, grant: Grant, ttl_s: float) -> Checkpoint | None:
    """Hold the stream for longer; its head, or None where the epoch is another's."""
    row = connection.execute(
        "UPDATE mandate.streams SET expires = clock_timestamp() + make_interval(secs => %s)"
        " WHERE id = %s AND epoch = %s RETURNING head_sequence, head_hash",
        [ttl_s, grant.stream, grant.epoch],
    ).fetchone()
    return None if row is None else _checkpoint(*row)


def head(connection: Connection, grant: Grant) -> Checkpoint | None:
    """The stream's last record, or None where the epoch is another's."""
    row = connection.execute(
        "SELECT head_sequence, head_hash FROM mandate.streams WHERE id = %s AND epoch = %s",
        [grant.stream, grant.epoch],
    ).fetchone()
    return None if row is None else _checkpoint(*row)


def release(connection: Connection, grant: Grant) -> None:
    """Give the stream back, if it is still ours."""
    connection.execute(
        "UPDATE mandate.streams SET expires = NULL WHERE id = %s AND epoch = %s",
        [grant.stream, grant.epoch],
    )


def _may_have(claim: Claim, stream: Stream, *, over: bool) -> bool:
    if stream.tenure is Tenure.FREE:
        return True
    # Whoever holds the lock of that very directory has outlived the loop that held it before.
    if stream.place == claim.place:
        return True
    return over and stream.tenure is Tenure.RAN_OUT


def _granted(connection: Connection, claim: Claim, stream: Stream, ttl_s: float) -> Grant:
    epoch = stream.epoch + 1
    connection.execute(
        "UPDATE mandate.streams SET epoch = %s,"
        " expires = clock_timestamp() + make_interval(secs => %s) WHERE id = %s",
        [epoch, ttl_s, stream.id],
    )
    connection.execute(
        "INSERT INTO mandate.epochs (stream, epoch, host, pid, place, directory)"
        " VALUES (%s, %s, %s, %s, %s, %s)",
        [stream.id, epoch, claim.host, claim.pid, claim.place, claim.directory],
    )
    return Grant(stream.id, epoch, stream.head)


def _stream(row: tuple[object, ...]) -> Stream:
    number, mode, account, epoch, sequence, digest, free, late, host, pid, *rest = row
    place, directory, since = rest
    holder = None
    if isinstance(since, datetime):
        holder = Holder(int(str(pid)), str(host), UtcTime.from_datetime(since))
    return Stream(
        id=int(str(number)),
        mode=str(mode),
        account=str(account),
        epoch=int(str(epoch)),
        head=_checkpoint(sequence, digest),
        tenure=Tenure.FREE if free else Tenure.RAN_OUT if late else Tenure.HELD,
        holder=holder,
        place=None if place is None else str(place),
        directory=None if directory is None else str(directory),
    )


def _checkpoint(sequence: object, digest: object) -> Checkpoint:
    return Checkpoint(int(str(sequence)), str(digest))
