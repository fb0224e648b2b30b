"""The reference meaning, on a narrowed simpleeval.

In: a checked tree (never text), facts, the vocabulary. Out: a value, or None for undecided.
Refuses functions outside `FUNCTIONS`. simpleeval walks the tree; what it may meet is listed
here: seven kinds of Python node, eleven operators, our functions, names that are facts.
Undecided travels as an exception and stops at the few places that may answer regardless of it,
which is on purpose not how the motor does it: the two can hardly be wrong in the same way.
"""

from __future__ import annotations

import ast
import math
import operator
from typing import TYPE_CHECKING

from simpleeval import (  # type: ignore[import-untyped]  # it carries no types
    FunctionNotDefined,
    SimpleEval,
)

from engine.expr.backends.absence import missing_in
from engine.expr.backends.backend import NotDefinedError
from engine.expr.backends.python_tree import python_tree
from engine.expr.backends.values import declared_type, is_known
from engine.expr.functions import FUNCTIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from engine.expr.nodes import Node, Value
    from engine.expr.vocabulary import Vocabulary

    Strict = Callable[..., object]


def interpret(tree: Node, facts: Mapping[str, Value], vocabulary: Vocabulary) -> Value | None:
    """The value of a tree over facts; None where the facts do not decide it."""
    return _Interpreter(facts, vocabulary).value(python_tree(tree))


def missing_facts(
    tree: Node, facts: Mapping[str, Value], vocabulary: Vocabulary
) -> tuple[str, ...]:
    """The facts whose absence leaves a tree undecided, in order of appearance; empty if decided."""
    interpreter = _Interpreter(facts, vocabulary)
    return missing_in(tree, lambda node: interpreter.value(python_tree(node)), vocabulary)


class _UndecidedError(Exception):
    """The facts do not decide this part."""


def _number(value: object) -> float:
    if type(value) is not float or not math.isfinite(value):
        raise _UndecidedError
    return value


def _strict(function: Callable[..., float]) -> Strict:
    """A function of numbers that is undecided where its result is not a finite number."""

    def apply(*arguments: object) -> float:
        try:
            return _number(function(*map(_number, arguments)))
        except ZeroDivisionError as error:
            raise _UndecidedError from error

    return apply


def _of_one_type(compare: Callable[..., bool]) -> Strict:
    def apply(left: object, right: object) -> bool:
        if type(left) is not type(right):
            raise _UndecidedError
        return compare(left, right)

    return apply


def _contains(item: object, choices: object) -> bool:
    # A text is a container of its own parts to Python ("BTC" in "BTC-USD"); not to us.
    if not isinstance(choices, tuple | frozenset):
        raise _UndecidedError
    return item in choices


_OPERATORS: dict[type[ast.AST], Strict] = {
    ast.Add: _strict(operator.add),
    ast.Sub: _strict(operator.sub),
    ast.Mult: _strict(operator.mul),
    ast.Div: _strict(operator.truediv),
    ast.USub: _strict(operator.neg),
    ast.Eq: _of_one_type(operator.eq),
    ast.NotEq: _of_one_type(operator.ne),
    ast.Lt: _of_one_type(operator.lt),
    ast.LtE: _of_one_type(operator.le),
    ast.Gt: _of_one_type(operator.gt),
    ast.GtE: _of_one_type(operator.ge),
    ast.In: _contains,
}
_STRICT_FUNCTIONS: dict[str, Strict] = {
    name: _strict(function.of_known)
    for name, function in FUNCTIONS.items()
    if function.of_known is not None
}


