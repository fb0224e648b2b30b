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
    from collections.abc import Callable, Generator, Iterator

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

LOOK_S = 0.1
"""How long the library waits for an answer before it looks up, and waits again."""


def _nobody_listens(_looks: int) -> None:
    """Whoever asks a question by hand waits for its answer anyway."""


class BoundedConnection(psycopg.Connection[tuple[object, ...]]):
    """A connection that gives up on a server that says nothing: its own time limits need it.

    `on_silence` hears how many looks in a row found nothing to read. A look is proof that this
    process ran and the server had not answered, which time alone is not.
    """

    on_silence: Callable[[int], None] = staticmethod(_nobody_listens)

    def wait(
        self,
        gen: Generator[int, Any, _Answer],
        interval: float = LOOK_S,
        timeout: float | None = None,
    ) -> _Answer:
        """Wait for an answer, as the library does, but not for ever."""
        steps = _bounded(gen, time.monotonic() + _ANSWER_S, self.on_silence)
        return super().wait(steps, interval, timeout)  # type: ignore[arg-type]  # the library names its generators privately


def connect(address: Address, on_silence: Callable[[int], None] = _nobody_listens) -> Connection:
    """A connection to the server; raises LedgerUnavailable, within seconds."""
    with told(address):
        connection = BoundedConnection.connect(
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
    connection.on_silence = on_silence
    return connection


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


def _bounded(
    steps: Generator[int, Any, _Answer], deadline: float, on_silence: Callable[[int], None]
) -> Generator[int, Any, _Answer]:
    """The library's own steps, until one finds nothing to read after the deadline."""
    looks = 0
    try:
        wanted = next(steps)
        while True:
            ready = yield wanted
            looks = 0 if ready else looks + 1
            if not ready:
                on_silence(looks)
                if time.monotonic() > deadline:
                    message = f"no answer within {_ANSWER_S:g} s"
                    raise psycopg.OperationalError(message)
            wanted = steps.send(ready)
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]  # what the library's generator returns
