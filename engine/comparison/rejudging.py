"""Recorded decisions under another policy set: which come out otherwise, and why.

In: the records of a ledger, and a candidate. Out: `Rejudged`, flips by direction with the money
that they are about. The candidate answers with its limits, guards, budgets and waivers; what was
wanted, which products there were and which breakers stood are as recorded. A decision that turns
on a fact which the ledger does not hold is counted as untold, never guessed.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from engine.cycle.facts.universe import limit_groups
from engine.cycle.judging.programme import Programme
from engine.cycle.judging.shadow import Shadow
from engine.cycle.records.activation import activated_set
from engine.cycle.records.story import decision_of
from engine.errors import Diagnostic, MandateError
from engine.kinds.parameters import GROUP_FACT
from engine.kinds.rule import Scope, Stage
from engine.ledger import bodies
from engine.ledger.records import RecordKind
from engine.model.decisions import Outcome, ReasonCode
from engine.model.numbers import ZERO
from engine.model.orders import Mode

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from decimal import Decimal

    from engine.cycle.records.story import DecisionRecord
    from engine.ledger.records import Record
    from engine.model.decisions import Decision, Reason
    from engine.policyset.policyset import PolicySet

_UNDECIDED = frozenset({ReasonCode.LIMIT_UNDECIDED, ReasonCode.GUARD_UNDECIDED})
_GROUPS = "the facts of other groups"


class Turn(Enum):
    """How a decision came out otherwise; `looser` says that more may leave than did."""

    ALLOWED = "allowed"
    LARGER = "larger"
    SMALLER = "smaller"
    DENIED = "denied"

    @property
    def looser(self) -> bool:
        """Whether the candidate lets more leave."""
        return self in {Turn.ALLOWED, Turn.LARGER}


@dataclass(frozen=True, slots=True)
class Flip:
    """One decision that comes out otherwise; `notional` is the difference in the numeraire.

    None where nobody stated what the quote currency was worth.
    """

    recorded: DecisionRecord
    judged: Decision
    turn: Turn
    notional: Decimal | None


@dataclass(frozen=True, slots=True)
class Total:
    """How many decisions turned in one way, and the money that they are about."""

    count: int = 0
    notional: Decimal = ZERO

    def plus(self, flip: Flip) -> Total:
        """With one more."""
        return Total(self.count + 1, self.notional + (flip.notional or ZERO))


@dataclass(slots=True)
class Rejudged:
    """What came of it; `first` is the earliest flip, `by` counts the reasons of the new denials.

    `untold` counts the decisions that turn on each fact that was not recorded.
    """

    candidate: str
    decisions: int = 0
    sets: set[str] = field(default_factory=set)
    turns: dict[Turn, Total] = field(default_factory=dict)
    by: Counter[str] = field(default_factory=Counter)
    untold: Counter[str] = field(default_factory=Counter)
    doubtful: int = 0
    first: Flip | None = None

    @property
    def flips(self) -> int:
        """How many come out otherwise."""
        return sum(each.count for each in self.turns.values())

    def take(self, flip: Flip) -> None:
        """Count a flip."""
        self.first = self.first or flip
        self.turns[flip.turn] = self.turns.get(flip.turn, Total()).plus(flip)
        # What refused it then, and what refuses it now: the rules that the change is about.
        decision = flip.recorded.decision if flip.turn.looser else flip.judged
        self.by.update(dict.fromkeys([*_rules(decision), *decision.resized_by], 1))


def rejudge_under(candidate: PolicySet, records: Iterable[Record]) -> Rejudged:
    """Judge every recorded decision under `candidate`.

    Raises MandateError (M440) where the set that decided was never activated in these records.
    """
    found = Rejudged(candidate.hash)
    bench = _Bench(candidate)
    for record in records:
        if record.kind is RecordKind.SET_ACTIVATED:
            bench.activate(record)
        if record.kind is RecordKind.DECISION:
            recorded = decision_of(record)
            found.decisions += 1
            found.sets.add(recorded.policy_set)
            _count(found, recorded, bench)
    return found


def _count(found: Rejudged, recorded: DecisionRecord, bench: _Bench) -> None:
    if recorded.policy_set == found.candidate:
        return
    judged, unheld = bench.judged(recorded)
    if unheld:
        found.untold.update(unheld)
        found.doubtful += 1
        return
    turn = _turn(recorded.decision, judged)
    if turn is not None:
        found.take(Flip(recorded, judged, turn, _notional(recorded, judged)))


class _Bench:
    """The candidate's judges by mode, and what the ledger holds for it under each recorded set."""

    def __init__(self, candidate: PolicySet) -> None:
        self.candidate = candidate
        self._shadows: dict[Mode, Shadow] = {}
        self._unheld: dict[tuple[str, Mode], frozenset[str]] = {}
        self._activated: dict[str, Record] = {}
        self._by_group = any(
            rule.scope is Scope.GROUP and rule.stage is Stage.ENFORCE for rule in candidate.rules
        )

    def activate(self, record: Record) -> None:
        """Remember an activation: its set may be asked what it recorded."""
        self._activated[bodies.text(bodies.of_record(record), "policy_set")] = record

    def judged(self, recorded: DecisionRecord) -> tuple[Decision, frozenset[str]]:
        """The candidate's decision, and the facts without which it cannot be told."""
        mode = Mode(recorded.mode)
        if mode not in self._shadows:
            self._shadows[mode] = Shadow(self.candidate, mode)
        decision = self._shadows[mode].judged(recorded.intent, recorded.situation, recorded.time)
        lacking = frozenset(_lacking(decision)) & self._not_recorded(recorded.policy_set, mode)
        if self._by_group and self._other_groups(recorded):
            lacking |= {_GROUPS}
        return decision, lacking if _open(decision, lacking) else frozenset()

    def _not_recorded(self, policy_set: str, mode: Mode) -> frozenset[str]:
        """The facts that the candidate asks for and decisions of that set do not hold."""
        key = policy_set, mode
        if key not in self._unheld:
            asked, held = (
                Programme(each, mode).decision_facts
                for each in (self.candidate, self._set(policy_set))
            )
            self._unheld[key] = asked - held
        return self._unheld[key]

    def _set(self, policy_set: str) -> PolicySet:
        if policy_set not in self._activated:
            message = f"no record activates policy set {policy_set}, by which a decision was made"
            mend = "judge the whole ledger, from its genesis"
            raise MandateError([Diagnostic("M440", message, None, mend)])
        return activated_set(bodies.of_record(self._activated[policy_set]))

    def _other_groups(self, recorded: DecisionRecord) -> bool:
        """Whether the candidate counts the product among groups whose facts nobody recorded."""
        held = {str(group[GROUP_FACT]) for group in recorded.situation.groups}
        return held != set(limit_groups(self.candidate.universe, recorded.intent.symbol))


