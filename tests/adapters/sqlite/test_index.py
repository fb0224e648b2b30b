"""The index: answers as the journal would, and whose loss loses nothing."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from typing import TYPE_CHECKING

import pytest
from fakes.story import BTC, STORY, T0, tell

from engine.adapters.sqlite.index import SqliteIndex
from engine.adapters.sqlite.schema import SCHEMA_VERSION, _create
from engine.adapters.system.memory_disk import MemoryDisk
from engine.errors import Severity
from engine.ledger.chain import BrokenChain
from engine.ledger.index import IndexUnavailable
from engine.ledger.journal import Journal
from engine.ledger.reader import JournalReader
from engine.ledger.records import RecordKind, encode_body

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def disk() -> MemoryDisk:
    """A disk with the whole story, synced."""
    disk = MemoryDisk()
    journal = Journal.open(disk)
    tell(journal)
    return disk


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the index is."""
    return tmp_path / "deep" / "index.sqlite"


@pytest.fixture
def index(path: Path, disk: MemoryDisk) -> Iterator[SqliteIndex]:
    """An index that is up to date."""
    with SqliteIndex(path) as index:
        assert index.catch_up(JournalReader(disk)) == len(STORY)
        yield index


def test_the_views_show_the_same_columns_to_other_programs(index: SqliteIndex, path: Path) -> None:
    """Whoever opens the file finds decisions, cycles and orders; wrong types are left out."""
    with sqlite3.connect(path) as other:
        assert other.execute("SELECT intent, verdict FROM decisions").fetchall() == [
            (1, "allow"),
            (2, "deny"),
            (4, "deny"),
        ]
        assert other.execute("SELECT cycle, sequence FROM cycles").fetchall() == [(1, 2), (2, 10)]
        assert other.execute("SELECT count(*) FROM orders").fetchone() == (2,)
        odd = other.execute("SELECT intent, symbol, cycle FROM records WHERE kind = 'alert'")
        assert odd.fetchall() == [(None, None, None)]
    other.close()
    assert index.diagnostics == ()


def test_an_index_that_is_behind_catches_up(path: Path) -> None:
    """Only what is new is added, also what is not yet synced."""
    journal = Journal.open(MemoryDisk())
    with SqliteIndex(path) as index:
        assert index.catch_up(journal) == 0
        for count, (kind, fields) in enumerate(STORY, 1):
            journal.append(kind, T0, encode_body(fields))
            assert index.catch_up(journal) == 1
            assert index.catch_up(journal) == 0
            assert index.record(count) == journal.last
        assert index.diagnostics == ()


def _delete(path: Path) -> None:
    for each in path.parent.iterdir():
        each.unlink()


def _overwrite(path: Path) -> None:
    _delete(path)
    path.write_bytes(b"this is no database at all" * 100)


def _cripple(path: Path) -> None:
    """Damage a page that opening does not read."""
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (os.fstat(file.fileno()).st_size - 4096))


def _age(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    connection.close()


def _take_over(path: Path) -> None:
    _delete(path)
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE somebody_elses (value TEXT)")
    connection.close()


def _get_ahead(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute(
            "INSERT INTO records SELECT 99, time_ns, kind, body, previous, hash,"
            " cycle, intent, client_order_id, symbol, verdict FROM records WHERE sequence = 2"
        )
    connection.close()


def _disagree(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE records SET hash = 'other' WHERE sequence = 11")
    connection.close()


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        pytest.param(_delete, [], id="deleted"),
        pytest.param(_overwrite, ["M412"], id="overwritten"),
        pytest.param(_cripple, ["M412"], id="damaged inside"),
        pytest.param(_age, ["M412"], id="of another version"),
        pytest.param(_take_over, ["M412"], id="the database of another program"),
        pytest.param(_get_ahead, ["M412"], id="ahead of the journal"),
        pytest.param(_disagree, ["M412"], id="of another history"),
    ],
)
def test_the_loss_of_the_index_loses_nothing(
    path: Path, disk: MemoryDisk, harm: Callable[[Path], None], told: list[str]
) -> None:
    """Whatever happens to the file, the next catch-up gives the same answers as before."""
    with SqliteIndex(path) as index:
        index.catch_up(JournalReader(disk))
        before = _answers(index)
    harm(path)
    with SqliteIndex(path) as index:
        index.catch_up(JournalReader(disk))
        assert _answers(index) == before
        assert [each.code for each in index.diagnostics] == told
        assert all(each.severity is Severity.WARNING for each in index.diagnostics)
        assert index.catch_up(JournalReader(disk)) == 0


def _answers(index: SqliteIndex) -> list[object]:
    kinds = [index.records(kind) for kind in RecordKind]
    return [*kinds, index.orders("aaaa"), index.records_of_order("1"), index.last_decision(BTC)]


def test_a_file_that_is_not_ours_is_kept(path: Path) -> None:
    """A wrong path costs nobody a database."""
    path.parent.mkdir()
    _overwrite(path)
    before = path.read_bytes()
    with SqliteIndex(path) as index:
        assert index.orders("aaaa") == ()
    assert path.with_name("index.sqlite.set-aside").read_bytes() == before


def test_a_broken_journal_adds_nothing(path: Path, disk: MemoryDisk) -> None:
    """The index holds what it held before; the finding comes out as the journal gives it."""
    name = "journal/000001.jsonl"
    disk.replace(name, disk.read(name).replace(b'"verdict":"allow"', b'"verdict":"deny"'))
    with SqliteIndex(path) as index:
        with pytest.raises(BrokenChain, match="M403"):
            index.catch_up(JournalReader(disk))
        assert index.record(1) is None
        assert index.diagnostics == ()


def test_an_index_that_cannot_be_used_is_told(tmp_path: Path, path: Path, disk: MemoryDisk) -> None:
    """A folder in its place, a closed or locked file: a finding, never a trace."""
    with pytest.raises(IndexUnavailable, match="M414"):
        SqliteIndex(tmp_path)
    with SqliteIndex(path) as index:
        index.catch_up(JournalReader(disk))
    with pytest.raises(IndexUnavailable, match="M414"):
        index.record(1)
    with pytest.raises(IndexUnavailable, match="M414"):
        index.catch_up(JournalReader(disk))


def test_two_processes_that_make_the_index_at_once_make_one(path: Path) -> None:
    """Whoever comes second waits for the first and finds the tables made."""
    path.parent.mkdir()
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("PRAGMA journal_mode = WAL")
    other.execute("BEGIN IMMEDIATE")
    found = threading.Thread(target=lambda: SqliteIndex(path).close())
    found.start()
    time.sleep(0.1)
    with other:
        _create(other)
    found.join()
    other.close()
    with SqliteIndex(path) as index:
        assert index.diagnostics == ()


def test_a_reader_is_not_disturbed_by_a_writer(path: Path, disk: MemoryDisk) -> None:
    """Two processes may have it open; the second adds only what the first has not."""
    with SqliteIndex(path) as one, SqliteIndex(path) as other:
        assert one.catch_up(JournalReader(disk)) == len(STORY)
        assert other.catch_up(JournalReader(disk)) == 0
        assert other.record(11) == one.record(11) is not None
