"""Do two policy sets answer alike, whatever the state? For many small changes of one base.

In: a base, and the same with something another. Out: proved, a state in which a rule answers
otherwise (confirmed by the reference interpreter), or unknown with what is open in words. Limits
are the same when every order is refused alike at its asked size, at each smaller one and in the
end: a limit behind a tighter one may move. Every other rule is compared by itself. What no rule
says (a stop, a route, a reset) is open as soon as it is edited.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from itertools import chain
from typing import TYPE_CHECKING

from engine.comparison.edits import edits_of
from engine.comparison.fields import Question, carried_by_rules, meaning_of
from engine.comparison.proving.changes import Changes, circumstances
from engine.comparison.proving.conditions import ORDER_ROLES
from engine.comparison.proving.orders import Orders
from engine.comparison.proving.own_facts import Reading
from engine.comparison.proving.questions import ask, keep_invariants, keep_known
from engine.comparison.proving.solver import Answer
from engine.expr.backends.interpret import interpret
from engine.expr.backends.smt import Encoder, World, all_of, any_of
from engine.kinds.risk_limit.document import RiskLimitDocument
from engine.kinds.rule import RuleRole
from engine.model.orders import Intent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.comparison.edits import Edit
    from engine.comparison.proving.questions import Asked
    from engine.comparison.proving.states import State
    from engine.expr.backends.smt import Term
    from engine.expr.nodes import Node, Value
    from engine.kinds.base import Plain
    from engine.kinds.rule import Rule
    from engine.policyset.policyset import PolicySet

_WHOLE = frozenset({"RiskLimit", "CircuitBreaker", "AlertRule"})
"""Documents that rules say all of: without one, its rules are gone and nothing else is."""


class Sameness(Enum):
    """What was found."""

    PROVED = "proved"
    WITNESS = "witness"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Difference:
    """A state in which a rule answers otherwise, and what both sets answer.

    `rule` is a rule's id, or `Kind/name#part` of a number. None is undecided. A limit that is not
    there lets every order pass, any other rule that is not there never holds. `intent` is that of
    the order, where the rule is about orders.
    """

    rule: str
    intent: Intent | None
    state: State
    base: Value | None
    changed: Value | None


@dataclass(frozen=True, slots=True)
class Equivalence:
    """Proved, or a difference, or what is open."""

    sameness: Sameness
    difference: Difference | None = None
    open_: tuple[str, ...] = ()


def equivalent(base: PolicySet, changed: PolicySet) -> Equivalence:
    """Whether `changed` answers as `base` does; many changes of one base: `Original(base)`.

    Raises MandateError (M700) where no solver is installed.
    """
    return Original(base).against(changed)


@dataclass(frozen=True, slots=True)
class _Pair:
    """One rule or number as both sets have it."""

    id: str
    before: Node
    after: Node


@dataclass(frozen=True, slots=True)
class Original:
    """A base that changes are asked against one after another; it is encoded once.

    `Original(base).against(changed)` costs some ten milliseconds a rule that changed.
    """

    base: PolicySet
    _orders: dict[Intent, Orders] = field(default_factory=dict)

    def against(self, changed: PolicySet) -> Equivalence:
        """Whether `changed` answers as the base does; raises MandateError (M700) as above."""
        if changed.hash == self.base.hash:
            return Equivalence(Sameness.PROVED)
        return _Against(self, changed).answer()

    def orders(self, intent: Intent) -> Orders:
        """What the base asks of such orders."""
        if intent not in self._orders:
            self._orders[intent] = Orders(self.base, intent)
        return self._orders[intent]


class _Against:
    """One change, asked about."""

    def __init__(self, original: Original, changed: PolicySet) -> None:
        self.original = original
        self.base, self.changed = original.base, changed
        self.planned = original.base.deployment.equity_planned_usd[1]
        self.changes = Changes(
            Reading(self.base, self.base.vocabulary), Reading(changed, changed.vocabulary)
        )
        self.open = [_said(each) for each in edits_of(self.base, changed) if _is_open(each)]

    def answer(self) -> Equivalence:
        """A difference outweighs what is open."""
        difference = next(chain(self._by_themselves(), self._of_orders()), None)
        if difference is not None:
            return Equivalence(Sameness.WITNESS, difference)
        sameness = Sameness.UNKNOWN if self.open else Sameness.PROVED
        return Equivalence(sameness, None, tuple(dict.fromkeys(self.open)))

    def _by_themselves(self) -> Iterator[Difference]:
        """Numbers, and the rules that are not about orders."""
        for pair in (*self._numbers(), *self._rules(), *self._trims()):
            yield from self._differing(pair)

    def _of_orders(self) -> Iterator[Difference]:
        """Limits and guards that may answer otherwise, with all others that bind such orders."""
        ids = [each for each in self.changes.rules(ORDER_ROLES) if not self._alike(each)]
        rules = [rule for each in ids for rule in self.changes.rule(each) if rule is not None]
        intents = {intent for rule in rules for intent in rule.intents}
        for intent in (each for each in Intent if each in intents):
            yield from self._refused(intent, frozenset(ids))

    def _refused(self, intent: Intent, ids: frozenset[str]) -> Iterator[Difference]:
        question = self.original.orders(intent).against(self.changed, ids)
        asked = ask(question.world, self.changed.vocabulary, self.planned)
        if asked.answer is Answer.UNSATISFIABLE:
            return
        for state in asked.states:
            rule = question.differing(state.facts)
            if rule is not None:
                yield self._difference(rule, intent, state)
                return
        self.open.append(f"whether orders to {intent.value} are refused alike")

    def _difference(self, id_: str, intent: Intent, state: State) -> Difference:
        sides = zip(self.changes.rule(id_), (self.base, self.changed), strict=True)
        answers = [_answer_of(rule, intent, state, one) for rule, one in sides]
        return Difference(id_, intent, state, *answers)

    def _differing(self, pair: _Pair) -> Iterator[Difference]:
        asked = self._asked(pair)
        if asked.answer is Answer.UNSATISFIABLE:
            return
        for state in asked.states:
            before = interpret(pair.before, state.facts, self.base.vocabulary)
            after = interpret(pair.after, state.facts, self.changed.vocabulary)
            if before != after:
                yield Difference(pair.id, None, state, before, after)
                return
        self.open.append(f"whether `{pair.id}` answers alike")

    def _asked(self, pair: _Pair) -> Asked:
        world = World()
        before = self._term(world, pair.before, self.base)
        after = self._term(world, pair.after, self.changed)
        otherwise = all_of([before.defined, f"(distinct {before.value} {after.value})"])
        world.say(any_of([f"(distinct {before.defined} {after.defined})", otherwise]))
        keep_known(world)
        return ask(world, self.changed.vocabulary, self.planned)

    def _term(self, world: World, tree: Node, policy_set: PolicySet) -> Term:
        encoder = Encoder(world, policy_set.vocabulary)
        keep_invariants(world, encoder, policy_set.vocabulary)
        return encoder.term(tree)

    def _alike(self, id_: str) -> bool:
        """Whether a limit is proved the same by itself: then nothing else has to be looked at."""
        before, after = self.changes.rule(id_)
        if before is None or after is None or circumstances(before) != circumstances(after):
            return False
        return self._asked(_Pair(id_, before.tree, after.tree)).answer is Answer.UNSATISFIABLE

    def _rules(self) -> Iterator[_Pair]:
        for id_ in self.changes.rules(frozenset(RuleRole) - ORDER_ROLES):
            yield _Pair(id_, *self.changes.counting(id_))

    def _trims(self) -> Iterator[_Pair]:
        """What trims holdings is asked about them by itself, whatever binds orders first."""
        trimming = _trimming(self.base) & _trimming(self.changed)
        for id_ in self.changes.rules(ORDER_ROLES):
            if id_ in trimming:
                yield _Pair(id_, *(rule.tree for rule in self.changes.rule(id_) if rule))

    def _numbers(self) -> Iterator[_Pair]:
        for name in self.changes.numbers():
            before, after = self.changes.number(name)
            if before is None or after is None:
                self.open.append(f"`{name}` is there in one of the two")
            else:
                yield _Pair(name, before, after)


def _answer_of(
    rule: Rule | None, intent: Intent, state: State, policy_set: PolicySet
) -> Value | None:
    if rule is None or intent not in rule.intents:
        return True
    return interpret(rule.tree, state.facts, policy_set.vocabulary)


def _trimming(policy_set: PolicySet) -> set[str]:
    """The limits that also sell."""
    return {
        each.document.id
        for each in policy_set.sealed
        if isinstance(each.document.content, RiskLimitDocument)
        and each.document.content.spec.trim is not None
    }


def _is_open(edit: Edit) -> bool:
    """Whether something was edited that no rule says."""
    if not edit.path:
        return not _whole(edit.new if edit.old is None else edit.old, edit.kind)
    if meaning_of(edit.kind, edit.path).question is Question.WORDS:
        return False
    return not carried_by_rules(edit.kind, edit.path)


def _whole(document: Plain | None, kind: str) -> bool:
    """Whether rules say all of a document; what sells by itself is said by no rule."""
    spec = document.get("spec") if isinstance(document, dict) else None
    return kind in _WHOLE and isinstance(spec, dict) and spec.get("trim") is None


def _said(edit: Edit) -> str:
    return f"{edit.document} {edit.dotted or 'as a whole'}"
