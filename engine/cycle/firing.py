"""How often each rule was asked and fired over a run: a rule that never does may be dead.

In: a policy set's programme, and the rounds of a run. Out: a `RuleCount` for every rule of the
mode, by id. A limit or guard fires when it is breached; any other rule when it holds.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.cycle.steps.plans import condition_text
from engine.kinds.rule import RuleRole
from engine.model.decisions import Outcome, ReasonCode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.cycle.desk import Round
    from engine.cycle.judging.programme import Programme
    from engine.kinds.rule import Rule
    from engine.model.decisions import Decision
    from engine.policyset.policyset import PolicySet

_OF_ORDERS = frozenset({RuleRole.LIMIT, RuleRole.GUARD})
_HELD = {Outcome.PASS: True, Outcome.BREACH: False, Outcome.UNDECIDED: None}
_PCT = 100


@dataclass(frozen=True, slots=True)
class RuleCount:
    """One rule over a run; `bound` counts the orders that it denied or made smaller."""

    rule: str
    role: RuleRole
    stage: str
    held: int
    failed: int
    undecided: int
    bound: int = 0

    @property
    def asked(self) -> int:
        """How often it was asked."""
        return self.held + self.failed + self.undecided

    @property
    def fired(self) -> int:
        """How often it said what it is there to say."""
        return self.failed if self.role in _OF_ORDERS else self.held

    @property
    def fired_pct(self) -> float:
        """The share of the questions in which it fired; 0 where it was never asked."""
        return _PCT * self.fired / self.asked if self.asked else 0.0


@dataclass(slots=True)
class Firing:
    """The count of a run; where another set was taken in it, of all that ran in it."""

    policy_set: PolicySet
    programme: Programme
    _before: list[tuple[PolicySet, Programme]] = field(default_factory=list)
    _answers: defaultdict[str, Counter[bool | None]] = field(
        default_factory=lambda: defaultdict(Counter)
    )
    _bound: Counter[str] = field(default_factory=Counter)

    def follow(self, policy_set: PolicySet, programme: Programme) -> None:
        """The set of the next cycle; the one before keeps what it counted."""
        if programme is not self.programme:
            self._before.append((self.policy_set, self.programme))
            self.policy_set, self.programme = policy_set, programme

    def add(self, this: Round) -> None:
        """Take in the decisions of one cycle; other rules are counted where they are asked."""
        for told in this.orders:
            self._add(told.decision)

    def _add(self, decision: Decision) -> None:
        for each in decision.evaluations:
            # A resized order's evaluations are those at its last size, which its rules let pass.
            held = False if each.rule in decision.resized_by else _HELD[each.outcome]
            self._answers[each.rule][held] += 1
        self._bound.update({*decision.resized_by, *_denying(decision)})

    def counts(self) -> tuple[RuleCount, ...]:
        """Every rule of the run's mode, by id; a rule that was never asked has counts of zero."""
        asked: dict[str, Counter[bool | None]] = {}
        rules: dict[str, Rule] = {}
        for policy_set, programme in (*self._before, (self.policy_set, self.programme)):
            rules |= {rule.id: rule for rule in programme.rules}
            for name, answers in _asked(policy_set, programme):
                asked.setdefault(name, Counter()).update(answers)
        return tuple(self._count(rules[name], asked) for name in sorted(rules))

    def _count(self, rule: Rule, asked: dict[str, Counter[bool | None]]) -> RuleCount:
        source = self._answers if rule.role in _OF_ORDERS else asked
        answers = source.get(rule.id, Counter())
        return RuleCount(
            rule=rule.id,
            role=rule.role,
            stage=rule.stage.value,
            held=answers[True],
            failed=answers[False],
            undecided=answers[None],
            bound=self._bound[rule.id],
        )


def _asked(
    policy_set: PolicySet, programme: Programme
) -> Iterator[tuple[str, Counter[bool | None]]]:
    for questions in programme.questions:
        for place, rule in enumerate(questions.rules):
            yield rule.id, questions.motor.answered(place)
    for rule in programme.rules:
        if rule.role is RuleRole.EXIT_WHEN:
            yield rule.id, _exits(rule, policy_set, programme)


def _exits(rule: Rule, policy_set: PolicySet, programme: Programme) -> Counter[bool | None]:
    """Plans ask for themselves, by their text: two strategies that say the same share it."""
    text = condition_text(policy_set, rule.document.partition("/")[2])
    motor = programme.conditions.get(text or "")
    return Counter() if motor is None else motor.answered(0)


def _denying(decision: Decision) -> Iterator[str]:
    for reason in decision.reasons:
        values = dict(reason.values)
        if reason.code is ReasonCode.NOTHING_LEFT:
            yield from values["limits"].split(",")
        elif "rule" in values and "breaker" not in values:
            yield values["rule"]
