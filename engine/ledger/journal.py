"""The journal: the one writer of the ledger, over a `Disk`.

In: records in order, buffered until `sync`. Out: segments of checked, chained lines; `sync`
returns only when all of them are durable. At the start a line torn by a crash is set aside and
cut. Refuses a journal that is broken anywhere else, and everything after one failed write.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from engine.ledger.chain import LedgerUnavailable, sequence_after
from engine.ledger.reader import FOLDER, Deed, JournalReader, Tail, segment_name, unavailable
from engine.ledger.records import FIRST_SEQUENCE, NO_PREVIOUS, Body, Record, RecordKind, seal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.errors import Diagnostic
    from engine.model.times import UtcTime
    from engine.ports import Disk

SEGMENT_BYTES = 16 * 1024 * 1024
_BUFFER_BYTES = 256 * 1024


class Extent(Enum):
    """How much of the chain is checked when a journal is opened."""

    ALL = "all"
    NEWEST_SEGMENT = "newest_segment"


class Journal:
    """The chain with its end open; one process at a time may hold it (see `FileLock`)."""

    def __init__(self, disk: Disk, last: Record | None, tail: Tail | None, limit: int) -> None:
        self._disk = disk
        self._limit = limit
        self._segment, self._size = (tail.segment, tail.size) if tail else (1, 0)
        self._buffer: list[bytes] = []
        self._buffered = 0
        self._broken: LedgerUnavailable | None = None
        self.last = last
        self.durable_sequence = last.sequence if last else FIRST_SEQUENCE - 1
        self.diagnostics: tuple[Diagnostic, ...] = ()

    @classmethod
    def open(
        cls, disk: Disk, *, segment_bytes: int = SEGMENT_BYTES, extent: Extent = Extent.ALL
    ) -> Journal:
        """Check what is there and stand at its end; an empty disk is an empty journal.

        Raises BrokenChain when the journal is not whole, LedgerUnavailable when the disk refuses.
        `diagnostics` tells what a crash had torn.
        """
        reader = JournalReader(disk)
        for _ in reader.records() if extent is Extent.ALL else reader.newest_segment():
            pass
        journal = cls(disk, reader.last, reader.tail, segment_bytes)
        journal.diagnostics = reader.diagnostics
        if reader.tail is not None:
            journal._settle(reader.tail)
        return journal

    def append(self, kind: RecordKind, time: UtcTime, body: Body) -> Record:
        """Put a record at the end; durable only after `sync`.

        A wall clock may be set back, the ledger's time is not: the record then bears the time of
        the one before it. Raises LedgerUnavailable, and ValueError unless the first record, and
        no other, is the genesis.
        """
        self._refuse_if_broken()
        if (kind is RecordKind.GENESIS) != (self.last is None):
            message = f"a stream begins with one genesis: record {self._next()} is {kind.value}"
            raise ValueError(message)
        record = self._sealed(kind, time, body)
        line = record.line()
        if self._size and self._size + len(line) > self._limit:
            self._rotate()
        self._keep(line)
        self.last = record
        return record

    def sync(self) -> None:
        """Return once every appended record is durable; raises LedgerUnavailable."""
        self._refuse_if_broken()
        if self._next() == self.durable_sequence + 1:
            return
        self._make_durable()

    def show(self) -> None:
        """Hand the disk what is not durable yet, so that others read it; raises as `sync` does."""
        self._refuse_if_broken()
        self._flush()

    def records(self, first: int = FIRST_SEQUENCE) -> Iterator[Record]:
        """Every record from this sequence on, those not yet durable included, checked again."""
        self._refuse_if_broken()
        self._flush()
        return JournalReader(self._disk).records(first)

    def _next(self) -> int:
        return sequence_after(self.last)

    def _sealed(self, kind: RecordKind, time: UtcTime, body: Body) -> Record:
        if self.last is None:
            return seal(FIRST_SEQUENCE, time, kind, body, NO_PREVIOUS)
        moment = max(time, self.last.time)
        return seal(self.last.sequence + 1, moment, kind, body, self.last.hash)

    def _keep(self, line: bytes) -> None:
        self._buffer.append(line)
        self._buffered += len(line)
        self._size += len(line)
        if self._buffered >= _BUFFER_BYTES:
            self._flush()

    def _rotate(self) -> None:
        # INVARIANT: a segment is durable before the next one begins, so only the newest can tear.
        self._make_durable()
        self._segment, self._size = self._segment + 1, 0

    def _make_durable(self) -> None:
        self._flush()
        name = segment_name(self._segment)
        try:
            self._disk.sync(name)
        except OSError as error:
            raise self._break(Deed.SYNC, name, error) from error
        self.durable_sequence = self._next() - 1

    def _flush(self) -> None:
        if not self._buffer:
            return
        name = segment_name(self._segment)
        try:
            self._disk.append(name, b"".join(self._buffer))
        except OSError as error:
            raise self._break(Deed.WRITE, name, error) from error
        self._buffer.clear()
        self._buffered = 0

    def _settle(self, tail: Tail) -> None:
        """Set torn bytes aside, and make durable what a killed process had only written."""
        name = segment_name(tail.segment)
        try:
            if tail.torn:
                self._set_aside(tail.torn)
                self._disk.truncate(name, tail.size)
            self._disk.sync(name)
        except OSError as error:
            raise self._break(Deed.MEND, name, error) from error

    def _set_aside(self, torn: bytes) -> None:
        stem = f"{FOLDER}torn-{self._next():06d}"
        taken = len(self._disk.names(stem))
        self._disk.replace(f"{stem}.bin" if not taken else f"{stem}-{taken + 1}.bin", torn)

    def _break(self, deed: Deed, name: str, error: OSError) -> LedgerUnavailable:
        # A failed sync is never tried again: the kernel may have dropped the bytes and forgotten.
        self._broken = unavailable(deed, name, error)
        return self._broken

    def _refuse_if_broken(self) -> None:
        if self._broken is not None:
            raise LedgerUnavailable(self._broken.diagnostics)
