"""The vectorised meaning: rules over all rows of a Polars frame at once.

In: checked trees and a frame of facts, a column a fact. Out: a frame with a column a tree, null
where a row does not decide it: a column is the pair (values, known) that Kleene's three answers
want, and Polars' `&` and `|` are Kleene's on it. Refuses frames whose columns are not of their
facts' types or hold NaN or infinity (ValueError), and functions without a meaning here.

Bits: numbers are compared as the reference does, and `x / 3` is written so that Polars divides;
it multiplies by the reciprocal where the divisor is one value, and a third of rows then differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import add, and_, eq, ge, gt, le, lt, mul, ne, or_, sub
from typing import TYPE_CHECKING, assert_never

import polars as pl

from engine.expr.backends.backend import NotDefinedError
from engine.expr.backends.closure import compile_value
from engine.expr.backends.motor.plan import Plan
from engine.expr.backends.values import declared_type, is_known
from engine.expr.functions import FUNCTIONS
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
    Node,
    Not,
    Number,
    Or,
    Text,
)
from engine.expr.vocabulary import FactType

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from engine.expr.nodes import ArithmeticOp, CompareOp, Value
    from engine.expr.vocabulary import Vocabulary

_TYPES: dict[FactType, pl.DataType] = {
    FactType.NUMBER: pl.Float64(),
    FactType.TEXT: pl.String(),
    FactType.ENUM: pl.String(),
    FactType.FLAG: pl.Boolean(),
    FactType.TEXT_SET: pl.List(pl.String()),
}
_COMPARE: dict[CompareOp, Callable[[pl.Expr, pl.Expr], pl.Expr]] = {
    "==": eq,
    "!=": ne,
    "<": lt,
    "<=": le,
    ">": gt,
    ">=": ge,
}


@dataclass(frozen=True, slots=True)
class _Written:
    """An expression, and how many stages must come before it."""

    expression: pl.Expr
    stage: int
    leaf: bool


class FrameRules:
    """A set of trees, as expressions of Polars. Immutable."""

    def __init__(self, trees: Sequence[Node], vocabulary: Vocabulary) -> None:
        self.trees = tuple(trees)
        self._plan = Plan(self.trees, vocabulary)
        writer = _Writer(vocabulary)
        results = [writer.expression(tree) for tree in self.trees]
        self._results = [each.alias(str(number)) for number, each in enumerate(results)]
        self._stages = writer.stages

    @property
    def facts(self) -> tuple[str, ...]:
        """The base facts that these trees read, in order of appearance."""
        return tuple(fact.name for fact in self._plan.base)

    def evaluate(self, frame: pl.DataFrame) -> pl.DataFrame:
        """A column a tree, named by its number; a fact without a column is unknown in every row.

        Raises ValueError for a column that is not its fact's.
        """
        rows = self._checked(frame).lazy()
        for stage in self._stages:
            rows = rows.with_columns(stage)
        # Beside the rows, since literals alone would make a frame of one row.
        answered = rows.with_columns(self._results)
        return answered.select([str(number) for number in range(len(self.trees))]).collect()

    def of_rows(self, rows: Sequence[Mapping[str, Value]]) -> pl.DataFrame:
        """The facts of some snapshots as a frame; what is not known becomes null."""
        columns = [
            pl.Series(
                fact.name,
                [_known(row.get(fact.name), fact.type) for row in rows],
                dtype=_dtype(fact.type),
            )
            for fact in self._plan.base
        ]
        return pl.DataFrame([_numbered(len(rows)), *columns])

    def _checked(self, frame: pl.DataFrame) -> pl.DataFrame:
        columns = [_numbered(frame.height)]
        for fact in self._plan.base:
            dtype = _dtype(fact.type)
            if fact.name in frame.columns and fact.type is not None:
                columns.append(_column(frame[fact.name], dtype))
            else:
                columns.append(pl.Series(fact.name, [None] * frame.height, dtype=dtype))
        return pl.DataFrame(columns)


def evaluate_frame(tree: Node, facts: Mapping[str, Value], vocabulary: Vocabulary) -> Value | None:
    """The value of one tree over one mapping of facts: a frame of one row."""
    rules = FrameRules((tree,), vocabulary)
    value = rules.evaluate(rules.of_rows([facts])).item()
    return frozenset(value) if isinstance(value, pl.Series) else value


# A column of ours, which no fact can be called.
_ROW = "#"


def _numbered(height: int) -> pl.Series:
    return pl.int_range(height, dtype=pl.UInt32, eager=True).alias(_ROW)


def _dtype(declared: FactType | None) -> pl.DataType:
    # A fact that nobody declared is never known, whatever its type.
    return _TYPES[declared] if declared else pl.Null()


def _known(value: object, declared: FactType | None) -> object:
    if not is_known(value, declared):
        return None
    return sorted(value) if isinstance(value, frozenset) else value


def _column(column: pl.Series, dtype: pl.DataType) -> pl.Series:
    """A column as its fact's type wants it; raises ValueError for another, and for NaN."""
    found = column.dtype
    if dtype == pl.String() and isinstance(found, pl.Enum | pl.Categorical):
        return column.cast(dtype)
    if found == pl.Null():
        return column.cast(dtype)
    if found != dtype:
        message = f"column {column.name!r} is {found}, and its fact {dtype}"
        raise ValueError(message)
    # NaN is greater than everything to Polars, and equal to itself.
    if dtype == pl.Float64() and not column.is_finite().all():
        message = f"column {column.name!r} holds NaN or infinity; unknown is null"
        raise ValueError(message)
    return column


