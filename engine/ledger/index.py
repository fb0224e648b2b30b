"""An index of records: what it keeps of each beside its bytes, and the questions that it answers.

In: records. Out: their projections, and a protocol that every index keeps. An index has no
authority: whatever it says is a record, which proves itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from engine.errors import MandateError
from engine.ledger.records import FIRST_SEQUENCE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.ledger.records import Record, RecordKind
    from engine.model.symbols import Symbol
    from engine.model.times import UtcTime

MAX_RECORDS = 1_000
_INTENT = re.compile(r"[0-9]{1,7}")
_ID_PREFIX = re.compile(r"[0-9a-f-]{4,36}")
_LARGEST_NUMBER = 2**63 - 1


class IndexUnavailable(MandateError):  # noqa: N818 - a state of the index, in the words of the rest
    """The index cannot be used now: locked for too long, unreachable, or its disk refuses."""


class RecordSource(Protocol):
    """What an index is built from: a journal, or whatever reads one."""

    def records(self, first: int = FIRST_SEQUENCE) -> Iterator[Record]:
        """Every record from this sequence on."""
        ...


@dataclass(frozen=True, slots=True)
class OrderEntry:
    """One order as the index knows it; its story is in its records."""

    client_order_id: str
    intent: int | None
    symbol: str | None
    first_sequence: int
    last_sequence: int


class LedgerIndex(Protocol):
    """Questions about a ledger. Each may raise IndexUnavailable, and LedgerUnavailable."""

    def record(self, sequence: int) -> Record | None:
        """The record with this sequence."""
        ...

    def records(
        self, kind: RecordKind, since: UtcTime | None = None, limit: int = MAX_RECORDS
    ) -> tuple[Record, ...]:
        """The newest `limit` records of a kind since then, oldest first."""
        ...

    def orders(self, key: str) -> tuple[OrderEntry, ...]:
        """Orders whose id begins with `key` (four characters at least), or of the intent `key`."""
        ...

    def records_of_order(self, key: str) -> tuple[Record, ...]:
        """Every record of an order's id or its intent, oldest first; `key` as in `orders`."""
        ...

    def last_decision(self, symbol: Symbol) -> Record | None:
        """The newest decision about a product."""
        ...

    def decisions_of(self, symbol: Symbol, cycle: int) -> tuple[Record, ...]:
        """What was decided about a product in one cycle, oldest first."""
        ...

    def cycle(self, number: int) -> Record | None:
        """The record that closed the cycle of this number."""
        ...

    def last(self, kind: RecordKind) -> Record | None:
        """The newest record of a kind."""
        ...


@dataclass(frozen=True, slots=True)
class Projection:
    """What an index keeps of a record's body to find it by; a value of another type is absent."""

    cycle: int | None
    intent: int | None
    client_order_id: str | None
    symbol: str | None
    verdict: str | None


def projection(record: Record) -> Projection:
    """What the record says of itself."""
    fields = record.fields()
    return Projection(
        cycle=_number(fields.get("cycle")),
        intent=_number(fields.get("intent")),
        client_order_id=_text(fields.get("client_order_id")),
        symbol=_text(fields.get("symbol")),
        verdict=_text(fields.get("verdict")),
    )


def order_key(key: str) -> tuple[str | None, int | None]:
    """The prefix of an id, or the number of an intent, that a person has typed.

    Up to seven digits alone are an intent's number.
    """
    if _INTENT.fullmatch(key):
        return None, int(key)
    lowered = key.lower()
    return (lowered if _ID_PREFIX.fullmatch(lowered) else None), None


def _number(value: object) -> int | None:
    return value if type(value) is int and abs(value) <= _LARGEST_NUMBER else None


def _text(value: object) -> str | None:
    # A database keeps no NUL in a text, and nothing of ours that is asked for holds one.
    return value if isinstance(value, str) and "\0" not in value else None
