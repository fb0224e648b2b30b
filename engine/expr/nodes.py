"""The expression tree: one shape, frozen, that every backend gives a meaning to.

In: built by `grammar.parse` from text, or by lowering (parameters replaced by their values).
Out: nothing; these are values. Spans are offsets into the source text and do not take part
in equality, so two spellings of one expression are equal trees.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

Value = float | str | bool | frozenset[str]
CompareOp = Literal["==", "!=", "<", "<=", ">", ">="]
ArithmeticOp = Literal["+", "-", "*", "/"]


@dataclass(frozen=True, slots=True)
class Span:
    """`text[start:end]` of the source that a node came from."""

    start: int = 0
    end: int = 0


NOWHERE = Span()


@dataclass(frozen=True, slots=True)
class Number:
    """A literal number, exact as written; `unit` is set when it stands for a declared parameter."""

    value: Decimal
    unit: str | None = None
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Text:
    """A literal text."""

    value: str
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Flag:
    """`true` or `false`."""

    value: bool
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Fact:
    """One dotted name (`quote.spread_bps`), or a series function in canonical text."""

    name: str
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Not:
    """Kleene negation."""

    operand: Node
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class And:
    """Kleene conjunction of two or more flags."""

    operands: tuple[Node, ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Or:
    """Kleene disjunction of two or more flags."""

    operands: tuple[Node, ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Compare:
    """A chain `operands[0] ops[0] operands[1] ops[1] …`, all links joined by `and`."""

    operands: tuple[Node, ...]
    ops: tuple[CompareOp, ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """binary64 arithmetic; a result that is not finite is undecided."""

    op: ArithmeticOp
    left: Node
    right: Node
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Negate:
    """Unary minus."""

    operand: Node
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Membership:
    """`item in (…)`: literals of one type, or one fact that is a set of text."""

    item: Node
    choices: tuple[Node, ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Conditional:
    """`then if test else otherwise`; an undecided test makes the whole undecided."""

    test: Node
    then: Node
    otherwise: Node
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a listed pure function."""

    function: str
    arguments: tuple[Node, ...]
    span: Span = field(default=NOWHERE, compare=False)


Node = (
    Number
    | Text
    | Flag
    | Fact
    | Not
    | And
    | Or
    | Compare
    | Arithmetic
    | Negate
    | Membership
    | Conditional
    | Call
)


def children(node: Node) -> tuple[Node, ...]:  # noqa: PLR0911 - one arm a kind of node
    """The nodes directly below, in the order of the text."""
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
            return (node.item, *node.choices)
        case Conditional():
            return (node.then, node.test, node.otherwise)
        case Call():
            return node.arguments


def walk(node: Node) -> Iterator[Node]:
    """The node and everything below it, parents first, in the order of the text."""
    yield node
    for child in children(node):
        yield from walk(child)