def _lacking(decision: Decision) -> Iterator[str]:
    """The facts that leave an enforced rule undecided."""
    for each in decision.evaluations:
        if each.outcome is Outcome.UNDECIDED and each.stage == Stage.ENFORCE.value:
            yield from each.missing


def _open(decision: Decision, lacking: frozenset[str]) -> bool:
    """Whether those facts could change the verdict: a decided refusal stands without them."""
    return bool(lacking) and not any(_stands(each, lacking) for each in decision.reasons)


def _stands(reason: Reason, lacking: frozenset[str]) -> bool:
    if reason.code in _UNDECIDED:
        return False
    by_group = reason.code is ReasonCode.NOTHING_LEFT or "group" in dict(reason.values)
    return not (by_group and _GROUPS in lacking)


def _turn(recorded: Decision, judged: Decision) -> Turn | None:
    if recorded.verdict.allowed != judged.verdict.allowed:
        return Turn.ALLOWED if judged.verdict.allowed else Turn.DENIED
    if recorded.quantity == judged.quantity:
        return None
    return Turn.LARGER if judged.quantity > recorded.quantity else Turn.SMALLER


def _notional(recorded: DecisionRecord, judged: Decision) -> Decimal | None:
    """What the difference in size is worth at the worst price that was asked."""
    rate = recorded.situation.rate
    if rate is None:
        return None
    difference = abs(judged.quantity - recorded.decision.quantity)
    return difference * recorded.intent.worst_price * rate


def _rules(decision: Decision) -> Iterator[str]:
    """The rules that refuse, and what else does by its code; limits are named each by itself."""
    for reason in decision.reasons:
        if reason.code is not ReasonCode.NOTHING_LEFT:
            yield dict(reason.values).get("rule", reason.code.value)
