"""A recorded decision without the answers of its rules: what judging it again begins from.

In: a record, read and checked. Out: its outline, which is how it came out, and `Brief`: what was
wanted, and from what it was decided. The answers of the rules are most of a record and nothing that
another judge asks for, so they are hashed with the rest and not decoded; nor is anything before it
is asked for. How all of it is spelt is `audit verify`'s to check.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, cast

from engine.cycle.judging.situation import situation_of
from engine.cycle.records.order_bodies import wish_of
from engine.ledger import bodies
from engine.ledger.chain import broken, misspelt
from engine.ledger.records import RecordKind, canonical_fields
from engine.model.decisions import Verdict

if TYPE_CHECKING:
    from decimal import Decimal

    from engine.cycle.judging.situation import Situation
    from engine.ledger.bodies import Body
    from engine.ledger.chain import Read
    from engine.ledger.records import Record
    from engine.model.orders import OrderIntent
    from engine.model.times import UtcTime

# A body is canonical: its keys are sorted, so `situation` follows `rules`, and a quote inside a
# text has a stroke before it, so neither of these stands in one. No list before `rules`, and no
# object after `situation`, has such a key.
_RULES, _AFTER = b',"rules":[', b'],"situation":{'
_AFTER_RULES = len(b"],")


class Brief(NamedTuple):
    """One decision as another judge needs it, and how it came out; a plain tuple for speed."""

    time: UtcTime
    intent: OrderIntent
    situation: Situation
    verdict: Verdict
    quantity: Decimal


def outline(record: Record) -> Body | None:
    """What a record says, of a decision what stands before `rules`; None where it is misspelt."""
    begin, _ = _rules_of(record)
    return _fields(record.body if begin is None else record.body[:begin] + b"}")


def brief_of(read: Read) -> Brief:
    """The decision of which this is the outline; raises BrokenChain (M402) where it is misspelt."""
    record, told = read
    _, end = _rules_of(record)
    rest = _fields(record.body if end is None else b"{" + record.body[end + _AFTER_RULES :])
    if rest is None:
        raise broken(misspelt(record.sequence), record.sequence)
    number = told["intent"]
    return Brief(
        time=record.time,
        intent=wish_of(bodies.mapping(rest, "wish"), number if isinstance(number, int) else 0),
        situation=situation_of(bodies.mapping(rest, "situation")),
        verdict=Verdict(bodies.text(rest, "verdict")),
        quantity=bodies.number(told, "quantity"),
    )


def _rules_of(record: Record) -> tuple[int, int] | tuple[None, None]:
    """Where the answers of the rules begin and end; nowhere in other records."""
    if record.kind is not RecordKind.DECISION:
        return None, None
    begin, end = record.body.find(_RULES), record.body.rfind(_AFTER)
    return (begin, end) if 0 < begin < end else (None, None)


def _fields(part: bytes) -> Body | None:
    return cast("Body | None", canonical_fields(part))
