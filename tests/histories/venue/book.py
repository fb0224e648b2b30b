"""The simulated venue's truth: products, orders, fills and balances, and what happened when.

In: order bodies as they arrive, cancels, the market's moves. Out: the state that every answer is
made from, with its past, since lists may lag. It fills no more than was ordered, never through a
price that is not there, and refuses what a real venue refuses.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from histories.faults import Fault
from histories.plan import Duplicates

from engine.model.numbers import floor_to
from engine.model.symbols import Symbol
from engine.model.times import UtcTime

if TYPE_CHECKING:
    from collections.abc import Callable

    from histories.chance import Chance
    from histories.market import Market
    from histories.plan import Plan

CASH = Decimal(10_000)
MAKER, TAKER = Decimal("0.004"), Decimal("0.006")
_ZERO = Decimal(0)
_FAR = 10
_PART_RATIO = 0.25
_TOUCH_RATIO = 0.3


@dataclass(frozen=True, slots=True)
class Order:
    """An order as it stood from one moment on."""

    order_id: str
    client_id: str
    symbol: Symbol
    side: str
    kind: str
    size: Decimal
    limit: Decimal | None
    ends_ns: int | None
    created_ns: int
    status: str = "OPEN"
    filled: Decimal = _ZERO
    value: Decimal = _ZERO
    fees: Decimal = _ZERO

    @property
    def open(self) -> bool:
        """Whether it can still be filled."""
        return self.status in {"OPEN", "PENDING", "CANCEL_QUEUED"}

    @property
    def left(self) -> Decimal:
        """What is not filled."""
        return self.size - self.filled


@dataclass(frozen=True, slots=True)
class Execution:
    """One fill."""

    fill_id: str
    order: Order
    price: Decimal
    size: Decimal
    fee: Decimal
    maker: bool
    time_ns: int


@dataclass(frozen=True, slots=True)
class Listing:
    """A product's grid and status."""

    symbol: Symbol
    base_increment: Decimal = Decimal("0.0001")
    price_increment: Decimal = Decimal("0.01")
    halted: bool = False


class RefusedError(Exception):
    """The venue does not take the order, and says why in its own word."""


