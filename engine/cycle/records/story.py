"""The story of an order and of a decision, read back from their records.

In: records of one order (or one decision). Out: the values that were recorded: the wish, the
facts, the decision, and every step after it with its time. Nothing is worked out again here;
that is what re-judging is for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.cycle.judging.situation import situation_of
from engine.cycle.records.order_bodies import wish_of
from engine.ledger import bodies
from engine.ledger.records import RecordKind
from engine.model.decisions import (
    Comparison,
    Decision,
    Evaluation,
    Outcome,
    Reason,
    ReasonCode,
    Verdict,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from engine.cycle.judging.situation import Situation
    from engine.ledger.bodies import Body, Json
    from engine.ledger.records import Record
    from engine.model.decisions import Told
    from engine.model.orders import OrderIntent
    from engine.model.times import UtcTime


_BREACHED = frozenset({ReasonCode.LIMIT_BREACHED.value, ReasonCode.GUARD_BREACHED.value})


@dataclass(frozen=True, slots=True)
class DecisionRecord:
    """One decision as recorded: when, by which set, about what, from what, and the answer."""

    sequence: int
    time: UtcTime
    cycle: int
    mode: str
    policy_set: str
    client_order_id: str | None
    intent: OrderIntent
    situation: Situation
    decision: Decision


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened to an order after it was decided."""

    sequence: int
    time: UtcTime
    kind: RecordKind
    body: Body


@dataclass(frozen=True, slots=True)
class Story:
    """One order: the decision that allowed it, and what became of it."""

    decided: DecisionRecord
    steps: tuple[Step, ...]


def story_of(records: Sequence[Record]) -> Story:
    """The story that these records of one order tell, oldest first.

    Raises ValueError when the decision is not among them: the records are not of one order.
    """
    decisions = [each for each in records if each.kind is RecordKind.DECISION]
    if len(decisions) != 1:
        message = f"one order has one decision, these records have {len(decisions)}"
        raise ValueError(message)
    steps = (each for each in records if each.kind is not RecordKind.DECISION)
    return Story(decision_of(decisions[0]), tuple(_step(each) for each in steps))


def decision_of(record: Record) -> DecisionRecord:
    """The decision that a record holds."""
    body = bodies.of_record(record)
    number = body["intent"]
    return DecisionRecord(
        sequence=record.sequence,
        time=record.time,
        cycle=bodies.whole(body, "cycle"),
        mode=bodies.text(body, "mode"),
        policy_set=bodies.text(body, "policy_set"),
        client_order_id=bodies.optional_text(body, "client_order_id"),
        intent=wish_of(bodies.mapping(body, "wish"), number if isinstance(number, int) else 0),
        situation=situation_of(bodies.mapping(body, "situation")),
        decision=_verdict_of(body),
    )


def _step(record: Record) -> Step:
    return Step(record.sequence, record.time, record.kind, bodies.of_record(record))


def _verdict_of(body: Mapping[str, Json]) -> Decision:
    return Decision(
        verdict=Verdict(bodies.text(body, "verdict")),
        asked=bodies.number(body, "asked"),
        quantity=bodies.number(body, "quantity"),
        reasons=reasons_of(body),
        resized_by=tuple(str(each) for each in _items(body["resized_by"])),
        evaluations=tuple(
            _evaluation_of(each) for each in _items(body["rules"]) if isinstance(each, dict)
        ),
    )


def reasons_of(body: Mapping[str, Json]) -> tuple[Reason, ...]:
    """Why a decision refuses, as its record holds it."""
    return tuple(_reason_of(each) for each in _lists(body["reasons"]))


def breached_rules(body: Mapping[str, Json]) -> list[str]:
    """The rules that a decision names for having been breached; no reason is made for it."""
    found = []
    for each in _lists(body["reasons"]):
        match each:
            case [str(code), [_, str(rule)], *_] if code in _BREACHED:
                found.append(rule)
    return found


def _reason_of(parts: list[Json]) -> Reason:
    code, *pairs = parts
    return Reason(ReasonCode(code), tuple((str(p[0]), str(p[1])) for p in _lists(pairs)))


def _evaluation_of(body: Mapping[str, Json]) -> Evaluation:
    return Evaluation(
        rule=bodies.text(body, "rule"),
        group=bodies.optional_text(body, "group"),
        stage=bodies.text(body, "stage"),
        outcome=Outcome(bodies.text(body, "outcome")),
        comparisons=tuple(_comparison_of(each) for each in _lists(body["compared"])),
        missing=tuple(str(each) for each in _items(body.get("missing", []))),
    )


def _comparison_of(parts: list[Json]) -> Comparison:
    left, op, right, headroom = parts
    room = float(headroom) if isinstance(headroom, float | int) else None
    return Comparison(_told(left), str(op), _told(right), room)


def _told(value: Json) -> Told:
    if value is None or isinstance(value, bool | str):
        return value
    # A whole number of a fact is written without its point.
    return float(value) if isinstance(value, int | float) else None


def _items(value: Json) -> list[Json]:
    if not isinstance(value, list):
        raise TypeError(value)
    return value


def _lists(value: Json) -> Iterable[list[Json]]:
    return (each for each in _items(value) if isinstance(each, list))
