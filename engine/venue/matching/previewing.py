"""What an order would come to: its total, its fee, its average price, how far it slips.

In: an order that may enter, and what it would take. Out: `Preview`. What would rest counts at its
limit, and at the fee of who rests; what waits for its stop, at the fee of who takes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.adapters.paper.matching import total
from engine.adapters.paper.money import exactly, rounded_up
from engine.adapters.paper.settings import FEE_STEP
from engine.model.numbers import ZERO
from engine.model.orders import Side
from engine.venue.fate import Preview

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.model.market import BookLevel
    from engine.venue.matching.charges import Charges
    from engine.venue.orders import Order


def previewed(order: Order, taken: Sequence[BookLevel], charges: Charges) -> Preview:
    """The preview of `order`, of which `taken` would be filled at once."""
    size, notional = total(taken)
    resting = ZERO
    with exactly():
        if order.request.configuration.rests and order.size and order.limit_price:
            resting = (order.size - size) * order.limit_price
        rests = charges.ratio(maker=not order.dormant)
        owed = notional * charges.ratio(maker=False) + resting * rests
        fee = rounded_up(owed, FEE_STEP)
        worth = notional + resting
        paid = worth + fee if order.side is Side.BUY else worth - fee
    average = notional / size if size else ZERO
    slip = abs(average - taken[0].price) / taken[0].price if taken else ZERO
    return Preview(order.size or size, worth, paid, fee, average, slip)
