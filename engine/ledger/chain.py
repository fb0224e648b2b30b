"""The rules of the chain, in one place: may this line follow that record?

In: a stored line and the record before it. Out: the record, or a `Flaw` that says why not.
Refuses changed bytes, gaps, repeats, broken links, times that run back, and second beginnings.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, cast

from engine.errors import Diagnostic, MandateError
from engine.ledger.records import (
    FIRST_SEQUENCE,
    NO_PREVIOUS,
    Record,
    RecordKind,
    canonical_fields,
    parse_line,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from engine.errors import Place
    from engine.ledger.bodies import Body

    Decode: TypeAlias = Callable[[Record], Body | None]


@dataclass(frozen=True, slots=True)
class Flaw:
    """Why a line cannot be the next record."""

    code: str
    message: str
    help: str


@dataclass(frozen=True, slots=True)
class BadRecord:
    """The first place where a journal is not what was written; `sequence` is what belongs there."""

    sequence: int
    diagnostic: Diagnostic


class BrokenChain(MandateError):  # noqa: N818 - it names what is found, as the words to a user do
    """A journal that is not whole; carries its first bad record."""

    def __init__(self, bad: BadRecord) -> None:
        self.bad = bad
        super().__init__((bad.diagnostic,))

    def __reduce__(self) -> tuple[type[BrokenChain], tuple[BadRecord]]:
        return type(self), (self.bad,)


class LedgerUnavailable(MandateError):  # noqa: N818 - a state of the ledger, in the words of the rest
    """The ledger cannot be read or made durable: nothing may be sent that it does not hold."""


_RESTORE = "restore the journal from a copy whose checkpoint you trust; never mend it by hand"


class Read(NamedTuple):
    """A record that follows, and its body as the check has decoded it: nobody need do it again."""

    record: Record
    body: Body


def next_record(line: bytes, previous: Record | None) -> Record | Flaw:
    """Check one line (without its line break) against the record before it (None: the first)."""
    found = next_read(line, previous)
    return found if isinstance(found, Flaw) else found.record


def decoded(record: Record) -> Body | None:
    """What a record says; None where its body is not in the one spelling of it."""
    return cast("Body | None", canonical_fields(record.body))


def next_read(line: bytes, previous: Record | None, decode: Decode = decoded) -> Read | Flaw:
    """The same, with the body as `decode` reads it, who may leave out what nobody will ask for."""
    expected = sequence_after(previous)
    record = parse_line(line)
    if record is None:
        return unreadable(expected)
    if not record.genuine:
        message = f"record {expected} is not what was written: its hash does not match its bytes"
        return Flaw("M403", message, _RESTORE)
    body = decode(record)
    if body is None:
        return misspelt(expected)
    return _flaw_in_order(record, previous, expected) or Read(record, body)


def sequence_after(record: Record | None) -> int:
    """The sequence that belongs after this record."""
    return FIRST_SEQUENCE if record is None else record.sequence + 1


def broken(flaw: Flaw, sequence: int, place: Place | None = None) -> BrokenChain:
    """The error to raise: a flaw of the record that belongs there."""
    diagnostic = Diagnostic(flaw.code, flaw.message, place, flaw.help)
    return BrokenChain(BadRecord(sequence, diagnostic))


def misspelt(expected: int) -> Flaw:
    """The flaw of a body that is not the one spelling of what it says."""
    message = f"record {expected} is spelt in a way that the ledger never writes"
    return Flaw("M402", message, "a number was re-spelt, a key repeated, or a value injected")


def unreadable(expected: int) -> Flaw:
    """The flaw of bytes that have not even the layout of a record."""
    return Flaw("M401", f"record {expected} cannot be read as a record", _RESTORE)


def _flaw_in_order(record: Record, previous: Record | None, expected: int) -> Flaw | None:
    if record.sequence != expected:
        message = f"record {expected} is missing here: record {record.sequence} stands in its place"
        return Flaw("M405", message, "records were deleted, repeated or moved")
    if (record.kind is RecordKind.GENESIS) != (previous is None):
        message = f"record {expected} is `{record.kind.value}`: a stream has one genesis, the first"
        return Flaw("M407", message, "records of another stream were put in, or the first removed")
    if record.previous != (previous.hash if previous else NO_PREVIOUS):
        message = f"the chain breaks between records {expected - 1} and {expected}"
        return Flaw("M404", message, "one of the two was replaced by a record of another history")
    if previous and record.time < previous.time:
        message = f"record {expected} is older than the record before it"
        return Flaw("M406", message, "the ledger never writes a time that runs back")
    return None
