"""What stands outside of functions, and the one function that is asked.

In: a parsed source. Out: findings: anything at the top, in a class or in a default that is not
constant (M386), since it would be kept from one cycle to the next; and a missing or misshapen
`propose(context)` (M387).
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from engine.errors import Diagnostic, Place
from engine.kinds.strategy.python.given import (
    CLASS_CONSTANT_MAKERS,
    CONSTANT_MAKERS,
    DECORATORS,
)
from engine.kinds.strategy.python.places import finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.kinds.base import SourceText

ENTRY_POINT = "propose"


def check(source: SourceText, tree: ast.Module) -> Iterator[Diagnostic]:
    """Everything that would be kept, and what is wrong with `propose`."""
    for node in tree.body:
        yield from _top(source, node)
    for each in ast.walk(tree):
        match each:
            case ast.FunctionDef() | ast.Lambda():
                yield from _defaults(source, each.args)
            case ast.ClassDef():
                yield from _class(source, each)
            case _:
                pass
        if isinstance(each, ast.FunctionDef | ast.ClassDef):
            yield from _decorators(source, each)
    yield from _entry_point(source, tree)


def _top(source: SourceText, node: ast.stmt) -> Iterator[Diagnostic]:
    match node:
        case ast.Import() | ast.ImportFrom() | ast.FunctionDef() | ast.ClassDef():
            return
        case ast.Expr(value=ast.Constant(value=str())) | ast.AnnAssign(value=None):
            return
        case ast.Assign(targets=targets, value=value) if all(map(_is_name, targets)):
            yield from _kept(source, value, CONSTANT_MAKERS)
        case ast.AnnAssign(target=ast.Name(), value=ast.expr() as value):
            yield from _kept(source, value, CONSTANT_MAKERS)
        case _:
            message = "only imports, constants, functions and classes stand at the top"
            yield finding(source, node, "M386", message, "move it into `propose`")


def _is_name(node: ast.expr) -> bool:
    return isinstance(node, ast.Name)


def _kept(source: SourceText, value: ast.expr, makers: frozenset[str]) -> Iterator[Diagnostic]:
    if not _constant(value, makers):
        message = "what is kept from one cycle to the next must be constant"
        mend = "use numbers, text and tuples of them, or make it in `propose`"
        yield finding(source, value, "M386", message, mend)


def _constant(node: ast.expr, makers: frozenset[str]) -> bool:
    match node:
        case ast.Constant() | ast.Name() | ast.Attribute(value=ast.Name()):
            return True
        case ast.UnaryOp(operand=operand):
            return _constant(operand, makers)
        case ast.BinOp(left=left, right=right):
            return _constant(left, makers) and _constant(right, makers)
        case ast.Tuple(elts=parts):
            return all(_constant(each, makers) for each in parts)
        case ast.Call(func=ast.Name(id=name), args=args, keywords=keywords) if name in makers:
            parts = [*args, *(each.value for each in keywords)]
            return all(_constant(each, makers) for each in parts)
        case _:
            return False


def _defaults(source: SourceText, arguments: ast.arguments) -> Iterator[Diagnostic]:
    for default in (*arguments.defaults, *arguments.kw_defaults):
        if default is not None:
            yield from _kept(source, default, CONSTANT_MAKERS)


def _class(source: SourceText, node: ast.ClassDef) -> Iterator[Diagnostic]:
    if len(node.bases) > 1:
        # A member of an enumeration that is a list too would be a list that is kept.
        message = "a class of two bases could make constants that are not constant"
        yield finding(source, node.bases[1], "M386", message, "give it one base")
    for part in node.body:
        match part:
            case ast.FunctionDef() | ast.Pass() | ast.AnnAssign(value=None):
                continue
            case ast.Expr(value=ast.Constant(value=str())):
                continue
            case ast.Assign(value=value) | ast.AnnAssign(value=ast.expr() as value):
                yield from _kept(source, value, CLASS_CONSTANT_MAKERS)
            case _:
                message = "a class holds fields and functions"
                yield finding(source, part, "M386", message, "move it into a function")


def _decorators(source: SourceText, node: ast.FunctionDef | ast.ClassDef) -> Iterator[Diagnostic]:
    for each in node.decorator_list:
        called = each.func if isinstance(each, ast.Call) else each
        plain = isinstance(called, ast.Name) and called.id in DECORATORS
        if not plain or (isinstance(each, ast.Call) and each.args):
            message = "a decorator could keep what it is given"
            yield finding(source, each, "M386", message, f"use {', '.join(sorted(DECORATORS))}")


def _entry_point(source: SourceText, tree: ast.Module) -> Iterator[Diagnostic]:
    named = [each for each in tree.body if isinstance(each, ast.FunctionDef)]
    found = [each for each in named if each.name == ENTRY_POINT]
    mend = "write `def propose(context: Context) -> list[Proposal]:`"
    if len(found) != 1:
        first = source.text.partition("\n")[0]
        place = Place(source.file, 1, 1, max(1, len(first)), first)
        message = f"the source has {'no' if not found else 'more than one'} function `propose`"
        yield Diagnostic("M387", message, place, mend)
        return
    if not _takes_one(found[0].args) or found[0].decorator_list:
        message = "`propose` takes the context, and nothing else"
        yield finding(source, found[0], "M387", message, mend)


def _takes_one(arguments: ast.arguments) -> bool:
    plain = [*arguments.posonlyargs, *arguments.args]
    others = (arguments.vararg, arguments.kwarg, *arguments.kwonlyargs)
    return len(plain) == 1 and not arguments.defaults and not any(others)
