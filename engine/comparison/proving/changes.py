"""Which rules and numbers of two sets may answer otherwise: what the solver has to be asked about.

In: two sets with the vocabularies that they are read in. Out: the ids of what is written otherwise,
or comes from facts that are defined otherwise. The rest answers alike, and nobody has to prove it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from engine.comparison.proving.conditions import ORDER_ROLES
from engine.expr.nodes import Flag
from engine.expr.vocabulary import fact_names
from engine.kinds.rule import Scope, Stage
from engine.model.orders import Mode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.comparison.proving.own_facts import Reading
    from engine.expr.nodes import Node
    from engine.kinds.rule import Rule, RuleRole


@dataclass(frozen=True)  # no slots: the cached properties live in the instance's dict
class Changes:
    """Two sets, and what of them is another."""

    base: Reading
    head: Reading

    @cached_property
    def touched(self) -> frozenset[str]:
        """Facts that are not the same in both vocabularies."""
        one, other = (each.vocabulary.specs for each in (self.base, self.head))
        return frozenset(n for n in one.keys() | other.keys() if one.get(n) != other.get(n))

    def rules(self, roles: frozenset[RuleRole]) -> Iterator[str]:
        """Rules that one of the two does not have, or that may answer otherwise."""
        for id_ in sorted(self._rules[0].keys() | self._rules[1].keys()):
            before, after = self.rule(id_)
            role = (before or after).role  # type: ignore[union-attr]  # one of them is there
            if role in roles and not self._same(before, after):
                yield id_

    def numbers(self) -> Iterator[str]:
        """Numbers that one of the two does not have, or that may be others."""
        one, other = (each.policy_set.values for each in (self.base, self.head))
        for name in sorted(one.keys() | other.keys()):
            before, after = one.get(name), other.get(name)
            if before is None or before != after or self._reached(before):
                yield name

    def rule(self, id_: str) -> tuple[Rule | None, Rule | None]:
        """One rule as both have it."""
        return self._rules[0].get(id_), self._rules[1].get(id_)

    def number(self, name: str) -> tuple[Node | None, Node | None]:
        """One number as both have it."""
        return self.base.policy_set.values.get(name), self.head.policy_set.values.get(name)

    def counting(self, id_: str) -> tuple[Node, Node]:
        """What a rule asks in both, where it counts: else it never holds.

        A rule of other modes than the set's is compared where it counts: another set lies over
        this one there.
        """
        before, after = self.rule(id_)
        alike = before is not None and after is not None and before.modes == after.modes
        own = None if alike else Mode(self.head.policy_set.deployment.mode)
        return _counting(before, own), _counting(after, own)

    @cached_property
    def _rules(self) -> tuple[dict[str, Rule], dict[str, Rule]]:
        one, other = (
            {rule.id: rule for rule in each.policy_set.rules} for each in (self.base, self.head)
        )
        return one, other

    def _same(self, before: Rule | None, after: Rule | None) -> bool:
        if before is None or after is None or before.tree != after.tree:
            return False
        return circumstances(before) == circumstances(after) and not self._reached(before.tree)

    def _reached(self, tree: Node) -> bool:
        """Whether a tree that both have comes from facts that are another."""
        names = fact_names(tree)
        return bool(self.touched) and not all(
            self.touched.isdisjoint(each.vocabulary.closure(names))
            for each in (self.base, self.head)
        )


def circumstances(rule: Rule) -> tuple[object, ...]:
    """All of a rule but its question, as far as it changes an answer."""
    by_group = rule.scope is Scope.GROUP
    return (
        by_group if rule.role in ORDER_ROLES else rule.scope,
        rule.intents,
        rule.modes,
        rule.stage,
        rule.on_breach,
        rule.minimum,
    )


def _counting(rule: Rule | None, mode: Mode | None) -> Node:
    if rule is None or rule.stage is not Stage.ENFORCE:
        return Flag(value=False)
    return rule.tree if mode is None or mode in rule.modes else Flag(value=False)
