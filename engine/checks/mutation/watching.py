"""What the tests asked of each rule, kept so that a change of it can be tried on the same.

In: the cases of a set, played once. Out: `Watched`: by rule, the facts of every question with the
answer, and the case that asked. A change that answers all of them alike changes no case.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.checks.expecting import Comparer
from engine.checks.playing import play
from engine.checks.running import Benches
from engine.cycle.facts.order import size_facts
from engine.expr.backends.closure import compile_motor
from engine.kinds.rule import RuleRole, Scope

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from engine.checks.cases import Case
    from engine.checks.naming import Names
    from engine.checks.playing import Seen
    from engine.expr.backends.closure import Motor
    from engine.expr.nodes import Value
    from engine.kinds.rule import Rule
    from engine.policyset.policyset import PolicySet

_JUDGED = frozenset({RuleRole.LIMIT, RuleRole.GUARD})


@dataclass(frozen=True, slots=True)
class Question:
    """One time that a rule was asked: by which case, over which facts, and the answer."""

    case: int
    facts: Mapping[str, Value]
    answer: bool | None


@dataclass(slots=True)
class Watched:
    """Every question of every rule; and for each case whether it comes out on the set itself."""

    policy_set: PolicySet
    cases: Sequence[Case]
    passing: list[bool] = field(default_factory=list)
    questions: dict[str, list[Question]] = field(default_factory=dict)
    _motors: dict[str, Motor] = field(default_factory=dict)

    def asked(self, rule: Rule, facts: Mapping[str, Value]) -> None:
        """A rule was asked, by the case that is being played."""
        if rule.id not in self._motors:
            self._motors[rule.id] = compile_motor([rule.tree], self.policy_set.vocabulary)
        # All that a change of it can depend on: thousands of questions are kept.
        names = self.policy_set.vocabulary.base_facts(rule.tree)
        kept = {name: facts[name] for name in names if name in facts}
        answer = self._motors[rule.id].evaluate(kept).verdicts[0]
        question = Question(len(self.passing), kept, answer)
        self.questions.setdefault(rule.id, []).append(question)

    def judged(self, case: Case, seen: Seen) -> None:
        """The judge was asked, at the size that was wanted."""
        if seen.asked is None:
            return
        intent, situation = seen.asked.intent, seen.asked.situation
        sizes = size_facts(intent, intent.quantity, situation.rate)
        facts = {**situation.facts, **sizes}
        for rule in self.policy_set.rules:
            binds = intent.intent in rule.intents and case.mode in rule.modes
            if rule.role in _JUDGED and binds:
                for group in situation.groups if rule.scope is Scope.GROUP else ({},):
                    self.asked(rule, {**facts, **group})


def watch(
    policy_set: PolicySet,
    cases: Sequence[Case],
    names: Names,
    told: Callable[[int, int], None] | None = None,
) -> Watched:
    """Play every case once, and keep what was asked."""
    watched = Watched(policy_set, cases)
    benches = Benches(policy_set, watched.asked)
    comparer = Comparer(policy_set, names, watched.asked)
    for case in cases:
        seen = play(case, benches.of(case.mode))
        for each in seen:
            watched.judged(case, each)
        watched.passing.append(not comparer.mismatches(case, seen))
        if told is not None:
            told(len(watched.passing), len(cases))
    return watched
