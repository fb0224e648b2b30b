"""Exact sums: decimal arithmetic in which a rounding is an error, not a habit.

In: amounts that `is_amount` admits, which bounds their digits. Out: exact products and sums.
Refuses (raises `decimal.Inexact`) any result that 200 digits cannot hold, which admitted
amounts never reach: money is conserved to the last digit, or the program stops.
"""

from __future__ import annotations

from decimal import (
    ROUND_CEILING,
    Context,
    Decimal,
    DivisionByZero,
    Inexact,
    InvalidOperation,
    localcontext,
)
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

_EXACT = Context(prec=200, traps=[Inexact, InvalidOperation, DivisionByZero])
_ROUNDING = Context(prec=200, rounding=ROUND_CEILING, traps=[InvalidOperation])
_MAX_ORDER = 18
_MAX_DECIMALS = 24


def exactly() -> AbstractContextManager[Context]:
    """A block in which arithmetic is exact or raises."""
    return localcontext(_EXACT)


def is_amount(value: Decimal) -> bool:
    """Whether it is a finite number above zero of a size that a market can show."""
    if not value.is_finite() or value <= 0:
        return False
    exponent = value.as_tuple().exponent
    return (
        value.adjusted() <= _MAX_ORDER and isinstance(exponent, int) and exponent >= -_MAX_DECIMALS
    )


def is_multiple(value: Decimal, increment: Decimal) -> bool:
    """Whether `value` lies on the grid of `increment` (> 0)."""
    with exactly():
        return value % increment == 0


def rounded_up(value: Decimal, step: Decimal) -> Decimal:
    """The smallest number with as many decimals as `step` that is not below `value`."""
    return value.quantize(step, context=_ROUNDING)
