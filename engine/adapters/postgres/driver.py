"""Connections to PostgreSQL: every wait has an end, and every failure words without secrets.

In: an address. Out: a connection in which each statement stands for itself unless a transaction
is begun. Raises LedgerUnavailable (M477). The only module that meets the library's errors.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import psycopg

from engine.errors import Diagnostic
from engine.ledger.chain import LedgerUnavailable
from engine.observe.scrub import Scrubber

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from engine.adapters.postgres.address import Address

Connection: TypeAlias = "psycopg.Connection[tuple[object, ...]]"
Failure = psycopg.Error
"""What the library raises: the server refused, or is not there."""

_CONNECT_S = 2
# Whoever is stopped while it takes a stream keeps it locked: the server ends that before whoever
# waits for the lock gives up, and that before the line is thought dead.
_IDLE_MS = 2_000
_STATEMENT_MS = 3_000
_LOCK_MS = 4_000
_SILENT_MS = 5_000
_OPTIONS = (
    f"-c statement_timeout={_STATEMENT_MS} -c lock_timeout={_LOCK_MS} -c timezone=UTC "
    f"-c idle_in_transaction_session_timeout={_IDLE_MS} -c search_path=pg_catalog"
)
_MEND = (
    "see that the server runs and lets this user in; a password belongs in the file that "
    "PGPASSFILE names, or in ~/.pgpass"
)
_SHOWN = 300
_ANSWER_S = 5.0
_Answer = TypeVar("_Answer")


class BoundedConnection(psycopg.Connection[tuple[object, ...]]):
    """A connection that gives up on a server that says nothing: its own time limits need it."""

    def wait(self, gen: Generator[int, Any, _Answer], *args: Any, **named: Any) -> _Answer:  # noqa: ANN401 - the library's own hook
        """Wait for an answer, as the library does, but not for ever."""
        return super().wait(_bounded(gen, time.monotonic() + _ANSWER_S), *args, **named)  # type: ignore[arg-type]  # the library names its generators privately


def connect(address: Address) -> Connection:
    """A connection to the server; raises LedgerUnavailable, within seconds."""
    with told(address):
        return BoundedConnection.connect(
            address.target,
            autocommit=True,
            connect_timeout=_CONNECT_S,
            options=_OPTIONS,
            application_name="mandate",
            keepalives=1,
            keepalives_idle=1,
            keepalives_interval=1,
            keepalives_count=3,
            tcp_user_timeout=_SILENT_MS,
        )


@contextmanager
def told(address: Address) -> Iterator[None]:
    """Turn what the library raises into words; raises LedgerUnavailable."""
    try:
        yield
    except Failure as failure:
        raise unavailable(address, failure) from failure


def unavailable(address: Address, failure: psycopg.Error) -> LedgerUnavailable:
    """The error to raise when the server refuses, or is not there."""
    words = " ".join(Scrubber(()).text(str(failure)).split())[:_SHOWN] or type(failure).__name__
    message = f"the ledger at `{address}` cannot be reached: {words}"
    return LedgerUnavailable((Diagnostic("M477", message, help=_MEND),))


def _bounded(steps: Generator[int, Any, _Answer], deadline: float) -> Generator[int, Any, _Answer]:
    """The library's own steps, until one finds nothing to read after the deadline."""
    try:
        wanted = next(steps)
        while True:
            ready = yield wanted
            if not ready and time.monotonic() > deadline:
                message = f"no answer within {_ANSWER_S:g} s"
                raise psycopg.OperationalError(message)
            wanted = steps.send(ready)
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]  # what the library's generator returns
