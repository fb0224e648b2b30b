"""What the tests of the ledger share: a disk that can fail, and a short true history."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING, Protocol

import pytest

from engine.adapters.system.memory_disk import MemoryDisk
from engine.ledger.journal import Journal
from engine.ledger.records import RecordKind, encode_body
from engine.model.times import UtcTime

if TYPE_CHECKING:
    from collections.abc import Callable

START = UtcTime.parse("2025-11-22T10:00:00Z")


class FaultyDisk(MemoryDisk):
    """A disk that refuses the operations that a test names, after doing a part of an append."""

    def __init__(self) -> None:
        super().__init__()
        self.refused: set[str] = set()
        self.done: list[tuple[str, str]] = []
        self.reason = errno.ENOSPC

    def append(self, name: str, data: bytes) -> None:
        """Add bytes, or a half of them and then fail."""
        if "append" in self.refused:
            super().append(name, data[: len(data) // 2])
        self._pass("append", name)
        super().append(name, data)

    def sync(self, name: str) -> None:
        """Make durable."""
        self._pass("sync", name)
        super().sync(name)

    def read(self, name: str) -> bytes:
        """A file's bytes."""
        self._pass("read", name)
        return super().read(name)

    def truncate(self, name: str, size: int) -> None:
        """Cut a file."""
        self._pass("truncate", name)
        super().truncate(name, size)

    def replace(self, name: str, data: bytes) -> None:
        """Put a whole file in place."""
        self._pass("replace", name)
        super().replace(name, data)

    def names(self, prefix: str) -> list[str]:
        """Names that begin with a prefix."""
        self._pass("names", prefix)
        return list(super().names(prefix))

    def _pass(self, deed: str, name: str) -> None:
        if deed in self.refused:
            raise OSError(self.reason, os.strerror(self.reason))
        self.done.append((deed, name))


class WriteHistory(Protocol):
    """Write a synced journal of `count` records; the body of record n is what `told(n)` says."""

    def __call__(
        self, disk: MemoryDisk, count: int = 8, *, segment_bytes: int = 1 << 20, stream: str = "a"
    ) -> Journal:
        """Write, sync, and leave it open."""
        ...


@pytest.fixture
def faulty_disk() -> FaultyDisk:
    """A disk that works until told otherwise."""
    return FaultyDisk()


@pytest.fixture(scope="session")
def make_disk() -> Callable[[], FaultyDisk]:
    """For properties, which need a new disk for each example."""
    return FaultyDisk


@pytest.fixture(scope="session")
def write_history() -> WriteHistory:
    """A genesis and decisions, one a second, all synced."""
    return _write_history


def _write_history(
    disk: MemoryDisk, count: int = 8, *, segment_bytes: int = 1 << 20, stream: str = "a"
) -> Journal:
    journal = Journal.open(disk, segment_bytes=segment_bytes)
    for number in range(1, count + 1):
        kind = RecordKind.DECISION if number > 1 else RecordKind.GENESIS
        fields = {"stream": stream, "number": number, "value": number / 4, "text": "a b"}
        journal.append(kind, START.plus_s(number), encode_body(fields))
    journal.sync()
    return journal
