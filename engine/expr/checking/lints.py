"""What is well typed and still wrong: rules that never vary, thresholds in the wrong place or size.

In: a rule's tree, its types, the vocabulary. Out: errors for questions whose answer cannot change,
warnings for literal thresholds and for thresholds of an unlikely size. A parameter's number is
followed to where it is written, so a fraction that was meant as percent is seen there too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.expr.checking.findings import Findings, told
from engine.expr.nodes import (
    And,
    Arithmetic,
    Call,
    Compare,
    Conditional,
    Fact,
    Flag,
    Negate,
    Not,
    Number,
    Or,
    walk,
)
from engine.expr.units import Unit
from engine.expr.vocabulary import PLAUSIBLE
from engine.model.numbers import canonical_number

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

    from engine.expr.checking.inference import Inference
    from engine.expr.nodes import CompareOp, Node
    from engine.expr.vocabulary import FactSpec, Vocabulary

_MIRRORED: dict[CompareOp, CompareOp] = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_MOST_CASES = 64


@dataclass(frozen=True, slots=True)
class Threshold:
    """One comparison of a measure with a number: `measure op value`, the number at `node`."""

    measure: Node
    op: CompareOp
    node: Node
    value: Decimal


@dataclass(frozen=True, slots=True)
class Lints:
    """Reads one well-typed rule."""

    vocabulary: Vocabulary
    findings: Findings
    inference: Inference

    def constant(self, tree: Node) -> None:
        """Questions whose answer is the same whatever the facts."""
        for node in _asked(tree):
            if not _has_facts(node):
                said = f"{told(node)} is the same whatever the facts"
                self.findings.error("M225", node, said, "leave it out, or name a fact in it")
        for node in walk(tree):
            self._with_itself(node)
            self._by_zero(node)

    def _with_itself(self, node: Node) -> None:
        if not isinstance(node, Compare):
            return
        for left, right in zip(node.operands, node.operands[1:], strict=False):
            if left == right and _has_facts(left):
                said = f"{told(left)} is compared with itself"
                self.findings.error("M225", right, said, "to ask whether it is known, use `has`")

    def _by_zero(self, node: Node) -> None:
        if isinstance(node, Arithmetic) and node.op == "/" and _literal(node.right) == 0:
            said = f"{told(node)} divides by zero, so it is never decided"
            self.findings.error("M225", node, said, "divide by a fact, or leave the division out")

    def thresholds(self, tree: Node) -> None:
        """Numbers that a measure is compared with: where they stand, and how large they are."""
        for node in walk(tree):
            if isinstance(node, Compare):
                for threshold in self._thresholds_of(node):
                    self._threshold(threshold)

    def _threshold(self, threshold: Threshold) -> None:
        size = self._unlikely(threshold)
        if self._out_of_bounds(threshold, size):
            return
        if size:
            said = f"{_at(threshold)} is an unlikely size for {told(threshold.measure)}"
            self.findings.warn("M227", threshold.node, said, size)
        self._in_place(threshold)

    def _thresholds_of(self, node: Compare) -> Iterator[Threshold]:
        links = zip(node.operands, node.ops, node.operands[1:], strict=False)
        for left, op, right in links:
            sides = ((left, op, right), (right, _MIRRORED.get(op, op), left))
            for measure, way, number in sides:
                if _has_facts(measure) and not self._numbers(measure):
                    for value in self._numbers(number):
                        yield Threshold(measure, way, number, value)

    def _numbers(self, node: Node) -> list[Decimal]:
        """Every number that a node can be, where it is but a literal, a parameter or a table."""
        match node:
            case Number():
                return [node.value]
            case Negate():
                return [-value for value in self._numbers(node.operand)]
            case Fact():
                definition = self.vocabulary.definition_tree(node.name)
                return self._numbers(definition) if definition is not None else []
            case Conditional():
                then, otherwise = self._numbers(node.then), self._numbers(node.otherwise)
                return [*then, *otherwise][:_MOST_CASES] if then and otherwise else []
            case _:
                return []

    def _in_place(self, threshold: Threshold) -> None:
        if _literal(threshold.node) and getattr(threshold.node, "unit", None) is None:
            said = f"the threshold {told(threshold.node)} is written into the rule"
            mend = "move it into `params`, where overlays, sweeps and diffs see it"
            self.findings.warn("M226", threshold.node, said, mend)

    def _out_of_bounds(self, threshold: Threshold, mend: str) -> bool:
        """Whether no value of the fact lies on the other side of the threshold."""
        spec = self._spec(threshold.measure)
        if spec is None:
            return False
        value = float(threshold.value)
        below = spec.low is not None and value < spec.low
        above = spec.high is not None and value > spec.high
        if below or above:
            limit = spec.low if below else spec.high
            said = (
                f"{told(threshold.measure)} is never {'below' if below else 'above'} {limit:g},"
                f" so comparing it with {_at(threshold)} never varies"
            )
            self.findings.error("M225", threshold.node, said, mend or spec.sentence)
        return below or above

    def _unlikely(self, threshold: Threshold) -> str:
        """What may have been meant by a threshold of an unlikely size; "" for a likely one."""
        spec = self._spec(threshold.measure)
        unit = self.inference.of(threshold.measure).unit
        span = spec.plausible if spec else PLAUSIBLE.get(unit) if unit else None
        size = abs(float(threshold.value))
        if span is None or size == 0 or span[0] <= size <= span[1]:
            return ""
        return _size_mend(threshold, unit, span)

    def _spec(self, measure: Node) -> FactSpec | None:
        return self.vocabulary.spec(measure.name) if isinstance(measure, Fact) else None


def _size_mend(threshold: Threshold, unit: Unit | None, span: tuple[float, float]) -> str:
    size = abs(float(threshold.value))
    if unit is Unit.PCT and size < span[0]:
        meant = canonical_number(threshold.value * 100)
        return f"it reads like a fraction: did you mean `{meant}`? percent is 0 to 100"
    if unit is Unit.RATIO and size > span[1]:
        meant = canonical_number(threshold.value / 100)
        return f"it reads like percent: did you mean `{meant}`? a ratio of 1 is the whole"
    name = unit.value if unit else "this fact"
    return f"thresholds in {name} lie between {span[0]:g} and {span[1]:g} here"


def _at(threshold: Threshold) -> str:
    number = f"`{canonical_number(threshold.value)}`"
    literal = _literal(threshold.node) is not None
    return number if literal else f"{number} of {told(threshold.node)}"


def _asked(tree: Node) -> Iterator[Node]:
    """Where a question is asked for its own sake: the whole, and what logic joins."""
    yield tree
    match tree:
        case And() | Or():
            parts = tree.operands
        case Not():
            parts = (tree.operand,)
        case Conditional():
            # A branch that is `true` or `false` is a way to say "if … then".
            branches = (tree.then, tree.otherwise)
            parts = (tree.test, *(each for each in branches if not isinstance(each, Flag)))
        case Call(function="at_least"):
            parts = tree.arguments[1:]
        case _:
            parts = ()
    if _has_facts(tree):
        for part in parts:
            yield from _asked(part)


def _has_facts(node: Node) -> bool:
    return any(isinstance(each, Fact) for each in walk(node))


def _literal(node: Node) -> Decimal | None:
    if isinstance(node, Number):
        return node.value
    if isinstance(node, Negate) and isinstance(node.operand, Number):
        return -node.operand.value
    return None
