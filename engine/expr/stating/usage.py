"""The type that a name must have where nothing but its use tells it.

In: a tree, and the types that are known. Out: a type for each other fact of the tree: what its
operator, its function or the other side of its comparison asks for, else a number. Only for
`policy eval`, where a name outside the vocabulary may stand for a fact that is missing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.expr.functions import FUNCTIONS, Arguments
from engine.expr.nodes import (
    And,
    Arithmetic,
    Call,
    Compare,
    Conditional,
    Fact,
    Membership,
    Negate,
    Not,
    Number,
    Or,
    Text,
    walk,
)
from engine.expr.vocabulary import FactType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.expr.nodes import Node


def types_by_use(tree: Node, known: Mapping[str, FactType]) -> dict[str, FactType]:
    """A type for each fact of `tree` that `known` does not have."""
    use = _Use(known)
    for node in walk(tree):
        use.look_at(node)
    if isinstance(tree, Fact):
        use.asked(tree, FactType.FLAG)
    names = (node.name for node in walk(tree) if isinstance(node, Fact))
    return {name: use.found.get(name, FactType.NUMBER) for name in names if name not in known}


@dataclass(frozen=True, slots=True)
class _Use:
    known: Mapping[str, FactType]
    found: dict[str, FactType] = field(default_factory=dict)

    def look_at(self, node: Node) -> None:
        """Note what one node asks of the facts directly below it."""
        match node:
            case Not(operand):
                self.asked(operand, FactType.FLAG)
            case Conditional(test, then, otherwise):
                self.asked(test, FactType.FLAG)
                self.alike((then, otherwise))
            case And(operands) | Or(operands):
                self.asked_each(operands, FactType.FLAG)
            case Negate(operand):
                self.asked(operand, FactType.NUMBER)
            case Arithmetic(_, left, right):
                self.asked_each((left, right), FactType.NUMBER)
            case Compare(operands):
                self.alike(operands)
            case Membership(item, (Fact(),) as choices):
                self.asked(item, FactType.TEXT)
                self.asked_each(choices, FactType.TEXT_SET)
            case Membership(item, choices):
                self.alike((item, *choices))
            case Call(function, arguments):
                self.look_at_call(FUNCTIONS[function].arguments, arguments)
            case _:
                return

    def look_at_call(self, takes: Arguments, arguments: tuple[Node, ...]) -> None:
        """Note what a function asks of its arguments."""
        match takes:
            case Arguments.NUMBERS:
                self.asked_each(arguments, FactType.NUMBER)
            case Arguments.COUNT_AND_FLAGS:
                self.asked_each(arguments[1:], FactType.FLAG)
            case Arguments.FACT_AND_VALUE:
                self.alike(arguments)
            case Arguments.FACT:
                return

    def alike(self, nodes: tuple[Node, ...]) -> None:
        """Things that are compared have one type: that of the first which tells."""
        told = [found for node in nodes if (found := self.type_of(node))]
        if told:
            self.asked_each(nodes, told[0])

    def asked_each(self, nodes: tuple[Node, ...], wanted: FactType) -> None:
        """Every one of these must have the type."""
        for node in nodes:
            self.asked(node, wanted)

    def asked(self, node: Node, wanted: FactType) -> None:
        """A fact must have the type, or both branches, or a fact and its stand-in."""
        match node:
            case Fact(name) if name not in self.known:
                self.found.setdefault(name, wanted)
            case Conditional(_, then, otherwise):
                self.asked_each((then, otherwise), wanted)
            case Call("default", arguments):
                self.asked_each(arguments, wanted)
            case _:
                return  # it has its own type already

    def type_of(  # noqa: PLR0911 - one arm a kind of node
        self, node: Node
    ) -> FactType | None:
        """The type of an expression, as far as it can be told."""
        match node:
            case Fact(name):
                kind = self.known.get(name) or self.found.get(name)
                return FactType.TEXT if kind is FactType.ENUM else kind
            case Text():
                return FactType.TEXT
            case Number() | Arithmetic() | Negate():
                return FactType.NUMBER
            case Conditional():
                return self.type_of(node.then) or self.type_of(node.otherwise)
            case Call("default", arguments):
                return self.type_of(arguments[0]) or self.type_of(arguments[1])
            case Call(function):
                numeric = FUNCTIONS[function].strict
                return FactType.NUMBER if numeric else FactType.FLAG
            case _:
                return FactType.FLAG
