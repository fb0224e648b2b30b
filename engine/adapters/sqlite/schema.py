"""The tables of the index: one projection of the journal, and views that name its columns.

In: a connection. Out: tables of this version. Refuses nothing: an index of another version, or a
file that is none, is told apart here, and set aside by `index.py`.
"""

from __future__ import annotations

import sqlite3

SCHEMA_VERSION = 1
# "Mndt": SQLite shows it as the kind of file, so that no other program's database is taken over.
APPLICATION_ID = 0x4D6E6474

_STATEMENTS = (
    """CREATE TABLE records (
        sequence INTEGER PRIMARY KEY,
        time_ns INTEGER NOT NULL,
        kind TEXT NOT NULL,
        body BLOB NOT NULL,
        previous TEXT NOT NULL,
        hash TEXT NOT NULL,
        cycle INTEGER,
        intent INTEGER,
        client_order_id TEXT,
        symbol TEXT,
        verdict TEXT
    ) STRICT""",
    "CREATE INDEX records_by_kind ON records (kind, sequence)",
    "CREATE INDEX records_by_time ON records (time_ns)",
    "CREATE INDEX records_by_intent ON records (intent) WHERE intent IS NOT NULL",
    "CREATE INDEX records_by_order ON records (client_order_id) WHERE client_order_id IS NOT NULL",
    "CREATE INDEX decisions_by_symbol ON records (symbol, sequence) WHERE kind = 'decision'",
    """CREATE VIEW decisions AS
        SELECT sequence, time_ns, intent, symbol, verdict, client_order_id
        FROM records WHERE kind = 'decision'""",
    """CREATE VIEW cycles AS
        SELECT cycle, sequence, time_ns FROM records WHERE kind = 'cycle'""",
    """CREATE VIEW orders AS
        SELECT client_order_id, min(intent) AS intent, min(symbol) AS symbol,
            min(sequence) AS first_sequence, max(sequence) AS last_sequence
        FROM records WHERE client_order_id IS NOT NULL GROUP BY client_order_id""",
    f"PRAGMA user_version = {SCHEMA_VERSION}",
    f"PRAGMA application_id = {APPLICATION_ID}",
)


class OtherSchema(sqlite3.DatabaseError):
    """The database is another program's, or an index of another version."""


def ensure_tables(connection: sqlite3.Connection) -> None:
    """Make the tables in an empty database; raises OtherSchema when it holds anything else.

    Raises sqlite3.DatabaseError on a damaged file, or one that is no database.
    """
    if _is_empty(connection):
        # Another process may be at the same: the second one waits, and finds them made.
        connection.execute("BEGIN IMMEDIATE")
        with connection:
            if _is_empty(connection):
                _create(connection)
    version = _number(connection, "PRAGMA user_version")
    application = _number(connection, "PRAGMA application_id")
    if (version, application) != (SCHEMA_VERSION, APPLICATION_ID):
        raise OtherSchema(version, application)


def _create(connection: sqlite3.Connection) -> None:
    for statement in _STATEMENTS:
        connection.execute(statement)


def _is_empty(connection: sqlite3.Connection) -> bool:
    return _number(connection, "SELECT count(*) FROM sqlite_schema") == 0


def _number(connection: sqlite3.Connection, query: str) -> int:
    return int(connection.execute(query).fetchone()[0])
