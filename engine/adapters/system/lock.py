"""One process at a time: a lock file that tells who holds it.

In: a path. Out: a held `FileLock`, released by `release` or by the kernel when the process dies,
however it dies. Refuses, with the holder's name, while another process (or another lock of this
one) holds it. The file itself stays: removing it would let two hold "the" lock.
"""

from __future__ import annotations

import fcntl
import os
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

import orjson

from engine.errors import Diagnostic, MandateError
from engine.model.times import UtcTime

if TYPE_CHECKING:
    from types import TracebackType

_FLAGS = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
_MAX_HOLDER_BYTES = 4096
_BOOT = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a lock."""

    pid: int
    host: str
    since: UtcTime

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host} since {self.since}"


class LockHeld(MandateError):  # noqa: N818 - it names what is found, as the words to a user do
    """Another process holds the lock; `holder` is None when it has not told its name."""

    def __init__(self, path: Path, holder: Holder | None) -> None:
        self.holder = holder
        message = f"`{path.name}` is held by {holder or 'another process'}"
        help_text = "stop that process first; two writers of one ledger cannot see each other"
        super().__init__((Diagnostic("M413", message, help=help_text),))


class FileLock:
    """A lock that is held; made by `acquire`."""

    def __init__(self, descriptor: int, path: Path) -> None:
        self._descriptor: int | None = descriptor
        self.path = path
        status = os.fstat(descriptor)
        self.identity = f"{_boot()} {status.st_dev}:{status.st_ino}"
        """This very file of this start of this machine, under whatever path it is seen."""

    @classmethod
    def acquire(cls, path: Path, now: UtcTime) -> FileLock:
        """Take the lock at once; raises LockHeld, and OSError when the file cannot be made."""
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, _FLAGS, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _write_holder(descriptor, Holder(os.getpid(), socket.gethostname(), now))
        except BlockingIOError as error:
            holder = _read_holder(descriptor)
            os.close(descriptor)
            raise LockHeld(path, holder) from error
        except OSError:
            os.close(descriptor)
            raise
        return cls(descriptor, path)

    @property
    def held(self) -> bool:
        """Whether it is still the lock that others would meet, and was not released.

        Who deletes the file, or puts another in its place, lets a second process in: from then on
        the first, which may have been stopped meanwhile, holds nothing.
        """
        if self._descriptor is None:
            return False
        try:
            return os.path.samestat(os.fstat(self._descriptor), self.path.stat())
        except OSError:
            return False

    def release(self) -> None:
        """Give the lock back; a second time does nothing."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()


def _boot() -> str:
    """Which start of the machine this is; unknown where the system does not say."""
    try:
        return _BOOT.read_text("ascii").strip()
    except OSError:
        return "unknown"


def lock_holder(path: Path) -> Holder | None:
    """Who holds the lock now, without taking it; None when nobody does."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        # A shared lock is refused just while someone holds the exclusive one. It is held for
        # microseconds; whoever acquires in them is refused, and may try again.
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _read_holder(descriptor)
    else:
        return None
    finally:
        os.close(descriptor)


def _write_holder(descriptor: int, holder: Holder) -> None:
    told = {"pid": holder.pid, "host": holder.host, "since": str(holder.since)}
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, orjson.dumps(told), 0)


def _read_holder(descriptor: int) -> Holder | None:
    try:
        told = orjson.loads(os.pread(descriptor, _MAX_HOLDER_BYTES, 0))
        return Holder(int(told["pid"]), str(told["host"]), UtcTime.parse(told["since"]))
    except (ValueError, KeyError, TypeError):
        return None
