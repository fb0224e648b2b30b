"""The tables of the shared ledger: versions that only go forward.

In: a connection. Out: tables of this release, made or brought up under an advisory lock, all in
one transaction. Refuses (M473) tables of a newer release, and a schema that is somebody else's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, LiteralString

from engine.errors import Diagnostic, MandateError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.adapters.postgres.driver import Connection

_LOCK = 0x4D6E6474
"""\"Mndt\": the key under which one process at a time changes the tables."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One step forward; its statements run together or not at all, and are never changed."""

    version: int
    name: str
    statements: tuple[LiteralString, ...]


MIGRATIONS: tuple[Migration, ...] = (
    Migration(
        1,
        "streams, who held them, and their records",
        (
            # INVARIANT: `head_*` are of the record with the largest sequence.
            """CREATE TABLE mandate.streams (
                id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                mode text NOT NULL,
                account text NOT NULL,
                epoch bigint NOT NULL DEFAULT 0,
                expires timestamptz,
                head_sequence bigint NOT NULL DEFAULT 0,
                head_hash text NOT NULL DEFAULT repeat('0', 64),
                UNIQUE (mode, account)
            )""",
            """CREATE TABLE mandate.epochs (
                stream bigint NOT NULL REFERENCES mandate.streams,
                epoch bigint NOT NULL,
                host text NOT NULL,
                pid bigint NOT NULL,
                place text NOT NULL,
                directory text NOT NULL,
                since timestamptz NOT NULL DEFAULT clock_timestamp(),
                PRIMARY KEY (stream, epoch)
            )""",
            # The line is the truth, with its line break; the rest is there to find it by.
            """CREATE TABLE mandate.records (
                stream bigint NOT NULL,
                sequence bigint NOT NULL,
                epoch bigint NOT NULL,
                line bytea NOT NULL,
                kind text NOT NULL,
                time_ns bigint NOT NULL,
                cycle bigint,
                intent bigint,
                client_order_id text,
                symbol text,
                verdict text,
                PRIMARY KEY (stream, sequence),
                FOREIGN KEY (stream, epoch) REFERENCES mandate.epochs
            )""",
        ),
    ),
    Migration(
        2,
        "what questions look for",
        (
            "CREATE INDEX records_by_kind ON mandate.records (stream, kind, sequence)",
            """CREATE INDEX records_by_intent ON mandate.records (stream, intent)
                WHERE intent IS NOT NULL""",
            """CREATE INDEX records_by_order ON mandate.records
                (stream, client_order_id text_pattern_ops) WHERE client_order_id IS NOT NULL""",
            """CREATE INDEX decisions_by_symbol ON mandate.records (stream, symbol, sequence)
                WHERE kind = 'decision'""",
        ),
    ),
)
NEWEST = MIGRATIONS[-1].version

_BEGIN = (
    "CREATE SCHEMA mandate",
    """CREATE TABLE mandate.migrations (
        version integer PRIMARY KEY,
        name text NOT NULL,
        applied timestamptz NOT NULL DEFAULT clock_timestamp()
    )""",
)


def migrate(connection: Connection, steps: Sequence[Migration] = MIGRATIONS) -> tuple[int, ...]:
    """Bring the tables to this release; which versions were applied now.

    Raises MandateError (M473), and what the library raises.
    """
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        # Asked and not "if not exists": that would need the right to make schemas every time.
        for statement in () if _is_begun(connection) else _BEGIN:
            connection.execute(statement)
        found = _versions(connection)
        _refuse_newer(found, steps)
        missing = [each for each in steps if each.version not in found]
        for each in missing:
            _apply(connection, each)
    return tuple(each.version for each in missing)


def has_tables(connection: Connection) -> bool:
    """Whether a ledger of this release lies there; changes nothing.

    Raises MandateError (M473) where one of another release does.
    """
    if not _is_begun(connection):
        return False
    found = _versions(connection)
    _refuse_newer(found, MIGRATIONS)
    if max(found, default=0) < NEWEST:
        message = f"the ledger's tables are of version {max(found, default=0)}, not {NEWEST}"
        mend = "the next `trader run` on it brings them up; until then ask with the older release"
        raise MandateError([Diagnostic("M473", message, None, mend)])
    return True


def _is_begun(connection: Connection) -> bool:
    row = connection.execute("SELECT to_regclass('mandate.migrations') IS NOT NULL").fetchone()
    return row == (True,)


def _versions(connection: Connection) -> set[int]:
    rows = connection.execute("SELECT version FROM mandate.migrations").fetchall()
    return {int(str(version)) for (version,) in rows}


def _apply(connection: Connection, step: Migration) -> None:
    for statement in step.statements:
        connection.execute(statement)
    connection.execute(
        "INSERT INTO mandate.migrations (version, name) VALUES (%s, %s)", [step.version, step.name]
    )


def _refuse_newer(found: set[int], steps: Sequence[Migration]) -> None:
    newest, there = steps[-1].version, max(found, default=0)
    if there > newest:
        message = f"the ledger's tables are of version {there}, and this release knows {newest}"
        mend = "run the release that made them, or a newer one; tables never go back"
        raise MandateError([Diagnostic("M473", message, None, mend)])