class _Writer:
    """Expressions whose size is that of the tree: what one mentions twice is a column first.

    `stages` are those columns, each stage reading only the ones before it.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.stages: list[list[pl.Expr]] = []
        self._vocabulary = vocabulary
        self._written: dict[Node, _Written] = {}
        self._columns: dict[Node, _Written] = {}
        self._reached = 0

    def expression(self, node: Node) -> pl.Expr:
        """The expression of a tree, null where it is undecided."""
        if node not in self._written:
            outer, self._reached = self._reached, 0
            constant = self._constant(node)
            expression = self._expression(node) if constant is None else constant
            leaf = constant is not None or isinstance(node, Fact)
            self._written[node] = _Written(expression, self._reached, leaf)
            self._reached = outer
        return self._reach(self._written[node])

    def _column(self, node: Node) -> pl.Expr:
        """A column that holds the value of a node; a leaf is its own."""
        if node not in self._columns:
            self._columns[node] = self._stored(node)
        return self._reach(self._columns[node])

    def _stored(self, node: Node) -> _Written:
        self.expression(node)
        written = self._written[node]
        if written.leaf:
            return written
        name = f"#{len(self._columns)}"
        while len(self.stages) <= written.stage:
            self.stages.append([])
        self.stages[written.stage].append(written.expression.alias(name))
        return _Written(pl.col(name), written.stage + 1, leaf=True)

    def _reach(self, written: _Written) -> pl.Expr:
        self._reached = max(self._reached, written.stage)
        return written.expression

    def _constant(self, node: Node) -> pl.Expr | None:
        """What needs no facts is one literal: frames of mere literals have their own rules."""
        if self._vocabulary.base_facts(node):
            return None
        value = compile_value(node, self._vocabulary)({})
        return pl.lit(value, dtype=self._type(node))

    def _type(self, node: Node) -> pl.DataType:
        match node:
            case Fact(name):
                return _dtype(declared_type(self._vocabulary, name))
            case Conditional(_, same, _) | Call("default", (same, _)):
                return self._type(same)
            case Text():
                return pl.String()
            case Number() | Arithmetic() | Negate():
                return pl.Float64()
            case Call(function) if FUNCTIONS[function].strict:
                return pl.Float64()
            case _:
                return pl.Boolean()

    def _expression(self, node: Node) -> pl.Expr:  # noqa: C901, PLR0911 - one arm a kind of node
        match node:
            case Number() | Text() | Flag():
                raise AssertionError  # a constant
            case Fact(name):
                definition = self._vocabulary.definition_tree(name)
                return pl.col(name) if definition is None else self._column(definition)
            case Not(operand):
                return ~self._flag(operand)
            case Negate(operand):
                return -self.expression(operand)
            case And(operands):
                return reduce(and_, map(self._flag, operands))
            case Or(operands):
                return reduce(or_, map(self._flag, operands))
            case Arithmetic(op, left, right):
                value = _arithmetic(op, self._column(left), self._column(right))
                return _unsigned(value) if self._loses_sign(op, left, right) else value
            case Compare(operands, ops):
                return self._chain(operands, ops)
            case Membership(item, choices):
                return self._membership(item, choices)
            case Conditional(test, then, otherwise):
                tested = self._column(test).cast(pl.Boolean)
                return _chosen(tested, self.expression(then), self.expression(otherwise))
            case Call(function, arguments):
                return self._call(function, arguments)
            case _:
                assert_never(node)

    def _loses_sign(self, op: ArithmeticOp, left: Node, right: Node) -> bool:
        """Whether a zero that comes out is 0.0 whatever its sign went in.

        Polars makes `x` of `x + 0.0`, and `-x` of `0.0 - x`, which differ where x is a zero.
        """
        zeros = {("+", "0.0", 0), ("+", "0.0", 1), ("-", "0.0", 0), ("-", "-0.0", 1)}
        return any((op, self._literal(n), side) in zeros for side, n in enumerate((left, right)))

    def _literal(self, node: Node) -> str:
        """A number that needs no facts, as Python spells it; else nothing."""
        if self._vocabulary.base_facts(node):
            return ""
        return repr(compile_value(node, self._vocabulary)({}))

    def _flag(self, node: Node) -> pl.Expr:
        return self.expression(node).cast(pl.Boolean)

    def _chain(self, operands: tuple[Node, ...], ops: tuple[CompareOp, ...]) -> pl.Expr:
        written = [*map(self._column, operands)]
        links = zip(ops, written, written[1:], strict=False)
        return reduce(and_, [_COMPARE[op](left, right) for op, left, right in links])

    def _membership(self, item: Node, choices: tuple[Node, ...]) -> pl.Expr:
        sought, offered = self._column(item), [*map(self._column, choices)]
        match choices:
            case (Fact(),):
                inside = offered[0].list.contains(sought)
            case _:
                inside = reduce(or_, [sought == each for each in offered])
        return _where_known(inside, [sought, *offered])

    def _call(self, function: str, arguments: tuple[Node, ...]) -> pl.Expr:
        match function:
            case "has":
                return self.expression(arguments[0]).is_not_null()
            case "default":
                return pl.coalesce([*map(self.expression, arguments)])
            case "clamp":
                value, low, high = arguments
                return self.expression(Call("min", (Call("max", (value, low)), high)))
            case "min" | "max":
                return self._most(function, arguments)
            case "at_least":
                least, *flags = arguments
                columns = [self._column(each).cast(pl.Boolean) for each in flags]
                return _count(self._column(least), columns)
            case _:
                return _strict_call(function, [*map(self._column, arguments)])

    def _most(self, function: str, arguments: tuple[Node, ...]) -> pl.Expr:
        *before, last = arguments
        first = before[0] if len(before) == 1 else Call(function, tuple(before))
        return _strict_call(function, [self._column(first), self._column(last)])


def _strict_call(function: str, values: Sequence[pl.Expr]) -> pl.Expr:
    match function:
        case "abs":
            return values[0].abs()
        case "min":
            first, second = values
            return _where_known(_picked(first, second, second < first), values)
        case "max":
            first, second = values
            return _where_known(_picked(first, second, second > first), values)
        case "share_pct":
            part, whole = values
            return _arithmetic("/", pl.lit(100.0) * part, whole)
        case _:
            raise NotDefinedError(backend="frame", operation=function)


def _arithmetic(op: ArithmeticOp, left: pl.Expr, right: pl.Expr) -> pl.Expr:
    match op:
        case "+":
            return _finite(add(left, right))
        case "-":
            return _finite(sub(left, right))
        case "*":
            return _finite(mul(left, right))
        case "/":
            return _finite(left / (right + left * 0.0))
        case _:
            assert_never(op)


def _unsigned(value: pl.Expr) -> pl.Expr:
    return pl.when(value == 0.0).then(0.0).otherwise(value)


def _finite(value: pl.Expr) -> pl.Expr:
    return pl.when(value.is_finite()).then(value)


def _picked(first: pl.Expr, second: pl.Expr, instead: pl.Expr) -> pl.Expr:
    # As Python's `min` and `max`: of equal values (0.0 and -0.0) the first.
    return pl.when(instead).then(second).otherwise(first)


def _where_known(value: pl.Expr, operands: Sequence[pl.Expr]) -> pl.Expr:
    return pl.when(reduce(and_, [each.is_not_null() for each in operands])).then(value)


def _chosen(test: pl.Expr, then: pl.Expr, otherwise: pl.Expr) -> pl.Expr:
    return pl.when(test).then(then).when(~test).then(otherwise)


def _count(least: pl.Expr, flags: Sequence[pl.Expr]) -> pl.Expr:
    counted = reduce(add, [pl.when(each).then(1.0).otherwise(0.0) for each in flags])
    possible = reduce(add, [pl.when(~each).then(0.0).otherwise(1.0) for each in flags])
    enough = counted >= least
    return pl.when(enough | (possible < least)).then(enough)
