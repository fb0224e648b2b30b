"""The outbox: the local journal, read on from where the server stands.

In: a journal's directory, and the server's last record. Out: the records behind it, in order, none
that is not durable here. Raises BrokenChain where the journal's own bytes are not whole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import Diagnostic, Place
from engine.ledger.chain import BadRecord, BrokenChain, Flaw, next_record, sequence_after
from engine.ledger.reader import segment_name
from engine.ledger.records import parse_line

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from engine.ledger.records import Record
    from engine.ledger.verify import Checkpoint


class Outbox:
    """A place in the journal; only whole lines behind it are read, each once."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._segment = 1
        self._offset = 0
        self._last: Record | None = None

    def stand_after(self, head: Checkpoint) -> bool:
        """Go to right behind this record; False where the journal does not have it."""
        self._segment, self._offset, self._last = 1, 0, None
        if head.sequence == 0:
            return True
        self._segment = self._holding(head.sequence)
        for line in self._lines():
            self._offset += len(line)
            record = parse_line(line[:-1])
            if record is not None and record.sequence == head.sequence:
                self._last = record
                return record.genuine and record.hash == head.hash
        return False

    def take(self, until: int, most: int) -> list[Record]:
        """The next records up to the sequence `until`, at most so many."""
        found: list[Record] = []
        while len(found) < most and sequence_after(self._last) <= until:
            before = len(found)
            for line in self._lines():
                if len(found) == most or sequence_after(self._last) > until:
                    return found
                found.append(self._checked(line))
            if not self._turn_page() and len(found) == before:
                break
        return found

    def _checked(self, line: bytes) -> Record:
        record = next_record(line[:-1], self._last)
        if isinstance(record, Flaw):
            place = Place(segment_name(self._segment), 1, 1)
            told = Diagnostic(record.code, record.message, place, record.help)
            raise BrokenChain(BadRecord(sequence_after(self._last), told))
        self._last = record
        self._offset += len(line)
        return record

    def _turn_page(self) -> bool:
        """On to the next segment, where there is one: then this one grows no more."""
        if not self._path(self._segment + 1).exists() or next(self._lines(), None) is not None:
            return False
        self._segment, self._offset = self._segment + 1, 0
        return True

    def _lines(self) -> Iterator[bytes]:
        """Whole lines from here on; what is being written now has no end yet."""
        path = self._path(self._segment)
        if not path.exists():
            return
        with path.open("rb") as file:
            file.seek(self._offset)
            yield from (line for line in file if line.endswith(b"\n"))

    def _holding(self, sequence: int) -> int:
        """The segment that begins at or before this record."""
        newest = self._segment
        while self._path(newest + 1).exists():
            newest += 1
        for number in range(newest, 1, -1):
            with self._path(number).open("rb") as file:
                first = parse_line(file.readline()[:-1])
            if first is not None and first.sequence <= sequence:
                return number
        return 1

    def _path(self, number: int) -> Path:
        return self._root / segment_name(number)
