"""What lies in the repository: nothing of one machine, nothing of one person, nothing secret."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

MACHINE = {
    "a home folder": r"(?<![\w.])/(home|Users|root)/[\w.-]+",
    "a Windows profile": r"[A-Z]:\\Users\\",
    "a temporary folder": r"(?<![\w.])/(tmp|var/folders)/[\w.-]+",
    "a mount of one machine": r"(?<![\w./-])/(work|workspace|mnt|srv|opt|data)/[\w.-]+",
    "an address of a private network": r"\b(10\.\d+|192\.168|172\.(1[6-9]|2\d|3[01]))\.\d+\.\d+\b",
    "a private key": r"-----BEGIN [A-Z ]*PRIVATE KEY-----\s+[\w+/=\s]{64}",
}
# Tests about secrets and hostile paths must be able to write them down, and an image its own paths.
ABOUT_SUCH_TEXT = re.compile(r"tests/.*\.(py|case|ya?ml|json)|\.github/workflows/.*|docs/deploy/.*")
LOCKS = ("requirements/run.txt", "requirements/dev.txt")


@pytest.mark.parametrize("what", MACHINE)
def test_no_file_knows_this_machine(what: str, tracked_files: tuple[Path, ...], root: Path) -> None:
    """No tracked file names a path, an address or a key of the machine it was written on."""
    found = []
    for path in tracked_files:
        name, text = path.relative_to(root).as_posix(), path.read_text("utf-8", errors="replace")
        if not ABOUT_SUCH_TEXT.fullmatch(name):
            places = (each.start() for each in re.finditer(MACHINE[what], text))
            found += [f"{name}:{text.count(chr(10), 0, place) + 1}" for place in places]
    assert found == []


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_holds_hashes_and_no_address(lock: str, root: Path) -> None:
    """Every package of a lock is pinned and hashed, and no registry or folder is named."""
    text = (root / lock).read_text(encoding="utf-8")
    logical = text.replace("\\\n", " ").splitlines()
    entries = [line for line in logical if line.strip() and not line.startswith("#")]
    assert entries
    assert [
        line for line in entries if not re.match(r"[a-z0-9.-]+==\S+ .*--hash=sha256:", line)
    ] == []
    assert not re.search(r"://|--index|--find-links|@ ", text)


def test_locks_agree(root: Path) -> None:
    """What runs is what was tested: each version of the run lock is the one of the other."""
    run, dev = (
        set(
            re.findall(
                r"^[a-z0-9.-]+==\S+", (root / lock).read_text(encoding="utf-8"), re.MULTILINE
            )
        )
        for lock in LOCKS
    )
    assert run <= dev


def test_every_dependency_is_locked(root: Path) -> None:
    """Each library that the project names is in the lock that its users install."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = [name for group in project["optional-dependencies"].values() for name in group]
    for lock, wanted in zip(
        LOCKS, (project["dependencies"], project["dependencies"] + extras), strict=True
    ):
        text = (root / lock).read_text(encoding="utf-8")
        names = {re.split(r"[<>=\[ ]", each)[0].replace(".", "-").lower() for each in wanted}
        locked = set(re.findall(r"^([a-z0-9-]+)==", text, re.MULTILINE))
        assert names - locked == set()


def test_recordings_are_not_committed(tracked_files: tuple[Path, ...], root: Path) -> None:
    """Recorded market data is read from beside the checkout and never becomes part of it."""
    data = {".parquet", ".zst", ".gz", ".db", ".sqlite"}
    assert [str(path.relative_to(root)) for path in tracked_files if path.suffix in data] == []
