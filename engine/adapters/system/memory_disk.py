"""A disk in memory: for simulations, and for showing what a loss of power leaves.

In and out as of a `Disk`. It keeps apart what was written and what was synced, so that `crash`
can take away, or tear, just what a machine could lose. Refuses what a directory would.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


@dataclass(slots=True)
class _File:
    data: bytearray = field(default_factory=bytearray)
    durable: int = 0


def nothing_unsynced(_name: str, _unsynced: int) -> int:
    """The plainest loss of power: of what was not synced, not a byte is left."""
    return 0


class MemoryDisk:
    """Files by name; `replace`, `truncate` and `remove` are durable at once."""

    def __init__(self) -> None:
        self._files: dict[str, _File] = {}

    def append(self, name: str, data: bytes) -> None:
        """Add bytes to the end of a file, creating it."""
        self._files.setdefault(name, _File()).data.extend(data)

    def sync(self, name: str) -> None:
        """Make every byte appended to `name` durable; raises FileNotFoundError."""
        file = self._file(name)
        file.durable = len(file.data)

    def read(self, name: str) -> bytes:
        """A file's bytes; raises FileNotFoundError."""
        return bytes(self._file(name).data)

    def truncate(self, name: str, size: int) -> None:
        """Cut a file back to `size` bytes; raises FileNotFoundError."""
        file = self._file(name)
        del file.data[size:]
        file.durable = min(file.durable, len(file.data))

    def replace(self, name: str, data: bytes) -> None:
        """Put a whole file in the place of the old one."""
        self._files[name] = _File(bytearray(data), len(data))

    def remove(self, name: str) -> None:
        """Delete a file if it is there."""
        self._files.pop(name, None)

    def names(self, prefix: str) -> Sequence[str]:
        """Names that begin with `prefix`, sorted."""
        return sorted(name for name in self._files if name.startswith(prefix))

    def unsynced(self, name: str) -> int:
        """How many bytes of a file a loss of power may take; raises FileNotFoundError."""
        file = self._file(name)
        return len(file.data) - file.durable

    def crash(self, kept: Callable[[str, int], int] = nothing_unsynced) -> None:
        """Lose power: of each file's n bytes not synced, `kept(name, n)` are left.

        A file of which nothing is left was never there.
        """
        for name, file in sorted(self._files.items()):
            unsynced = len(file.data) - file.durable
            del file.data[file.durable + min(unsynced, kept(name, unsynced)) :]
            file.durable = len(file.data)
            if unsynced and not file.data:
                del self._files[name]

    def _file(self, name: str) -> _File:
        try:
            return self._files[name]
        except KeyError:
            raise FileNotFoundError(name) from None
