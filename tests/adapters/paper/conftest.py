"""A desk at a paper venue: one product, a clock that is set by hand, orders in one line."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from itertools import count
from typing import TYPE_CHECKING, TypeVar

import pytest

from engine.adapters.paper import PaperExchange, PaperFees, PaperRules
from engine.model.market import Book, BookLevel, Product, ProductStatus, Quote, Trade
from engine.model.orders import (
    Acknowledged,
    ApprovedOrder,
    Intent,
    OrderForm,
    OrderIntent,
    Rejected,
    Side,
)
from engine.model.symbols import Symbol
from engine.model.times import UtcTime

if TYPE_CHECKING:
    from collections.abc import Coroutine, Mapping, Sequence

    from engine.model.orders import Fill, SubmitOutcome, VenueOrder

T = TypeVar("T")
BTC_USD = Symbol("BTC", "USD")
GENESIS = UtcTime(0)
START = UtcTime.parse("2025-11-22T10:00:00Z")
PRODUCT = Product(
    symbol=BTC_USD,
    base_increment=Decimal("0.00000001"),
    price_increment=Decimal("0.01"),
    base_min_size=Decimal("0.00001"),
    quote_min_size=Decimal(1),
)


def _open() -> None:
    """A gate that lets everything pass."""


def now(coroutine: Coroutine[object, None, T]) -> T:
    """The answer of a port that has nothing to wait for."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        return done.value
    message = "the paper venue waited for something"
    raise AssertionError(message)


def number(text: str | None) -> Decimal | None:
    """A decimal, or nothing."""
    return None if text is None else Decimal(text)


@dataclass
class ManualClock:
    """A clock that stands still until it is moved."""

    time: UtcTime = START

    def now(self) -> UtcTime:
        """The time that was set."""
        return self.time

    def monotonic_s(self) -> float:
        """Seconds since the start."""
        return self.time.since_s(START)

    async def sleep_until(self, moment: UtcTime) -> None:
        """Go there at once."""
        self.time = moment


