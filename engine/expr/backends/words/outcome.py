"""What came out of a rule, in words and numbers: `spread 107.5 bps > 50 bps`.

In: a rule and facts, or the answers of a motor. Out: the parts that settled the answer, joined
by `; `, or the facts that are unknown. Refuses nothing. A comparison that failed is shown as
what is the case, with the opposite sign.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.expr.backends.closure import compile_motor
from engine.expr.backends.words.wording import OPPOSITE, fact_label, unit_of, value_words
from engine.expr.nodes import (
    And,
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
from engine.expr.printing import print_tree

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from engine.expr.backends.closure import Answers
    from engine.expr.nodes import Node, Value
    from engine.expr.units import Unit
    from engine.expr.vocabulary import Vocabulary


def explain_outcome(tree: Node, facts: Mapping[str, Value], vocabulary: Vocabulary) -> str:
    """Why a rule came out as it did over these facts."""
    return explain_answer(compile_motor((tree,), vocabulary).evaluate(facts), 0)


def explain_answer(answers: Answers, rule: int) -> str:
    """Why one rule of a motor came out as it did."""
    if answers.verdicts[rule] is None:
        return f"undecided: {_unknown(answers.missing(rule))}"
    motor = answers.motor
    telling = _Telling(motor.trace(answers.facts), motor.vocabulary)
    return "; ".join(dict.fromkeys(telling.why(motor.trees[rule])))


def _unknown(names: tuple[str, ...]) -> str:
    return f"unknown {', '.join(names)}" if names else "no number results"


@dataclass(frozen=True, slots=True)
class _Telling:
    values: Mapping[Node, Value | None]
    vocabulary: Vocabulary

    def why(self, node: Node) -> Iterator[str]:
        """The parts of a decided flag that settled it."""
        match node:
            case And(operands) | Or(operands):
                verdict = self.values[node]
                for operand in operands:
                    if self.values[operand] is verdict:
                        yield from self.why(operand)
            case Not(operand):
                yield from self.why(operand)
            case Conditional(test, then, otherwise):
                yield from self.why(test)
                yield from self.why(then if self.values[test] else otherwise)
            case Call("default", (fact, value)):
                yield from self.why(value if self.values[fact] is None else fact)
            case Compare():
                yield from self._links(node)
            case _:
                yield self._plain(node)

    def _plain(self, node: Node) -> str:
        verdict = self.values[node]
        match node:
            case Membership(item, choices):
                verb = "in" if verdict else "not in"
                return f"{self._side(item, None)} {verb} {', '.join(map(self._choice, choices))}"
            case Call("has", (fact,)):
                return f"{print_tree(fact)} is {'known' if verdict else 'unknown'}"
            case Call("at_least", (least, *flags)):
                holding = sum(self.values[flag] is True for flag in flags)
                return f"{holding} of {len(flags)} hold, {self._shown(least, None)} needed"
            case _:
                return f"{self._label(node)} is {'true' if verdict else 'false'}"

    def _choice(self, node: Node) -> str:
        return print_tree(node) if isinstance(node, Fact) else self._shown(node, None)

    def _links(self, node: Compare) -> Iterator[str]:
        verdict = self.values[node]
        units = [unit_of(each, self.vocabulary) for each in node.operands]
        unit = next((each for each in units if each), None)
        for left, op, right in zip(node.operands, node.ops, node.operands[1:], strict=False):
            # A chain of one link is its own node; a longer one has a node for each link.
            if self.values[Compare((left, right), (op,))] is verdict:
                sign = op if verdict else OPPOSITE[op]
                exact = self._shown(left, unit) == self._shown(right, unit)
                sides = (self._side(each, unit, exact=exact) for each in (left, right))
                yield f" {sign} ".join(sides)

    def _side(self, node: Node, unit: Unit | None, *, exact: bool = False) -> str:
        shown = self._shown(node, unit, exact=exact)
        match node:
            case Number() | Text() | Flag() | Negate(Number()):
                return shown
            case Fact():
                return f"{self._label(node)} {shown}"
            case _:
                return f"{shown} ({print_tree(node)})"

    def _label(self, node: Node) -> str:
        if isinstance(node, Fact):
            return fact_label(node.name, unit_of(node, self.vocabulary))
        return print_tree(node)

    def _shown(self, node: Node, unit: Unit | None, *, exact: bool = False) -> str:
        value = self.values[node]
        if isinstance(value, float) and not exact:
            value = float(f"{value:.6g}")
        own = unit_of(node, self.vocabulary) or unit
        return "unknown" if value is None else value_words(value, own)