class _Interpreter(SimpleEval):  # type: ignore[misc]  # simpleeval carries no types
    """simpleeval with our nodes, operators, functions and names, and nothing of its own."""

    def __init__(self, facts: Mapping[str, Value], vocabulary: Vocabulary) -> None:
        super().__init__(operators=_OPERATORS, functions=_STRICT_FUNCTIONS, names=self._fact)
        self._facts = facts
        self._vocabulary = vocabulary
        self._derived: dict[Node, Value | None] = {}
        self._answering: dict[str, Callable[..., object]] = {
            "has": self._has,
            "default": self._default,
            "at_least": self._at_least,
        }
        self.nodes = {
            ast.Constant: self._constant,
            ast.Name: self._eval_name,
            ast.Tuple: self._tuple,
            ast.UnaryOp: self._unary,
            ast.BinOp: self._eval_binop,
            ast.BoolOp: self._kleene,
            ast.Compare: self._chain,
            ast.IfExp: self._conditional,
            ast.Call: self._call,
        }

    def value(self, node: ast.expr) -> Value | None:
        """The value of one node; None where it is undecided."""
        try:
            return self._eval(node)  # type: ignore[no-any-return]  # simpleeval carries no types
        except _UndecidedError:
            return None

    def _answer(self, node: ast.expr) -> bool | None:
        value = self.value(node)
        return value if isinstance(value, bool) else None

    def _fact(self, node: ast.Name) -> Value:
        definition = self._vocabulary.definition_tree(node.id)
        value = self._by(definition) if definition else self._base(node.id)
        return _decided(value)

    def _base(self, name: str) -> Value | None:
        value = self._facts.get(name)
        return value if is_known(value, declared_type(self._vocabulary, name)) else None

    def _by(self, definition: Node) -> Value | None:
        if definition not in self._derived:
            self._derived[definition] = self.value(python_tree(definition))
        return self._derived[definition]

    def _constant(self, node: ast.Constant) -> object:
        return _number(node.value) if isinstance(node.value, float) else node.value

    def _tuple(self, node: ast.Tuple) -> tuple[object, ...]:
        return tuple(self._eval(each) for each in node.elts)

    def _unary(self, node: ast.UnaryOp) -> object:
        if isinstance(node.op, ast.Not):
            return not _decided(self._answer(node.operand))
        return self._eval_unaryop(node)

    def _kleene(self, node: ast.BoolOp) -> bool:
        answers = [self._answer(each) for each in node.values]
        # `and` is settled by one false, `or` by one true; otherwise every answer must be there.
        settles = isinstance(node.op, ast.Or)
        if settles in answers:
            return settles
        if None in answers:
            raise _UndecidedError
        return not settles

    def _chain(self, node: ast.Compare) -> bool:
        operands = [self.value(each) for each in (node.left, *node.comparators)]
        links = [
            self._link(op, left, right)
            for op, left, right in zip(node.ops, operands, operands[1:], strict=False)
        ]
        if False in links:
            return False
        if None in links:
            raise _UndecidedError
        return True

    def _link(self, op: ast.cmpop, left: Value | None, right: Value | None) -> bool | None:
        if left is None or right is None:
            return None
        try:
            return self.operators[type(op)](left, right)  # type: ignore[no-any-return]  # simpleeval carries no types
        except _UndecidedError:
            return None

    def _conditional(self, node: ast.IfExp) -> object:
        test = _decided(self._answer(node.test))
        return self._eval(node.body if test else node.orelse)

    def _call(self, node: ast.Call) -> object:
        name = node.func.id  # type: ignore[attr-defined]  # python_tree calls names only
        if name in self._answering:
            return self._answering[name](*node.args)
        try:
            return self._eval_call(node)
        except FunctionNotDefined as error:
            raise NotDefinedError(backend="interpret", operation=name) from error

    def _has(self, fact: ast.expr) -> bool:
        return self.value(fact) is not None

    def _default(self, fact: ast.expr, otherwise: ast.expr) -> object:
        value = self.value(fact)
        return self._eval(otherwise) if value is None else value

    def _at_least(self, least: ast.expr, *flags: ast.expr) -> bool:
        wanted = self._eval(least)
        answers = [self._answer(each) for each in flags]
        if answers.count(True) >= wanted:
            return True
        if answers.count(True) + answers.count(None) < wanted:
            return False
        raise _UndecidedError


def _decided(value: Value | None) -> Value:
    if value is None:
        raise _UndecidedError
    return value