@dataclass
class Desk:
    """A trader's view of one paper venue; `after` is seconds since the start."""

    cash: Mapping[str, str] = field(default_factory=lambda: {"USD": "10000", "BTC": "10"})
    maker_bps: str = "40"
    taker_bps: str = "60"
    product: Product = PRODUCT
    rules: PaperRules | None = None
    clock: ManualClock = field(default_factory=ManualClock)

    def __post_init__(self) -> None:
        self.ids = count(1)
        self.deadlines: dict[str, UtcTime] = {}
        self.venue = self.new_venue()

    def new_venue(self) -> PaperExchange:
        """A venue with the same settings that has seen nothing."""
        return PaperExchange(
            {self.product.symbol: self.product},
            {currency: Decimal(units) for currency, units in self.cash.items()},
            PaperFees(Decimal(self.maker_bps), Decimal(self.taker_bps)),
            self.clock,
            self.rules,
        )

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.clock.time = self.clock.time.plus_s(seconds)

    def status(self, status: ProductStatus) -> None:
        """The venue changes what may be done with the product."""
        old = self.product
        self.product = Product(
            old.symbol,
            old.base_increment,
            old.price_increment,
            old.base_min_size,
            old.quote_min_size,
            status,
        )
        self.venue.set_product(self.product)

    def quote(
        self,
        bid: str | None,
        ask: str | None,
        bid_size: str | None = "1",
        ask_size: str | None = "1",
        after: float | None = None,
    ) -> None:
        """The best bid and ask, one second later unless told when."""
        moment = self._moment(after)
        sizes = (number(bid_size), number(ask_size))
        self.venue.on_event(Quote(self.product.symbol, moment, number(bid), number(ask), *sizes))

    def book(
        self,
        bids: Sequence[tuple[str, str]],
        asks: Sequence[tuple[str, str]],
        after: float | None = None,
    ) -> None:
        """A sample of the book, as prices and sizes."""
        sides = [tuple(BookLevel(Decimal(p), Decimal(s)) for p, s in side) for side in (bids, asks)]
        self.venue.on_event(Book(self.product.symbol, self._moment(after), sides[0], sides[1]))

    def trade(
        self, price: str, size: str, after: float | None = None, *, taker_sold: bool = True
    ) -> None:
        """One public trade."""
        moment = self._moment(after)
        self.venue.on_event(
            Trade(self.product.symbol, moment, Decimal(price), Decimal(size), taker_sold)
        )

    def approved(
        self,
        side: Side,
        form: OrderForm,
        quantity: str | Decimal,
        limit: str | Decimal | None = None,
        expires: UtcTime | None = None,
        client_order_id: str | None = None,
    ) -> ApprovedOrder:
        """An order as the judge would hand it over."""
        price = None if limit is None else Decimal(limit)
        intent = OrderIntent(
            number=1,
            symbol=self.product.symbol,
            intent=Intent.ENTRY if side is Side.BUY else Intent.EXIT,
            form=form,
            quantity=Decimal(quantity),
            limit_price=price,
            reference_price=Decimal(100),
            worst_price=price or Decimal(100),
            strategy="hand",
            reason="test",
        )
        identity = client_order_id or f"intent-{next(self.ids)}"
        if expires is not None:
            self.deadlines[identity] = expires
        return ApprovedOrder(identity, "0" * 64, intent, Decimal(quantity), expires)

    def send(self, order: ApprovedOrder) -> SubmitOutcome:
        """Submit through the port."""
        return now(self.venue.submit(order, _open))

    def place(
        self,
        side: Side,
        form: OrderForm,
        quantity: str | Decimal,
        limit: str | Decimal | None = None,
        expires: UtcTime | None = None,
    ) -> VenueOrder:
        """Submit an order that must be taken, and tell how it stands."""
        outcome = self.send(self.approved(side, form, quantity, limit, expires))
        assert isinstance(outcome, Acknowledged), outcome
        return self.order(outcome.venue_order_id)

    def refusal(
        self,
        side: Side,
        form: OrderForm,
        quantity: str | Decimal,
        limit: str | Decimal | None = None,
        expires: UtcTime | None = None,
    ) -> Rejected:
        """Submit an order that must be refused."""
        outcome = self.send(self.approved(side, form, quantity, limit, expires))
        assert isinstance(outcome, Rejected), outcome
        return outcome

    def cancel(self, venue_order_id: str) -> bool:
        """Ask for a cancel."""
        return now(self.venue.cancel([venue_order_id]))[venue_order_id]

    def orders(self, since: UtcTime = GENESIS) -> Sequence[VenueOrder]:
        """What the venue reports."""
        return now(self.venue.orders(since))

    def order(self, venue_order_id: str) -> VenueOrder:
        """One order's report."""
        return next(each for each in self.orders() if each.venue_order_id == venue_order_id)

    def fills(self, since: UtcTime = GENESIS) -> Sequence[Fill]:
        """Executions that the venue reports."""
        return now(self.venue.fills(since))

    def balances(self) -> Mapping[str, Decimal]:
        """Units by currency."""
        return now(self.venue.balances())

    def takings(self) -> list[tuple[str, str]]:
        """Every fill as quantity and price."""
        return [(str(each.quantity), str(each.price)) for each in self.fills()]

    def _moment(self, after: float | None) -> UtcTime:
        if after is None:
            self.wait(1)
        else:
            self.clock.time = max(self.clock.time, START.plus_s(after))
            return START.plus_s(after)
        return self.clock.time


@pytest.fixture
def desk_class() -> type[Desk]:
    """For tests that set up their own desk."""
    return Desk


@pytest.fixture
def desk() -> Desk:
    """10,000 USD and 10 BTC at 40 and 60 bps; the market shows 99 to 101, one coin a side."""
    made = Desk()
    made.quote("99", "101")
    return made
