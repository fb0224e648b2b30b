"""Judging again in the plainest way: every decision read whole, judged whole, and compared.

The oracle of `engine/comparison/rejudging`, which leaves out what cannot matter.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, cast

from cycle.stories import MODE

from engine.comparison.rejudging.flips import Turn
from engine.cycle.facts.universe import limit_groups
from engine.cycle.judging.programme import Programme
from engine.cycle.judging.shadow import Shadow
from engine.cycle.records.activation import activated_set
from engine.cycle.records.story import decision_of
from engine.kinds.rule import Scope, Stage
from engine.ledger import bodies
from engine.ledger.records import RecordKind, decode_body
from engine.model.decisions import Outcome, ReasonCode
from engine.model.numbers import ZERO

if TYPE_CHECKING:
    from collections.abc import Iterable
    from decimal import Decimal

    from engine.comparison.rejudging.flips import Rejudged
    from engine.cycle.records.story import DecisionRecord
    from engine.ledger.records import Body as Written
    from engine.ledger.records import Record
    from engine.model.decisions import Decision
    from engine.policyset.policyset import PolicySet

GROUPS = "the facts of other groups"
_SHADOWS: dict[str, Shadow] = {}
_ASKED: dict[str, frozenset[str]] = {}


@dataclass
class Plainly:
    """What came of it; `flips` are record, turn and money, in the order of the ledger."""

    decisions: int = 0
    flips: list[tuple[int, Turn, Decimal]] = field(default_factory=list)
    by: Counter[str] = field(default_factory=Counter)
    untold: Counter[str] = field(default_factory=Counter)
    doubtful: int = 0

    def agrees(self, found: Rejudged) -> None:
        """Assert that the other way says the same in everything."""
        assert found.decisions == self.decisions
        assert found.flips == len(self.flips)
        for turn in Turn:
            money = [usd for _, each, usd in self.flips if each is turn]
            total = found.turns.get(turn)
            assert (total is None) == (not money)
            assert total is None or (total.count, total.notional) == (len(money), sum(money))
        assert (found.by, found.untold, found.doubtful) == (self.by, self.untold, self.doubtful)
        first = found.first and (found.first.recorded.sequence, found.first.turn)
        assert first == (self.flips[0][:2] if self.flips else None)


def plainly(candidate: PolicySet, records: Iterable[Record]) -> Plainly:
    """Judge every decision under `candidate`."""
    found, sets = Plainly(), {}
    for record in records:
        if record.kind is RecordKind.SET_ACTIVATED:
            sets[str(bodies.of_record(record)["policy_set"])] = _activated(record.body)
        if record.kind is RecordKind.DECISION:
            found.decisions += 1
            recorded = decision_of(record)
            if recorded.policy_set != candidate.hash:
                _take(found, recorded, candidate, sets[recorded.policy_set])
    return found


@cache
def _activated(body: Written) -> PolicySet:
    return activated_set(cast("bodies.Body", decode_body(body)))


def _take(found: Plainly, then: DecisionRecord, candidate: PolicySet, recorded: PolicySet) -> None:
    now = _shadow(candidate).judged(then.intent, then.situation, then.time)
    unheld = _asked_facts(candidate) - _asked_facts(recorded)
    lacking = {
        name
        for each in now.evaluations
        if each.outcome is Outcome.UNDECIDED and each.stage == Stage.ENFORCE.value
        for name in each.missing
    } & unheld
    if _by_group(candidate) and _groups_of(then) != {
        *limit_groups(candidate.universe, then.intent.symbol)
    }:
        lacking.add(GROUPS)
    if lacking and not any(_decided(each, lacking) for each in now.reasons):
        found.untold.update(lacking)
        found.doubtful += 1
        return
    turn = _turn(then.decision, now)
    if turn is not None:
        rate = then.situation.rate
        difference = abs(now.quantity - then.decision.quantity) * then.intent.worst_price
        found.flips.append((then.sequence, turn, ZERO if rate is None else difference * rate))
        refused = then.decision if turn.looser else now
        names = [
            dict(each.values).get("rule", each.code.value)
            for each in refused.reasons
            if each.code is not ReasonCode.NOTHING_LEFT
        ]
        found.by.update({*names, *refused.resized_by})


def _shadow(policy_set: PolicySet) -> Shadow:
    if policy_set.hash not in _SHADOWS:
        _SHADOWS[policy_set.hash] = Shadow(policy_set, MODE)
    return _SHADOWS[policy_set.hash]


def _asked_facts(policy_set: PolicySet) -> frozenset[str]:
    if policy_set.hash not in _ASKED:
        _ASKED[policy_set.hash] = Programme(policy_set, MODE).decision_facts
    return _ASKED[policy_set.hash]


def _by_group(candidate: PolicySet) -> bool:
    rules = [each for each in candidate.rules if each.scope is Scope.GROUP]
    return any(each.stage is Stage.ENFORCE for each in rules)


def _groups_of(then: DecisionRecord) -> set[str]:
    return {str(group["group.name"]) for group in then.situation.groups}


def _decided(reason: object, lacking: set[str]) -> bool:
    words = str(reason)
    if "UNDECIDED" in words:
        return False
    of_groups = "NOTHING_LEFT" in words or " group=" in words
    return not (of_groups and GROUPS in lacking)


def _turn(then: Decision, now: Decision) -> Turn | None:
    if then.verdict.allowed != now.verdict.allowed:
        return Turn.ALLOWED if now.verdict.allowed else Turn.DENIED
    if then.quantity == now.quantity:
        return None
    return Turn.LARGER if now.quantity > then.quantity else Turn.SMALLER
