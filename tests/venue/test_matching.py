"""The venue's matching is honest: it walks the book, queues, charges, and invents nothing."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from decimal import Decimal

import pytest
from fakes.clock import START, ManualClock
from fakes.venue import CASH, LISTINGS
from hypothesis import given
from hypothesis import strategies as st

from engine.adapters.paper import DuplicateIds
from engine.adapters.system.rng import SeededRng
from engine.errors import MandateError
from engine.model.market import Book, BookLevel, ProductStatus, Quote, Trade
from engine.model.orders import Side
from engine.model.symbols import Symbol
from engine.venue.fate import Placed
from engine.venue.orders import Balance, Configuration, Order, OrderRequest, Status
from engine.venue.refusals import Refusal
from engine.venue.settings import VenueSettings
from engine.venue.venue import Venue

BTC, USDC = Symbol("BTC", "USD"), Symbol("BTC", "USDC")
GTC, GTD = Configuration.LIMIT_GTC, Configuration.LIMIT_GTD
LIMIT_IOC, LIMIT_FOK = Configuration.LIMIT_IOC, Configuration.LIMIT_FOK
MARKET, MARKET_FOK = Configuration.MARKET_IOC, Configuration.MARKET_FOK


@dataclass(slots=True)
class Bench:
    """A venue with a clock, and hands."""

    settings: VenueSettings = field(default_factory=lambda: VenueSettings(LISTINGS, CASH))
    clock: ManualClock = field(default_factory=ManualClock)
    count: int = 0
    venue: Venue = field(init=False)

    def __post_init__(self) -> None:
        self.venue = Venue(self.settings, self.clock, SeededRng(b"bench"))

    def quote(self, bid: str, ask: str, size: str = "1") -> None:
        """A quote of BTC-USD, a second later."""
        self.clock.passes(1)
        sizes = Decimal(size), Decimal(size)
        self.venue.show(Quote(BTC, self.clock.now(), Decimal(bid), Decimal(ask), *sizes))

    def book(self, bids: list[tuple[str, str]], asks: list[tuple[str, str]]) -> None:
        """A book of BTC-USD, a second later."""
        self.clock.passes(1)
        sides = (
            tuple(BookLevel(Decimal(price), Decimal(size)) for price, size in side)
            for side in (bids, asks)
        )
        self.venue.show(Book(BTC, self.clock.now(), *sides))

    def trade(self, price: str, size: str) -> None:
        """A public trade, a second later."""
        self.clock.passes(1)
        traded = Trade(BTC, self.clock.now(), Decimal(price), Decimal(size), taker_sold=True)
        self.venue.show(traded)

    def place(
        self,
        configuration: Configuration,
        side: Side = Side.BUY,
        *,
        size: str | None = "0.1",
        quote_size: str | None = None,
        price: str | None = None,
        **more: object,
    ) -> Placed | Refusal:
        """Place an order under a new id, unless another is named."""
        self.count += 1
        request = OrderRequest(
            client_order_id=f"c{self.count}",
            symbol=BTC,
            side=side,
            configuration=configuration,
            base_size=None if size is None else Decimal(size),
            quote_size=None if quote_size is None else Decimal(quote_size),
            limit_price=None if price is None else Decimal(price),
        )
        return asyncio.run(self.venue.place(replace(request, **more)))  # type: ignore[arg-type]  # a table of fields

    def order(self, placed: Placed | Refusal) -> Order:
        """An order that was taken, as it stands."""
        assert isinstance(placed, Placed), placed
        self.venue.refresh()
        order = self.venue.fate.order(placed.order_id)
        assert order is not None
        return order

    def balance(self, currency: str) -> Balance:
        """What is held of a currency."""
        (found,) = (each for each in self.venue.fate.balances() if each.currency == currency)
        return found

    def prices(self) -> list[tuple[str, str, bool]]:
        """Every execution: price, size, whether it rested."""
        found = self.venue.fate.executions()
        return [(str(each.price), str(each.size), each.maker) for each in found]


@pytest.fixture
def bench() -> Bench:
    """A venue that shows 68000 and 68001, one coin on each side."""
    made = Bench()
    made.quote("68000", "68001")
    return made


def test_a_market_order_walks_the_book(bench: Bench) -> None:
    """It takes the best level first, each level's size once, and what is left ends."""
    bench.book([("68000", "1")], [("68001", "0.25"), ("68002", "0.5")])
    order = bench.order(bench.place(MARKET, size="1"))
    assert bench.prices() == [("68001", "0.25", False), ("68002", "0.5", False)]
    assert (order.status, order.filled) == (Status.CANCELLED, Decimal("0.75"))
    again = bench.order(bench.place(MARKET, size="1"))
    assert (again.status, again.filled) == (Status.CANCELLED, 0)


