"""Steps: every turn of a loop and every call of a strategy's own function is counted in its tree.

In: a checked tree. Out: the same tree with a call of the counter at the head of each function
and each loop, so that a loop without end stops after as many steps as the document allows. The
count is a property of source and context: the same on every machine and every Python. What runs
long inside one call of Python's own (a sum over a huge range, a huge power) is not counted.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TypeVar

_Body = TypeVar("_Body", ast.FunctionDef, ast.For, ast.While)

STEP = "__step__"
"""The counter's name in the source's world; no source may name it."""


class StepsExhaustedError(Exception):
    """A strategy took more steps than its document allows."""


@dataclass(slots=True)
class Counter:
    """Counts down from `most`; set back before each question."""

    most: int
    left: int = 0

    def reset(self) -> None:
        """Begin anew."""
        self.left = self.most

    def step(self) -> bool:
        """Take one step; always true, so that it can stand in a condition."""
        if self.left <= 0:
            message = f"more than {self.most} steps"
            raise StepsExhaustedError(message)
        self.left -= 1
        return True

    def range(self, *bounds: int) -> range:
        """Python's own, as long as it has no more turns than there are steps."""
        found = range(*bounds)
        if found and (found[-1] - found[0]) // found.step >= self.most:
            message = f"a range of more than {self.most} steps"
            raise StepsExhaustedError(message)
        return found


def counted(tree: ast.Module) -> ast.Module:
    """The tree with its steps counted; the tree that was given is changed in place."""
    _Counting().visit(tree)
    return ast.fix_missing_locations(tree)


class _Counting(ast.NodeTransformer):
    """Puts the counter where something can happen again."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        """A call of an own function is a step: recursion ends too."""
        return self._body(node)

    def visit_For(self, node: ast.For) -> ast.For:
        """So is a turn of a loop."""
        return self._body(node)

    def visit_While(self, node: ast.While) -> ast.While:
        """A loop on a condition most of all."""
        return self._body(node)

    def visit_comprehension(self, node: ast.comprehension) -> ast.comprehension:
        """And a turn of a comprehension, before its conditions."""
        self.generic_visit(node)
        node.ifs.insert(0, _call())
        return node

    def visit_Lambda(self, node: ast.Lambda) -> ast.Lambda:
        """And a call of a lambda: the counter is always true."""
        self.generic_visit(node)
        node.body = ast.IfExp(_call(), node.body, ast.Constant(None))
        return node

    def _body(self, node: _Body) -> _Body:
        self.generic_visit(node)
        node.body.insert(0, ast.Expr(_call()))
        return node


def _call() -> ast.Call:
    return ast.Call(ast.Name(STEP, ast.Load()), [], [])
