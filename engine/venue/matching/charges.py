"""What an order costs: fees by who rested, what it binds while it works, what a budget buys.

In: orders, prices, the fees. Out: exact amounts. Fees are rounded up once over a whole order, so
that what is bound at entry always suffices. Refuses nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.adapters.paper.money import exactly, rounded_up
from engine.adapters.paper.settings import FEE_STEP
from engine.model.market import BookLevel
from engine.model.numbers import ZERO, floor_to
from engine.model.orders import Side

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from decimal import Decimal

    from engine.adapters.paper import PaperFees
    from engine.venue.orders import Order


@dataclass(frozen=True, slots=True)
class Charges:
    """The fees of the venue, applied."""

    fees: PaperFees

    def ratio(self, *, maker: bool) -> Decimal:
        """The share of a notional that is kept."""
        return self.fees.rate_bps(maker=maker).scaleb(-4)

    def due(self, order: Order, notional: Decimal, *, maker: bool) -> tuple[Decimal, Decimal]:
        """The fee on the next execution of `notional`, and what the rates come to after it."""
        with exactly():
            owed = order.owed + notional * self.ratio(maker=maker)
            fee = rounded_up(owed, FEE_STEP) - order.fees
            return max(ZERO, min(fee, notional)), owed

    def cost(self, order: Order, notional: Decimal) -> Decimal:
        """Quote units that buying for `notional` more can cost at most, with its fee."""
        with exactly():
            owed = order.owed + notional * self._worst(order)
            return notional + max(ZERO, rounded_up(owed, FEE_STEP) - order.fees)

    def bound(self, order: Order) -> tuple[str, Decimal]:
        """The currency and units that the rest of a resting order can still cost."""
        left = left_of(order)
        if order.side is Side.SELL:
            return order.symbol.base, left
        with exactly():
            notional = left * order.worst_price
        return order.symbol.quote, self.cost(order, notional)

    def bought(
        self, levels: Iterable[BookLevel], budget: Decimal, increment: Decimal
    ) -> Sequence[BookLevel]:
        """What a budget in quote currency takes of `levels`, fees included."""
        taken = []
        # One step is kept back: the fee on the whole is rounded up to a step.
        left = budget - FEE_STEP
        with exactly():
            share = 1 + self.ratio(maker=False)
        for level in levels:
            size = min(level.size, floor_to(left / (level.price * share), increment))
            if size <= 0:
                break
            taken.append(BookLevel(level.price, size))
            with exactly():
                left -= size * level.price * share
        return taken

    def _worst(self, order: Order) -> Decimal:
        if order.request.post_only:
            return self.ratio(maker=True)
        return max(self.ratio(maker=True), self.ratio(maker=False))


def left_of(order: Order) -> Decimal:
    """Base units that are still to be filled."""
    with exactly():
        return (order.size or ZERO) - order.filled
