"""Reading a journal: its segments in order, every record checked against the one before.

In: a `Disk` with `journal/000001.jsonl` and so on. Out: records, lazily, a segment at a time.
A torn last line (a crash while it was written) is told, not raised; anything else that is
wrong raises `BrokenChain` with the first bad record. Writes nothing: any process may read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from engine.errors import Diagnostic, Place, Severity
from engine.ledger.chain import (
    BrokenChain,
    Flaw,
    LedgerUnavailable,
    broken,
    decoded,
    next_read,
    sequence_after,
    unreadable,
)
from engine.ledger.records import FIRST_SEQUENCE, Record, parse_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.ledger.chain import Decode, Read
    from engine.ledger.records import RecordKind
    from engine.ports import Disk

FOLDER = "journal/"
_SEGMENT = re.compile(rf"{FOLDER}(?P<number>[0-9]{{6}})\.jsonl")


@dataclass(frozen=True, slots=True)
class Tail:
    """The last segment as read: the length of its whole lines, and what a crash left after them."""

    segment: int
    size: int
    lines: int
    torn: bytes

    def warning(self, sequence: int) -> Diagnostic:
        """What to tell of the torn bytes; `sequence` is the record that they would have been."""
        return Diagnostic(
            "M400",
            f"the last line of the journal is torn: {len(self.torn)} bytes of record {sequence}",
            Place(segment_name(self.segment), self.lines + 1, 1),
            "a crash interrupted a write that was never confirmed; nothing confirmed is lost",
            severity=Severity.WARNING,
        )


def segment_name(number: int) -> str:
    """The file of the segment with this number, from 1."""
    return f"{FOLDER}{number:06d}.jsonl"


class Deed(Enum):
    """What was asked of the disk."""

    READ = "read"
    WRITE = "write"
    SYNC = "sync"
    MEND = "mend"


def unavailable(deed: Deed, name: str, error: OSError) -> LedgerUnavailable:
    """The error to raise when the disk refuses a part of the journal."""
    return LedgerUnavailable(
        (
            Diagnostic(
                "M411",
                f"cannot {deed.value} `{name}`: {error.strerror or error}",
                help="no order is sent without a durable ledger; mend the disk, then start again",
            ),
        )
    )


class JournalReader:
    """A journal for reading only, also while its owner writes.

    `last` and `tail` are of the pass that was read last, and complete once it is read out.
    """

    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        self.last: Record | None = None
        self.tail: Tail | None = None

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """The torn last line, if the last pass met one."""
        if self.tail is None or not self.tail.torn:
            return ()
        return (self.tail.warning(sequence_after(self.last)),)

    def records(self, first: int = FIRST_SEQUENCE) -> Iterator[Record]:
        """Every record from this sequence on; raises BrokenChain and LedgerUnavailable."""
        newest = self._newest()
        start = self._segment_holding(first, newest)
        return (each for each, _ in self._follow(start, newest) if each.sequence >= first)

    def more(self) -> Iterator[Record]:
        """What was written since the pass that was read last; all of it where there was none.

        Raises as `records` does. A line that has no end yet is left for the next time.
        """
        return self.records() if self.tail is None else self._go_on(self.tail)

    def newest_segment(self) -> Iterator[Record]:
        """The records of the last segment; raises as `records` does."""
        newest = self._newest()
        return (each for each, _ in self._follow(newest, newest))

    def segments(self) -> range:
        """The numbers of the segments that there are now; empty where there is no journal."""
        return range(1, self._newest() + 1)

    def segment(self, number: int, decode: Decode = decoded) -> Iterator[Read]:
        """What one segment holds, checked against the end of the one before it.

        Whoever reads each of `segments` so has checked the whole chain, in any order. Raises as
        `records` does, and names the same record where a segment before this one is broken.
        """
        newest = max(number, self._newest())
        return self._follow(number, newest, number, decode)

    def newest_of(self, kind: RecordKind, before: int | None = None) -> Iterator[Record]:
        """The records of a kind, the newest first, of the segments before this one, or of all.

        For who asks for a few of them: each is what its hash says, but nothing between them is
        read, so the chain is not checked.
        """
        wanted = b'"kind":"%b"' % kind.value.encode()
        for number in range((before or self._newest() + 1) - 1, 0, -1):
            for line in reversed((self._read(number) or b"").split(b"\n")):
                record = parse_line(line) if wanted in line else None
                if record is not None and record.kind is kind and record.genuine:
                    yield record

    def _follow(
        self, start: int, newest: int, end: int | None = None, decode: Decode = decoded
    ) -> Iterator[Read]:
        self.tail = None
        self.last = self._anchor(start)
        # Without an anchor only a pass from the beginning can name the first bad record.
        for number in range(start if self.last else 1, (end or newest) + 1):
            data = self._read(number)
            if data is None:
                raise self._broken(_missing_segment(number), number, 1)
            if number == newest:
                self.tail = _tail_of(number, data)
                data = data[: self.tail.size]
            yield from self._check(number, data, decode)

    def _go_on(self, tail: Tail) -> Iterator[Record]:
        # What was read once must still be there.
        newest = max(self._newest(), tail.segment)
        for number in range(tail.segment, newest + 1):
            data = self._read(number)
            if data is None:
                raise self._broken(_missing_segment(number), number, 1)
            size, lines = (tail.size, tail.lines) if number == tail.segment else (0, 0)
            if len(data) < size:
                raise self._broken(unreadable(sequence_after(self.last)), number, lines)
            if number == newest:
                self.tail = _tail_of(number, data)
                data = data[: self.tail.size]
            yield from (each for each, _ in self._check(number, data[size:], before=lines))

    def _check(
        self, number: int, data: bytes, decode: Decode = decoded, *, before: int = 0
    ) -> Iterator[Read]:
        # Lines end at line feeds only: other separators may stand inside a text.
        *lines, rest = data.split(b"\n")
        for line_number, line in enumerate(lines, before + 1):
            found = next_read(line, self.last, decode)
            if isinstance(found, Flaw):
                raise self._broken(found, number, line_number)
            self.last = found.record
            yield found
        if rest:
            place = before + len(lines) + 1
            raise self._broken(unreadable(sequence_after(self.last)), number, place)

    def _broken(self, flaw: Flaw, number: int, line_number: int) -> BrokenChain:
        place = Place(segment_name(number), line_number, 1)
        return broken(flaw, sequence_after(self.last), place)

    def _anchor(self, number: int) -> Record | None:
        """The record that the first one of this segment must follow, if it can be trusted."""
        data = self._read(number - 1) if number > 1 else None
        record = parse_line(_last_line(data or b""))
        return record if record is not None and record.genuine else None

    def _segment_holding(self, first: int, newest: int) -> int:
        if first <= FIRST_SEQUENCE:  # what a segment's head says is not yet checked: do not ask it
            return 1
        for number in range(newest, 1, -1):
            head = parse_line((self._read(number) or b"").partition(b"\n")[0])
            if head is not None and head.sequence <= first:
                return number
        return 1

    def _newest(self) -> int:
        try:
            names = self._disk.names(FOLDER)
        except OSError as error:
            raise unavailable(Deed.READ, FOLDER, error) from error
        numbers = (int(match["number"]) for name in names if (match := _SEGMENT.fullmatch(name)))
        return max(numbers, default=0)

    def _read(self, number: int) -> bytes | None:
        try:
            return self._disk.read(segment_name(number))
        except FileNotFoundError:
            return None
        except OSError as error:
            raise unavailable(Deed.READ, segment_name(number), error) from error


def _last_line(data: bytes) -> bytes:
    end = len(data) - data.endswith(b"\n")
    return data[data.rfind(b"\n", 0, end) + 1 : end]  # a segment is long: nothing of it is copied


def _tail_of(number: int, data: bytes) -> Tail:
    size = _whole_size(data)
    return Tail(number, size, data.count(b"\n", 0, size), data[size:])


def _whole_size(data: bytes) -> int:
    size = data.rfind(b"\n") + 1
    last_line = data.rfind(b"\n", 0, max(size - 1, 0)) + 1
    # Zeros stand where a block of the file never arrived. No other damage to a line that ends
    # is a crash's: it may have been confirmed, so it is refused and not cut.
    whole = size < len(data) or b"\0" not in data[last_line:]
    return size if whole else last_line


def _missing_segment(number: int) -> Flaw:
    message = f"segment {number} of the journal is missing"
    return Flaw("M410", message, "restore the file: the records after it hang in the air")
