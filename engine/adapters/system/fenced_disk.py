"""A disk that writes only while somebody says that we may.

In: a disk, and a question that is asked before every write. Out: the same disk. Refuses (OSError)
to append, cut or replace once the answer is no: what is written then would be another's history.
"""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from engine.ports import Disk

_REFUSED = "the lease on this account is not ours any more"


class FencedDisk:
    """`may_write` answers at once where it can, and waits for the answer where it must."""

    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        self.may_write: Callable[[], bool] = _yes

    def append(self, name: str, data: bytes) -> None:
        """Add bytes to the end of a file, creating it."""
        self._ask()
        self._disk.append(name, data)

    def sync(self, name: str) -> None:
        """Return once every byte appended to `name` is durable."""
        self._disk.sync(name)

    def read(self, name: str) -> bytes:
        """A file's bytes; raises FileNotFoundError."""
        return self._disk.read(name)

    def truncate(self, name: str, size: int) -> None:
        """Cut a file back to `size` bytes."""
        self._ask()
        self._disk.truncate(name, size)

    def replace(self, name: str, data: bytes) -> None:
        """Write a whole file."""
        self._ask()
        self._disk.replace(name, data)

    def remove(self, name: str) -> None:
        """Delete a file if it is there."""
        self._ask()
        self._disk.remove(name)

    def names(self, prefix: str) -> Sequence[str]:
        """Names that begin with `prefix`, sorted."""
        return self._disk.names(prefix)

    def _ask(self) -> None:
        if not self.may_write():
            raise OSError(errno.EPERM, _REFUSED)


def _yes() -> bool:
    """Until somebody else is asked."""
    return True
