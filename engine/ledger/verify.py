"""Is the ledger what was written? Names the first record that is not, and why.

In: the disk that holds a journal, or another reader of records; and checkpoints kept elsewhere
(sequence and hash, in the order in which they were taken). Out: a `VerifyReport`. Refuses and
changes nothing.
A chain rewritten from some record on, or cut at its end, can be seen by a checkpoint only.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Protocol

from engine.errors import Diagnostic
from engine.ledger.chain import BadRecord, BrokenChain
from engine.ledger.reader import JournalReader

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from engine.ledger.records import Record
    from engine.ports import Disk


class Reader(Protocol):
    """Records in order, each checked against the one before; what there is to say once read."""

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """What the last pass met that is no tampering."""
        ...

    def records(self) -> Iterator[Record]:
        """Every record; raises BrokenChain and LedgerUnavailable."""
        ...


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What someone outside wrote down: the record `sequence` has this hash."""

    sequence: int
    hash: str


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """How far the journal is whole.

    `records` counts those before the first bad one; `last` is the last of them, to be kept as
    the next checkpoint. `diagnostics` holds every finding, the warning of a torn line included.
    """

    records: int
    last: Checkpoint | None
    first_bad: BadRecord | None
    diagnostics: tuple[Diagnostic, ...]

    @property
    def intact(self) -> bool:
        """Whether every record and every checkpoint agrees; a torn last line does not matter."""
        return self.first_bad is None and all(each.code == "M400" for each in self.diagnostics)


def verify(disk: Disk, checkpoints: Sequence[Checkpoint] = ()) -> VerifyReport:
    """Read the whole journal; raises LedgerUnavailable when the disk cannot be read."""
    return verify_records(JournalReader(disk), checkpoints)


def verify_records(reader: Reader, checkpoints: Sequence[Checkpoint] = ()) -> VerifyReport:
    """Read all records, wherever they lie; raises LedgerUnavailable when they cannot be read."""
    report = _follow(reader, {each.sequence: each.hash for each in checkpoints})
    return replace(report, diagnostics=(*report.diagnostics, *_contradictions(checkpoints)))


def _follow(reader: Reader, expected: dict[int, str]) -> VerifyReport:
    last: Checkpoint | None = None
    try:
        for record in reader.records():
            if expected.get(record.sequence, record.hash) != record.hash:
                return _report(last, _rewritten(record.sequence))
            last = Checkpoint(record.sequence, record.hash)
    except BrokenChain as broken:
        return _report(last, broken.bad)
    end = last.sequence if last else 0
    beyond = max(expected, default=0)
    cut = _cut_short(end, beyond) if beyond > end else None
    return _report(last, cut, reader.diagnostics)


def _report(
    last: Checkpoint | None, bad: BadRecord | None, warnings: Iterable[Diagnostic] = ()
) -> VerifyReport:
    findings = (*warnings, bad.diagnostic) if bad else tuple(warnings)
    return VerifyReport(last.sequence if last else 0, last, bad, findings)


def _rewritten(sequence: int) -> BadRecord:
    message = f"record {sequence} is not the one of the checkpoint: the chain was rewritten"
    help_text = "this record, or one before it back to the last checkpoint that agrees, was changed"
    return BadRecord(sequence, Diagnostic("M408", message, help=help_text))


def _cut_short(end: int, beyond: int) -> BadRecord:
    message = f"the journal ends at record {end}, but a checkpoint names record {beyond}"
    help_text = "the last records were removed, or this is an older copy of the journal"
    return BadRecord(end + 1, Diagnostic("M408", message, help=help_text))


def _contradictions(checkpoints: Sequence[Checkpoint]) -> Iterable[Diagnostic]:
    for earlier, later in pairwise(checkpoints):
        if later.sequence < earlier.sequence:
            message = f"a checkpoint of record {later.sequence} follows one of {earlier.sequence}"
        elif later.sequence == earlier.sequence and later.hash != earlier.hash:
            message = f"two checkpoints name record {later.sequence} with different hashes"
        else:
            continue
        yield Diagnostic("M409", message, help="whoever keeps the checkpoints was rolled back")
