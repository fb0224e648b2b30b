"""Bounds: what the rules of a set compare with numbers, in a form in which they can be compared.

In: a policy set. Out: `Bound`s: `measure <= value` or `measure >= value`, the value for each case
of the tables that it depends on, and what else would let an order pass. Derived facts in a
measure are spelled out, so that two names of one thing are one measure. What is no plain bound
is left out: this finds conflicts, it does not prove their absence.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise, product
from typing import TYPE_CHECKING

from engine.expr.backends.closure import compile_value
from engine.expr.nodes import And, Compare, Fact, Or
from engine.expr.printing import print_tree
from engine.expr.rewriting import map_facts
from engine.expr.vocabulary import FactType
from engine.kinds.parameters import GROUP_FACT, OTHERS
from engine.kinds.rule import Stage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from engine.expr.nodes import Node, Value
    from engine.expr.vocabulary import Vocabulary
    from engine.kinds.rule import Rule
    from engine.policyset.policyset import PolicySet

_UPPER = {"<", "<="}
_STRICT = {"<", ">"}
_ORDERED = {"<", "<=", ">", ">="}
_MOST_CASES = 1000

Case = frozenset[tuple[str, str]]
"""One assignment of the enums that a number depends on, as (fact, value) pairs."""


@dataclass(frozen=True, slots=True)
class Bound:
    """`measure <= value` (or `>=`); `words` are the rule's own, `besides` are ways around it."""

    rule: Rule
    words: str
    measure: str
    upper: bool
    strict: bool
    values: Mapping[Case, float]
    besides: frozenset[str]

    @property
    def least(self) -> float:
        """Its smallest value over all cases."""
        return min(self.values.values())

    @property
    def most(self) -> float:
        """Its largest value over all cases."""
        return max(self.values.values())

    def in_case(self, case: Case) -> float | None:
        """Its value where `case` holds; None where the case does not decide it."""
        return next((value for own, value in self.values.items() if own <= case), None)


@dataclass(frozen=True, slots=True)
class Measures:
    """Reads the bounds of one set, each rule once, while one of its waivers counts or none does."""

    policy_set: PolicySet
    waiver: str | None = None
    _read: dict[str, tuple[Bound, ...]] = field(default_factory=dict, compare=False, repr=False)

    @property
    def vocabulary(self) -> Vocabulary:
        """The vocabulary of the set."""
        return self.policy_set.vocabulary

    def bounds(self, rules: Iterable[Rule]) -> tuple[Bound, ...]:
        """Every bound that the enforced among `rules` set."""
        enforced = (rule for rule in rules if rule.stage is Stage.ENFORCE)
        return tuple(bound for rule in enforced for bound in self._of(rule))

    def bounds_in(self, rule: Rule, part: Node) -> tuple[Bound, ...]:
        """The bounds that one part of a rule sets by itself; () for what is no plain bound."""
        return tuple(self._of_rule(rule, part, frozenset())) if isinstance(part, Compare) else ()

    def _of(self, rule: Rule) -> tuple[Bound, ...]:
        if rule.id not in self._read:
            self._read[rule.id] = tuple(self._of_rule(rule, rule.tree, frozenset()))
        return self._read[rule.id]

    def _of_rule(self, rule: Rule, tree: Node, besides: frozenset[str]) -> Iterator[Bound]:
        match tree:
            case And():
                for each in tree.operands:
                    yield from self._of_rule(rule, each, besides)
            case Or():
                for each in tree.operands:
                    others = frozenset(self.spelled(e) for e in tree.operands if e is not each)
                    yield from self._of_rule(rule, each, besides | others)
            case Compare():
                for (left, right), op in zip(pairwise(tree.operands), tree.ops, strict=True):
                    yield from self._of_link(rule, (left, op, right), besides)
            case _:
                return

    def _of_link(
        self, rule: Rule, link: tuple[Node, str, Node], besides: frozenset[str]
    ) -> Iterator[Bound]:
        left, op, right = link
        if op not in _ORDERED:
            return
        for measure, number, upper in (
            (left, right, op in _UPPER),
            (right, left, op not in _UPPER),
        ):
            values = {} if self.fixed(measure) else self.values(number)
            if values:
                text = self.spelled(measure)
                yield Bound(rule, print_tree(measure), text, upper, op in _STRICT, values, besides)

    def spelled(self, tree: Node) -> str:
        """The canonical text of a tree with every derived fact spelled out."""

        def become(fact: Fact) -> Node:
            definition = self.vocabulary.definition_tree(fact.name)
            return fact if definition is None else map_facts(definition, become)

        return print_tree(map_facts(tree, become))

    def spelled_name(self, name: str) -> str:
        """The measure that a fact is."""
        return self.spelled(Fact(name))

    def fixed(self, tree: Node) -> bool:
        """Whether a tree is a number of the set: made of literals, parameters and tables alone."""
        return all(self._is_case(name) for name in self.vocabulary.base_facts(tree))

    def _is_case(self, name: str) -> bool:
        spec = self.vocabulary.spec(name)
        if name == GROUP_FACT or name.startswith("waiver."):
            return True
        return spec is not None and spec.type is FactType.ENUM

    def values(self, tree: Node) -> dict[Case, float]:
        """The value of a number of the set for each case; {} for other trees."""
        if not self.fixed(tree):
            return {}
        names = sorted(self.vocabulary.base_facts(tree))
        enums = [name for name in names if not name.startswith("waiver.")]
        counts = f"waiver.{self.waiver}.active"
        waivers: dict[str, Value] = {n: n == counts for n in names if n.startswith("waiver.")}
        number = compile_value(tree, self.vocabulary)
        found: dict[Case, float] = {}
        for chosen in product(*(self._values_of(name) for name in enums)):
            case = dict(zip(enums, chosen, strict=True))
            value = number({**waivers, **case})
            if isinstance(value, float) and len(found) < _MOST_CASES:
                found[frozenset(case.items())] = value
        return found

    def about(self, product: str, groups: tuple[str, ...]) -> bool:
        """Whether what the waiver that counts changes can be this product's; without one, yes.

        `product` is the name of a listed one, or words for any asset of its groups.
        """
        scope = dict(self.policy_set.waivers)[self.waiver].scope if self.waiver else None
        if scope is None:
            return True
        listed = not scope.symbols or "-" not in product or product in scope.symbols
        return listed and (not scope.groups or not {*scope.groups}.isdisjoint(groups))

    def _values_of(self, name: str) -> tuple[str, ...]:
        if name == GROUP_FACT:
            return (*sorted(self.policy_set.universe.groups), OTHERS)
        spec = self.vocabulary.spec(name)
        return spec.values if spec is not None else ()


def joint_cases(first: Bound, second: Bound) -> Iterator[tuple[Case, float, float]]:
    """Every case that both bounds speak of, with their values."""
    for one, two in product(first.values, second.values):
        case = one | two
        if len({fact for fact, _ in case}) == len(case):
            yield case, first.values[one], second.values[two]


def covers(one: Rule, other: Rule) -> bool:
    """Whether every order that `other` binds is also bound by `one`."""
    return one.intents >= other.intents and one.modes >= other.modes


def meets(one: Rule, other: Rule) -> bool:
    """Whether some order is bound by both."""
    return bool(one.intents & other.intents) and bool(one.modes & other.modes)


def shown(bound: Bound) -> str:
    """The value of a bound, or its span over all cases, for a message."""
    if bound.least == bound.most:
        return f"{bound.least:.10g}"
    return f"{bound.least:.10g} to {bound.most:.10g}"
