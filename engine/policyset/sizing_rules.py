"""Which rules depend on an order's size, and whether sizing may use them.

In: rules and the vocabulary. Out: `depends_on_size`, and findings for rules that say `resize`
and could let a larger order pass where they refuse a smaller one. The proof is syntactic and
one-sided: what it cannot show to shrink with size is refused, with the part that it could not.
Source: the sign and monotonicity calculus of interval analysis, on trees instead of intervals.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from itertools import pairwise
from typing import TYPE_CHECKING

from engine.errors import Diagnostic
from engine.expr.facts import SIZE_FACTS
from engine.expr.nodes import (
    And,
    Arithmetic,
    Call,
    Compare,
    Conditional,
    Fact,
    Negate,
    Node,
    Number,
    Or,
    Text,
)
from engine.kinds.rule import OnBreach, RuleRole

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from engine.expr.vocabulary import Vocabulary
    from engine.kinds.rule import Rule

_SIDE = "order.side"


class Trend(Enum):
    """How a number moves as the order grows."""

    FLAT = 0
    UP = 1
    DOWN = -1
    UNCLEAR = 2

    def reversed(self) -> Trend:
        """The trend of the negative."""
        return {Trend.UP: Trend.DOWN, Trend.DOWN: Trend.UP}.get(self, self)

    def joined(self, other: Trend) -> Trend:
        """The trend of a sum."""
        if Trend.FLAT in (self, other):
            return self if other is Trend.FLAT else other
        return self if self is other else Trend.UNCLEAR


def depends_on_size(tree: Node, vocabulary: Vocabulary) -> bool:
    """Whether the order's quantity or notional takes part, through definitions too."""
    return bool(vocabulary.base_facts(tree) & SIZE_FACTS)


def check_sizing(rules: Iterable[Rule], vocabulary: Vocabulary) -> Iterator[Diagnostic]:
    """M340 for each `resize` rule that is not shown to allow less as an order grows."""
    for rule in rules:
        if rule.role not in {RuleRole.LIMIT, RuleRole.GUARD}:
            continue
        if rule.on_breach is not OnBreach.RESIZE:
            continue
        if not all(intent.adds_risk for intent in rule.intents):
            mend = "name only entry and add, or use `on_breach: deny`"
            yield Diagnostic("M341", "only orders that add risk are resized", rule.place, mend)
        elif not _shrinks(rule.tree, _Trends(vocabulary)):
            message = f"`{rule.text}` is not shown to allow less as an order grows"
            mend = "compare what grows with size on the left of `<=`, or use `on_breach: deny`"
            yield Diagnostic("M340", message, rule.place, mend)


def sells_towards(tree: Node, vocabulary: Vocabulary) -> bool:
    """Whether the flag, once true, is shown to stay true for every larger sell."""
    return depends_on_size(tree, vocabulary) and _grows(tree, _Trends(vocabulary, buys=False))


def _grows(tree: Node, trends: _Trends) -> bool:
    if not depends_on_size(tree, trends.vocabulary):
        return True
    match tree:
        case And() | Or():
            return all(_grows(each, trends) for each in tree.operands)
        case Compare():
            return all(_link_grows(link, op, trends) for link, op in _links(tree))
        case _:
            return False


def _link_grows(link: tuple[Node, Node], op: str, trends: _Trends) -> bool:
    small, large = link if op in {"<", "<="} else link[::-1]
    if op in {"==", "!="}:
        return not depends_on_size(Compare(link, ("==",)), trends.vocabulary)
    return trends.of(small) in {Trend.DOWN, Trend.FLAT} and trends.of(large) in {
        Trend.UP,
        Trend.FLAT,
    }


def _links(tree: Compare) -> Iterator[tuple[tuple[Node, Node], str]]:
    return zip(pairwise(tree.operands), tree.ops, strict=True)


def _shrinks(tree: Node, trends: _Trends) -> bool:
    """Whether the flag, once false, stays false for every larger order."""
    if not depends_on_size(tree, trends.vocabulary):
        return True
    match tree:
        case And() | Or():
            return all(_shrinks(each, trends) for each in tree.operands)
        case Compare():
            return all(
                _link_shrinks(left, op, right, trends)
                for left, op, right in zip(tree.operands, tree.ops, tree.operands[1:], strict=False)
            )
        case _:
            return False


