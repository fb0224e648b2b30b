"""Ranges: how small and how large a number can be, and which questions that already answers.

In: a tree and the vocabulary, whose facts state their certain ranges, values and invariants. Out:
`Range`, and for a flag true, false, or None where the facts decide. A range may be wider than
what can happen and is never narrower: what is found here is certain, what is not found may still
be so. Whether a fact is known at all is not asked.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from math import copysign, inf, isinf, isnan
from typing import TYPE_CHECKING

from engine.expr.nodes import (
    And,
    Arithmetic,
    Call,
    Compare,
    Conditional,
    Fact,
    Flag,
    Negate,
    Not,
    Number,
    Or,
)
from engine.expr.printing import print_tree

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.expr.nodes import Node
    from engine.expr.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Range:
    """From `low` to `high`, both possible."""

    low: float = -inf
    high: float = inf

    def or_(self, other: Range) -> Range:
        """What is in one of the two."""
        return Range(min(self.low, other.low), max(self.high, other.high))

    def and_(self, other: Range) -> Range:
        """What is in both."""
        return Range(max(self.low, other.low), min(self.high, other.high))

    def negative(self) -> Range:
        """The same with the other sign."""
        return Range(-self.high, -self.low)


ANYTHING = Range()


@dataclass(frozen=True)  # no slots: the cached property lives in the instance's dict
class Ranges:
    """Reads trees under one vocabulary, each fact once.

    `known` and `flags` are facts that are narrower here than the vocabulary says.
    """

    vocabulary: Vocabulary
    known: Mapping[str, Range] = field(default_factory=dict)
    flags: Mapping[str, bool] = field(default_factory=dict)
    _facts: dict[str, Range] = field(default_factory=dict, compare=False, repr=False)

    def of(self, tree: Node) -> Range:  # noqa: PLR0911 - one arm a kind of node
        """Every value that the number can have lies in here."""
        match tree:
            case Number():
                return Range(float(tree.value), float(tree.value))
            case Negate():
                return self.of(tree.operand).negative()
            case Arithmetic():
                return _ARITHMETIC[tree.op](self.of(tree.left), self.of(tree.right))
            case Conditional():
                return self._of_branches(tree)
            case Call():
                return self._of_call(tree)
            case Fact():
                return self._of_fact(tree.name)
            case _:
                return ANYTHING

    def _of_branches(self, tree: Conditional) -> Range:
        answer = self.answer(tree.test)
        if answer is not None:
            return self.of(tree.then if answer else tree.otherwise)
        return self.of(tree.then).or_(self.of(tree.otherwise))

    def _of_fact(self, name: str) -> Range:
        if name in self.known:
            return self.known[name]
        if name not in self._facts:
            spec = self.vocabulary.spec(name)
            low = -inf if spec is None or spec.low is None else float(spec.low)
            high = inf if spec is None or spec.high is None else float(spec.high)
            definition = self.vocabulary.definition_tree(name)
            defined = ANYTHING if definition is None else self.of(definition)
            self._facts[name] = Range(low, high).and_(defined)
        return self._facts[name]

    def _of_call(self, tree: Call) -> Range:  # noqa: PLR0911 - one arm a function
        if tree.function not in {"abs", "min", "max", "clamp", "default", "share_pct"}:
            return ANYTHING
        parts = [self.of(each) for each in tree.arguments]
        match tree.function:
            case "abs":
                return _absolute(parts[0])
            case "min":
                return Range(min(p.low for p in parts), min(p.high for p in parts))
            case "max":
                return Range(max(p.low for p in parts), max(p.high for p in parts))
            case "clamp":
                return _clamped(*parts)
            case "default":
                return parts[0].or_(parts[1])
            case _:
                return _quotient(_product(parts[0], Range(100.0, 100.0)), parts[1])

    def answer(self, tree: Node) -> bool | None:  # noqa: PLR0911 - one arm a kind of node
        """What a flag answers wherever it is decided; None where it can be either."""
        match tree:
            case Flag():
                return tree.value
            case Fact():
                return self.flags.get(tree.name)
            case Not():
                inner = self.answer(tree.operand)
                return None if inner is None else not inner
            case And():
                return _all([self.answer(each) for each in tree.operands])
            case Or():
                return _any([self.answer(each) for each in tree.operands])
            case Compare():
                links = zip(pairwise(tree.operands), tree.ops, strict=True)
                return _all([self._link(left, op, right) for (left, right), op in links])
            case Conditional():
                return self._answer_of_branches(tree)
            case Call(function="at_least"):
                return self._at_least(tree)
            case _:
                return None

    def _answer_of_branches(self, tree: Conditional) -> bool | None:
        test = self.answer(tree.test)
        if test is not None:
            return self.answer(tree.then if test else tree.otherwise)
        then, otherwise = self.answer(tree.then), self.answer(tree.otherwise)
        return then if then == otherwise else None

    def _at_least(self, tree: Call) -> bool | None:
        wanted = self.of(tree.arguments[0])
        answers = [self.answer(each) for each in tree.arguments[1:]]
        if answers.count(True) >= wanted.high:
            return True
        return False if len(answers) - answers.count(False) < wanted.low else None

    def _link(self, left: Node, op: str, right: Node) -> bool | None:
        one, two = self.of(left), self.of(right)
        if op in {">", ">="}:
            return self._below(right, left, two, one, strict=op == ">")
        if op in {"<", "<="}:
            return self._below(left, right, one, two, strict=op == "<")
        apart = one.high < two.low or two.high < one.low
        return (op == "!=") if apart else None

    def _below(
        self, left: Node, right: Node, one: Range, two: Range, *, strict: bool
    ) -> bool | None:
        """Whether `left` is always, or never, below `right`."""
        pair = (print_tree(left), print_tree(right))
        if strict:
            always = one.high < two.low
            never = one.low >= two.high or pair[::-1] in self._ordered
        else:
            always = one.high <= two.low or pair in self._ordered
            never = one.low > two.high
        return True if always else False if never else None

    @cached_property
    def _ordered(self) -> frozenset[tuple[str, str]]:
        """Pairs of which an invariant says that the first is never above the second."""
        return frozenset(
            (print_tree(left), print_tree(right))
            for tree in self.vocabulary.invariant_trees
            if isinstance(tree, Compare)
            for (left, right), op in zip(pairwise(tree.operands), tree.ops, strict=True)
            if op == "<="
        )


def _all(answers: Sequence[bool | None]) -> bool | None:
    if False in answers:
        return False
    return None if None in answers else True


def _any(answers: Sequence[bool | None]) -> bool | None:
    if True in answers:
        return True
    return None if None in answers else False


def _between(ends: Sequence[float]) -> Range:
    return ANYTHING if any(map(isnan, ends)) else Range(min(ends), max(ends))


def _sum(one: Range, two: Range) -> Range:
    return _between((one.low + two.low, one.high + two.high))


def _difference(one: Range, two: Range) -> Range:
    return _sum(one, two.negative())


def _product(one: Range, two: Range) -> Range:
    return _between([_times(a, b) for a in (one.low, one.high) for b in (two.low, two.high)])


def _times(a: float, b: float) -> float:
    # No number is infinite: nothing times the end of an open range is nothing.
    return 0.0 if 0 in (a, b) else a * b


def _quotient(one: Range, two: Range) -> Range:
    """Of a divisor that may be as near to zero as it likes, and is not zero."""
    # A quotient by nothing but zero has no value at all, so nothing is said of it.
    if two.low < 0 < two.high or two.low == two.high == 0:
        return ANYTHING
    if two.high <= 0:
        return _quotient(one.negative(), two.negative())
    return _between([_over(a, b) for a in (one.low, one.high) for b in (two.low, two.high)])


def _over(a: float, b: float) -> float:
    if a == 0 or isinf(b):
        return 0.0
    return a / b if b else copysign(inf, a)


def _absolute(one: Range) -> Range:
    if one.low >= 0:
        return one
    return one.negative() if one.high <= 0 else Range(0.0, max(-one.low, one.high))


def _clamped(value: Range, low: Range, high: Range) -> Range:
    least = min(max(value.low, low.low), high.low)
    return Range(least, max(least, min(max(value.high, low.high), high.high)))


_ARITHMETIC = {"+": _sum, "-": _difference, "*": _product, "/": _quotient}
