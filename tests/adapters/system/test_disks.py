"""The directory and its stand-in in memory keep the same promises."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.adapters.system.disk import DirectoryDisk
from engine.adapters.system.memory_disk import MemoryDisk
from engine.ports import Disk

MakeDisk = Callable[[], Disk]


@pytest.fixture(params=["directory", "memory"])
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Disk:
    """Both kinds of disk."""
    return (
        DirectoryDisk(tmp_path / "deep" / "root") if request.param == "directory" else MemoryDisk()
    )


def test_appended_bytes_come_back_in_order(disk: Disk) -> None:
    """A file is what was appended to it."""
    disk.append("a/b/c.txt", b"one ")
    disk.append("a/b/c.txt", b"")
    disk.append("a/b/c.txt", b"two")
    disk.sync("a/b/c.txt")
    disk.sync("a/b/c.txt")
    assert disk.read("a/b/c.txt") == b"one two"


@pytest.mark.parametrize(
    "deed",
    [
        pytest.param(lambda disk: disk.read("none"), id="read"),
        pytest.param(lambda disk: disk.sync("none"), id="sync"),
        pytest.param(lambda disk: disk.truncate("none", 0), id="truncate"),
    ],
)
def test_a_file_that_is_not_there_is_told(disk: Disk, deed: Callable[[Disk], object]) -> None:
    """Only append and replace create files."""
    with pytest.raises(FileNotFoundError):
        deed(disk)
    assert list(disk.names("")) == []


def test_truncate_cuts_and_append_goes_on_there(disk: Disk) -> None:
    """After a cut the next byte stands where the cut was."""
    disk.append("a", b"12345")
    disk.truncate("a", 2)
    disk.append("a", b"X")
    disk.sync("a")
    assert disk.read("a") == b"12X"


def test_replace_puts_a_whole_file_in_place(disk: Disk) -> None:
    """The old file is gone at once, and appending goes on behind the new one."""
    disk.append("f/a", b"old")
    disk.replace("f/a", b"new")
    disk.append("f/a", b"er")
    disk.replace("f/b", b"")
    assert (disk.read("f/a"), disk.read("f/b")) == (b"newer", b"")
    assert list(disk.names("f/")) == ["f/a", "f/b"]


def test_remove_deletes_if_there(disk: Disk) -> None:
    """Removing twice is no mistake, and a new file of the name is empty."""
    disk.append("a", b"old")
    disk.sync("a")
    disk.remove("a")
    disk.remove("a")
    assert list(disk.names("")) == []
    disk.append("a", b"new")
    disk.sync("a")
    assert disk.read("a") == b"new"


def test_names_are_sorted_and_begin_with_the_prefix(disk: Disk) -> None:
    """A prefix may end in the middle of a name, and folders below it count."""
    for name in ("j/2", "j/1", "j/deep/1", "k/1", "j1"):
        disk.append(name, b"")
    assert list(disk.names("j/")) == ["j/1", "j/2", "j/deep/1"]
    assert list(disk.names("j")) == ["j/1", "j/2", "j/deep/1", "j1"]
    assert list(disk.names("none/")) == []


OPERATIONS = st.lists(
    st.tuples(
        st.sampled_from(["append", "sync", "truncate", "replace", "remove"]),
        st.sampled_from(["a", "f/b"]),
        st.binary(max_size=6),
    ),
    max_size=20,
)


@settings(max_examples=40, deadline=None)
@given(OPERATIONS)
def test_both_disks_agree(
    tmp_path_factory: pytest.TempPathFactory, operations: list[tuple[str, str, bytes]]
) -> None:
    """Whatever is done to both, both hold the same files."""
    directory, memory = DirectoryDisk(tmp_path_factory.mktemp("disk")), MemoryDisk()
    for deed, name, data in operations:
        if deed in {"sync", "truncate"} and name not in memory.names(""):
            continue
        for each in (directory, memory):
            _do(each, deed, name, data)
    assert list(directory.names("")) == list(memory.names(""))
    for name in memory.names(""):
        assert directory.read(name) == memory.read(name)
    directory.close()


def _do(disk: Disk, deed: str, name: str, data: bytes) -> None:
    match deed:
        case "append":
            disk.append(name, data)
        case "sync":
            disk.sync(name)
        case "truncate":
            disk.truncate(name, min(len(data), len(disk.read(name))))
        case "replace":
            disk.replace(name, data)
        case _:
            disk.remove(name)


@pytest.mark.parametrize("name", ["", "/etc/passwd", "../a", "a/../b", "a//b", "./a", "a/", "a\0b"])
def test_names_that_leave_the_root_are_refused(tmp_path: Path, name: str) -> None:
    """A directory disk touches nothing outside its directory."""
    with pytest.raises(ValueError, match="not a name"):
        DirectoryDisk(tmp_path).append(name, b"x")


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    """A file that leads elsewhere is refused rather than written through."""
    (tmp_path / "real").write_bytes(b"kept")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with pytest.raises(OSError, match=r"symbolic|levels"):
        DirectoryDisk(tmp_path).append("link", b"x")
    assert (tmp_path / "real").read_bytes() == b"kept"


def test_files_are_for_the_owner_alone(tmp_path: Path) -> None:
    """A ledger tells what somebody owns."""
    disk = DirectoryDisk(tmp_path / "root")
    disk.append("f/a", b"x")
    disk.replace("f/b", b"x")
    modes = [(tmp_path / "root" / name).stat().st_mode & 0o777 for name in ("f/a", "f/b", "f")]
    assert modes == [0o600, 0o600, 0o700]


def _descriptors() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def test_many_files_need_few_descriptors(tmp_path: Path) -> None:
    """Segments rotate for years; what they hold open does not grow."""
    disk = DirectoryDisk(tmp_path)
    before = _descriptors()
    for number in range(40):
        disk.append(f"{number}", b"x")
    assert _descriptors() <= before + 8
    for number in range(40):
        disk.append(f"{number}", b"y")
    assert {disk.read(f"{number}") for number in range(40)} == {b"xy"}
    disk.close()
    assert _descriptors() == before


def test_a_failed_replace_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reader sees the old bytes or the new, and no trace of the attempt."""
    disk = DirectoryDisk(tmp_path)
    disk.replace("a", b"old")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        disk.replace("a", b"new")
    assert (disk.read("a"), list(disk.names(""))) == (b"old", ["a"])


