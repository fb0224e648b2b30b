"""A recorded decision without the answers of its rules: what judging it again begins from.

In: a record, read and checked. Out: its fields with no `rules`, and `Brief`: what was wanted, from
what it was decided, and how it came out. The answers of the rules are most of a record and nothing
that another judge asks for, so they are hashed with the rest and not decoded; how they are spelt is
`audit verify`'s to check.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, cast

from engine.cycle.judging.situation import situation_of
from engine.cycle.records.order_bodies import wish_of
from engine.ledger import bodies
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


class Brief(NamedTuple):
    """One decision as another judge needs it, and how it came out; a plain tuple for speed."""

    time: UtcTime
    intent: OrderIntent
    situation: Situation
    verdict: Verdict
    quantity: Decimal


def brief_fields(record: Record) -> Body | None:
    """What a record says, of a decision all but `rules`; None where that is misspelt."""
    return cast("Body | None", canonical_fields(_without_rules(record)))


def _without_rules(record: Record) -> bytes:
    body = record.body
    if record.kind is not RecordKind.DECISION:
        return body
    begin, end = body.find(_RULES), body.rfind(_AFTER)
    return body[: begin + len(_RULES)] + body[end:] if 0 < begin < end else body


def brief_of(read: Read) -> Brief:
    """The decision that was read."""
    body = read.body
    number = body["intent"]
    return Brief(
        time=read.record.time,
        intent=wish_of(bodies.mapping(body, "wish"), number if isinstance(number, int) else 0),
        situation=situation_of(bodies.mapping(body, "situation")),
        verdict=Verdict(bodies.text(body, "verdict")),
        quantity=bodies.number(body, "quantity"),
    )
