"""The lock: one holder, who is named, until release or death."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from engine.adapters.system.lock import FileLock, Holder, LockHeld, lock_holder
from engine.model.times import UtcTime

NOW = UtcTime.parse("2025-11-22T10:00:00Z")
_HOLD = """
import sys, pathlib
from engine.adapters.system.lock import FileLock
from engine.model.times import UtcTime
lock = FileLock.acquire(pathlib.Path(sys.argv[1]), UtcTime(0))
print("held", flush=True)
sys.stdin.read()
"""


def test_a_second_holder_is_refused_and_told_who_holds(tmp_path: Path) -> None:
    """The refusal names process, machine and time."""
    path = tmp_path / "deep" / "ledger.lock"
    with FileLock.acquire(path, NOW) as lock:
        assert lock.held
        me = Holder(os.getpid(), socket.gethostname(), NOW)
        assert lock_holder(path) == me
        with pytest.raises(LockHeld, match="M413") as caught:
            FileLock.acquire(path, NOW)
        assert caught.value.holder == me
        assert f"process {me.pid} on {me.host} since {NOW}" in str(caught.value)
    assert not lock.held


def test_a_released_lock_can_be_taken(tmp_path: Path) -> None:
    """Release gives it back, once and for all."""
    path = tmp_path / "lock"
    assert lock_holder(path) is None
    lock = FileLock.acquire(path, NOW)
    lock.release()
    lock.release()
    assert lock_holder(path) is None
    FileLock.acquire(path, NOW.plus_s(1)).release()


def test_a_holder_who_has_not_told_its_name_holds_all_the_same(tmp_path: Path) -> None:
    """What stands in the file does not decide."""
    path = tmp_path / "lock"
    with FileLock.acquire(path, NOW):
        path.write_bytes(b"{")
        assert lock_holder(path) is None
        with pytest.raises(LockHeld, match="another process") as caught:
            FileLock.acquire(path, NOW)
        assert caught.value.holder is None


def test_a_lock_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    """A directory in its place is no lock."""
    (tmp_path / "lock").mkdir()
    with pytest.raises(IsADirectoryError):
        FileLock.acquire(tmp_path / "lock", NOW)


def test_a_lock_that_cannot_be_written_is_not_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk refuses the start, and leaves the lock free."""

    def full(_descriptor: int, _data: bytes, _offset: int) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "pwrite", full)
        with pytest.raises(OSError, match="No space"):
            FileLock.acquire(tmp_path / "lock", NOW)
    FileLock.acquire(tmp_path / "lock", NOW).release()


def test_the_death_of_its_holder_releases_it(tmp_path: Path) -> None:
    """However a process dies, its lock does not outlive it."""
    path = tmp_path / "lock"
    with subprocess.Popen(  # noqa: S603 - our own interpreter and text
        [sys.executable, "-c", _HOLD, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[3],
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        holder = lock_holder(path)
        assert holder is not None
        assert holder.pid == other.pid
        with pytest.raises(LockHeld):
            FileLock.acquire(path, NOW)
        other.send_signal(signal.SIGKILL)
        other.wait()
    FileLock.acquire(path, NOW).release()


def test_a_lock_that_was_taken_away_is_held_no_more(tmp_path: Path) -> None:
    """Where the file is gone, or is another, whoever comes next is let in: only he holds it."""
    path = tmp_path / "LOCK"
    first = FileLock.acquire(path, UtcTime(0))
    assert first.held
    path.unlink()
    assert not first.held
    with FileLock.acquire(path, UtcTime(0)) as second:
        assert (first.held, second.held) == (False, True)
    first.release()
