"""The beat of the loop: a file that changes for as long as the clockwork turns.

In: a disk, ticks. Out: bytes that whoever watches from outside compares with those before. It is no
record and is never synced. A disk that refuses it stops nothing here: then nobody outside can tell
that the loop lives, which is for them to judge.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.ports import Disk

BEAT = "BEAT"
_MOST_BYTES = 4096


@dataclass(slots=True)
class Beat:
    """Writes one byte a tick, and begins anew before the file outgrows a block of the disk."""

    disk: Disk
    _written: int = _MOST_BYTES

    def touch(self) -> None:
        """One tick was made."""
        with suppress(OSError):
            if self._written >= _MOST_BYTES:
                self.disk.append(BEAT, b"")
                self.disk.truncate(BEAT, 0)
                self._written = 0
            self.disk.append(BEAT, b".")
            self._written += 1


def read_beat(disk: Disk) -> bytes:
    """What the beat is now; empty where there never was one, or where it cannot be read."""
    try:
        return disk.read(BEAT)
    except OSError:
        return b""
