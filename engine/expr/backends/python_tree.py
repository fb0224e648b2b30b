"""Our tree as the tree of Python's own parser, which is what simpleeval walks.

In: a node. Out: an `ast` expression that holds constants, names, operators, calls and tuples
only. Refuses nothing: the grammar has already refused everything else. A dotted name is one
`ast.Name`, so the result has no attribute to look up.
"""

from __future__ import annotations

import ast
from functools import lru_cache
from typing import TYPE_CHECKING, assert_never

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

if TYPE_CHECKING:
    from engine.expr.nodes import ArithmeticOp, CompareOp, Node

_ARITHMETIC: dict[ArithmeticOp, type[ast.operator]] = {
    "+": ast.Add,
    "-": ast.Sub,
    "*": ast.Mult,
    "/": ast.Div,
}
_COMPARE: dict[CompareOp, type[ast.cmpop]] = {
    "==": ast.Eq,
    "!=": ast.NotEq,
    "<": ast.Lt,
    "<=": ast.LtE,
    ">": ast.Gt,
    ">=": ast.GtE,
}


@lru_cache(maxsize=4096)
def python_tree(  # noqa: C901, PLR0911, PLR0912 - one arm a kind of node
    node: Node,
) -> ast.expr:
    """The same expression for Python's tree walkers; numbers become binary64 here."""
    match node:
        case Number(value):
            return ast.Constant(float(value))
        case Text(value) | Flag(value):
            return ast.Constant(value)
        case Fact(name):
            return _name(name)
        case Not(operand):
            return ast.UnaryOp(ast.Not(), python_tree(operand))
        case Negate(operand):
            return ast.UnaryOp(ast.USub(), python_tree(operand))
        case And(operands):
            return ast.BoolOp(ast.And(), _each(operands))
        case Or(operands):
            return ast.BoolOp(ast.Or(), _each(operands))
        case Compare(operands, ops):
            first, *rest = _each(operands)
            return ast.Compare(first, [_COMPARE[op]() for op in ops], rest)
        case Arithmetic(op, left, right):
            return ast.BinOp(python_tree(left), _ARITHMETIC[op](), python_tree(right))
        case Membership(item, choices):
            return ast.Compare(python_tree(item), [ast.In()], [_choices(choices)])
        case Conditional(test, then, otherwise):
            return ast.IfExp(python_tree(test), python_tree(then), python_tree(otherwise))
        case Call(function, arguments):
            return ast.Call(_name(function), _each(arguments), [])
        case _:
            assert_never(node)


def _each(nodes: tuple[Node, ...]) -> list[ast.expr]:
    return [python_tree(each) for each in nodes]


def _name(identifier: str) -> ast.Name:
    return ast.Name(identifier, ast.Load())


def _choices(choices: tuple[Node, ...]) -> ast.expr:
    match choices:
        case (Fact() as only,):
            return python_tree(only)
        case _:
            return ast.Tuple(_each(choices), ast.Load())
