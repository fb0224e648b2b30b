"""A disk that keeps nothing of what is appended: for histories that nobody will read again.

In: as of a `Disk`. Out: how much was appended. A year of records does not fit into memory, and a
simulation needs only what its listeners heard. Reading an appended file is refused as missing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.adapters.system.memory_disk import MemoryDisk

if TYPE_CHECKING:
    from collections.abc import Sequence


class ForgetfulDisk:
    """Counts appended bytes and drops them; whole files (`replace`) are kept."""

    def __init__(self) -> None:
        self._whole = MemoryDisk()
        self.dropped_bytes = 0

    def append(self, name: str, data: bytes) -> None:
        """Count the bytes, and forget them."""
        del name
        self.dropped_bytes += len(data)

    def sync(self, name: str) -> None:
        """Nothing waits to become durable."""

    def read(self, name: str) -> bytes:
        """A whole file's bytes; raises FileNotFoundError, for an appended file too."""
        return self._whole.read(name)

    def truncate(self, name: str, size: int) -> None:
        """Cut a whole file; raises FileNotFoundError."""
        self._whole.truncate(name, size)

    def replace(self, name: str, data: bytes) -> None:
        """Keep a whole file."""
        self._whole.replace(name, data)

    def remove(self, name: str) -> None:
        """Delete a whole file if it is there."""
        self._whole.remove(name)

    def names(self, prefix: str) -> Sequence[str]:
        """Names of whole files that begin with `prefix`, sorted."""
        return self._whole.names(prefix)