def _link_shrinks(left: Node, op: str, right: Node, trends: _Trends) -> bool:
    small, large = (left, right) if op in {"<", "<="} else (right, left)
    if op in {"==", "!="}:
        return not depends_on_size(Compare((left, right), ("==",)), trends.vocabulary)
    return trends.of(small) in {Trend.UP, Trend.FLAT} and trends.of(large) in {
        Trend.DOWN,
        Trend.FLAT,
    }


@dataclass(frozen=True, slots=True)
class _Trends:
    """Trends and signs of numbers, for an order that buys, or for one that sells."""

    vocabulary: Vocabulary
    buys: bool = True

    def of(self, tree: Node) -> Trend:  # noqa: PLR0911 - one arm a kind of node
        """How the number moves as quantity and notional grow together."""
        if not depends_on_size(tree, self.vocabulary):
            return Trend.FLAT
        match tree:
            case Fact():
                definition = self.vocabulary.definition_tree(tree.name)
                return Trend.UP if definition is None else self.of(definition)
            case Negate():
                return self.of(tree.operand).reversed()
            case Arithmetic():
                return self._of_arithmetic(tree)
            case Conditional():
                return self._of_conditional(tree)
            case Call():
                return self._of_call(tree)
            case _:
                return Trend.UNCLEAR

    def _of_arithmetic(self, tree: Arithmetic) -> Trend:
        left, right = self.of(tree.left), self.of(tree.right)
        match tree.op:
            case "+":
                return left.joined(right)
            case "-":
                return left.joined(right.reversed())
            case "*":
                return self._product(tree.left, tree.right)
            case "/":
                return self._quotient(tree.left, tree.right)

    def _product(self, left: Node, right: Node) -> Trend:
        """Of two factors that are never negative: both trends must agree."""
        if not (self._not_negative(left) and self._not_negative(right)):
            return Trend.UNCLEAR
        return self.of(left).joined(self.of(right))

    def _quotient(self, left: Node, right: Node) -> Trend:
        """Of a part over a positive whole; the sign of the part matters if the whole moves."""
        if not self._not_negative(right):
            return Trend.UNCLEAR
        if self.of(right) is Trend.FLAT:
            return self.of(left)
        if not self._not_negative(left):
            return Trend.UNCLEAR
        return self.of(left).joined(self.of(right).reversed())

    def _of_conditional(self, tree: Conditional) -> Trend:
        side = _side_test(tree.test)
        if side is not None:
            return self.of(tree.then if side is self.buys else tree.otherwise)
        if depends_on_size(tree.test, self.vocabulary):
            return Trend.UNCLEAR
        then, otherwise = self.of(tree.then), self.of(tree.otherwise)
        return then.joined(otherwise)

    def _of_call(self, tree: Call) -> Trend:
        if tree.function == "share_pct":
            return self._quotient(*tree.arguments)
        if tree.function in {"min", "max", "clamp"}:
            trend = Trend.FLAT
            for argument in tree.arguments:
                trend = trend.joined(self.of(argument))
            return trend
        return Trend.UNCLEAR

    def _not_negative(self, tree: Node) -> bool:
        match tree:
            case Number():
                return tree.value >= 0
            case Fact():
                return self._fact_not_negative(tree.name)
            case Arithmetic() if tree.op in {"+", "*", "/"}:
                return self._not_negative(tree.left) and self._not_negative(tree.right)
            case Conditional():
                return self._not_negative(tree.then) and self._not_negative(tree.otherwise)
            case Call() if tree.function in {"share_pct", "min", "max", "abs"}:
                return tree.function == "abs" or all(map(self._not_negative, tree.arguments))
            case _:
                return False

    def _fact_not_negative(self, name: str) -> bool:
        definition = self.vocabulary.definition_tree(name)
        if definition is not None:
            return self._not_negative(definition)
        spec = self.vocabulary.spec(name)
        return spec is not None and spec.low is not None and spec.low >= 0


def _side_test(test: Node) -> bool | None:
    """For `order.side == "BUY"`, its answer for an order that buys; None for any other test."""
    match test:
        case Compare(operands=(Fact(name=name), Text(value=side)), ops=("==",)) if name == _SIDE:
            return side == "BUY"
        case _:
            return None
