"""Small changes of one expression.

In: a tree. Out: other trees with what was changed in words; each differs in one place. Numbers are
left alone here: what a tick of them is depends on their unit.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from engine.expr.nodes import (
    And,
    Arithmetic,
    Call,
    Compare,
    Conditional,
    Fact,
    Flag,
    Membership,
    Negate,
    Not,
    Number,
    Or,
    Text,
)
from engine.expr.printing import print_tree

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

    from engine.expr.nodes import ArithmeticOp, CompareOp, Node

_STRICT: dict[CompareOp, CompareOp] = {"<=": "<", "<": "<=", ">=": ">", ">": ">="}
_TURNED: dict[CompareOp, CompareOp] = {
    "<=": ">",
    "<": ">=",
    ">=": "<",
    ">": "<=",
    "==": "!=",
    "!=": "==",
}
_OTHER: dict[ArithmeticOp, ArithmeticOp] = {"+": "-", "-": "+", "*": "/", "/": "*"}


def changes_of(tree: Node) -> Iterator[tuple[str, Node]]:
    """Every change of one place in the tree."""
    yield from _here(tree)
    for place, child in enumerate(_children(tree)):
        for words, changed in changes_of(child):
            yield words, _with_child(tree, place, changed)


def _here(node: Node) -> Iterator[tuple[str, Node]]:
    """Changes of the node itself."""
    match node:
        case Compare():
            yield from _comparison(node)
        case And(operands):
            yield f"`or` for `and` in `{print_tree(node)}`", Or(operands)
            yield from _without_one(node, And, operands)
        case Or(operands):
            yield f"`and` for `or` in `{print_tree(node)}`", And(operands)
            yield from _without_one(node, Or, operands)
        case Not(operand):
            yield f"`{print_tree(node)}` without its `not`", operand
        case Membership():
            yield f"`{print_tree(node)}` turned round", Not(node)
        case Arithmetic(op):
            yield f"`{_OTHER[op]}` for `{op}` in `{print_tree(node)}`", replace(node, op=_OTHER[op])
        case Conditional(test, then, otherwise):
            yield f"the branches of `{print_tree(node)}`", Conditional(test, otherwise, then)
        case _:
            return


def _comparison(node: Compare) -> Iterator[tuple[str, Node]]:
    for place, op in enumerate(node.ops):
        for table in (_STRICT, _TURNED):
            other = table.get(op)
            if other is not None:
                ops = (*node.ops[:place], other, *node.ops[place + 1 :])
                yield f"`{other}` for `{op}` in `{print_tree(node)}`", replace(node, ops=ops)


def _without_one(
    node: Node, kind: type[And | Or], operands: tuple[Node, ...]
) -> Iterator[tuple[str, Node]]:
    for place, gone in enumerate(operands):
        rest = (*operands[:place], *operands[place + 1 :])
        left = rest[0] if len(rest) == 1 else kind(rest)
        yield f"`{print_tree(gone)}` left out of `{print_tree(node)}`", left


def numbers_of(tree: Node) -> tuple[Number, ...]:
    """Every number in the tree, in the order in which `with_number` counts them."""
    if isinstance(tree, Number):
        return (tree,)
    return tuple(number for child in _children(tree) for number in numbers_of(child))


def with_number(tree: Node, place: int, value: Decimal) -> Node:
    """The tree with another value for one of its numbers."""
    if isinstance(tree, Number):
        return replace(tree, value=value)
    for at, child in enumerate(_children(tree)):
        count = len(numbers_of(child))
        if place < count:
            return _with_child(tree, at, with_number(child, place, value))
        place -= count
    raise IndexError(place)


def _children(  # noqa: PLR0911 - one arm a kind of node
    node: Node,
) -> tuple[Node, ...]:
    """The nodes directly below, in the order in which `_with_child` counts them."""
    match node:
        case Number() | Text() | Flag() | Fact():
            return ()
        case Not() | Negate():
            return (node.operand,)
        case And() | Or() | Compare():
            return node.operands
        case Arithmetic():
            return (node.left, node.right)
        case Membership():
            return (node.item,)
        case Conditional():
            return (node.test, node.then, node.otherwise)
        case Call():
            return node.arguments


def _with_child(node: Node, place: int, child: Node) -> Node:
    def among(those: tuple[Node, ...]) -> tuple[Node, ...]:
        return (*those[:place], child, *those[place + 1 :])

    match node:
        case Not() | Negate():
            return replace(node, operand=child)
        case And() | Or() | Compare():
            return replace(node, operands=among(node.operands))
        case Arithmetic():
            left, right = among((node.left, node.right))
            return replace(node, left=left, right=right)
        case Membership():
            return replace(node, item=child)
        case Conditional():
            test, then, otherwise = among((node.test, node.then, node.otherwise))
            return replace(node, test=test, then=then, otherwise=otherwise)
        case Call():
            return replace(node, arguments=among(node.arguments))
        case _:
            raise TypeError(node)
