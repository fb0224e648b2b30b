"""The shape that Python's parser found, turned into our tree by a whitelist of node types.

In: the parsed mask and the tokens that it masks, joined by offset. Out: a tree, or findings.
Refuses every shape that the language does not have, and calls of anything but the listed functions.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from engine.expr.checking.findings import shown
from engine.expr.functions import (
    FUNCTIONS,
    SERIES_FUNCTIONS,
    Arguments,
    Function,
    SeriesArgument,
    SeriesCall,
    SeriesFunction,
    series_argument,
)
from engine.expr.nodes import (
    And,
    Arithmetic,
    ArithmeticOp,
    Call,
    Compare,
    CompareOp,
    Conditional,
    Fact,
    Flag,
    Membership,
    Negate,
    Not,
    Number,
    Or,
    Span,
    Text,
)
from engine.expr.parsing.scan import Literal, Token, number_of, text_of
from engine.model.times import duration_s

if TYPE_CHECKING:
    from engine.expr.checking.findings import Findings
    from engine.expr.nodes import Node

_ARITHMETIC: dict[type[ast.operator], ArithmeticOp] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
}
_COMPARE: dict[type[ast.cmpop], CompareOp] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
}


class _RefusedError(Exception):
    """Raised inside this module to leave a part that became a finding."""


def build(findings: Findings, tokens: list[Token], shape: ast.expr, max_depth: int) -> Node | None:
    """The tree of an accepted shape; None when something in it became a finding."""
    before = len(findings.found)
    builder = _Builder(findings, {token.start: token for token in tokens}, max_depth)
    try:
        tree = builder.node(shape, 1)
    except _RefusedError:
        return None
    return tree if len(findings.found) == before else None


@dataclass(slots=True)
class _Builder:
    findings: Findings
    tokens: dict[int, Token]
    max_depth: int

    def node(self, shape: ast.expr, depth: int) -> Node:  # noqa: PLR0911 - one arm a shape
        if depth > self.max_depth:
            mend = f"at most {self.max_depth} levels; split the rule"
            raise self.refused(shape, "M201", "the expression is nested too deeply", mend)
        match shape:
            case ast.Constant() | ast.Name():
                return self.leaf(shape)
            case ast.BoolOp():
                return self.logic(shape, depth)
            case ast.UnaryOp():
                return self.unary(shape, depth)
            case ast.BinOp():
                return self.arithmetic(shape, depth)
            case ast.Compare():
                return self.compare(shape, depth)
            case ast.IfExp():
                test, then, otherwise = self.all((shape.test, shape.body, shape.orelse), depth)
                return Conditional(test, then, otherwise, self.span(shape))
            case ast.Call():
                return self.call(shape, depth)
            case ast.Tuple(elts=[]):
                mend = "write a fact, a number, a text, `true` or `false` there"
                raise self.refused(shape, "M202", "nothing stands in the brackets", mend)
            case _:
                mend = "a list of values stands only behind `in`"
                raise self.refused(shape, "M210", f"{self.text(shape)} is not a value", mend)

    def all(self, shapes: tuple[ast.expr, ...], depth: int) -> tuple[Node, ...]:
        """Build every part before giving up, so that findings in all of them are told."""
        built: list[Node] = []
        for shape in shapes:
            try:
                built.append(self.node(shape, depth + 1))
            except _RefusedError:
                continue
        if len(built) < len(shapes):
            raise _RefusedError
        return tuple(built)

    def leaf(self, shape: ast.expr) -> Node:
        token = self.token(shape)
        span = self.span(shape)
        match token.literal:
            case Literal.NUMBER:
                return Number(number_of(token), span=span)
            case Literal.TEXT:
                return Text(text_of(token), span)
            case Literal.FLAG:
                return Flag(token.text == "true", span)
            case None:
                return Fact(token.text, span)

    def logic(self, shape: ast.BoolOp, depth: int) -> Node:
        operands = self.all(tuple(shape.values), depth)
        form = And if isinstance(shape.op, ast.And) else Or
        return form(operands, self.span(shape))

    def unary(self, shape: ast.UnaryOp, depth: int) -> Node:
        number = self.signed(shape) if isinstance(shape.op, ast.USub) else None
        if number is not None:
            return number
        (operand,) = self.all((shape.operand,), depth)
        form = Not if isinstance(shape.op, ast.Not) else Negate
        return form(operand, self.span(shape))

    def signed(self, shape: ast.UnaryOp) -> Number | None:
        """A minus right before digits belongs to the number; brackets between keep them apart."""
        operand = shape.operand
        if not isinstance(operand, ast.Constant):
            return None
        token = self.token(operand)
        between = self.findings.snippet.text[shape.col_offset : token.start]
        if token.literal is not Literal.NUMBER or between.strip():
            return None
        value = number_of(token)
        return Number(-value if value else value, span=self.span(shape))

    def arithmetic(self, shape: ast.BinOp, depth: int) -> Node:
        left, right = self.all((shape.left, shape.right), depth)
        return Arithmetic(_ARITHMETIC[type(shape.op)], left, right, self.span(shape))

    def compare(self, shape: ast.Compare, depth: int) -> Node:
        if any(isinstance(op, ast.In | ast.NotIn) for op in shape.ops):
            return self.membership(shape, depth)
        operands = self.all((shape.left, *shape.comparators), depth)
        ops = tuple(_COMPARE[type(op)] for op in shape.ops)
        return Compare(operands, ops, self.span(shape))

    def membership(self, shape: ast.Compare, depth: int) -> Node:
        if len(shape.ops) > 1:
            mend = "join two questions with `and`"
            said = "`in` does not stand in a chain of comparisons"
            raise self.refused(shape, "M215", said, mend)
        # `not in` is two nodes in the tree, so the membership is one level further down.
        negated = isinstance(shape.ops[0], ast.NotIn)
        level = depth + 1 if negated else depth
        choices = self.choices(shape.comparators[0])
        (item,) = self.all((shape.left,), level)
        found = Membership(item, choices, self.span(shape))
        return Not(found, self.span(shape)) if negated else found

    def choices(self, shape: ast.expr) -> tuple[Node, ...]:
        if isinstance(shape, ast.Name) and self.token(shape).literal is None:
            return (self.leaf(shape),)
        listed = shape.elts if isinstance(shape, ast.Tuple) else [shape]
        if not listed or not self.bracketed(shape):
            raise self.refused(shape, "M214", "the choices behind `in` are not listed", _CHOICES)
        return tuple(self.choice(each) for each in listed)

    def bracketed(self, shape: ast.expr) -> bool:
        before = self.findings.snippet.text[: shape.col_offset - 1].rstrip()
        return isinstance(shape, ast.Tuple) or before[-1:] in {"(", "[", "{"}

    def choice(self, shape: ast.expr) -> Node:
        literal: Node | None = None
        if isinstance(shape, ast.UnaryOp) and isinstance(shape.op, ast.USub):
            literal = self.signed(shape)
        elif isinstance(shape, ast.Constant):
            literal = self.leaf(shape)
        if isinstance(literal, Number | Text):
            return literal
        said = f"{self.text(shape)} cannot be one of the choices"
        raise self.refused(shape, "M214", said, _CHOICES)

    def call(self, shape: ast.Call, depth: int) -> Node:
        name = self.token(shape.func)
        series = SERIES_FUNCTIONS.get(name.text)
        if series is not None:
            return self.series(series, shape)
        function = FUNCTIONS.get(name.text)
        if function is None:
            said = f"unknown function {shown(name.text)}"
            raise self.refused(shape.func, "M212", said, _nearest(name.text))
        arguments = self.all(tuple(shape.args), depth)
        fault = _count_fault(function, arguments) or _argument_fault(function, arguments)
        if fault is not None:
            mend = f"write `{function.signature}`: {function.sentence}"
            raise self.refused(shape, "M213", f"`{function.name}` {fault}", mend)
        return Call(function.name, arguments, self.span(shape))

    def series(self, function: SeriesFunction, shape: ast.Call) -> Node:
        fault, bound = self.bind(function, shape)
        if fault is not None:
            mend = f"write `{function.signature}`, such as `{_example(function)}`"
            raise self.refused(shape, "M213", f"`{function.name}` {fault}", mend)
        return Fact(SeriesCall(function, bound).name, self.span(shape))

    def bind(
        self, function: SeriesFunction, shape: ast.Call
    ) -> tuple[str | None, tuple[str | int, ...]]:
        if len(shape.args) != len(function.parameters):
            return f"takes {len(function.parameters)} constants, not {len(shape.args)}", ()
        bound: list[str | int] = []
        for (name, kind), argument in zip(function.parameters, shape.args, strict=True):
            value = self.constant(kind, argument)
            if value is None:
                return f"takes {_KINDS[kind]} as `{name}`, not {self.text(argument)}", ()
            bound.append(value)
        return _windows_fault(bound), tuple(bound)

    def constant(self, kind: SeriesArgument, shape: ast.expr) -> str | int | None:
        wanted = Literal.TEXT if kind is SeriesArgument.DURATION else Literal.NUMBER
        if not isinstance(shape, ast.Constant) or self.token(shape).literal is not wanted:
            return None
        token = self.token(shape)
        text = text_of(token) if wanted is Literal.TEXT else token.text
        return series_argument(kind, text)

    def refused(self, shape: ast.expr, code: str, said: str, mend: str) -> _RefusedError:
        span = self.span(shape)
        self.findings.add(code, (span.start, span.end), said, mend)
        return _RefusedError()

    def token(self, shape: ast.expr) -> Token:
        return self.tokens[shape.col_offset - 1]

    def text(self, shape: ast.expr) -> str:
        span = self.span(shape)
        return shown(self.findings.snippet.text[span.start : span.end])

    def span(self, shape: ast.expr) -> Span:
        end = shape.end_col_offset
        assert end is not None  # noqa: S101 - Python's parser always gives it
        # A list without brackets takes for its own the ones that the grammar put around all.
        return Span(max(0, shape.col_offset - 1), min(end - 1, len(self.findings.snippet.text)))


_CHOICES = 'list numbers or texts in brackets, `x in ("a", "b")`, or name one set of texts'
_KINDS = {
    SeriesArgument.DURATION: 'a duration such as `"60m"`',
    SeriesArgument.WHOLE: "a whole number from 1 to 9999",
}
_CONSTANTS = {SeriesArgument.DURATION: ('"15m"', '"24h"'), SeriesArgument.WHOLE: ("20", "20")}


def _nearest(name: str) -> str:
    if "." in name:
        return "names have no methods; the functions are " + _listed(tuple(FUNCTIONS))
    known = (*FUNCTIONS, *SERIES_FUNCTIONS)
    near = get_close_matches(name, known, 1)
    guess = f"did you mean `{near[0]}`? " if near else ""
    return f"{guess}the functions are {_listed(tuple(FUNCTIONS))}; series have their own"


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _count_fault(function: Function, arguments: tuple[Node, ...]) -> str | None:
    count = len(arguments)
    if count < function.least:
        return f"takes at least {function.least} arguments, not {count}"
    if function.most is not None and count > function.most:
        return f"takes at most {function.most} arguments, not {count}"
    return None


def _argument_fault(function: Function, arguments: tuple[Node, ...]) -> str | None:
    first = arguments[0]
    if function.arguments in {Arguments.FACT, Arguments.FACT_AND_VALUE}:
        return None if isinstance(first, Fact) else "speaks of one fact, by its name"
    if function.arguments is not Arguments.COUNT_AND_FLAGS:
        return None
    if not isinstance(first, Number) or first.value != int(first.value):
        return "begins with a whole number, written out"
    flags = len(arguments) - 1
    if not 1 <= first.value <= flags:
        return f"asks for {first.value} of {flags} flags, which never varies"
    return None


def _windows_fault(bound: list[str | int]) -> str | None:
    durations = [duration_s(each) for each in bound if isinstance(each, str)]
    if durations != sorted(set(durations)):
        return "takes the shorter window first"
    return None


def _example(function: SeriesFunction) -> str:
    shown_constants = [
        _CONSTANTS[kind][position] for position, (_, kind) in enumerate(function.parameters)
    ]
    return f"{function.name}({', '.join(shown_constants)})"
