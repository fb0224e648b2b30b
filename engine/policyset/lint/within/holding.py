"""Alerts and breakers about what is held that do not ask whether anything is.

In: a policy set. Out: M327 for one that nobody can decide of a product in which nothing is held.
A result, a peak and an age are there while a position is. Looked at is what each rule can answer
of a flat product, whatever its other facts say; what this cannot tell is no finding.
"""

from __future__ import annotations

from decimal import Decimal
from itertools import product
from typing import TYPE_CHECKING

from engine.errors import Diagnostic
from engine.expr.nodes import (
    And,
    Call,
    Compare,
    Conditional,
    Fact,
    Flag,
    Membership,
    Not,
    Number,
    Or,
    children,
)
from engine.expr.rewriting import map_facts
from engine.kinds.rule import RuleRole, Stage

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from engine.expr.nodes import Node
    from engine.policyset.lint.measures import Measures

    Verdicts = frozenset[bool | None]

_HELD = frozenset(
    {
        "position.strategy",
        "position.hold_h",
        "position.pnl_pct",
        "position.peak_pnl_pct",
        "position.drop_from_peak_pct",
    }
)
_NOTHING = frozenset({"position.value_usd", "position.pct"})
_ASKS = "position.managed"
_EITHER: Verdicts = frozenset({True, False})
_COMES_OF_IT = {
    RuleRole.ALERT: "an alert that fires goes on when the position is gone",
    RuleRole.TRIP: "an undecided breaker denies every entry of a product that is not held",
}


def check(measures: Measures) -> Iterator[Diagnostic]:
    """Rules whose answer hangs on a position that need not be there."""
    flat = _Flat(measures)
    for rule in measures.policy_set.rules:
        asked = rule.role in _COMES_OF_IT and rule.stage is Stage.ENFORCE
        if asked and None in flat.verdicts(rule.tree):
            message = f"`{rule.id}` cannot be decided while nothing is held"
            mend = f"ask `{_ASKS} and` first: {_COMES_OF_IT[rule.role]}"
            yield Diagnostic("M327", message, rule.place, mend)


class _Flat:
    """What a tree can say of a product in which nothing is held."""

    def __init__(self, measures: Measures) -> None:
        self._measures = measures

    def verdicts(self, tree: Node) -> Verdicts:
        """Every answer that some other facts could bring about."""
        match tree:
            case Flag():
                return frozenset({tree.value})
            case Fact():
                return self._flag(tree)
            case Not():
                found = self.verdicts(tree.operand)
                return frozenset(None if each is None else not each for each in found)
            case And() | Or():
                return self._joined(tree.operands, settling=isinstance(tree, Or))
            case Conditional():
                return self._chosen(tree)
            case _:
                return self._leaf(tree)

    def _flag(self, fact: Fact) -> Verdicts:
        definition = self._measures.vocabulary.definition_tree(fact.name)
        if definition is not None:
            return self.verdicts(definition)
        return frozenset({False}) if fact.name == _ASKS else _EITHER

    def _joined(self, operands: Sequence[Node], *, settling: bool) -> Verdicts:
        rows = product(*(self.verdicts(each) for each in operands))
        return frozenset(
            settling if settling in row else None if None in row else not settling for row in rows
        )

    def _chosen(self, tree: Conditional) -> Verdicts:
        test = self.verdicts(tree.test)
        found: Verdicts = frozenset({None} & test)
        found |= self.verdicts(tree.then) if True in test else frozenset()
        return found | (self.verdicts(tree.otherwise) if False in test else frozenset())

    def _leaf(self, tree: Node) -> Verdicts:
        if isinstance(tree, Compare | Membership) and self._needs_holding(tree):
            return frozenset({None})
        if isinstance(tree, Compare):
            return self._compared(tree)
        if isinstance(tree, Call) and tree.function == "has":
            bases = self._measures.vocabulary.base_facts(tree)
            return frozenset({False}) if _HELD & bases else _EITHER
        return _EITHER

    def _compared(self, tree: Compare) -> Verdicts:
        """Of a single comparison with nothing at all both sides may be numbers of the set."""

        def become(fact: Fact) -> Node:
            return Number(Decimal(0)) if fact.name in _NOTHING else fact

        match [self._measures.values(map_facts(each, become)) for each in tree.operands]:
            case [left, right] if left and right:
                pairs = product(left.values(), right.values())
                return frozenset(_holds(one, tree.ops[0], two) for one, two in pairs)
            case _:
                return _EITHER

    def _needs_holding(self, *trees: Node) -> bool:
        for tree in trees:
            match tree:
                case Fact():
                    if _HELD & self._measures.vocabulary.base_facts(tree):
                        return True
                case Call(function="default" | "has"):
                    continue
                case _ if self._needs_holding(*children(tree)):
                    return True
                case _:
                    continue
        return False


def _holds(left: float, op: str, right: float) -> bool:
    return {
        "<": left < right,
        "<=": left <= right,
        ">": left > right,
        ">=": left >= right,
        "==": left == right,
        "!=": left != right,
    }[op]
