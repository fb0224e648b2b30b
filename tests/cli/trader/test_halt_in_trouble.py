"""A halt works when nothing else does: the disk full, the ledger broken, the clock wrong."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from engine.adapters.system.disk import DirectoryDisk
from engine.adapters.system.lock import FileLock
from engine.adapters.system.memory_disk import MemoryDisk
from engine.cycle import operator
from engine.model.times import UtcTime

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Ran

# No file may grow by a byte, as on a full disk; and the wall clock says 1901.
FULL_AND_WRONG = """
import resource, signal, time
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
time.time_ns = lambda: -2 * 10**18
from cli.trader import main
main()
"""
WHO = ("--who", "ann", "--reason", "fire")


@pytest.fixture
def broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DirectoryDisk:
    """A ledger that nobody can read, in the current directory."""
    monkeypatch.chdir(tmp_path)
    disk = DirectoryDisk(Path("ledger"))
    disk.append("journal/000001.jsonl", b"no record\n")
    disk.close()
    return disk


def test_the_file_alone_must_do(broken: DirectoryDisk) -> None:
    """With a full disk, a broken ledger and a wrong clock at once, the switch is thrown."""
    words = [sys.executable, "-c", FULL_AND_WRONG, "halt", "--ledger", "ledger", *WHO]
    ran = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603 - our own command
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith("the kill switch is thrown\n")
    assert "the disk refused (file too large): who and why are not in the record" in ran.stderr
    assert operator.read_kill_switch(broken) == "the file is there"
    assert list(Path("ledger").glob("commands/*.json")) == []


def test_a_second_halt_leaves_the_first(broken: DirectoryDisk) -> None:
    """What a switch says is not lost because a later one cannot be written."""
    operator.throw_kill_switch(broken, "bob", "smoke", UtcTime(0))
    words = [sys.executable, "-c", FULL_AND_WRONG, "halt", "--ledger", "ledger", *WHO]
    subprocess.run(words, capture_output=True, timeout=60, check=True)  # noqa: S603 - our own command
    assert operator.read_kill_switch(broken) == "smoke (bob, 1970-01-01T00:00:00Z)"


def test_who_cannot_halt_is_told_so(ask: Callable[..., Ran], broken: DirectoryDisk) -> None:
    """Where not even a file can be made, the words say what stops the loop all the same."""
    Path("ledger/KILL_SWITCH/in-the-way").mkdir(parents=True)
    ran = ask("halt", "--ledger", "ledger", *WHO)
    assert ran.status == 1
    assert "M425: the kill switch could not be thrown: " in ran.err
    assert "no loop runs this ledger" in ran.err
    with FileLock.acquire(Path("ledger/LOCK"), UtcTime(0)):
        assert "end the loop itself, process " in ask("halt", "--ledger", "ledger", *WHO).err
    # And what cannot be read counts as thrown.
    assert operator.read_kill_switch(broken) is not None


class FullDisk(MemoryDisk):
    """Takes new names, and no byte."""

    def replace(self, name: str, data: bytes) -> None:
        """Refuse, as a file system does that is full."""
        del name, data
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_full_disk_holds_an_empty_switch() -> None:
    """The file is there, which is all that the loop looks for; and what the disk said is told."""
    disk = FullDisk()
    refused = operator.throw_kill_switch(disk, "ann", "fire", UtcTime(0))
    assert refused is not None
    assert refused.errno == errno.ENOSPC
    assert operator.read_kill_switch(disk) == "the file is there"


def test_a_command_that_cannot_be_left_does_not_hold_up_the_switch(
    ask: Callable[..., Ran], broken: DirectoryDisk
) -> None:
    """Who and why stand in the switch; that they are not in the record is told."""
    Path("ledger/commands").write_bytes(b"in the way")
    ran = ask("halt", "--ledger", "ledger", *WHO)
    assert ran.status == 0
    assert "who and why are not in the record" in ran.err
    assert str(operator.read_kill_switch(broken)).startswith("fire (ann, ")
