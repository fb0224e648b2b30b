"""Recorded decisions under another policy set: which come out otherwise, and why.

In: the records of a ledger, or of a part of it, and a candidate. Out: `Rejudged`, flips by their
direction with the money that they are about. The candidate answers with its limits, guards, budgets
and waivers; what was wanted, which products there were and which breakers stood are as recorded. A
decision that turns on a fact which the ledger does not hold is counted as untold, never guessed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.comparison.rejudging.bench import Bench
from engine.comparison.rejudging.flips import Flip, Rejudged, Turn
from engine.cycle.records.brief import brief_of, outline
from engine.cycle.records.story import decision_of, reasons_of
from engine.ledger import bodies
from engine.ledger.chain import Read
from engine.ledger.records import RecordKind
from engine.model.decisions import ReasonCode

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from decimal import Decimal

    from engine.comparison.rejudging.bench import LookedUp
    from engine.cycle.judge import Ruling
    from engine.cycle.records.brief import Brief
    from engine.ledger.records import Record
    from engine.model.decisions import Reason
    from engine.policyset.policyset import PolicySet


def rejudge_under(candidate: PolicySet, records: Iterable[Record]) -> Rejudged:
    """Judge every recorded decision under `candidate`.

    Raises MandateError (M440) where the set that decided was never activated in these records.
    """
    read = (Read(each, outline(each) or bodies.of_record(each)) for each in records)
    return rejudge_part(Bench(candidate), read, lambda _: None)


def rejudge_part(bench: Bench, records: Iterable[Read], before: LookedUp) -> Rejudged:
    """Judge the decisions of a part of a ledger; `before` looks for activations ahead of it.

    A decision is read as far as its `outline`. Raises as `rejudge_under` does, and BrokenChain.
    """
    found = Rejudged(bench.candidate.hash)
    activated: dict[str, Record] = {}

    def activation(policy_set: str) -> Record | None:
        return activated.get(policy_set) or before(policy_set)

    for record, body in records:
        if record.kind is RecordKind.SET_ACTIVATED:
            activated[bodies.text(body, "policy_set")] = record
        if record.kind is RecordKind.DECISION:
            found.decisions += 1
            policy_set = bodies.text(body, "policy_set")
            found.sets.add(policy_set)
            if policy_set != found.candidate:
                _count(found, Read(record, body), bench, activation)
    return found


def _count(found: Rejudged, read: Read, bench: Bench, activation: LookedUp) -> None:
    against = bench.against(read.body, activation)
    if against.settled.denied(read.body):
        return
    brief = brief_of(read)
    if bench.same(brief, against):
        return
    ruling, unheld = bench.judged(brief, against)
    if unheld:
        found.untold.update(unheld)
        found.doubtful += 1
        return
    turn = _turn(brief, ruling)
    if turn is None:
        return
    notional = _notional(brief, ruling)
    if found.first is None:
        found.first = Flip(decision_of(read.record), ruling.decision(), turn, notional)
    # What refused it then, and what refuses it now: the rules that the change is about.
    if turn.looser:
        found.take(
            turn, notional, [*_rules(reasons_of(read.body)), *bodies.texts(read.body, "resized_by")]
        )
    else:
        found.take(turn, notional, [*_rules(ruling.reasons), *ruling.resized_by])


def _turn(recorded: Brief, judged: Ruling) -> Turn | None:
    if recorded.verdict.allowed != judged.verdict.allowed:
        return Turn.ALLOWED if judged.verdict.allowed else Turn.DENIED
    if recorded.quantity == judged.quantity:
        return None
    return Turn.LARGER if judged.quantity > recorded.quantity else Turn.SMALLER


def _notional(recorded: Brief, judged: Ruling) -> Decimal | None:
    """What the difference in size is worth at the worst price that was asked."""
    rate = recorded.situation.rate
    if rate is None:
        return None
    return abs(judged.quantity - recorded.quantity) * recorded.intent.worst_price * rate


def _rules(reasons: Sequence[Reason]) -> Iterator[str]:
    """The rules that refuse, and what else does by its code; limits are named each by itself."""
    for reason in reasons:
        if reason.code is not ReasonCode.NOTHING_LEFT:
            yield dict(reason.values).get("rule", reason.code.value)
