"""The rules that bind one kind of intent in one mode, compiled once and asked many times.

In: a policy set. Out: `Panel`, which answers all of its rules over one order's facts, the rules
of group scope once for each group of the product.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate, chain
from typing import TYPE_CHECKING, NamedTuple

from engine.expr.backends.closure import compile_motor
from engine.expr.vocabulary import FactScope
from engine.kinds.parameters import GROUP_FACT
from engine.kinds.rule import OnBreach, RuleRole, Scope, Stage
from engine.model.decisions import Comparison, Evaluation, Outcome
from engine.policyset.sizing_rules import depends_on_size

if TYPE_CHECKING:
    from collections.abc import Container, Mapping, Sequence

    from engine.expr.backends.closure import Answers, Motor
    from engine.expr.nodes import Value
    from engine.expr.vocabulary import Vocabulary
    from engine.kinds.rule import Rule
    from engine.model.decisions import Told
    from engine.model.orders import Intent, Mode
    from engine.policyset.policyset import PolicySet

_ROLES = frozenset({RuleRole.LIMIT, RuleRole.GUARD})
_WITHOUT_ORDER = frozenset({FactScope.SYMBOL, FactScope.ACCOUNT, FactScope.VENUE})
_OUTCOMES = {True: Outcome.PASS, False: Outcome.BREACH, None: Outcome.UNDECIDED}


class Answered(NamedTuple):
    """One rule's verdict, for one group in group scope; the rest is worked out when asked."""

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


# Past the generated constructors, which would take longer here than the rules themselves.
_new = tuple.__new__


class _Line(NamedTuple):
    """What every evaluation of one rule says alike, and where its comparisons stand."""

    rule: str
    stage: str
    place: int
    span: slice


@dataclass(frozen=True, slots=True)
class _Compiled:
    """Rules with their motor; `links` are the comparisons of all of them, in one row.

    A link is an operator between the places of its sides among the motor's operands.
    """

    rules: tuple[Rule, ...]
    motor: Motor
    lines: tuple[_Line, ...]
    links: tuple[tuple[int, str, int], ...]

    @classmethod
    def of(cls, rules: Sequence[Rule], vocabulary: Vocabulary) -> _Compiled:
        motor = compile_motor([rule.tree for rule in rules], vocabulary)
        ends = [*accumulate(map(len, motor.links))]
        spans = map(slice, [0, *ends], ends)
        lines = tuple(
            _Line(rule.id, rule.stage.value, place, span)
            for place, (rule, span) in enumerate(zip(rules, spans, strict=True))
        )
        links = chain.from_iterable(motor.links)
        places = tuple((link.left_at, link.op, link.right_at) for link in links)
        return cls(tuple(rules), motor, lines, places)

    def answer(self, facts: Mapping[str, Value], group: str | None) -> Sheet:
        return Sheet(self, group, self.motor.evaluate(facts))

    def rooms(self, facts: Mapping[str, Value]) -> list[float | None]:
        """The headroom of every comparison, in one row."""
        return [*chain.from_iterable(self.motor.evaluate(facts).headroom())]

    def allows(self, facts: Mapping[str, Value]) -> bool:
        verdicts = self.motor.evaluate(facts).verdicts
        return verdicts.count(True) == len(verdicts)


@dataclass(frozen=True, slots=True)
class Sheet:
    """The answers of one motor about one order, for one group in group scope."""

    asked: _Compiled
    group: str | None
    answers: Answers

    def failing(self) -> list[Answered]:
        """The rules that are not satisfied: breached or undecided."""
        verdicts = self.answers.verdicts
        if verdicts.count(True) == len(verdicts):  # as most are, most of the time
            return []
        return [
            _new(Answered, (self.asked.rules[place], self.group, verdict, self.answers, place))
            for place, verdict in enumerate(verdicts)
            if verdict is not True
        ]

    def evaluations(self) -> list[Evaluation]:
        """What a decision records of every rule."""
        group, answers, compared = self.group, self.answers, self._compared()
        return [
            _new(
                Evaluation,
                (
                    rule,
                    group,
                    stage,
                    _OUTCOMES[verdict],
                    compared[span],
                    answers.missing(place) if verdict is None else (),
                ),
            )
            for (rule, stage, place, span), verdict in zip(
                self.asked.lines, answers.verdicts, strict=True
            )
        ]

    def _compared(self) -> tuple[Comparison, ...]:
        """The comparisons of all rules, in one row: a decision makes dozens of them."""
        sides = _told(self.answers.operands)
        rooms = chain.from_iterable(self.answers.headroom())
        return tuple(
            [
                _new(Comparison, (sides[left_at], op, sides[right_at], room))
                for (left_at, op, right_at), room in zip(self.asked.links, rooms, strict=True)
            ]
        )


class Sizing:
    """The rules that resize, asked about one order at many sizes."""

    def __init__(
        self,
        single: _Compiled,
        grouped: _Compiled,
        facts: Mapping[str, Value],
        groups: Sequence[Mapping[str, Value]],
    ) -> None:
        rules = [(single, {**facts})]
        if grouped.rules:
            rules += [(grouped, {**facts, **group}) for group in groups]
        self._rules = rules

    def allows(self, sizes: Mapping[str, Value]) -> bool:
        """Whether every one of them allows the order at this size."""
        # In place: these mappings are ours, and nothing but the size is different.
        for rules, facts in self._rules:
            facts.update(sizes)
            if not rules.allows(facts):
                return False
        return True

    def share_left(self, none: Mapping[str, Value], asked: Mapping[str, Value]) -> float:
        """Where between nothing and what is asked the first limit is reached, if all are linear.

        Read off the headroom at both ends. A place to begin a search, and no answer.
        """
        share = 1.0
        for rules, facts in self._rules:
            before, after = (rules.rooms({**facts, **sizes}) for sizes in (none, asked))
            for room, left in zip(before, after, strict=True):
                if room is not None and left is not None and left < 0 <= room:
                    share = min(share, room / (room - left))
        return share


class Panel:
    """All limits and guards that bind `intent` in `mode`."""

    def __init__(
        self, policy_set: PolicySet, intent: Intent, mode: Mode, ids: Container[str] | None = None
    ) -> None:
        """Compile them, or those with these ids only."""
        vocabulary = policy_set.vocabulary
        rules = [
            rule
            for rule in policy_set.rules
            if rule.role in _ROLES and intent in rule.intents and mode in rule.modes
            if ids is None or rule.id in ids
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
    ) -> list[Sheet]:
        """Every rule's answer, in the order of the rules' ids, then of the groups."""
        found = [self._single.answer(facts, None)]
        if self._grouped.rules:
            found += [
                self._grouped.answer({**facts, **group}, str(group[GROUP_FACT])) for group in groups
            ]
        return found

    def failing_on_age(self, facts: Mapping[str, Value]) -> tuple[str, ...]:
        """The enforced rules about the quote's age, and no order, that are not satisfied."""
        return tuple(each.rule.id for each in self._age.answer(facts, None).failing())

    def sizing(self, facts: Mapping[str, Value], groups: Sequence[Mapping[str, Value]]) -> Sizing:
        """The rules that resize, ready for sizes of one order."""
        return Sizing(self._size_single, self._size_grouped, facts, groups)


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