def test_a_budget_buys_what_it_can_pay_with_the_fee(bench: Bench) -> None:
    """Of a quote size nothing is spent above it, and what one step of size would cost is left."""
    order = bench.order(bench.place(MARKET, size=None, quote_size="1000"))
    spent = order.notional + order.fees
    assert order.status is Status.FILLED
    assert Decimal("999.99") < spent <= Decimal(1000)
    assert bench.balance("USD").units == CASH["USD"] - spent


def test_a_limit_that_takes_rests_with_what_is_left(bench: Bench) -> None:
    """The part that meets the market pays the taker's fee, the rest the maker's, rounded once."""
    order = bench.order(bench.place(GTC, size="1.2", price="68001"))
    assert (order.status, order.filled) == (Status.OPEN, Decimal(1))
    bench.quote("67990", "68000.5")
    order = bench.order(Placed(order.order_id))
    assert bench.prices() == [("68001", "1", False), ("68001", "0.2", True)]
    assert order.status is Status.FILLED
    assert order.fees == Decimal(68001) * (Decimal("0.012") + Decimal("0.2") * Decimal("0.006"))
    assert bench.balance("USD").held == 0


def test_at_the_touch_nobody_knows_the_queue(bench: Bench) -> None:
    """A resting order is not filled at its own price, only when the market goes through it."""
    bench.place(GTC, price="68000.00", post_only=True)
    bench.quote("68000", "68000")
    bench.trade("68000", "5")
    assert bench.prices() == []
    bench.trade("67999.99", "0.04")
    assert bench.prices() == [("68000.00", "0.04", True)]


def test_better_prices_and_older_orders_come_first(bench: Bench) -> None:
    """What goes through is shared by price, then by age; an edit is a new place in the queue."""
    first = bench.order(bench.place(GTC, size="0.1", price="67000"))
    bench.clock.passes(1)
    second = bench.order(bench.place(GTC, size="0.1", price="67000"))
    bench.clock.passes(1)
    best = bench.order(bench.place(GTC, size="0.1", price="67001"))
    bench.clock.passes(1)
    edited = asyncio.run(bench.venue.edit(first.order_id, Decimal(67000), Decimal("0.15")))
    assert edited is None
    bench.trade("66000", "0.25")
    filled = [bench.order(Placed(each.order_id)).filled for each in (best, second, first)]
    assert filled == [Decimal("0.1"), Decimal("0.1"), Decimal("0.05")]


def test_an_order_meets_nothing_from_before_it(bench: Bench) -> None:
    """A quote of the very instant of an order does not fill it: it was there first."""
    order = bench.order(bench.place(GTC, price="67000"))
    sizes = Decimal(1), Decimal(1)
    bench.venue.show(Quote(BTC, order.created, Decimal(60000), Decimal(60001), *sizes))
    assert bench.prices() == []


