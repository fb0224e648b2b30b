"""Money, price and size as Decimal: exact text in, exact text out, rounding on a grid.

In: decimal text or Decimal. Out: Decimal. Refuses NaN, infinity and floats.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal, InvalidOperation, localcontext

ZERO = Decimal(0)
_WIDE = Context(prec=60)


def decimal_of(text: str) -> Decimal:
    """Read decimal text; raises ValueError on anything that is not a finite number."""
    try:
        value = Decimal(text)
    except InvalidOperation as error:
        message = f"not a number: {text!r}"
        raise ValueError(message) from error
    if not value.is_finite():
        message = f"not a finite number: {text!r}"
        raise ValueError(message)
    return value


def canonical_number(value: Decimal) -> str:
    """The one spelling of a number: positional, no exponent, no trailing zeros, no minus zero."""
    if value == 0:
        return "0"
    return format(value.normalize(_WIDE), "f")


def floor_to(value: Decimal, increment: Decimal) -> Decimal:
    """The largest multiple of `increment` (> 0) that is not above `value`."""
    return _on_grid(value, increment, ROUND_FLOOR)


def ceil_to(value: Decimal, increment: Decimal) -> Decimal:
    """The smallest multiple of `increment` (> 0) that is not below `value`."""
    return _on_grid(value, increment, ROUND_CEILING)


def _on_grid(value: Decimal, increment: Decimal, rounding: str) -> Decimal:
    with localcontext(_WIDE):
        steps = (value / increment).to_integral_value(rounding=rounding)
        return steps * increment
