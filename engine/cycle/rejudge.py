"""Re-judging: every recorded decision once more, from its set and its recorded facts alone.

In: records of a ledger. Out: how many agree, and the first that does not. Bytes are compared,
not meanings: the judge is a function of what was recorded, or it is not.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.cycle.judge import Judge
from engine.cycle.judging.situation import situation_of
from engine.cycle.records.activation import activated_set
from engine.cycle.records.order_bodies import verdict_body, wish_of
from engine.errors import Diagnostic, MandateError
from engine.ledger import bodies
from engine.ledger.records import RecordKind, encode_body
from engine.model.orders import Mode

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from engine.ledger.bodies import Json
    from engine.ledger.records import Record
    from engine.policyset.policyset import PolicySet


@dataclass(frozen=True, slots=True)
class Flip:
    """A decision that came out otherwise; both sides as canonical text."""

    sequence: int
    recorded: str
    judged: str


@dataclass(slots=True)
class RejudgeReport:
    """What came of re-judging: `flips` in the order of the records."""

    decisions: int = 0
    sets: set[str] = field(default_factory=set)
    flips: list[Flip] = field(default_factory=list)

    @property
    def agrees(self) -> bool:
        """Whether every decision came out the same."""
        return not self.flips


def rejudge(records: Iterable[Record]) -> RejudgeReport:
    """Judge every decision again; raises MandateError when a set cannot be built again."""
    report = RejudgeReport()
    activations: dict[str, Mapping[str, Json]] = {}
    judges: dict[tuple[str, str], Judge] = {}
    for record in records:
        if record.kind is RecordKind.SET_ACTIVATED:
            body = bodies.of_record(record)
            activations[bodies.text(body, "policy_set")] = body
        if record.kind is RecordKind.DECISION:
            body = bodies.of_record(record)
            report.decisions += 1
            judge = _judge_for(body, activations, judges)
            report.sets.add(judge.policy_set.hash)
            _compare(report, record.sequence, body, judge)
    return report


def _judge_for(
    body: Mapping[str, Json],
    activations: Mapping[str, Mapping[str, Json]],
    judges: dict[tuple[str, str], Judge],
) -> Judge:
    key = bodies.text(body, "policy_set"), bodies.text(body, "mode")
    if key not in judges:
        judges[key] = Judge(_set_of(key[0], activations), Mode(key[1]))
    return judges[key]


def _set_of(policy_set: str, activations: Mapping[str, Mapping[str, Json]]) -> PolicySet:
    if policy_set not in activations:
        message = f"no record activates policy set {policy_set}, by which a decision was made"
        mend = "judge the whole ledger, from its genesis"
        raise MandateError([Diagnostic("M440", message, None, mend)])
    return activated_set(activations[policy_set])


def _compare(report: RejudgeReport, sequence: int, body: Mapping[str, Json], judge: Judge) -> None:
    number = body.get("intent")
    wish = wish_of(bodies.mapping(body, "wish"), number if isinstance(number, int) else 0)
    situation = situation_of(bodies.mapping(body, "situation"))
    judged = verdict_body(judge.judge(wish, situation))
    recorded = encode_body({name: body[name] for name in judged})
    again = encode_body(judged)
    if recorded != again:
        report.flips.append(Flip(sequence, recorded.decode(), again.decode()))