TABLE: tuple[tuple[str, dict[str, object], Status | Refusal], ...] = (
    ("an immediate limit takes", {"configuration": LIMIT_IOC, "price": "68001"}, Status.FILLED),
    ("or ends", {"configuration": LIMIT_IOC, "price": "68000.99"}, Status.CANCELLED),
    ("all or nothing, all", {"configuration": LIMIT_FOK, "price": "68001"}, Status.FILLED),
    (
        "all or nothing, nothing",
        {"configuration": LIMIT_FOK, "price": "68001", "size": "1.1"},
        Status.CANCELLED,
    ),
    ("a market order, all or nothing", {"configuration": MARKET_FOK}, Status.FILLED),
    (
        "a market order that finds too little",
        {"configuration": MARKET_FOK, "size": "1.01"},
        Status.CANCELLED,
    ),
    ("one that rests", {"configuration": GTC, "price": "60000"}, Status.OPEN),
    (
        "a post-only that would take",
        {"configuration": GTC, "price": "68001", "post_only": True},
        Refusal.INVALID_LIMIT_PRICE_POST_ONLY,
    ),
    (
        "a price off the grid",
        {"configuration": GTC, "price": "60000.001"},
        Refusal.INVALID_PRICE_PRECISION,
    ),
    ("no price at all", {"configuration": GTC, "price": "0"}, Refusal.INVALID_LIMIT_PRICE),
    (
        "a size off the grid",
        {"configuration": MARKET, "size": "0.000000001"},
        Refusal.INVALID_SIZE_PRECISION,
    ),
    ("no size at all", {"configuration": MARKET, "size": "0"}, Refusal.INVALID_REQUEST),
    (
        "too little for the product",
        {"configuration": GTC, "price": "60000", "size": "0.00001"},
        Refusal.QUOTE_SIZE_TOO_SMALL,
    ),
    (
        "a budget that is too little",
        {"configuration": MARKET, "size": None, "quote_size": "0.5"},
        Refusal.QUOTE_SIZE_TOO_SMALL,
    ),
    (
        "a budget off the grid",
        {"configuration": MARKET, "size": None, "quote_size": "5.001"},
        Refusal.INVALID_SIZE_PRECISION,
    ),
    (
        "no budget at all",
        {"configuration": MARKET, "size": None, "quote_size": "-5"},
        Refusal.INVALID_REQUEST,
    ),
    (
        "a budget beyond the product's",
        {"configuration": MARKET, "size": None, "quote_size": "150000001"},
        Refusal.QUOTE_SIZE_TOO_LARGE,
    ),
    (
        "more than the product's most",
        {"configuration": GTC, "price": "1", "size": "1000001"},
        Refusal.BASE_SIZE_TOO_LARGE,
    ),
    (
        "worth more than the product's most",
        {"configuration": GTC, "price": "60000", "size": "10000"},
        Refusal.QUOTE_SIZE_TOO_LARGE,
    ),
    (
        "more than the account pays",
        {"configuration": GTC, "price": "60000", "size": "1.67"},
        Refusal.INSUFFICIENT_FUND,
    ),
    (
        "more coins than there are",
        {"configuration": GTC, "price": "70000", "size": "1.01", "side": Side.SELL},
        Refusal.INSUFFICIENT_FUND,
    ),
    (
        "a budget above the account's",
        {"configuration": MARKET, "size": None, "quote_size": "100000.01"},
        Refusal.INSUFFICIENT_FUND,
    ),
    (
        "an end in the past",
        {"configuration": GTD, "price": "60000", "end_time": START},
        Refusal.INVALID_REQUEST,
    ),
    (
        "a product that is not listed",
        {"configuration": MARKET, "symbol": Symbol("XYZ", "USD")},
        Refusal.INVALID_PRODUCT_ID,
    ),
    (
        "a product that was never quoted",
        {"configuration": MARKET, "symbol": Symbol("ETH", "USD"), "size": "1"},
        Refusal.MISSING_MARKET_DATA,
    ),
)


@pytest.mark.parametrize(("why", "asked", "expected"), TABLE, ids=[row[0] for row in TABLE])
def test_what_becomes_of_an_order(
    bench: Bench, why: str, asked: dict[str, object], expected: Status | Refusal
) -> None:
    """Each order is filled, rests, ends or is refused as its row says; only rests bind."""
    del why
    outcome = bench.place(**asked)  # type: ignore[arg-type]  # a table of arguments
    if isinstance(expected, Refusal):
        assert outcome is expected
        assert bench.venue.fate.orders() == []
    else:
        assert bench.order(outcome).status is expected
    assert (bench.balance("USD").held > 0) is (expected is Status.OPEN)


@pytest.mark.parametrize(
    ("status", "taken"),
    [
        (ProductStatus.ONLINE, [True, True, True]),
        (ProductStatus.POST_ONLY, [True, False, False]),
        (ProductStatus.LIMIT_ONLY, [True, True, False]),
        (ProductStatus.CANCEL_ONLY, [False, False, False]),
        (ProductStatus.HALTED, [False, False, False]),
    ],
)
def test_a_products_status_binds(bench: Bench, status: ProductStatus, taken: list[bool]) -> None:
    """What may be placed is what the status allows; a cancel may always, a fill if it trades."""
    resting = bench.order(bench.place(GTC, price="67000"))
    product = replace(LISTINGS[0].product, status=status)
    bench.venue.list_product(replace(LISTINGS[0], product=product))
    outcomes = [
        bench.place(GTC, price="60000", post_only=True),
        bench.place(LIMIT_IOC, price="60000"),
        bench.place(MARKET),
    ]
    assert [isinstance(each, Placed) for each in outcomes] == taken
    bench.trade("66999", "0.01")
    trades = status not in {ProductStatus.CANCEL_ONLY, ProductStatus.HALTED}
    assert bench.order(Placed(resting.order_id)).filled == (Decimal("0.01") if trades else 0)
    assert asyncio.run(bench.venue.cancel(resting.order_id)) is None


