"""A rule as its conditions and how they are joined.

In: the tree of a rule. Out: `Shape`: the conditions, which are comparisons, memberships and flags,
each link of a chain by itself; and the answer that follows from theirs in Kleene's logic. Nothing
is decided by it: it says which condition decided.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.expr.nodes import And, Call, Compare, Conditional, Fact, Not, Number, Or

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.expr.nodes import Node
    from engine.expr.vocabulary import Vocabulary

Answer = bool | None


@dataclass(frozen=True, slots=True)
class Shape:
    """Conditions in the order of the text, and the join over their places."""

    conditions: tuple[Node, ...]
    join: Join

    def answer(self, answers: Sequence[Answer]) -> Answer:
        """What the rule says when its conditions say this."""
        return _answer(self.join, answers)


@dataclass(frozen=True, slots=True)
class Leaf:
    """One condition, by its place."""

    place: int


@dataclass(frozen=True, slots=True)
class All:
    """Every one of them."""

    parts: tuple[Join, ...]


@dataclass(frozen=True, slots=True)
class Some:
    """At least so many of them; one is `or`."""

    least: int
    parts: tuple[Join, ...]


@dataclass(frozen=True, slots=True)
class Inverse:
    """Not this one."""

    part: Join


@dataclass(frozen=True, slots=True)
class Choice:
    """One of two, as a third says."""

    test: Join
    then: Join
    otherwise: Join


Join = Leaf | All | Some | Inverse | Choice


def shape_of(tree: Node, vocabulary: Vocabulary) -> Shape:
    """The shape of a rule's tree, parameters seen as the numbers that they are."""
    conditions: list[Node] = []
    join = _join(tree, vocabulary, conditions)
    return Shape(tuple(conditions), join)


def _join(  # noqa: PLR0911 - one arm a kind of join
    node: Node, vocabulary: Vocabulary, found: list[Node]
) -> Join:
    def below(each: Node) -> Join:
        return _join(each, vocabulary, found)

    match node:
        case And(operands):
            return All(tuple(below(each) for each in operands))
        case Or(operands):
            return Some(1, tuple(below(each) for each in operands))
        case Not(operand):
            return Inverse(below(operand))
        case Conditional(test, then, otherwise):
            return Choice(below(test), below(then), below(otherwise))
        case Compare(operands, ops) if len(ops) > 1:
            links = zip(operands, ops, operands[1:], strict=False)
            return All(tuple(below(Compare((a, b), (op,))) for a, op, b in links))
        case Call("at_least", (count, *flags)):
            least = _whole(count, vocabulary)
            if least is not None:
                return Some(least, tuple(below(each) for each in flags))
        case _:
            pass
    found.append(node)
    return Leaf(len(found) - 1)


def _whole(node: Node, vocabulary: Vocabulary) -> int | None:
    """The count that `at_least` asks for, where it is written down."""
    match node:
        case Number(value):
            return int(value)
        case Fact(name):
            definition = vocabulary.definition_tree(name)
            return None if definition is None else _whole(definition, vocabulary)
        case _:
            return None


def _answer(join: Join, answers: Sequence[Answer]) -> Answer:
    match join:
        case Leaf(place):
            return answers[place]
        case Inverse(part):
            inner = _answer(part, answers)
            return None if inner is None else not inner
        case All(parts):
            return _some(len(parts), [_answer(each, answers) for each in parts])
        case Some(least, parts):
            return _some(least, [_answer(each, answers) for each in parts])
        case Choice(test, then, otherwise):
            chosen = _answer(test, answers)
            return None if chosen is None else _answer(then if chosen else otherwise, answers)


def _some(least: int, parts: list[Answer]) -> Answer:
    """Whether so many hold, as soon as that is certain."""
    held, open_ones = parts.count(True), parts.count(None)
    if held >= least:
        return True
    return None if held + open_ones >= least else False
