"""A ledger to ask: from what was typed to an index, also where none can be kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.adapters.sqlite import index as sqlite_index
from engine.adapters.system.disk import DirectoryDisk
from engine.errors import Diagnostic, MandateError
from engine.ledger.chain import BrokenChain
from engine.ledger.journal import Journal
from engine.ledger.records import RecordKind, encode_body
from engine.model.times import UtcTime
from engine.run.ledgers import INDEX, LedgerView, ledger_path, new_ledger

NOON = UtcTime.parse("2026-01-05T12:00:00Z")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A ledger of two records."""
    journal = Journal.open(DirectoryDisk(tmp_path))
    journal.append(RecordKind.GENESIS, NOON, encode_body({"mode": "paper"}))
    journal.append(RecordKind.HALT, NOON, encode_body({"reason": "x", "who": "y"}))
    journal.sync()
    return tmp_path


@pytest.mark.parametrize("text", ["postgresql://desk/ledger", "file:///x", "s3://bucket"])
def test_addresses_are_no_paths(text: str) -> None:
    """An address is refused; it never becomes a directory of that name."""
    with pytest.raises(MandateError, match="M450"):
        ledger_path(text)


def test_a_path_is_a_path() -> None:
    """Anything else is a path, a colon in it too."""
    assert ledger_path("runs/a:b") == Path("runs/a:b")


def test_new_ledgers_are_numbered(tmp_path: Path) -> None:
    """A new ledger takes the first number that is free."""
    (tmp_path / "tiny-1").mkdir()
    (tmp_path / "tiny-3").mkdir()
    assert new_ledger(tmp_path, "tiny") == tmp_path / "tiny-2"


def test_no_journal_is_no_ledger(tmp_path: Path) -> None:
    """A directory without a journal is refused, one that is absent too; neither is touched."""
    for path in (tmp_path, tmp_path / "absent"):
        with pytest.raises(MandateError, match="M451"):
            LedgerView.open(str(path))
    assert list(tmp_path.iterdir()) == []


def test_the_index_is_kept_beside_the_journal(folder: Path) -> None:
    """The index holds the journal's records, and stays for the next question."""
    view = LedgerView.open(str(folder))
    with view.index() as index:
        assert index.last(RecordKind.HALT) == [*view.records()][-1]
    assert (folder / INDEX).is_file()
    assert (view.holder(), view.kill_switch()) == (None, None)


def test_the_index_of_a_copy_that_cannot_be_written(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no index can be kept, as on a read-only medium, one in memory answers the same."""
    opened = sqlite_index._connected

    def refuse_files(path: Path) -> object:
        if path.name == INDEX:
            raise sqlite_index.IndexUnavailable([Diagnostic("M414", "a read-only medium")])
        return opened(path)

    monkeypatch.setattr(sqlite_index, "_connected", refuse_files)
    view = LedgerView.open(str(folder))
    with view.index() as index:
        assert index.last(RecordKind.HALT) is not None
    assert not (folder / INDEX).exists()


def test_a_broken_journal_answers_nothing(folder: Path) -> None:
    """No question is answered from a journal that is not whole."""
    path = folder / "journal" / "000001.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"reason":"x"', b'"reason":"z"'))
    with pytest.raises(BrokenChain, match="M403"), LedgerView.open(str(folder)).index():
        pass
