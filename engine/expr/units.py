"""Units of numbers: the closed set, the suffix that shows each in a name, and what they make.

In: units of operands. Out: the unit of a product or quotient, or None where none is declared.
Converting is never silent: `CONVERSIONS` names the one factor between two units of a kind.
"""

from __future__ import annotations

from enum import Enum


class Unit(Enum):
    """What a number counts."""

    USD = "usd"  # money in the numeraire
    BASE = "base"  # units of the asset
    PRICE = "price"  # quote currency per unit of the asset
    BPS = "bps"  # of 10,000
    PCT = "pct"  # of 100
    RATIO = "ratio"  # of 1: the quotient of two like things
    S = "s"
    MS = "ms"
    H = "h"
    D = "d"
    COUNT = "count"


CONVERSIONS: dict[tuple[Unit, Unit], int] = {
    (Unit.RATIO, Unit.PCT): 100,
    (Unit.RATIO, Unit.BPS): 10_000,
    (Unit.PCT, Unit.BPS): 100,
    (Unit.S, Unit.MS): 1_000,
    (Unit.H, Unit.S): 3_600,
    (Unit.H, Unit.MS): 3_600_000,
    (Unit.D, Unit.H): 24,
    (Unit.D, Unit.S): 86_400,
    (Unit.D, Unit.MS): 86_400_000,
}
"""`(larger, smaller): factor`: one of the larger unit is `factor` of the smaller."""

_SUFFIXES = {
    **{f"_{unit.value}": unit for unit in Unit if unit not in {Unit.BASE, Unit.PRICE}},
    "_price": Unit.PRICE,
    "_quantity": Unit.BASE,
}

_PRODUCTS = {
    frozenset({Unit.PRICE, Unit.BASE}): Unit.USD,
}
_QUOTIENTS = {
    (Unit.USD, Unit.PRICE): Unit.BASE,
    (Unit.USD, Unit.BASE): Unit.PRICE,
}
_SCALARS = (Unit.RATIO, Unit.COUNT)


def unit_of_name(name: str) -> Unit | None:
    """The unit that a name's suffix announces; None where it announces none."""
    last = name.rpartition(".")[2]
    for suffix, unit in _SUFFIXES.items():
        if last.endswith(suffix):
            return unit
    return None


def product(left: Unit, right: Unit) -> Unit | None:
    """The unit of `left * right`: dollars times a ratio are dollars, price times base dollars."""
    for scalar in _SCALARS:
        if right is scalar:
            return left
        if left is scalar:
            return right
    return _PRODUCTS.get(frozenset({left, right}))


def quotient(left: Unit, right: Unit) -> Unit | None:
    """The unit of `left / right`: like over like is a ratio."""
    if left is right:
        return Unit.RATIO
    if right in _SCALARS:
        return left
    return _QUOTIENTS.get((left, right))


def conversion(have: Unit, want: Unit) -> str | None:
    """How to turn `have` into `want`, as text after the expression (`* 100`); None: no way."""
    if (have, want) in CONVERSIONS:
        return f"* {CONVERSIONS[have, want]}"
    if (want, have) in CONVERSIONS:
        return f"/ {CONVERSIONS[want, have]}"
    return None