@dataclass(slots=True)
class Book:
    """The venue. `told` hears of every event; `orders` keeps each order's past, newest last."""

    plan: Plan
    market: Market
    chance: Chance
    now_ns: Callable[[], int]
    told: Callable[[str], None]
    accepted: Callable[[Order], None]
    listings: dict[Symbol, Listing] = field(default_factory=dict)
    orders: dict[str, list[tuple[int, Order]]] = field(default_factory=dict)
    fills: list[Execution] = field(default_factory=list)
    balances: list[tuple[int, dict[str, Decimal]]] = field(default_factory=list)
    by_client: dict[str, list[str]] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    working: dict[str, Order] = field(default_factory=dict)
    cancels: list[tuple[int, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.listings = {symbol: Listing(symbol) for symbol in self.market.touches}
        self.balances.append((self.now_ns(), {"USD": CASH}))

    @property
    def held(self) -> dict[str, Decimal]:
        """Units by currency, holds included, as they truly are."""
        return self.balances[-1][1]

    def current(self, order_id: str) -> Order | None:
        """An order as it truly is."""
        past = self.orders.get(order_id)
        return past[-1][1] if past else None

    # Orders come in

    def enter(self, client_id: str, fields: dict[str, object]) -> Order:
        """Take an order; raises `RefusedError`. A known id does what this venue does with one."""
        if client_id in self.refused:
            raise RefusedError(self.refused[client_id])
        known = self.by_client.get(client_id, [])
        if known and self.plan.duplicates is Duplicates.RETURNS_OLD:
            return self._past(known[0])
        if known and self.plan.duplicates is Duplicates.REJECTS:
            word = "DUPLICATE_CLIENT_ORDER_ID"
            raise RefusedError(word)
        order = self._order(client_id, fields)
        try:
            self._check(order)
        except RefusedError as refusal:
            self.refused[client_id] = str(refusal)
            raise
        self._keep(order, f"takes {order.side} {order.size} {order.symbol} {order.kind}")
        self.by_client.setdefault(client_id, []).append(order.order_id)
        self.accepted(order)
        if order.kind != "rest":
            self._take(order)
        return self._past(order.order_id)

    def _past(self, order_id: str) -> Order:
        return self.orders[order_id][-1][1]

    def _order(self, client_id: str, fields: dict[str, object]) -> Order:
        configuration = fields["order_configuration"]
        assert isinstance(configuration, dict)
        ((name, asked),) = configuration.items()
        ends = asked.get("end_time")
        return Order(
            order_id=f"v{len(self.orders) + 1:04d}",
            client_id=client_id,
            symbol=Symbol.parse(str(fields["product_id"])),
            side=str(fields["side"]),
            kind={"market_market_ioc": "market", "sor_limit_ioc": "ioc"}.get(name, "rest"),
            size=Decimal(asked["base_size"]),
            limit=Decimal(asked["limit_price"]) if "limit_price" in asked else None,
            ends_ns=None if ends is None else UtcTime.parse(ends).ns,
            created_ns=self.now_ns(),
        )

    def _check(self, order: Order) -> None:
        listing, touch = self.listings.get(order.symbol), self.market.touches.get(order.symbol)
        if listing is None or touch is None:
            raise RefusedError("INVALID_PRODUCT_ID")  # noqa: EM101 - the venue's word
        if listing.halted:
            raise RefusedError("UNTRADABLE_PRODUCT")  # noqa: EM101 - the venue's word
        if order.size <= 0 or order.size % listing.base_increment:
            raise RefusedError("INVALID_SIZE_PRECISION")  # noqa: EM101 - the venue's word
        if order.limit is not None and order.limit > touch.ask * _FAR:
            raise RefusedError("LIMIT_PRICE_TOO_FAR_FROM_MARKET")  # noqa: EM101 - the venue's word
        if order.limit is not None and order.limit % listing.price_increment:
            raise RefusedError("INVALID_PRICE_PRECISION")  # noqa: EM101 - the venue's word
        if order.kind == "rest" and self._crosses(order, order.limit):
            raise RefusedError("INVALID_LIMIT_PRICE_POST_ONLY")  # noqa: EM101 - the venue's word
        if not self._affordable(order):
            raise RefusedError("INSUFFICIENT_FUND")  # noqa: EM101 - the venue's word

    def _crosses(self, order: Order, limit: Decimal | None) -> bool:
        touch = self.market.touches[order.symbol]
        if limit is None:
            return True
        return limit >= touch.ask if order.side == "BUY" else limit <= touch.bid

    def _affordable(self, order: Order) -> bool:
        held = sum((self._needs(o) for o in self.working.values() if _same(o, order)), _ZERO)
        currency = order.symbol.quote if order.side == "BUY" else order.symbol.base
        return self.held.get(currency, _ZERO) - held >= self._needs(order)

    def _needs(self, order: Order) -> Decimal:
        if order.side == "SELL":
            return order.left
        price = order.limit or self.market.touches[order.symbol].ask
        return order.left * price * (1 + TAKER)

    # Orders are filled, and end

    def _take(self, order: Order) -> None:
        """An immediate order takes what stands at the touch, and ends."""
        touch = self.market.touches[order.symbol]
        if self._crosses(order, order.limit):
            self._fill(order, min(order.left, touch.size), maker=False)
        self._end(order.order_id, "CANCELLED", "the rest of an immediate order")

    def step(self) -> None:
        """The market has moved: resting orders are filled, or their time is over."""
        for order in list(self.working.values()):
            if order.ends_ns is not None and self.now_ns() >= order.ends_ns:
                self._end(order.order_id, "EXPIRED", "its time is over")
            else:
                self._meet(order)
        for due_ns, order_id in list(self.cancels):
            if self.now_ns() >= due_ns:
                self.cancels.remove((due_ns, order_id))
                self._end(order_id, "CANCELLED", "cancelled on request")

    def _meet(self, order: Order) -> None:
        touch = self.market.touches[order.symbol]
        if self._crosses(order, order.limit):
            self._fill(order, order.left, maker=True)
        elif order.limit in {touch.bid, touch.ask} and self.chance.happens(_TOUCH_RATIO):
            self._fill(order, order.left, maker=True)
            breaks = Fault.PARTIAL_THEN_CANCELLED in self.plan.faults
            if breaks and not self.market.healed and self.chance.happens(0.5):
                self._end(order.order_id, "CANCELLED", "cancelled by the venue")

    def _fill(self, order: Order, at_most: Decimal, *, maker: bool) -> None:
        step = self.listings[order.symbol].base_increment
        part = self.chance.between(0.1, 0.9) if self.chance.happens(_PART_RATIO) else 1.0
        size = floor_to(at_most * Decimal(repr(round(part, 3))), step)
        if size <= 0:
            return
        touch = self.market.touches[order.symbol]
        price = order.limit if maker else (touch.ask if order.side == "BUY" else touch.bid)
        assert price is not None
        fee = size * price * (MAKER if maker else TAKER)
        done = order.filled + size
        after = replace(
            order,
            filled=done,
            value=order.value + size * price,
            fees=order.fees + fee,
            status="FILLED" if done == order.size else order.status,
        )
        made = Execution(
            f"f{len(self.fills) + 1:04d}", after, price, size, fee, maker, self.now_ns()
        )
        self.fills.append(made)
        self._move(made)
        self._keep(after, f"fills {size} at {price}, fee {fee.normalize():f}")

    def _move(self, fill: Execution) -> None:
        sign = 1 if fill.order.side == "BUY" else -1
        base, quote, held = fill.order.symbol.base, fill.order.symbol.quote, dict(self.held)
        held[base] = held.get(base, _ZERO) + sign * fill.size
        held[quote] = held.get(quote, _ZERO) - sign * fill.size * fill.price - fill.fee
        self.balances.append((self.now_ns(), held))

    def cancel(self, order_id: str, after_s: float) -> bool:
        """End an order, or let it wait for its end; False when there is nothing to cancel."""
        order = self.current(order_id)
        if order is None or not order.open:
            return False
        if after_s <= 0:
            self._end(order_id, "CANCELLED", "cancelled on request")
        elif order.status == "OPEN":
            self._keep(replace(order, status="CANCEL_QUEUED"), "will cancel")
            self.cancels.append((self.now_ns() + round(after_s * 1e9), order_id))
        return True

    def _end(self, order_id: str, status: str, why: str) -> None:
        order = self._past(order_id)
        if order.open:
            self._keep(replace(order, status=status), why)

    def _keep(self, order: Order, what: str) -> None:
        self.orders.setdefault(order.order_id, []).append((self.now_ns(), order))
        if order.open:
            self.working[order.order_id] = order
        else:
            self.working.pop(order.order_id, None)
        self.told(f"venue {order.order_id} {what} [{order.status}]")


def _same(one: Order, other: Order) -> bool:
    """Whether two orders need the same currency."""
    if one.side != other.side:
        return False
    return one.side == "BUY" or one.symbol == other.symbol
