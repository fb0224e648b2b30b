"""The rules that bind one kind of intent in one mode, compiled once and asked many times.

In: a policy set. Out: `Panel`, which answers all of its rules over one order's facts, the rules
of group scope once for each group of the product.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from engine.expr.backends.closure import compile_motor
from engine.expr.vocabulary import FactScope
from engine.kinds.parameters import GROUP_FACT
from engine.kinds.rule import OnBreach, RuleRole, Scope, Stage
from engine.model.decisions import Comparison, Evaluation, Outcome
from engine.policyset.sizing_rules import depends_on_size

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.expr.backends.closure import Answers, Motor
    from engine.expr.nodes import Value
    from engine.expr.vocabulary import Vocabulary
    from engine.kinds.rule import Rule
    from engine.model.decisions import Told
    from engine.model.orders import Intent, Mode
    from engine.policyset.policyset import PolicySet

_ROLES = frozenset({RuleRole.LIMIT, RuleRole.GUARD})
_WITHOUT_ORDER = frozenset({FactScope.SYMBOL, FactScope.ACCOUNT, FactScope.VENUE})
_ENFORCED = Stage.ENFORCE.value
_OUTCOMES = {True: Outcome.PASS, False: Outcome.BREACH, None: Outcome.UNDECIDED}


class Answered(NamedTuple):
    """One rule's verdict, for one group in group scope; the rest is worked out when asked.

    A named tuple, since every rule of every decision makes one.
    """

    rule: Rule
    group: str | None
    verdict: bool | None
    answers: Answers
    place: int

    @property
    def enforced(self) -> bool:
        """Whether it counts: rules in shadow and warn stages are only recorded."""
        return self.rule.stage is Stage.ENFORCE

    def missing(self) -> tuple[str, ...]:
        """The facts that leave it undecided."""
        return self.answers.missing(self.place)

    def evaluation(self, sides: Sequence[Told], rooms: Sequence[float | None]) -> Evaluation:
        """What a decision records of it, from what all rules of its motor compared.

        `sides` are the motor's operands as they are told, `rooms` the headrooms of this rule.
        """
        rule, verdict = self.rule, self.verdict
        links = self.answers.motor.links[self.place]
        compared = [
            Comparison(sides[link.left_at], link.op, sides[link.right_at], room)
            for link, room in zip(links, rooms, strict=True)
        ]
        missing = self.missing() if verdict is None else ()
        # The common case by identity: asking an enum for its value is a call.
        stage = _ENFORCED if rule.stage is Stage.ENFORCE else rule.stage.value
        return Evaluation(rule.id, self.group, stage, _OUTCOMES[verdict], tuple(compared), missing)


def evaluations_of(answered: Sequence[Answered]) -> tuple[Evaluation, ...]:
    """What a decision records of its rules; what a motor has for all of them is asked for once."""
    found: list[Evaluation] = []
    answers: Answers | None = None
    for each in answered:
        if each.answers is not answers:
            answers = each.answers
            sides, rooms = _told(answers.operands), answers.headroom()
        found.append(each.evaluation(sides, rooms[each.place]))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Compiled:
    rules: tuple[Rule, ...]
    motor: Motor

    @classmethod
    def of(cls, rules: Sequence[Rule], vocabulary: Vocabulary) -> _Compiled:
        return cls(tuple(rules), compile_motor([rule.tree for rule in rules], vocabulary))

    def answer(self, facts: Mapping[str, Value], group: str | None) -> list[Answered]:
        answers = self.motor.evaluate(facts)
        return [
            Answered(rule, group, verdict, answers, index)
            for index, (rule, verdict) in enumerate(zip(self.rules, answers.verdicts, strict=True))
        ]

    def allows(self, facts: Mapping[str, Value]) -> bool:
        return all(verdict is True for verdict in self.motor.evaluate(facts).verdicts)


class Panel:
    """All limits and guards that bind `intent` in `mode`."""

    def __init__(self, policy_set: PolicySet, intent: Intent, mode: Mode) -> None:
        vocabulary = policy_set.vocabulary
        rules = [
            rule
            for rule in policy_set.rules
            if rule.role in _ROLES and intent in rule.intents and mode in rule.modes
        ]
        sizers = [
            rule
            for rule in rules
            if rule.on_breach is OnBreach.RESIZE
            and rule.stage is Stage.ENFORCE
            and depends_on_size(rule.tree, vocabulary)
        ]
        self.size_dependent = frozenset(
            rule.id for rule in rules if depends_on_size(rule.tree, vocabulary)
        )
        aged = [rule for rule in rules if _is_about_age(rule, vocabulary)]
        self._age = _Compiled.of(aged, vocabulary)
        self._single, self._grouped = (_Compiled.of(r, vocabulary) for r in _split(rules))
        self._size_single, self._size_grouped = (
            _Compiled.of(r, vocabulary) for r in _split(sizers)
        )

    def answer(
        self, facts: Mapping[str, Value], groups: Sequence[Mapping[str, Value]]
    ) -> list[Answered]:
        """Every rule's answer, in the order of the rules' ids, then of the groups."""
        found = self._single.answer(facts, None)
        if self._grouped.rules:
            for group in groups:
                found.extend(self._grouped.answer({**facts, **group}, str(group[GROUP_FACT])))
        return found

    def failing_on_age(self, facts: Mapping[str, Value]) -> tuple[str, ...]:
        """The enforced rules about the quote's age, and no order, that are not satisfied."""
        return tuple(a.rule.id for a in self._age.answer(facts, None) if a.verdict is not True)

    def sizes(self, facts: Mapping[str, Value], groups: Sequence[Mapping[str, Value]]) -> bool:
        """Whether every rule that resizes allows an order of these facts."""
        if not self._size_single.allows(facts):
            return False
        return not self._size_grouped.rules or all(
            self._size_grouped.allows({**facts, **group}) for group in groups
        )


def _is_about_age(rule: Rule, vocabulary: Vocabulary) -> bool:
    """Whether a rule names the quote's age, perhaps beside other facts that need no order."""
    names = vocabulary.base_facts(rule.tree)
    if rule.stage is not Stage.ENFORCE or "quote.age_s" not in names:
        return False
    specs = (vocabulary.spec(name) for name in names)
    return all(spec is not None and spec.scope in _WITHOUT_ORDER for spec in specs)


def _told(values: Sequence[Value | None]) -> list[Told]:
    # A set of text has no order and no headroom; a record tells its members.
    return [",".join(sorted(each)) if isinstance(each, frozenset) else each for each in values]


def _split(rules: Sequence[Rule]) -> tuple[list[Rule], list[Rule]]:
    grouped = [rule for rule in rules if rule.scope is Scope.GROUP]
    return [rule for rule in rules if rule.scope is not Scope.GROUP], grouped
