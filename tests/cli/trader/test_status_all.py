"""`trader status --all`: every trader of a place has its line, above all those in trouble."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from engine.adapters.system.disk import DirectoryDisk
from engine.ledger.journal import Journal
from engine.ledger.records import RecordKind, encode_body
from engine.model.times import UtcTime

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from trader.conftest import Ran, Whole

GENESIS = encode_body({"mode": "paper", "account": "second", "nonce": "00", "cash": {"USD": "5"}})


@pytest.fixture
def desk(whole: Whole, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two ledgers below a folder, one of them a level deeper and new."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(whole.folder / "ledger", tmp_path / "desk/first")
    journal = Journal.open(DirectoryDisk(tmp_path / "desk/host/second"))
    journal.append(RecordKind.GENESIS, UtcTime.parse("2026-01-05T12:00:00Z"), GENESIS)
    journal.sync()
    return tmp_path / "desk"


def test_each_has_a_line(ask: Callable[..., Ran], desk: Path) -> None:
    """With its state and money; a halted one comes first, whatever it is called."""
    before = ask("status", "--all", "--ledger", "desk")
    assert before.status == 0
    heads, second, first = before.out.splitlines()
    assert heads.split()[:3] == ["account", "mode", "state"]
    assert first.split()[:3] == ["test", "paper", "REDUCING"]
    assert second.split()[:2] == ["second", "paper"]
    assert second.endswith("desk/host/second")
    (desk / "first/KILL_SWITCH").write_text("enough (ann)\n")
    (desk / "host/second/KILL_SWITCH").unlink(missing_ok=True)
    told = ask("status", "--all", "--ledger", "desk").out
    assert "HALTED" in told


def test_one_that_cannot_be_read_has_its_line_too(ask: Callable[..., Ran], desk: Path) -> None:
    """It is named with why, the others are told, and the exit status says that something is up."""
    journal = desk / "host/second/journal/000001.jsonl"
    journal.write_bytes(journal.read_bytes().replace(b"paper", b"live!"))
    told = ask("status", "--all", "--ledger", "desk")
    assert told.status == 1
    assert "not read\n  desk/host/second  " in told.out
    assert "desk/first" in told.out
    as_json = ask("status", "--all", "--ledger", "desk", "--format", "json")
    first, second = json.loads(as_json.out)
    assert (first["status"]["account"], first["refused"]) == ("test", None)
    assert second["status"] is None
    assert second["refused"]


def test_a_place_without_any_is_a_mistake(ask: Callable[..., Ran], desk: Path) -> None:
    """An empty list would read as if all were well."""
    (desk / "empty/journal").mkdir(parents=True)
    told = ask("status", "--all", "--ledger", "desk/empty")
    assert (told.status, told.out) == (1, "")
    assert told.err.startswith("M920: no ledger lies in `desk/empty`")
    assert ask("status", "--all", "--watch", "--ledger", "desk").status == 2
