"""A venue that does what a test says: take, refuse, cross, lose the answer, delay, repeat, lie.

It keeps orders, fills and balances of its own; what it shows of them is the test's choice. Only
what a real venue could do is possible: it fills no more than was ordered.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING

from engine.model.account import FeeRates, KeyPermissions, Transfer
from engine.model.orders import (
    Acknowledged,
    Collision,
    Fill,
    NotSent,
    OrderForm,
    OrderStatus,
    Rejected,
    Side,
    Unknown,
    VenueOrder,
)
from engine.ports import Exchange

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from engine.model.market import Product
    from engine.model.orders import ApprovedOrder, SubmitOutcome
    from engine.model.symbols import Symbol
    from engine.model.times import UtcTime
    from engine.ports import Clock, Gate, VenueError


class Answer(Enum):
    """What the venue says to an order."""

    TAKE = "take"
    REJECT = "reject"
    CROSS = "cross"
    LOSE_REQUEST = "the request never arrives, and nobody can say"
    LOSE_RESPONSE = "the order is taken, and nobody can say"
    BREAK = "the connection raises"
    NO_CONNECTION = "no byte of the request leaves"
    OTHER_ORDER = "another order stands under this id"


_WITHOUT_EFFECT: dict[Answer, SubmitOutcome] = {
    Answer.REJECT: Rejected("INSUFFICIENT_FUND"),
    Answer.CROSS: Rejected("INVALID_LIMIT_PRICE_POST_ONLY", would_cross=True),
    Answer.LOSE_REQUEST: Unknown("no answer"),
    Answer.NO_CONNECTION: NotSent("ConnectError"),
    Answer.OTHER_ORDER: Collision("theirs", "side SELL, not BUY"),
}


@dataclass
class FakeExchange(Exchange):
    """A scripted venue. `answers` are used up one by one, then every order is taken.

    `taken_share` is the part of an immediate order that fills at once, `holds_back` keeps new
    fills out of the answers, `repeats` and `reverses` disorder them, `lags` leaves cancels undone
    until `settle`, and `lies` are balances shown in the place of the true ones. `failing` calls
    raise what is put there, `before_the_wire` happens while an order waits for its turn; the
    venue's clock is `skew_s` ahead and answers in `trip_s`.
    """

    clock: Clock
    units: dict[str, Decimal]
    deeds: list[str] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    taken_share: Decimal = Decimal(1)
    fee_bps: Decimal = Decimal(0)
    holds_back: bool = False
    repeats: bool = False
    reverses: bool = False
    lags: bool = False
    lies: dict[str, Decimal] = field(default_factory=dict)
    listed: tuple[Product, ...] = ()
    paid: list[Transfer] = field(default_factory=list)
    permissions: KeyPermissions = field(
        default_factory=lambda: KeyPermissions(can_view=True, can_trade=True, can_transfer=False)
    )
    received: list[ApprovedOrder] = field(default_factory=list)
    book: dict[str, VenueOrder] = field(default_factory=dict)
    executed: list[Fill] = field(default_factory=list)
    shown: int = 0
    doomed: set[str] = field(default_factory=set)
    failing: dict[str, VenueError] = field(default_factory=dict)
    cancels: list[tuple[str, ...]] = field(default_factory=list)
    deaf: set[str] = field(default_factory=set)
    before_the_wire: Callable[[], None] = lambda: None
    skew_s: float = 0.0
    trip_s: float = 0.0

    async def submit(self, order: ApprovedOrder, gate: Gate) -> SubmitOutcome:
        """Answer as scripted, unless the gate holds the order back."""
        self.deeds.append("submit")
        self._fail("submit")
        self.before_the_wire()
        if (held_back := gate()) is not None:
            return NotSent(held_back)
        self.received.append(order)
        answer = self.answers.pop(0) if self.answers else Answer.TAKE
        if answer is Answer.BREAK:
            raise ConnectionError
        if answer in _WITHOUT_EFFECT:
            return _WITHOUT_EFFECT[answer]
        venue_id = self._enter(order)
        return Unknown("no answer") if answer is Answer.LOSE_RESPONSE else Acknowledged(venue_id)

    async def cancel(self, venue_order_ids: Sequence[str]) -> Mapping[str, bool]:
        """End working orders, at once or at `settle`; `deaf` ids get no answer."""
        self.deeds.append("cancel")
        self.cancels.append(tuple(venue_order_ids))
        self._fail("cancel")
        return {each: self._cancelled(each) for each in venue_order_ids if each not in self.deaf}

    def _cancelled(self, venue_order_id: str) -> bool:
        order = self.book[venue_order_id]
        if order.status.final:
            return False
        if self.lags:
            self.doomed.add(venue_order_id)
        else:
            self.end(venue_order_id)
        return True

    async def orders(self, since: UtcTime) -> Sequence[VenueOrder]:
        """Every order since then."""
        self._fail("orders")
        return [each for each in self.book.values() if each.created >= since]

    async def fills(self, since: UtcTime) -> Sequence[Fill]:
        """Executions since then, as disordered as the test wants them."""
        self._fail("fills")
        if not self.holds_back:
            self.shown = len(self.executed)
        told = [each for each in self.executed[: self.shown] if each.time >= since]
        if self.reverses:
            told.reverse()
        return [*told, *told] if self.repeats else told

    async def balances(self) -> Mapping[str, Decimal]:
        """Units held, or what the test says instead."""
        self._fail("balances")
        return {**self.units, **self.lies}

    async def transfers(self, currency: str, since: UtcTime) -> Sequence[Transfer]:
        """What the test says was paid in or out."""
        self._fail("transfers")
        return [each for each in self.paid if each.currency == currency and each.time >= since]

    async def key_permissions(self) -> KeyPermissions:
        """What the test says."""
        self._fail("key_permissions")
        return self.permissions

    async def fee_rates(self) -> FeeRates:
        """One rate for who rests and who takes."""
        self._fail("fee_rates")
        return FeeRates(self.fee_bps, self.fee_bps)

    async def products(self) -> Sequence[Product]:
        """What is listed."""
        self._fail("products")
        return self.listed

    async def server_time(self) -> UtcTime:
        """The clock's time, with the skew that a test wants; the answer takes `trip_s`."""
        self._fail("server_time")
        told = self.clock.now().plus_s(self.trip_s / 2 + self.skew_s)
        await self.clock.sleep_until(self.clock.now().plus_s(self.trip_s))
        return told

    def _fail(self, call: str) -> None:
        failure = self.failing.get(call)
        if failure is not None:
            raise failure

    # What the test does at the venue

    def fill(self, venue_order_id: str, quantity: Decimal, price: Decimal | None = None) -> Fill:
        """Execute a part of an order, by default at its limit."""
        order = self.book[venue_order_id]
        at = price if price is not None else order.limit_price
        assert at is not None
        assert quantity <= order.quantity - order.filled_quantity
        fee = quantity * at * self.fee_bps / 10_000
        made = Fill(
            fill_id=f"fill-{len(self.executed) + 1}",
            venue_order_id=venue_order_id,
            client_order_id=order.client_order_id,
            symbol=order.symbol,
            side=order.side,
            quantity=quantity,
            price=at,
            fee=fee,
            maker=order.form is OrderForm.POST_ONLY,
            time=self.clock.now(),
        )
        self.executed.append(made)
        self._move(made)
        total = order.filled_quantity + quantity
        self.book[venue_order_id] = replace(
            order,
            filled_quantity=total,
            filled_notional=order.filled_notional + quantity * at,
            status=OrderStatus.FILLED if total == order.quantity else order.status,
        )
        return made

    def end(self, venue_order_id: str, reason: str = "cancelled on request") -> None:
        """End an order that is still open."""
        order = self.book[venue_order_id]
        if not order.status.final:
            ended = replace(order, status=OrderStatus.CANCELLED, reason=reason)
            self.book[venue_order_id] = ended

    def settle(self) -> None:
        """Carry out the cancels that lagged."""
        for venue_order_id in sorted(self.doomed):
            self.end(venue_order_id)
        self.doomed.clear()

    def arrive(self, order: ApprovedOrder) -> str:
        """A request that was lost on its way comes in after all; its id at the venue."""
        return self._enter(order)

    def by_another(
        self,
        symbol: Symbol,
        side: Side,
        quantity: str,
        limit: str | None,
        *,
        client_order_id: str = "by hand",
        ago_s: float = 0.0,
    ) -> str:
        """Somebody else orders at this account; the order's id at the venue."""
        venue_id = f"venue-{len(self.book) + 1}"
        self.book[venue_id] = VenueOrder(
            venue_order_id=venue_id,
            client_order_id=client_order_id,
            symbol=symbol,
            side=side,
            form=OrderForm.MARKET_IOC if limit is None else OrderForm.POST_ONLY,
            quantity=Decimal(quantity),
            limit_price=None if limit is None else Decimal(limit),
            status=OrderStatus.OPEN,
            filled_quantity=Decimal(0),
            filled_notional=Decimal(0),
            created=self.clock.now().plus_s(-ago_s),
        )
        return venue_id

    def pay(self, amount: str, currency: str = "USD", *, told: bool = True) -> None:
        """Units come in (or go out, below 0); the venue's list of transfers tells of it or not."""
        units = Decimal(amount)
        self.units[currency] = self.units.get(currency, Decimal(0)) + units
        what = "fiat_deposit" if units > 0 else "fiat_withdrawal"
        if told:
            name = f"transfer-{len(self.paid) + 1}"
            self.paid.append(Transfer(name, currency, units, self.clock.now(), what))

    def _enter(self, order: ApprovedOrder) -> str:
        venue_id = f"venue-{len(self.book) + 1}"
        self.book[venue_id] = VenueOrder(
            venue_order_id=venue_id,
            client_order_id=order.client_order_id,
            symbol=order.symbol,
            side=order.intent.side,
            form=order.intent.form,
            quantity=order.quantity,
            limit_price=order.intent.limit_price,
            status=OrderStatus.OPEN,
            filled_quantity=Decimal(0),
            filled_notional=Decimal(0),
            created=self.clock.now(),
        )
        if order.intent.form is not OrderForm.POST_ONLY:
            share = (order.quantity * self.taken_share).quantize(Decimal("0.00000001"))
            if share:
                self.fill(venue_id, share, order.intent.worst_price)
            self.end(venue_id, "rest of an immediate order")
        return venue_id

    def _move(self, fill: Fill) -> None:
        sign = 1 if fill.side is Side.BUY else -1
        base, quote = fill.symbol.base, fill.symbol.quote
        zero = Decimal(0)
        self.units[base] = self.units.get(base, zero) + sign * fill.quantity
        spent = sign * fill.quantity * fill.price + fill.fee
        self.units[quote] = self.units.get(quote, zero) - spent
