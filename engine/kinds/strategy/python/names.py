"""The facts and parameters that a source names, held against those that its document declares.

In: a parsed source, the names. Out: M388 for a name that is asked for and not declared, with its
place in the source, and for one that is declared and that the source never names.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from engine.errors import Diagnostic
from engine.expr.checking.suggest import nearest
from engine.kinds.strategy.python.places import finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from engine.errors import Place
    from engine.kinds.base import SourceText

FACTS, PARAMS = "facts", "params"
_WORDS = {FACTS: "fact", PARAMS: "parameter"}


def check(
    source: SourceText, tree: ast.Module, declared: Mapping[str, Mapping[str, Place]]
) -> Iterator[Diagnostic]:
    """`declared` gives, for `facts` and `params`, each name with its place in the document."""
    for node, table, name in _asked(tree):
        if name not in declared[table]:
            known = sorted(declared[table])
            near = nearest(name, known)
            guess = f"did you mean `{near}`? " if near else ""
            message = f"the {_WORDS[table]} `{name}` is not declared"
            mend = f"{guess}the document declares: {', '.join(known) or 'none'}"
            yield finding(source, node, "M388", message, mend)
    told = {each.value for each in ast.walk(tree) if isinstance(each, ast.Constant)}
    for table, names in declared.items():
        for name, place in names.items():
            if name not in told:
                message = f"the {_WORDS[table]} `{name}` is declared, and the source never names it"
                mend = f"read `{table}[…]` by this name, or delete it"
                yield Diagnostic("M388", message, place, mend)


def _asked(tree: ast.Module) -> Iterator[tuple[ast.expr, str, str]]:
    """Each `….facts["…"]`, `….facts.get("…")` and `….number("…")`, and the same of `params`."""
    constants = _constants(tree)
    for node in ast.walk(tree):
        match node:
            case ast.Subscript(value=ast.Attribute(attr=table), slice=asked):
                pass
            case ast.Call(
                func=ast.Attribute(value=ast.Attribute(attr=table), attr="get"), args=[asked, *_]
            ):
                pass
            case ast.Call(func=ast.Attribute(attr="number"), args=[asked]):
                table = FACTS
            case _:
                continue
        name = _text(asked, constants)
        if table in _WORDS and name is not None:
            yield asked, table, name


def _constants(tree: ast.Module) -> dict[str, str]:
    """Names at the top that stand for one text."""
    found = {}
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=str(text))):
                found[name] = text
            case _:
                continue
    return found


def _text(node: ast.expr, constants: Mapping[str, str]) -> str | None:
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.Name(id=name):
            return constants.get(name)
        case _:
            return None
