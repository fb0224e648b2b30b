"""A directory as a `Disk`: appended bytes are durable after `sync`, replaced files never torn.

In: names relative to the root, with `/`. Out: bytes. Refuses names that leave the root, with
ValueError; the system's refusals come through as OSError. Files are the owner's alone.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_MAX_OPEN = 8
_FILE_MODE = 0o600
_FOLDER_MODE = 0o700
_TEMPORARY = ".tmp"
_APPEND = os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW
_REPLACE = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW


class DirectoryDisk:
    """The files below one directory, which is made by the first write."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._open: dict[str, int] = {}
        self._named: set[str] = set()

    def append(self, name: str, data: bytes) -> None:
        """Add bytes to the end of a file, creating it; a part may stand there after an OSError."""
        _write_all(self._descriptor(name, create=True), data)

    def sync(self, name: str) -> None:
        """Return once the file and its name will outlive a loss of power."""
        os.fdatasync(self._descriptor(name, create=False))
        # Once for each name, not for new files only: who made the file may have died before.
        if name not in self._named:
            _sync_folder(self._path(name).parent)
            self._named.add(name)

    def read(self, name: str) -> bytes:
        """A file's bytes; raises FileNotFoundError."""
        return self._path(name).read_bytes()

    def truncate(self, name: str, size: int) -> None:
        """Cut a file back to `size` bytes."""
        os.ftruncate(self._descriptor(name, create=False), size)

    def replace(self, name: str, data: bytes) -> None:
        """Write a whole file, durably; a reader sees the old bytes or the new."""
        path = self._path(name)
        _make_folder(path.parent)
        temporary = path.with_name(f".{path.name}{_TEMPORARY}")
        descriptor = os.open(temporary, _REPLACE, _FILE_MODE)
        try:
            _write_all(descriptor, data)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        self._forget(name)
        temporary.replace(path)
        _sync_folder(path.parent)

    def remove(self, name: str) -> None:
        """Delete a file if it is there."""
        path = self._path(name)
        self._forget(name)
        self._named.discard(name)
        if path.exists():
            path.unlink()
            _sync_folder(path.parent)

    def names(self, prefix: str) -> Sequence[str]:
        """Names that begin with `prefix`, sorted."""
        # Only the folder that the prefix names can hold such files, or the folders below it.
        folder = self._root / prefix.rpartition("/")[0]
        files = (path for path in folder.rglob("*") if path.is_file() and not _is_temporary(path))
        names = (path.relative_to(self._root).as_posix() for path in files)
        return sorted(name for name in names if name.startswith(prefix))

    def close(self) -> None:
        """Let go of the open files; what was not synced is not made durable."""
        for descriptor in self._open.values():
            os.close(descriptor)
        self._open.clear()

    def _path(self, name: str) -> Path:
        parts = name.split("/")
        if any(part in {"", ".", ".."} or "\0" in part for part in parts):
            message = f"not a name below a directory: {name!r}"
            raise ValueError(message)
        return self._root.joinpath(*parts)

    def _descriptor(self, name: str, *, create: bool) -> int:
        known = self._open.get(name)
        if known is not None:
            return known
        path = self._path(name)
        if create:
            _make_folder(path.parent)
        descriptor = os.open(path, _APPEND | (os.O_CREAT if create else 0), _FILE_MODE)
        self._close_oldest()
        self._open[name] = descriptor
        return descriptor

    def _close_oldest(self) -> None:
        if len(self._open) < _MAX_OPEN:
            return
        oldest = next(iter(self._open))
        # A failed write-back is told to descriptors that were open then: ask before closing.
        os.fdatasync(self._open[oldest])
        self._forget(oldest)

    def _forget(self, name: str) -> None:
        descriptor = self._open.pop(name, None)
        if descriptor is not None:
            os.close(descriptor)


def _make_folder(folder: Path) -> None:
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    for each in reversed(missing):
        each.mkdir(mode=_FOLDER_MODE, exist_ok=True)
        _sync_folder(each.parent)


def _write_all(descriptor: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _is_temporary(path: Path) -> bool:
    return path.name.startswith(".") and path.name.endswith(_TEMPORARY)