def test_a_short_write_is_finished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system may take fewer bytes than it was given."""
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: write(descriptor, bytes(data[:3])))
    disk = DirectoryDisk(tmp_path)
    disk.append("a", b"0123456789")
    assert disk.read("a") == b"0123456789"


def test_sync_reaches_the_file_and_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bytes are synced each time, the name in its folder once."""
    done: list[str] = []
    fdatasync, fsync = os.fdatasync, os.fsync
    monkeypatch.setattr(os, "fdatasync", lambda fd: (done.append("data"), fdatasync(fd))[1])
    monkeypatch.setattr(os, "fsync", lambda fd: (done.append("folder"), fsync(fd))[1])
    disk = DirectoryDisk(tmp_path)
    for _ in range(2):
        disk.append("a", b"x")
        disk.sync("a")
    assert done == ["data", "folder", "data"]
    done.clear()
    DirectoryDisk(tmp_path).sync("a")
    assert done == ["data", "folder"]


def test_a_crash_takes_what_was_not_synced() -> None:
    """What was synced stays; of the rest, as much as the power left."""
    disk = MemoryDisk()
    for name in ("a", "b", "new"):
        disk.append(name, b"synced") if name != "new" else None
        disk.append(name, b" lost" if name != "new" else b"never")
        if name == "a":
            disk.truncate(name, 6)
            disk.sync(name)
            disk.append(name, b" lost")
        elif name == "b":
            disk.sync(name)
    assert disk.unsynced("a") == 5
    disk.crash()
    assert (disk.read("a"), disk.read("b")) == (b"synced", b"synced lost")
    assert list(disk.names("")) == ["a", "b"]


def test_a_crash_can_tear() -> None:
    """A part of the unsynced bytes may be left, of each file as the test decides."""
    disk = MemoryDisk()
    disk.append("a", b"one")
    disk.sync("a")
    disk.append("a", b"-two")
    disk.append("b", b"three")
    disk.crash(lambda name, count: 2 if name == "a" else count + 9)
    assert (disk.read("a"), disk.read("b")) == (b"one-t", b"three")
    assert disk.unsynced("a") == 0
    disk.truncate("a", 1)
    disk.crash()
    assert disk.read("a") == b"o"
