"""The account at the paper venue: its money and its orders, moved together.

In: orders that may enter, executions, ends, and the passing of time. Out: wallet and history.
Refuses time that runs backwards (it stands still instead). Ids are counted, never drawn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.adapters.paper.entry import limit_of
from engine.adapters.paper.history import History
from engine.adapters.paper.money import exactly
from engine.adapters.paper.order import PaperOrder
from engine.adapters.paper.wallet import Wallet
from engine.model.orders import Fill, OrderForm, OrderStatus, Side
from engine.model.times import UtcTime

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from engine.adapters.paper.settings import PaperFees
    from engine.model.orders import ApprovedOrder

EXPIRED = "expired"
CANCELLED_ON_REQUEST = "cancelled on request"
IOC_REST = "rest of an immediate order"
_ORDER = "-order-"
_FILL = "-fill-"


class Account:
    """One account; every change of an order is a change of the wallet in the same call.

    `waits_s` is how long an immediate order waits for a market to meet; None fills it at entry.
    """

    __slots__ = (
        "_fees",
        "_stream",
        "fills_count",
        "history",
        "now",
        "orders_count",
        "waits_s",
        "wallet",
    )

    def __init__(
        self, cash: Mapping[str, Decimal], fees: PaperFees, stream: str, waits_s: float | None
    ) -> None:
        self._fees = fees
        self._stream = stream
        self.waits_s = waits_s
        self.wallet = Wallet(cash)
        self.history = History()
        self.now = UtcTime(0)
        self.orders_count = 0
        self.fills_count = 0

    def advance(self, moment: UtcTime) -> None:
        """Let time pass, and end what expired on the way."""
        # Compared as numbers: this runs for every quote of a recording.
        if moment.ns > self.now.ns:
            self.now = moment
        if self.history.working:
            for order in self.history.expired(self.now):
                self.end(order, EXPIRED)

    def drafted(self, approved: ApprovedOrder) -> PaperOrder:
        """The order as it would stand here, not admitted yet."""
        form = approved.intent.form
        number = self.orders_count + 1
        return PaperOrder(
            number=number,
            venue_order_id=f"{self._stream}{_ORDER}{number}",
            client_order_id=approved.client_order_id,
            symbol=approved.symbol,
            side=approved.intent.side,
            form=form,
            quantity=approved.quantity,
            limit_price=limit_of(approved),
            # Only a resting order has an end time on the wire.
            expires=approved.expires if form is OrderForm.POST_ONLY else self.patience(self.now),
            created=self.now,
            rate_bps=self.rate_bps(form),
        )

    def patience(self, created: UtcTime) -> UtcTime | None:
        """When an immediate order that has met no market ends; None where it never waits.

        One nanosecond late: a sample that is just as old as it may be still fills.
        """
        return None if self.waits_s is None else UtcTime(created.plus_s(self.waits_s).ns + 1)

    def rate_bps(self, form: OrderForm) -> Decimal:
        """What an order of that form pays: it either only rests or only takes."""
        return self._fees.rate_bps(maker=form is OrderForm.POST_ONLY)

    def number_of_order(self, venue_order_id: str) -> int | None:
        """The count in an order id of this stream; None when it is another's."""
        return _number_in(venue_order_id, self._stream + _ORDER)

    def number_of_fill(self, fill_id: str) -> int | None:
        """The count in a fill id of this stream; None when it is another's."""
        return _number_in(fill_id, self._stream + _FILL)

    def admit(self, order: PaperOrder) -> None:
        """Take a drafted order in, holding what it can still cost if it rests."""
        self.orders_count = order.number
        self.history.add(order, self.now)
        self._hold_rest(order)

    def execute(self, order: PaperOrder, quantity: Decimal, price: Decimal) -> None:
        """Fill a part of a working order: money moves, the hold shrinks, a fill is known."""
        self.fills_count += 1
        with exactly():
            notional = quantity * price
        fill = Fill(
            fill_id=f"{self._stream}{_FILL}{self.fills_count}",
            venue_order_id=order.venue_order_id,
            client_order_id=order.client_order_id,
            symbol=order.symbol,
            side=order.side,
            quantity=quantity,
            price=price,
            fee=order.due_fee(notional),
            maker=order.maker,
            time=self.now,
        )
        self.book(order, fill)
        self.history.note_change(order, self.now)

    def book(self, order: PaperOrder, fill: Fill) -> None:
        """Move the money of one fill and count it to its order."""
        order.execute(fill.quantity, fill.price, fill.fee)
        self._hold_rest(order)
        self._pay(fill)
        self.history.add_fill(fill)

    def end(self, order: PaperOrder, reason: str) -> None:
        """Cancel what is left of a working order."""
        order.status = OrderStatus.CANCELLED
        order.reason = reason
        self._hold_rest(order)
        self.history.note_change(order, self.now)

    def _hold_rest(self, order: PaperOrder) -> None:
        if order.maker and not order.status.final:
            self.wallet.hold(order.venue_order_id, *order.hold())
        else:
            self.wallet.release(order.venue_order_id)

    def _pay(self, fill: Fill) -> None:
        with exactly():
            notional = fill.quantity * fill.price
            bought = fill.side is Side.BUY
            quote = -notional - fill.fee if bought else notional - fill.fee
            base = fill.quantity if bought else -fill.quantity
        self.wallet.move(fill.symbol.base, base)
        self.wallet.move(fill.symbol.quote, quote)


def _number_in(identity: str, prefix: str) -> int | None:
    digits = identity.removeprefix(prefix)
    return int(digits) if digits != identity and digits.isdecimal() else None
