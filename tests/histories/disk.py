"""A disk that fails as disks do, and that tells what an outsider would find on it.

In: a `MemoryDisk`'s calls. Out: the same, until something strikes: full, failing, or a write that
stops half-way. A disk that has failed goes on failing until somebody mends it. What is durable
is known at every instant: a loss of power takes, or tears, the rest.
"""

from __future__ import annotations

import errno
import os
from enum import Enum
from typing import TYPE_CHECKING

from histories.plan import Point

from engine.adapters.system.memory_disk import MemoryDisk
from engine.cycle.operator import KILL_SWITCH

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

JOURNAL = "journal/000001.jsonl"


class Sickness(Enum):
    """What is wrong with the disk."""

    FULL = "full"
    FAILING = "failing"
    SHORT = "short"


class SimulatedDisk(MemoryDisk):
    """The files of one account; `passed` hears of every call before it is made."""

    def __init__(self, passed: Callable[[Point], None], synced: Callable[[bytes], None]) -> None:
        super().__init__()
        self.sick: Sickness | None = None
        self.safe = 0
        self._passed = passed
        self._synced = synced

    def append(self, name: str, data: bytes) -> None:
        """Add bytes; a part of them may stand there after an OSError."""
        self._passed(Point.APPEND)
        if self.sick is not None:
            super().append(name, data[: len(data) // 2])
            self._fail()
        super().append(name, data)

    def sync(self, name: str) -> None:
        """Make durable; after a failure nothing says what is."""
        self._passed(Point.SYNC)
        if self.sick in {Sickness.FAILING, Sickness.FULL}:
            self._fail()
        super().sync(name)
        if name == JOURNAL:
            data = self._file(name).data
            before, self.safe = self.safe, len(data)
            self._synced(bytes(data[before:]))

    def truncate(self, name: str, size: int) -> None:
        """Cut a file back."""
        self._passed(Point.REPLACE)
        super().truncate(name, size)

    def read(self, name: str) -> bytes:
        """A file's bytes."""
        self._passed(Point.SWITCH_LOOK if name == KILL_SWITCH else Point.READ)
        if self.sick is Sickness.FAILING:
            self._fail()
        return super().read(name)

    def replace(self, name: str, data: bytes) -> None:
        """Put a whole file in the place of the old one."""
        self._passed(Point.REPLACE)
        if self.sick is not None:
            self._fail()
        super().replace(name, data)

    def remove(self, name: str) -> None:
        """Delete a file."""
        self._passed(Point.REPLACE)
        super().remove(name)

    def names(self, prefix: str) -> Sequence[str]:
        """Names that begin with `prefix`."""
        self._passed(Point.READ)
        return super().names(prefix)

    def _fail(self) -> None:
        code = errno.EIO if self.sick is Sickness.FAILING else errno.ENOSPC
        raise OSError(code, os.strerror(code))

    # What outsiders do and see; nobody's process passes here

    def put(self, name: str, data: bytes) -> None:
        """Somebody else writes a whole file, durably."""
        super().replace(name, data)

    def take(self, name: str) -> None:
        """Somebody else deletes a file."""
        super().remove(name)

    def listed(self, prefix: str) -> Sequence[str]:
        """What somebody else finds."""
        return super().names(prefix)

    def switch_thrown(self) -> bool:
        """Whether a look at the kill switch shows it, or shows that nobody can look."""
        return KILL_SWITCH in self._files or self.sick is Sickness.FAILING

    def journal(self) -> bytes:
        """The journal as it is written, durable or not."""
        file = self._files.get(JOURNAL)
        return b"" if file is None else bytes(file.data)

    def durable(self) -> bytes:
        """The journal as far as a sync has confirmed it, in whatever process."""
        return self.journal()[: self.safe]
