"""Types and units: what each part of a tree is, and where parts do not fit together.

In: a tree, the vocabulary. Out: the type and unit of the whole; findings for unknown facts,
mixed types, units that may not meet, and values that an enum does not have. Each finding is told
once: what depends on a part with a finding is silent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, assert_never

from engine.expr.checking import suggest
from engine.expr.checking.findings import Findings, told
from engine.expr.checking.typed import (
    BARE,
    ERROR,
    FLAG,
    TEXT,
    TypedUnit,
    common_unit,
    divided,
    multiplied,
    settled,
)
from engine.expr.functions import FUNCTIONS, Arguments, Result
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
from engine.expr.units import Unit
from engine.expr.vocabulary import FactType

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.expr.nodes import Node
    from engine.expr.vocabulary import FactSpec, Vocabulary

Part = tuple["Node", TypedUnit]


@dataclass(frozen=True, slots=True)
class Inference:
    """Infers types over one vocabulary, telling `findings` what does not fit."""

    vocabulary: Vocabulary
    findings: Findings

    def of(self, node: Node) -> TypedUnit:  # noqa: PLR0911 - one arm a kind of node
        """The type and unit of a node."""
        match node:
            case Number():
                unit = Unit(node.unit) if node.unit else None
                return TypedUnit(FactType.NUMBER, unit, BARE.factor if unit else abs(node.value))
            case Text():
                return TEXT
            case Flag():
                return FLAG
            case Fact():
                return self._fact(node)
            case Negate() | Arithmetic():
                return self._number(node)
            case Call():
                return self._call(node)
            case Conditional():
                return self._conditional(node)
            case _:
                return self._question(node)

    def _question(self, node: Not | And | Or | Compare | Membership) -> TypedUnit:
        match node:
            case Not():
                self._flags((node.operand,), "`not`")
            case And():
                self._flags(node.operands, "`and`")
            case Or():
                self._flags(node.operands, "`or`")
            case Compare():
                self._compare(node)
            case Membership():
                self._membership(node)
            case _:
                assert_never(node)
        return FLAG

    def _fact(self, node: Fact) -> TypedUnit:
        spec = self.vocabulary.spec(node.name)
        if spec is not None:
            return TypedUnit(spec.type, spec.unit)
        mend = suggest.fact(node.name, self.vocabulary)
        meant = suggest.sure(node.name, self.vocabulary) or ""
        self.findings.error("M203", node, f"unknown fact {told(node)}", mend, fix=meant)
        return ERROR

    def _flags(self, nodes: Sequence[Node], taker: str) -> None:
        for node in nodes:
            found = self.of(node)
            if found.known and found.type is not FactType.FLAG:
                said = f"{taker} takes flags, and {told(node)} is {found.words}"
                self.findings.error("M220", node, said, "compare it, such as `x <= params.y`")

    def _amounts(self, nodes: Sequence[Node], taker: str) -> list[TypedUnit]:
        """The types of nodes that must be numbers; ERROR for those that are not."""
        amounts = []
        for node in nodes:
            found = self.of(node)
            if found.known and found.type is not FactType.NUMBER:
                said = f"{taker} takes numbers, and {told(node)} is {found.words}"
                self.findings.error("M220", node, said, "name a fact that is a number")
                found = ERROR
            amounts.append(found)
        return amounts

    def _number(self, node: Negate | Arithmetic) -> TypedUnit:
        if isinstance(node, Negate):
            return self._amounts((node.operand,), "`-`")[0]
        left, right = self._amounts((node.left, node.right), f"`{node.op}`")
        if not (left.known and right.known):
            return ERROR
        if node.op in {"+", "-"}:
            return self._same_unit(((node.left, left), (node.right, right)), f"`{node.op}`")
        found = multiplied(left, right) if node.op == "*" else divided(left, right)
        if found is not None:
            return found
        said = f"{_of(node.left, left)} {node.op} {_of(node.right, right)} has no declared unit"
        self.findings.error("M222", node, said, suggest.no_unit(node.op, left, right))
        return ERROR

    def _same_unit(self, parts: Sequence[Part], taker: str) -> TypedUnit:
        """All parts in one unit, else a finding at the first that does not fit."""
        if any(not each.known for _, each in parts):
            return ERROR
        (first, unit), *others = parts
        for node, each in others:
            fits, shared = common_unit(unit, each)
            if not fits:
                self._units_differ((first, unit), (node, each), taker)
                return ERROR
            if unit.unit is None:
                first = node
            unit = settled(unit, shared)
        return unit

    def _units_differ(self, left: Part, right: Part, taker: str) -> None:
        said = f"{taker} joins one unit: {_in(*left)}, {_in(*right)}"
        self.findings.error("M221", right[0], said, suggest.conversion(left, right))

    def _compare(self, node: Compare) -> None:
        found = [self.of(each) for each in node.operands]
        parts = list(zip(node.operands, found, strict=True))
        for left, op, right in zip(parts, node.ops, parts[1:], strict=False):
            if left[1].known and right[1].known:
                self._link(left, op, right)

    def _link(self, left: Part, op: str, right: Part) -> None:
        types = {left[1].type, right[1].type}
        if types == {FactType.NUMBER}:
            self._same_unit((left, right), f"`{op}`")
        elif not _alike(left[1], right[1]):
            said = (
                f"{told(left[0])} is {left[1].words} and {told(right[0])} is {right[1].words}:"
                f" `{op}` compares like with like"
            )
            mend = "compare two numbers, two texts or two flags"
            if FactType.TEXT_SET in types:
                mend = "ask a set of texts with `in`"
            self.findings.error("M220", right[0], said, mend)
        elif op not in {"==", "!="}:
            said = f"{left[1].words} has no order, so `{op}` cannot be answered"
            self.findings.error("M230", left[0], said, "use `==`, `!=` or `in`")
        else:
            self._values(left[0], (right[0],))
            self._values(right[0], (left[0],))

    def _values(self, fact: Node, literals: Sequence[Node]) -> None:
        """Texts that are compared with an enum must be among its values."""
        spec = self.vocabulary.spec(fact.name) if isinstance(fact, Fact) else None
        if spec is None or spec.type is not FactType.ENUM or not spec.values:
            return
        for literal in literals:
            if isinstance(literal, Text) and literal.value not in spec.values:
                said = f"{told(literal)} is not a value of {told(fact)}"
                mend = suggest.value(literal.value, spec)
                self.findings.error("M224", literal, said, mend, fix=self._meant(literal, spec))

    def _meant(self, literal: Text, spec: FactSpec) -> str:
        """The value that a misspelt one surely stands for, in quotes as the text has them."""
        near = suggest.sure(literal.value, spec.values)
        quote = self.findings.snippet.text[literal.span.start :][:1]
        return f"{quote}{near}{quote}" if near else ""

    def _membership(self, node: Membership) -> None:
        item = self.of(node.item)
        choices = [self.of(choice) for choice in node.choices]
        if not item.known or any(not each.known for each in choices):
            return
        if isinstance(node.choices[0], Fact):
            self._in_set(node, item, choices[0])
            return
        for choice, each in zip(node.choices, choices, strict=True):
            if not _alike(item, each):
                said = f"{told(node.item)} is {item.words}, the choice {told(choice)} {each.words}"
                self.findings.error("M220", choice, said, "choices are of the item's own type")
        self._values(node.item, node.choices)

    def _in_set(self, node: Membership, item: TypedUnit, choices: TypedUnit) -> None:
        if choices.type is not FactType.TEXT_SET:
            said = f"{told(node.choices[0])} is {choices.words}, not a set of texts"
            mend = f"did you mean {told(node.item)[:-1]} == {told(node.choices[0])[1:]}?"
            self.findings.error("M220", node.choices[0], said, mend)
        elif not item.wordy:
            said = f"a set of texts holds no {item.words.removeprefix('a ')}: {told(node.item)}"
            self.findings.error("M220", node.item, said, 'write a text, such as `"majors" in x`')

    def _conditional(self, node: Conditional) -> TypedUnit:
        self._flags((node.test,), "`if`")
        return self._either((node.then, node.otherwise), "`if else`")

    def _either(self, nodes: tuple[Node, Node], taker: str) -> TypedUnit:
        """Two values of which one is taken: they must be alike."""
        one, other = self.of(nodes[0]), self.of(nodes[1])
        if not (one.known and other.known):
            return ERROR
        if one.type is FactType.NUMBER and other.type is FactType.NUMBER:
            return self._same_unit(((nodes[0], one), (nodes[1], other)), taker)
        if not _alike(one, other):
            said = f"{taker} gives {one.words} or {other.words}"
            self.findings.error("M220", nodes[1], said, "both must be of one type")
            return ERROR
        self._values(nodes[0], (nodes[1],))
        return one if one.type is other.type else TEXT

    def _call(self, node: Call) -> TypedUnit:
        function = FUNCTIONS[node.function]
        taker = f"`{node.function}`"
        match function.arguments:
            case Arguments.FACT:
                self.of(node.arguments[0])
                return FLAG
            case Arguments.FACT_AND_VALUE:
                return self._either((node.arguments[0], node.arguments[1]), taker)
            case Arguments.COUNT_AND_FLAGS:
                self._flags(node.arguments[1:], taker)
                return FLAG
            case Arguments.NUMBERS:
                amounts = self._amounts(node.arguments, taker)
                parts = list(zip(node.arguments, amounts, strict=True))
                found = self._same_unit(parts, taker)
                percent = function.result is Result.PCT and found.known
                return TypedUnit(FactType.NUMBER, Unit.PCT) if percent else found


def _alike(left: TypedUnit, right: TypedUnit) -> bool:
    if FactType.TEXT_SET in {left.type, right.type}:
        return False
    return left.type is right.type or (left.wordy and right.wordy)


def _of(node: Node, typed: TypedUnit) -> str:
    return f"{told(node)} ({typed.unit.value if typed.unit else 'a number'})"


def _in(node: Node, typed: TypedUnit) -> str:
    return f"{told(node)} is in {typed.unit.value}" if typed.unit else f"{told(node)} is a number"
