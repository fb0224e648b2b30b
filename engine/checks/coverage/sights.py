"""What each rule was asked while tests were played.

In: a bench and the judge's questions. Out: `Sights`: for every rule, the answers of its conditions
each time it was asked, and what came of it. The motors that count in a run tell of themselves
here; nothing is asked that the cycle does not ask.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeAlias

from engine.checks.bench import STEPS
from engine.checks.coverage.shapes import shape_of
from engine.checks.stating import always_known
from engine.cycle.facts.order import size_facts
from engine.cycle.judging.counted import CountedMotor
from engine.expr.backends.closure import compile_motor
from engine.kinds.rule import RuleRole, Scope

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from engine.checks.bench import Bench
    from engine.checks.coverage.shapes import Answer, Shape
    from engine.checks.playing import Seen
    from engine.cycle.judging.programme import Questions
    from engine.expr.backends.closure import Answers, Motor
    from engine.expr.nodes import Value
    from engine.kinds.rule import Rule
    from engine.model.orders import Mode
    from engine.policyset.policyset import PolicySet

    Hear: TypeAlias = Callable[[Rule, Mapping[str, Value]], None]

_JUDGED = frozenset({RuleRole.LIMIT, RuleRole.GUARD})


@dataclass(slots=True)
class Sight:
    """One rule over all tests: how often its conditions answered in each way, and what came.

    It is `certain` where no fact of it can be missing: nothing leaves it undecided.
    """

    rule: Rule
    shape: Shape
    motor: Motor
    certain: bool
    answers: Counter[tuple[Answer, ...]] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)

    def ask(self, facts: Mapping[str, Value]) -> Answer:
        """Take in one question; the rule's answer."""
        found = self.motor.evaluate(facts).verdicts
        self.answers[found] += 1
        return self.shape.answer(found)


class Sights:
    """Every rule of a set, as the tests have seen it."""

    def __init__(self, policy_set: PolicySet) -> None:
        self._set = policy_set
        self._by_rule = {rule.id: self._sight(rule) for rule in policy_set.rules}

    def _sight(self, rule: Rule) -> Sight:
        vocabulary = self._set.vocabulary
        shape = shape_of(rule.tree, vocabulary)
        certain = all(always_known(name) for name in vocabulary.base_facts(rule.tree))
        return Sight(rule, shape, compile_motor(shape.conditions, vocabulary), certain)

    @property
    def all(self) -> tuple[Sight, ...]:
        """All of them, in the order of the rules."""
        return tuple(self._by_rule.values())

    def asked(self, rule: Rule, facts: Mapping[str, Value]) -> None:
        """A rule was asked over these facts, apart from any order."""
        sight = self._by_rule[rule.id]
        sight.outcomes[_WORDS[sight.ask(facts)]] += 1

    def judged(self, seen: Seen, mode: Mode) -> None:
        """The judge was asked about an order."""
        if seen.asked is None or seen.decision is None:
            return
        intent, situation = seen.asked.intent, seen.asked.situation
        facts = {
            **situation.facts,
            **size_facts(intent, intent.quantity, situation.rate),
        }
        named = {dict(each.values).get("rule") for each in seen.decision.reasons}
        for sight in self._by_rule.values():
            rule = sight.rule
            binds = intent.intent in rule.intents and mode in rule.modes
            if rule.role not in _JUDGED or not binds:
                continue
            groups = situation.groups if rule.scope is Scope.GROUP else ({},)
            for group in groups:
                answer = sight.ask({**facts, **group})
                resized = rule.id in seen.decision.resized_by
                sight.outcomes[_came(answer, resized=resized, named=rule.id in named)] += 1


def telling(bench: Bench, hear: Hear) -> Bench:
    """The same bench, whose steps tell what they ask."""
    programme = bench.programme
    for step in STEPS:
        setattr(programme, step, _told(getattr(programme, step), hear))
    programme.strategies = tuple(
        replace(each, questions=_told(each.questions, hear)) for each in programme.strategies
    )
    return bench


def _told(questions: Questions, hear: Hear) -> Questions:
    motor = _Telling(questions.motor.motor, rules=questions.rules, hear=hear)
    return replace(questions, motor=motor)


def _deaf(_rule: Rule, _facts: Mapping[str, Value]) -> None:
    """Nobody listens."""


@dataclass(slots=True)
class _Telling(CountedMotor):
    """A motor that tells what its rules were asked."""

    rules: Sequence[Rule] = ()
    hear: Hear = _deaf

    def evaluate(self, facts: Mapping[str, Value]) -> Answers:
        """Answer, and tell of the question."""
        for rule in self.rules:
            self.hear(rule, facts)
        return CountedMotor.evaluate(self, facts)


_WORDS = {True: "holds", False: "fails", None: "undecided"}


def _came(answer: Answer, *, resized: bool, named: bool) -> str:
    """What one rule did to an order: the word is that of its outcome."""
    if answer is None:
        return "undecided"
    if answer:
        return "allowed"
    if resized:
        return "resized"
    return "denied" if named else "recorded"
