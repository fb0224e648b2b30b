"""One order at the paper venue: how far it got, what it owes, how it is reported.

In: what was asked for, then executions and an end. Out: `VenueOrder` reports and holds.
Refuses nothing: the exchange asks only for what the state allows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.adapters.paper.money import exactly
from engine.adapters.paper.settings import fee_of
from engine.model.numbers import ZERO
from engine.model.orders import OrderForm, OrderStatus, Side, VenueOrder

if TYPE_CHECKING:
    from decimal import Decimal

    from engine.model.symbols import Symbol
    from engine.model.times import UtcTime


@dataclass(slots=True)
class PaperOrder:
    """A working or finished order; `number` counts orders of this venue from 1.

    `limit_price` is None for market orders, whatever price their intent was made with;
    `expires` binds resting orders only. A finished order never changes again.
    """

    number: int
    venue_order_id: str
    client_order_id: str
    symbol: Symbol
    side: Side
    form: OrderForm
    quantity: Decimal
    limit_price: Decimal | None
    expires: UtcTime | None
    created: UtcTime
    rate_bps: Decimal
    status: OrderStatus = OrderStatus.OPEN
    filled_quantity: Decimal = ZERO
    filled_notional: Decimal = ZERO
    charged: Decimal = ZERO
    reason: str = ""

    @property
    def left(self) -> Decimal:
        """What is still to be filled, in base units."""
        with exactly():
            return self.quantity - self.filled_quantity

    @property
    def maker(self) -> bool:
        """Whether it rests: then every fill is a maker's, else every fill is a taker's."""
        return self.form is OrderForm.POST_ONLY

    @property
    def rest_price(self) -> Decimal:
        """The price at which it rests; raises ValueError for a market order, which cannot."""
        if self.limit_price is None:
            message = f"{self.venue_order_id} has no price to rest at"
            raise ValueError(message)
        return self.limit_price

    def due_fee(self, notional: Decimal) -> Decimal:
        """The fee on the next execution of `notional`.

        Rounded up once over the whole order rather than at each part, so that a hold taken
        at entry always suffices; and never more than the execution itself brings in.
        """
        with exactly():
            total = fee_of(self.filled_notional + notional, self.rate_bps)
            return max(ZERO, min(total - self.charged, notional))

    def execute(self, quantity: Decimal, price: Decimal, fee: Decimal) -> None:
        """Book one execution; the last one ends the order."""
        with exactly():
            self.filled_quantity += quantity
            self.filled_notional += quantity * price
            self.charged += fee
        if self.filled_quantity == self.quantity:
            self.status = OrderStatus.FILLED

    def hold(self) -> tuple[str, Decimal]:
        """The currency and units that the rest of it can still cost while it rests."""
        if self.side is Side.SELL:
            return self.symbol.base, self.left
        return self.symbol.quote, self.cost_of(self.notional_left(self.rest_price))

    def notional_left(self, price: Decimal) -> Decimal:
        """What the unfilled rest is worth at `price`."""
        with exactly():
            return self.left * price

    def cost_of(self, notional: Decimal) -> Decimal:
        """Quote units that buying for `notional` more costs, with the fee still due."""
        with exactly():
            return notional + fee_of(self.filled_notional + notional, self.rate_bps) - self.charged

    def report(self) -> VenueOrder:
        """The order as the venue tells it."""
        return VenueOrder(
            venue_order_id=self.venue_order_id,
            client_order_id=self.client_order_id,
            symbol=self.symbol,
            side=self.side,
            form=self.form,
            quantity=self.quantity,
            limit_price=self.limit_price,
            status=self.status,
            filled_quantity=self.filled_quantity,
            filled_notional=self.filled_notional,
            created=self.created,
            reason=self.reason,
        )
