"""Words for facts, units and numbers, shared by the two ways of explaining a rule.

In: names, values, the vocabulary. Out: short English. Refuses nothing: a fact that the
vocabulary does not have is shown by its name alone.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from engine.expr.functions import FUNCTIONS, Result
from engine.expr.nodes import Arithmetic, Call, Conditional, Fact, Negate, Number
from engine.expr.units import Unit, product, quotient

if TYPE_CHECKING:
    from collections.abc import Iterable

    from engine.expr.nodes import CompareOp, Node, Value
    from engine.expr.vocabulary import Vocabulary

_AFTER_NUMBER: dict[Unit, str] = {
    Unit.USD: " usd",
    Unit.BASE: " units",
    Unit.BPS: " bps",
    Unit.PCT: " %",
    Unit.S: " s",
    Unit.MS: " ms",
    Unit.H: " h",
    Unit.D: " d",
}
COMPARED: dict[CompareOp, str] = {
    "==": "is",
    "!=": "is not",
    "<": "is below",
    "<=": "is at most",
    ">": "is above",
    ">=": "is at least",
}
OPPOSITE: dict[CompareOp, CompareOp] = {
    "==": "!=",
    "!=": "==",
    "<": ">=",
    "<=": ">",
    ">": "<=",
    ">=": "<",
}


def fact_phrase(name: str) -> str:
    """`spread_bps of the quote`; a series fact keeps its canonical text."""
    if "(" in name or "." not in name:
        return name
    group, _, leaf = name.rpartition(".")
    return f"{leaf} of the {group.replace('.', ' ')}"


def fact_label(name: str, unit: Unit | None) -> str:
    """`spread`: a name in front of a number that shows the unit itself.

    A fact of the set's own documents keeps their name: `breaker daily_stop tripped`.
    """
    if "(" in name:
        return name
    group, _, leaf = name.rpartition(".")
    if leaf == "name":
        return group
    bare = leaf.removesuffix(unit.value).removesuffix("_") if unit else leaf
    label = (bare or group or leaf).replace("_", " ")
    return f"{group.replace('.', ' ')} {label}" if "." in group else label


def unit_of(  # noqa: PLR0911 - one arm a kind of node
    node: Node, vocabulary: Vocabulary
) -> Unit | None:
    """The unit of a checked number expression, where its parts tell it."""
    match node:
        case Number(_, unit):
            return Unit(unit) if unit else None
        case Fact(name):
            spec = vocabulary.spec(name)
            return spec.unit if spec else None
        case Negate(operand):
            return unit_of(operand, vocabulary)
        case Conditional(_, then, otherwise):
            return _first_unit((then, otherwise), vocabulary)
        case Arithmetic():
            return _unit_of_arithmetic(node, vocabulary)
        case Call(function, arguments) if function in FUNCTIONS:
            if FUNCTIONS[function].result is Result.PCT:
                return Unit.PCT
            same = FUNCTIONS[function].result is Result.SAME
            return _first_unit(arguments, vocabulary) if same else None
        case _:
            return None


def _unit_of_arithmetic(node: Arithmetic, vocabulary: Vocabulary) -> Unit | None:
    left, right = unit_of(node.left, vocabulary), unit_of(node.right, vocabulary)
    if left is None or right is None or node.op in {"+", "-"}:
        return left or right
    return product(left, right) if node.op == "*" else quotient(left, right)


def _first_unit(nodes: Iterable[Node], vocabulary: Vocabulary) -> Unit | None:
    return next((unit for node in nodes if (unit := unit_of(node, vocabulary))), None)


def number_words(value: float | Decimal, unit: Unit | None) -> str:
    """A number as people write it, with its unit: `1,250.5 usd`."""
    exact = Decimal(repr(value)) if isinstance(value, float) else value
    digits = f"{exact:,f}" if abs(exact) < 10**15 else f"{exact:.6g}"
    if "." in digits:
        digits = digits.rstrip("0").rstrip(".")
    return digits + (_AFTER_NUMBER.get(unit, "") if unit else "")


def value_words(value: Value, unit: Unit | None) -> str:
    """A value as people write it."""
    match value:
        case bool():
            return "true" if value else "false"
        case float():
            return number_words(value, unit)
        case str():
            return value or '""'
        case frozenset():
            return listed(sorted(value), "and") or "nothing"


def listed(words: Iterable[str], last: str) -> str:
    """`a, b and c`."""
    *head, tail = [*words] or [""]
    return f"{', '.join(head)} {last} {tail}" if head else tail