@pytest.mark.parametrize(
    ("price", "size", "refusal"),
    [
        ("66000", "0.2", None),
        ("68001", "0.2", None),
        ("68001", "0.05", Refusal.CANNOT_EDIT_TO_BELOW_FILLED_SIZE),
        ("66000.001", "0.2", Refusal.INVALID_PRICE_PRECISION),
        ("0", "0.2", Refusal.INVALID_EDITED_PRICE),
        ("66000", "0", Refusal.INVALID_EDITED_SIZE),
        ("66000", "0.000000001", Refusal.INVALID_SIZE_PRECISION),
        ("66000", "5", Refusal.INSUFFICIENT_FUND),
    ],
)
def test_an_edit_changes_price_and_size(
    bench: Bench, price: str, size: str, refusal: Refusal | None
) -> None:
    """An edit that is allowed takes what it reaches; one that is not changes nothing."""
    order = bench.order(bench.place(GTC, size="0.1", price="67000"))
    bench.trade("66000", "0.06")
    order, held = bench.order(Placed(order.order_id)), bench.balance("USD").held
    edited = asyncio.run(bench.venue.edit(order.order_id, Decimal(price), Decimal(size)))
    assert edited is refusal
    after = bench.order(Placed(order.order_id))
    if refusal is not None:
        assert (after, bench.balance("USD").held) == (order, held)
    elif price == "68001":
        assert (after.status, after.filled) == (Status.FILLED, Decimal("0.2"))
    else:
        assert (after.limit_price, after.size) == (Decimal(66000), Decimal("0.2"))


def test_what_cannot_be_edited_says_so(bench: Bench) -> None:
    """Unknown, ended and post-only orders each have their word."""
    edit = bench.venue.edit
    assert asyncio.run(edit("none", Decimal(1), Decimal(1))) is Refusal.ORDER_NOT_FOUND
    done = bench.order(bench.place(MARKET))
    only_open = asyncio.run(edit(done.order_id, Decimal(1), Decimal(1)))
    assert only_open is Refusal.ONLY_OPEN_ORDERS_CAN_BE_EDITED
    rests = bench.order(bench.place(GTC, price="67000", post_only=True))
    crosses = asyncio.run(edit(rests.order_id, Decimal(68001), Decimal("0.1")))
    assert crosses is Refusal.INVALID_LIMIT_PRICE_POST_ONLY


def test_an_end_time_ends(bench: Bench) -> None:
    """A good-till-date order expires at its time, and lets go of its money."""
    end = bench.clock.now().plus_s(10)
    placed = bench.place(GTD, price="60000", end_time=end)
    assert bench.order(placed).status is Status.OPEN
    bench.clock.passes(10)
    assert bench.order(placed).status is Status.EXPIRED
    assert bench.balance("USD").held == 0


@pytest.mark.parametrize("choice", DuplicateIds)
def test_a_repeated_id_does_what_was_chosen(choice: DuplicateIds) -> None:
    """The old order, a refusal, or a second order: one of the three, and never another."""
    bench = Bench(replace(VenueSettings(LISTINGS, CASH), duplicate_ids=choice))
    bench.quote("68000", "68001")
    first = bench.place(GTC, price="60000", client_order_id="same")
    second = bench.place(GTC, price="50000", client_order_id="same")
    assert isinstance(first, Placed)
    if choice is DuplicateIds.RETURNS_OLD:
        assert second == first
    elif choice is DuplicateIds.REJECTS:
        assert second is Refusal.COMMANDER_REJECTED
    else:
        assert second != first
    orders = len(bench.venue.fate.orders())
    assert orders == (2 if choice is DuplicateIds.CREATES_SECOND else 1)


def test_an_alias_shares_the_market_and_not_the_wallet(bench: Bench) -> None:
    """BTC-USDC meets the quotes of BTC-USD, and pays from the USDC wallet."""
    bench.order(bench.place(MARKET, size="0.1", symbol=USDC))
    assert bench.balance("USD").units == CASH["USD"]
    assert bench.balance("USDC").units == CASH["USDC"] - Decimal("6800.1") * Decimal("1.012")


def test_a_quote_that_is_old_shows_nothing(bench: Bench) -> None:
    """After the feed died an immediate order finds no market."""
    bench.clock.passes(bench.settings.shown_for_s + 1)
    assert bench.order(bench.place(MARKET)).filled == 0


def test_an_order_without_a_price_cannot_rest(bench: Bench) -> None:
    """Asking at which price a market order rests is a mistake of ours."""
    order = bench.order(bench.place(MARKET))
    with pytest.raises(ValueError, match="no price to rest at"):
        _ = order.rest_price


