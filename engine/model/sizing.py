"""Sizes on a product's grid: what a value buys, and the least that can be left again.

In: money in quote currency, a price, a product, an exit plan, the fee of taking. Out: base units.
An entry that could not be sold at its stop is a position that nobody can leave.
"""

from __future__ import annotations

from decimal import localcontext
from typing import TYPE_CHECKING

from engine.model.numbers import ceil_to, floor_to

if TYPE_CHECKING:
    from decimal import Decimal

    from engine.model.market import Product
    from engine.model.orders import ExitPlan

_PCT, _BPS = 100, 10_000
_DIGITS = 60


def least_to_leave(
    product: Product, price: Decimal, plan: ExitPlan | None, taker_bps: Decimal
) -> Decimal:
    """The fewest units, bought at `price`, that are above the venue's minimum when they are left.

    They are sold at the plan's stop, and what is left after the taker's fee has to be enough. A
    stop of all that was paid sells at no price and is left out.
    """
    with localcontext(prec=_DIGITS):
        kept = 1 - taker_bps / _BPS
        if plan is not None and plan.stop_pct < _PCT:
            kept *= 1 - plan.stop_pct / _PCT
        needed = product.quote_min_size / (price * kept)
    return ceil_to(max(product.base_min_size, needed), product.base_increment)


def units_for(value: Decimal, price: Decimal, product: Product, least: Decimal) -> Decimal:
    """What `value` buys, rounded down; up to `least` where only rounding and fees fall short.

    A value below the venue's own minimum stays below it: nothing here makes a small wish large.
    """
    units = value / price
    worth_it = value >= product.quote_min_size and units >= product.base_min_size
    floored = floor_to(units, product.base_increment)
    return max(floored, least) if worth_it else floored
