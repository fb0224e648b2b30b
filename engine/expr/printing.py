"""The canonical text of a tree: what is hashed, shown and recorded.

In: a tree. Out: text with the fewest parentheses that keep its shape, single spaces,
double-quoted text and canonical numbers, so that `parse(print_tree(tree)) == tree`.
"""

from __future__ import annotations

from enum import IntEnum
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
from engine.model.numbers import canonical_number

if TYPE_CHECKING:
    from engine.expr.nodes import Node


class _Binds(IntEnum):
    """How tightly a form holds together; a looser one inside a tighter one needs parentheses."""

    CONDITIONAL = 1
    OR = 2
    AND = 3
    NOT = 4
    COMPARE = 5
    SUM = 6
    TERM = 7
    SIGN = 8
    ATOM = 9


def print_tree(tree: Node) -> str:
    """The one spelling of a tree."""
    return _print(tree)[0]


def quoted(value: str) -> str:
    """Text as a literal: in double quotes, with a backslash before a quote or a backslash."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _print(node: Node) -> tuple[str, _Binds]:
    match node:
        case Number() | Text() | Flag() | Fact() | Call():
            return _atom(node)
        case Negate():
            return _negated(node), _Binds.SIGN
        case Arithmetic():
            return _arithmetic(node)
        case Compare():
            return _compared(node), _Binds.COMPARE
        case Membership():
            return _membership(node, "in"), _Binds.COMPARE
        case _:
            return _logic(node)


def _atom(node: Number | Text | Flag | Fact | Call) -> tuple[str, _Binds]:
    match node:
        case Number():
            return canonical_number(node.value), _Binds.SIGN if node.value < 0 else _Binds.ATOM
        case Text():
            return quoted(node.value), _Binds.ATOM
        case Flag():
            return "true" if node.value else "false", _Binds.ATOM
        case Fact():
            return node.name, _Binds.ATOM
        case Call():
            arguments = ", ".join(print_tree(each) for each in node.arguments)
            return f"{node.function}({arguments})", _Binds.ATOM


def _logic(node: Not | And | Or | Conditional) -> tuple[str, _Binds]:
    match node:
        case Not():
            return _not(node)
        case And():
            return _joined(" and ", node.operands, _Binds.NOT), _Binds.AND
        case Or():
            return _joined(" or ", node.operands, _Binds.AND), _Binds.OR
        case Conditional():
            return _conditional(node), _Binds.CONDITIONAL


def _within(node: Node, least: _Binds) -> str:
    text, binds = _print(node)
    return text if binds >= least else f"({text})"


def _joined(word: str, operands: tuple[Node, ...], least: _Binds) -> str:
    return word.join(_within(each, least) for each in operands)


def _negated(node: Negate) -> str:
    # A minus right before digits is part of the number, so a negated literal keeps parentheses.
    if isinstance(node.operand, Number) and node.operand.value >= 0:
        return f"-({print_tree(node.operand)})"
    return f"-{_within(node.operand, _Binds.SIGN)}"


def _arithmetic(node: Arithmetic) -> tuple[str, _Binds]:
    binds = _Binds.SUM if node.op in {"+", "-"} else _Binds.TERM
    left = _within(node.left, binds)
    right = _within(node.right, _Binds(binds + 1))
    return f"{left} {node.op} {right}", binds


def _compared(node: Compare) -> str:
    first, *others = (_within(each, _Binds.SUM) for each in node.operands)
    links = (f" {op} {text}" for op, text in zip(node.ops, others, strict=True))
    return first + "".join(links)


def _membership(node: Membership, word: str) -> str:
    item = _within(node.item, _Binds.SUM)
    if len(node.choices) == 1 and isinstance(node.choices[0], Fact):
        return f"{item} {word} {print_tree(node.choices[0])}"
    return f"{item} {word} ({', '.join(print_tree(each) for each in node.choices)})"


def _not(node: Not) -> tuple[str, _Binds]:
    if isinstance(node.operand, Membership):
        return _membership(node.operand, "not in"), _Binds.COMPARE
    return f"not {_within(node.operand, _Binds.NOT)}", _Binds.NOT


def _conditional(node: Conditional) -> str:
    then = _within(node.then, _Binds.OR)
    test = _within(node.test, _Binds.OR)
    otherwise = _within(node.otherwise, _Binds.CONDITIONAL)
    return f"{then} if {test} else {otherwise}"
