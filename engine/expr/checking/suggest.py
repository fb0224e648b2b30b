"""Mends: the nearest name, the siblings of a fact, the conversion between two units.

In: what the user wrote and the vocabulary. Out: the words of a `help:` line.
"""

from __future__ import annotations

from decimal import Decimal
from difflib import SequenceMatcher, get_close_matches
from typing import TYPE_CHECKING

from engine.expr.checking.findings import told
from engine.expr.functions import FUNCTIONS, SERIES_FUNCTIONS
from engine.expr.nodes import Arithmetic, Number
from engine.expr.units import Unit
from engine.expr.units import conversion as declared_conversion

if TYPE_CHECKING:
    from collections.abc import Iterable

    from engine.expr.checking.typed import TypedUnit
    from engine.expr.nodes import Node
    from engine.expr.vocabulary import FactSpec, Vocabulary

_MOST = 5
# One name is meant, and no other, when it is so close, and so much closer than the next.
_SURE, _APART = 0.8, 0.05


def fact(name: str, vocabulary: Vocabulary) -> str:
    """What may have been meant by an unknown fact, and at most five of its group."""
    if name in FUNCTIONS or name in SERIES_FUNCTIONS:
        function = FUNCTIONS.get(name) or SERIES_FUNCTIONS[name]
        return f"`{name}` is a function: write `{function.signature}`"
    group = name.partition(".")[0]
    siblings = [each for each in vocabulary if each.startswith(f"{group}.")]
    near = nearest(name, siblings) or nearest(name, vocabulary)
    guess = f"did you mean `{near}`? " if near else ""
    if siblings:
        tails = (each.partition(".")[2] for each in _closest(name, siblings))
        return f"{guess}{group} has: {', '.join(sorted(tails))}"
    groups = {each.partition(".")[0] for each in vocabulary}
    if group == "params":
        return f"{guess}declare it under `params`"
    return f"{guess}groups are: {', '.join(sorted(_closest(group, groups)))}"


def value(text: str, spec: FactSpec) -> str:
    """The nearest value of an enum, and at most five that it has."""
    near = nearest(text, spec.values)
    guess = f"did you mean `{near}`? " if near else ""
    closest = _closest(text, spec.values)
    return f"{guess}it has: {', '.join(each for each in spec.values if each in closest)}"


def nearest(text: str, known: Iterable[str]) -> str | None:
    """The known word that looks most like `text`, whatever its case; None when none does."""
    folded = {each.lower(): each for each in known}
    found = get_close_matches(text.lower(), folded, 1)
    return folded[found[0]] if found else None


def sure(text: str, known: Iterable[str]) -> str | None:
    """The one known word that can have been meant; None where none is near, or several are."""
    ranked = sorted(((_likeness(text, each), each) for each in known), reverse=True)
    best, second = (*ranked, (0.0, ""), (0.0, ""))[:2]
    return best[1] if best[0] >= _SURE and best[0] - second[0] >= _APART else None


def _likeness(text: str, known: str) -> float:
    return SequenceMatcher(None, text.strip().lower(), known.lower()).ratio()


def conversion(left: tuple[Node, TypedUnit], right: tuple[Node, TypedUnit]) -> str:
    """How to bring the right side into the left side's unit, or the other way round."""
    for (node, have), (_, want) in ((right, left), (left, right)):
        text = _converted(node, have, want)
        if text:
            return text
    return "units are declared in the vocabulary: `policy facts` lists them"


def _converted(node: Node, have: TypedUnit, want: TypedUnit) -> str:
    step = declared_conversion(have.unit, want.unit) if have.unit and want.unit else None
    # Only towards the smaller unit: there the factor is a whole number, and nothing is rounded.
    if want.unit is None or step is None or not step.startswith("* "):
        return ""
    written = Arithmetic("*", node, Number(Decimal(step[2:])))
    return f"write {told(written)} to have it in {want.unit.value}"


def no_unit(op: str, left: TypedUnit, right: TypedUnit) -> str:
    """What to do where a product or quotient has no unit."""
    if op == "*" and Unit.PCT in {left.unit, right.unit}:
        return "make the percentage a ratio first: `x_usd * (y_pct / 100)`"
    if op == "*" and Unit.BPS in {left.unit, right.unit}:
        return "make the basis points a ratio first: `x_usd * (y_bps / 10000)`"
    return "`usd * ratio` is usd, `price * base` is usd, like over like is a ratio"


def _closest(text: str, known: Iterable[str]) -> list[str]:
    ranked = sorted(known, key=lambda each: (-SequenceMatcher(None, text, each).ratio(), each))
    return ranked[:_MOST]