def test_hostile_numbers_fill_nothing(bench: Bench) -> None:
    """What has no price, or no size, goes through nothing, and is shown to nobody."""
    bench.place(GTC, price="67000")
    for price, size in (("0", "1"), ("-1", "1"), ("NaN", "1"), ("1", "0"), ("1", "Infinity")):
        bench.trade(price, size)
        bench.quote(price, price, size)
        bench.book([(price, size)], [(price, size)])
    assert bench.prices() == []
    market = bench.venue.market.of(BTC)
    assert (market.bids, market.asks, market.price) == ((), (), None)


def test_a_budget_stops_where_it_ends(bench: Bench) -> None:
    """Where what is left of a budget buys no step of size, it takes nothing more."""
    bench.book([("68000", "1")], [("68001", "0.01"), ("68002", "0.000001"), ("9000000", "1")])
    order = bench.order(bench.place(MARKET, size=None, quote_size="688.25"))
    assert [price for price, _, _ in bench.prices()] == ["68001", "68002"]
    assert order.notional + order.fees <= Decimal("688.25")


def test_a_sale_walks_the_bids(bench: Bench) -> None:
    """A sale takes the best bid first; what is through its resting rest is its own price."""
    bench.book([("68000", "0.25"), ("67999", "1")], [("68001", "1")])
    bench.place(GTC, Side.SELL, size="0.5", price="68000")
    assert bench.prices() == [("68000", "0.25", False)]
    assert bench.balance("BTC").held == Decimal("0.25")
    bench.quote("68000.5", "68001")
    assert bench.prices()[1:] == [("68000", "0.25", True)]
    bench.place(MARKET, Side.SELL, size=None, quote_size="10")
    assert bench.prices()[2][2] is False


def test_settings_that_make_no_sense_are_refused() -> None:
    """Negative cash, and the like, are findings at the start."""
    with pytest.raises(MandateError, match="M540"):
        Venue(VenueSettings(LISTINGS, {"USD": Decimal(-1)}), ManualClock(), SeededRng(b"x"))


PRICES = st.integers(6_700_000, 6_900_000).map(lambda cents: f"{Decimal(cents) / 100}")
SIZES = st.integers(1, 300).map(lambda parts: f"{Decimal(parts) / 100}")
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("quote"), PRICES, SIZES),
        st.tuples(st.just("trade"), PRICES, SIZES),
        st.tuples(st.sampled_from(list(Configuration)), PRICES, SIZES, st.sampled_from(Side)),
        st.tuples(st.just("edit"), PRICES, SIZES),
        st.tuples(st.just("cancel"), st.integers(0, 5)),
    ),
    max_size=25,
)


@given(steps=STEPS)
def test_money_is_conserved_whatever_happens(steps: list[tuple[object, ...]]) -> None:
    """Cash moves by executions alone, nothing is bound without an order, no size is exceeded."""
    bench = Bench()
    for step in steps:
        _do(bench, step)
    fate = bench.venue.fate
    money = dict(CASH)
    for each in fate.executions():
        signed = each.size if each.side is Side.BUY else -each.size
        money["BTC"] += signed
        money["USD"] -= signed * each.price + each.fee
        order = fate.order(each.order_id)
        assert order is not None
    assert {each.currency: each.units for each in fate.balances()} == money
    for order in fate.orders():
        assert order.size is None or order.filled <= order.size
        assert order.fees <= order.notional * Decimal("0.012") + Decimal("0.00000001")
    for balance in fate.balances():
        assert 0 <= balance.held <= balance.units
    if all(order.status.final for order in fate.orders()):
        assert all(balance.held == 0 for balance in fate.balances())


def _do(bench: Bench, step: tuple[object, ...]) -> None:
    what, *rest = step
    open_orders = [each for each in bench.venue.fate.orders() if not each.status.final]
    if what == "quote":
        bid, size = Decimal(str(rest[0])), str(rest[1])
        bench.quote(str(bid), str(bid + 1), size)
    elif what == "trade":
        bench.trade(str(rest[0]), str(rest[1]))
    elif what == "cancel":
        for order in open_orders[: int(str(rest[0]))]:
            asyncio.run(bench.venue.cancel(order.order_id))
    elif what == "edit":
        for order in open_orders[:1]:
            price, size = Decimal(str(rest[0])), Decimal(str(rest[1]))
            asyncio.run(bench.venue.edit(order.order_id, price, size))
    elif isinstance(what, Configuration):
        _place(bench, what, *rest)


def _place(bench: Bench, configuration: Configuration, *told: object) -> None:
    price, size, side = told
    assert isinstance(side, Side)
    end_time = bench.clock.now().plus_s(3) if configuration is GTD else None
    bench.place(
        configuration,
        side,
        size=str(size),
        price=None if configuration.market else str(price),
        end_time=end_time,
    )
