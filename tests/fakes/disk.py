"""A disk in memory that tells what was done, in one list with others, and fails when told to."""

from __future__ import annotations

import errno
import os

from engine.adapters.system.memory_disk import MemoryDisk


class WitnessDisk(MemoryDisk):
    """Writes `append` and `sync` into `deeds`; refuses the operations in `refused`."""

    def __init__(self, deeds: list[str] | None = None) -> None:
        super().__init__()
        self.deeds = deeds if deeds is not None else []
        self.refused: set[str] = set()

    def append(self, name: str, data: bytes) -> None:
        """Add bytes."""
        self._done("append")
        super().append(name, data)

    def sync(self, name: str) -> None:
        """Make durable."""
        self._done("sync")
        super().sync(name)

    def read(self, name: str) -> bytes:
        """A file's bytes."""
        self._refuse("read")
        return super().read(name)

    def _done(self, deed: str) -> None:
        self._refuse(deed)
        self.deeds.append(deed)

    def _refuse(self, deed: str) -> None:
        if deed in self.refused:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
