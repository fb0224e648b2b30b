"""The tables of the shared ledger: forward only, once, and never under an older release."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from engine.adapters.postgres.address import parse_address
from engine.adapters.postgres.driver import Connection, connect, told
from engine.adapters.postgres.schema import MIGRATIONS, Migration, has_tables, migrate
from engine.errors import MandateError
from engine.ledger.chain import LedgerUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fakes.postgres import Server

NEXT = Migration(99, "one more", ("CREATE TABLE mandate.more (value int)",))


@pytest.fixture
def connection(database: str) -> Iterator[Connection]:
    """A connection to an empty database."""
    with connect(parse_address(database)) as opened:
        yield opened


def test_each_step_is_applied_once(connection: Connection) -> None:
    """An empty database gets all of them, a second call none, a newer release the rest."""
    assert not has_tables(connection)
    assert migrate(connection) == tuple(each.version for each in MIGRATIONS)
    assert migrate(connection) == ()
    assert has_tables(connection)
    assert migrate(connection, (*MIGRATIONS, NEXT)) == (99,)


def test_a_step_that_fails_leaves_nothing(connection: Connection) -> None:
    """All steps are one transaction."""
    torn = Migration(99, "torn", (*NEXT.statements, "SELECT no_such_thing()"))
    with pytest.raises(LedgerUnavailable, match="M477"), told(parse_address("postgresql:///x")):
        migrate(connection, (*MIGRATIONS, torn))
    assert not has_tables(connection)


def test_tables_of_a_newer_release_are_refused(connection: Connection) -> None:
    """Neither written nor read by an older one."""
    migrate(connection, (*MIGRATIONS, NEXT))
    for ask in (migrate, has_tables):
        with pytest.raises(MandateError, match="M473"):
            ask(connection)


def test_tables_of_an_older_release_are_not_read(connection: Connection) -> None:
    """A question changes nothing, so it cannot bring them up; it says who does."""
    migrate(connection, MIGRATIONS[:1])
    with pytest.raises(MandateError, match="M473") as refused:
        has_tables(connection)
    assert "trader run" in refused.value.diagnostics[0].help
    assert migrate(connection) == (2,)
    assert has_tables(connection)


def test_two_that_begin_at_once_begin_once(database: str) -> None:
    """The second waits for the first, and finds everything made."""
    applied: list[tuple[int, ...]] = []

    def begin() -> None:
        with connect(parse_address(database)) as opened:
            applied.append(migrate(opened))

    threads = [threading.Thread(target=begin) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(applied) == [(), (), (), (1, 2)]


def test_a_server_that_is_not_there_is_told_in_words(postgres: Server) -> None:
    """The address is told, and how to mend it; a name that is no database's too."""
    for text in (postgres.address("nobody_made_it"), "postgresql://x@/y?host=/nowhere"):
        with pytest.raises(LedgerUnavailable, match="M477") as refused:
            connect(parse_address(text))
        assert text in str(refused.value)
        assert "PGPASSFILE" in refused.value.diagnostics[0].help
