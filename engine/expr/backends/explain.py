"""A rule in words: the meaning for people.

In: a checked tree, the vocabulary. Out: one English clause without a full stop, and the
sentences of the facts that it names. Refuses a function that it has no words for, as
`NotDefinedError`. What came out of a rule is told by `explain_outcome`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, assert_never

from engine.expr.backends.backend import NotDefinedError
from engine.expr.backends.words.outcome import explain_answer, explain_outcome
from engine.expr.backends.words.wording import (
    COMPARED,
    fact_phrase,
    listed,
    number_words,
    unit_of,
    value_words,
)
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
    walk,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.expr.nodes import CompareOp, Node
    from engine.expr.units import Unit
    from engine.expr.vocabulary import Vocabulary

__all__ = ["explain", "explain_answer", "explain_outcome", "glossary"]


def explain(tree: Node, vocabulary: Vocabulary) -> str:
    """The rule in words: `spread_bps of the quote is at most 50 bps`."""
    return _Words(vocabulary).of(tree)


def glossary(tree: Node, vocabulary: Vocabulary) -> tuple[str, ...]:
    """What the facts of a tree mean, one line each, in order of appearance."""
    names = dict.fromkeys(node.name for node in walk(tree) if isinstance(node, Fact))
    specs = ((name, vocabulary.spec(name)) for name in names)
    return tuple(f"{name}: {spec.sentence}" for name, spec in specs if spec)


_ARITHMETIC = {"+": "plus", "-": "minus", "*": "times", "/": "divided by"}


@dataclass(frozen=True, slots=True)
class _Words:
    vocabulary: Vocabulary

    def of(  # noqa: C901, PLR0911, PLR0912 - one arm a kind of node
        self, node: Node, unit: Unit | None = None
    ) -> str:
        """A node in words; `unit` is what a bare number stands for here."""
        match node:
            case Number(value):
                return number_words(value, unit_of(node, self.vocabulary) or unit)
            case Text(value) | Flag(value):
                return value_words(value, None)
            case Fact(name):
                return fact_phrase(name)
            case Not(operand):
                return f"not {self._part(operand)}"
            case Negate(operand):
                return f"minus {self._part(operand, unit)}"
            case And(operands):
                return " and ".join(map(self._claim, operands))
            case Or(operands):
                return " or ".join(map(self._claim, operands))
            case Compare(operands, ops):
                return self._compare(operands, ops)
            case Arithmetic(op, left, right):
                inside = unit_of(node, self.vocabulary) if op in {"+", "-"} else None
                return f"{self._part(left, inside)} {_ARITHMETIC[op]} {self._part(right, inside)}"
            case Membership(item, (Fact(name),)):
                return f"{self._part(item)} is among {fact_phrase(name)}"
            case Membership(item, choices):
                inside = unit_of(item, self.vocabulary)
                names = listed((self.of(each, inside) for each in choices), "or")
                return f"{self._part(item)} is one of {names}"
            case Conditional(test, then, otherwise):
                chosen = self._part(then, unit), self._part(otherwise, unit)
                return f"{chosen[0]} if {self._claim(test)}, otherwise {chosen[1]}"
            case Call(function, arguments):
                return self._call(function, arguments, unit_of(node, self.vocabulary) or unit)
            case _:
                assert_never(node)

    def _part(self, node: Node, unit: Unit | None = None) -> str:
        """An operand, in brackets where the sentence would fall apart without."""
        words = self.of(node, unit)
        compound = And | Or | Compare | Arithmetic | Conditional | Membership
        return f"({words})" if isinstance(node, compound) else words

    def _claim(self, node: Node) -> str:
        """A flag as a claim: a bare fact is `true`."""
        match node:
            case And() | Or() | Conditional() | Call("at_least"):
                return f"({self.of(node)})"
            case Fact(name):
                return f"{fact_phrase(name)} is true"
            case Not(Fact(name)):
                return f"{fact_phrase(name)} is false"
            case _:
                return self.of(node)

    def _compare(self, operands: tuple[Node, ...], ops: tuple[CompareOp, ...]) -> str:
        units = (unit_of(each, self.vocabulary) for each in operands)
        unit = next((each for each in units if each), None)
        links = zip(operands, ops, operands[1:], strict=False)
        return " and ".join(
            f"{self._part(left, unit)} {COMPARED[op]} {self._part(right, unit)}"
            for left, op, right in links
        )

    def _call(self, function: str, arguments: tuple[Node, ...], unit: Unit | None) -> str:
        if function == "at_least":
            count, *flags = arguments
            return f"at least {self.of(count)} of these hold: {'; '.join(map(self._claim, flags))}"
        if function not in _CALLS:
            raise NotDefinedError(backend="explain", operation=function)
        inside = None if function == "share_pct" else unit
        return _CALLS[function]([self._part(each, inside) for each in arguments])


_CALLS: dict[str, Callable[[list[str]], str]] = {
    "abs": lambda words: f"the size of {words[0]}",
    "min": lambda words: f"the smallest of {listed(words, 'and')}",
    "max": lambda words: f"the largest of {listed(words, 'and')}",
    "clamp": lambda words: f"{words[0]} held between {words[1]} and {words[2]}",
    "share_pct": lambda words: f"{words[0]} in percent of {words[1]}",
    "has": lambda words: f"{words[0]} is known",
    "default": lambda words: f"{words[0]} ({words[1]} when unknown)",
}
