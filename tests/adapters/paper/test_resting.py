"""Post-only orders: they rest, and fill only where the market went through them."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from engine.model.market import Bar, ProductStatus, Quote
from engine.model.orders import OrderForm, OrderStatus, Rejected, Side
from engine.model.symbols import Symbol

if TYPE_CHECKING:
    from conftest import Desk

BUY, SELL = Side.BUY, Side.SELL
POST, MARKET = OrderForm.POST_ONLY, OrderForm.MARKET_IOC


@pytest.mark.parametrize(("side", "limit"), [(BUY, "101"), (BUY, "102"), (SELL, "99")])
def test_a_post_only_that_would_cross_is_refused_as_such(
    desk: Desk, side: Side, limit: str
) -> None:
    """Meeting the other side's best price is taking, and a post-only never takes."""
    expected = Rejected("INVALID_LIMIT_PRICE_POST_ONLY", would_cross=True)
    assert desk.refusal(side, POST, "1", limit) == expected


def test_a_post_only_may_join_or_improve_its_own_side(desk: Desk) -> None:
    """One tick short of the other side still rests, and so does an order against no side."""
    assert desk.place(BUY, POST, "1", "100.99").status is OrderStatus.OPEN
    assert desk.place(SELL, POST, "1", "99.01").status is OrderStatus.OPEN
    desk.quote("99", None)
    assert desk.place(BUY, POST, "1", "500").status is OrderStatus.OPEN


THROUGH = {
    "the ask falls below a resting buy": (BUY, "100", ("98", "99.99"), "1"),
    "the ask touches a resting buy": (BUY, "100", ("98", "100"), "0"),
    "the bid rises above a resting sell": (SELL, "100", ("100.01", "102"), "1"),
    "the bid touches a resting sell": (SELL, "100", ("100", "102"), "0"),
    "a crossed quote goes through nothing": (BUY, "100", ("99.50", "99"), "0"),
}


@pytest.mark.parametrize(("side", "limit", "market", "filled"), THROUGH.values(), ids=THROUGH)
def test_a_resting_order_fills_only_when_a_later_quote_goes_through(
    desk: Desk, side: Side, limit: str, market: tuple[str, str], filled: str
) -> None:
    """At the touch the queue is unknown, so nothing fills; beyond it, the order's turn came."""
    order = desk.place(side, POST, "1", limit)
    desk.quote(*market)
    assert desk.order(order.venue_order_id).filled_quantity == Decimal(filled)
    assert all(each.price == Decimal(limit) and each.maker for each in desk.fills())


def test_a_quote_of_the_same_instant_is_not_a_later_one(desk: Desk) -> None:
    """What was received with the order cannot show that the market moved after it."""
    desk.place(BUY, POST, "1", "100")
    desk.quote("98", "99", after=1)
    assert desk.fills() == []


def test_a_resting_order_fills_no_more_than_the_size_shown_through_it(desk: Desk) -> None:
    """Partial fills follow the shown sizes, and the last one ends the order."""
    order = desk.place(BUY, POST, "2", "100")
    desk.quote("98", "99", ask_size="0.5")
    desk.book([("97", "1")], [("99", "0.25"), ("99.50", "0.25"), ("100", "9")])
    assert desk.order(order.venue_order_id).status is OrderStatus.OPEN
    desk.quote("98", "99", ask_size="5")
    assert desk.takings() == [("0.5", "100"), ("0.50", "100"), ("1.00", "100")]
    assert desk.order(order.venue_order_id).status is OrderStatus.FILLED


def test_a_quote_without_size_fills_no_resting_order(desk: Desk) -> None:
    """How much went through is unknown, so nothing did."""
    desk.place(BUY, POST, "1", "100")
    desk.quote("98", "99", ask_size=None)
    assert desk.fills() == []


def test_the_better_price_fills_first_then_the_older_order(desk: Desk) -> None:
    """The shown size is shared in the order of a price-time queue."""
    low = desk.place(BUY, POST, "1", "99")
    high = desk.place(BUY, POST, "1", "100")
    late = desk.place(BUY, POST, "1", "100")
    desk.quote("97", "98", ask_size="2.5")
    filled = [desk.order(each.venue_order_id).filled_quantity for each in (high, late, low)]
    assert filled == [1, 1, Decimal("0.5")]


def test_a_resting_fill_uses_the_shown_size_up(desk: Desk) -> None:
    """What filled a maker cannot be taken once more."""
    desk.place(BUY, POST, "0.75", "100")
    desk.quote("98", "99", ask_size="1")
    assert desk.place(BUY, MARKET, "1").filled_quantity == Decimal("0.25")


TRADES = {
    "below a resting buy": (BUY, "99.99", "1"),
    "at a resting buy": (BUY, "100", "0"),
    "above a resting sell": (SELL, "100.01", "1"),
    "at a resting sell": (SELL, "100", "0"),
    "without a price": (BUY, "NaN", "0"),
}


@pytest.mark.parametrize(("side", "price", "filled"), TRADES.values(), ids=TRADES)
def test_a_public_trade_through_the_price_fills(
    desk: Desk, side: Side, price: str, filled: str
) -> None:
    """Someone traded at a worse price than ours after we rested: we were before them."""
    order = desk.place(side, POST, "1", "100")
    desk.trade(price, "4")
    assert desk.order(order.venue_order_id).filled_quantity == Decimal(filled)


def test_a_trade_fills_no_more_than_its_size_over_all_orders(desk: Desk) -> None:
    """Two resting orders share one trade, and the next trade is new size."""
    first = desk.place(BUY, POST, "1", "100")
    second = desk.place(BUY, POST, "1", "100")
    desk.trade("99", "1.5")
    assert desk.order(first.venue_order_id).filled_quantity == 1
    assert desk.order(second.venue_order_id).filled_quantity == Decimal("0.5")
    desk.trade("99", "0.25")
    assert desk.order(second.venue_order_id).filled_quantity == Decimal("0.75")


def test_a_trade_that_may_be_the_size_we_took_fills_only_the_difference(desk: Desk) -> None:
    """The shown size that we filled against, told again as a trade, is not filled twice."""
    order = desk.place(BUY, POST, "3", "100")
    desk.quote("98", "99", ask_size="1")
    desk.trade("99", "1")
    assert desk.order(order.venue_order_id).filled_quantity == 1
    desk.trade("99", "1.5")
    assert desk.order(order.venue_order_id).filled_quantity == Decimal("2.5")


def test_a_trade_after_a_new_sample_is_not_the_size_taken_of_the_old(desk: Desk) -> None:
    """Once the market was sampled again, a trade at the same price is new size."""
    order = desk.place(BUY, POST, "3", "100")
    desk.quote("98", "99", ask_size="1")
    desk.quote("99", "101")
    desk.trade("99", "1")
    assert desk.order(order.venue_order_id).filled_quantity == 2


def test_a_deadline_cancels_and_comes_before_a_fill_of_its_instant(desk: Desk) -> None:
    """An order good till an instant is gone at that instant."""
    expires = desk.clock.time.plus_s(15)
    order = desk.place(BUY, POST, "1", "100", expires)
    desk.quote("98", "99", after=16)
    told = desk.order(order.venue_order_id)
    assert (told.status, told.reason) == (OrderStatus.CANCELLED, "expired")
    assert desk.fills() == []


def test_a_fill_before_the_deadline_counts(desk: Desk) -> None:
    """The event's own time decides, even when the clock is already past the deadline."""
    expires = desk.clock.time.plus_s(15)
    order = desk.place(BUY, POST, "1", "100", expires)
    desk.quote("98", "99", after=15)
    desk.wait(100)
    assert desk.order(order.venue_order_id).status is OrderStatus.FILLED


def test_the_clock_alone_expires_an_order(desk: Desk) -> None:
    """A deadline needs no market event: asking is enough."""
    order = desk.place(BUY, POST, "1", "100", desk.clock.time.plus_s(15))
    desk.wait(15)
    assert desk.order(order.venue_order_id).reason == "expired"


@pytest.mark.parametrize("status", [ProductStatus.HALTED, ProductStatus.CANCEL_ONLY])
def test_a_halted_product_fills_nothing_but_can_be_cancelled(
    desk: Desk, status: ProductStatus
) -> None:
    """No matching while halted; a way out of the order stays open."""
    order = desk.place(BUY, POST, "1", "100")
    desk.status(status)
    desk.quote("98", "99")
    desk.trade("98", "1")
    assert desk.fills() == []
    assert desk.cancel(order.venue_order_id)


def test_bars_and_foreign_products_only_let_time_pass(desk: Desk) -> None:
    """A bar is no quote, and another product's price is not ours."""
    order = desk.place(BUY, POST, "1", "100", desk.clock.time.plus_s(15))
    moment = desk.clock.time.plus_s(5)
    low = Decimal(50)
    desk.venue.on_event(Bar(desk.product.symbol, moment, 60, low, low, low, low, low))
    desk.venue.on_event(Quote(Symbol("ETH", "USD"), moment.plus_s(20), low, low, low, low))
    assert desk.fills() == []
    assert desk.order(order.venue_order_id).reason == "expired"


def test_makers_pay_the_makers_fee(desk: Desk) -> None:
    """40 bps of 100, and the money for it was held since the order rested."""
    desk.place(BUY, POST, "1", "100")
    desk.quote("98", "99")
    (fill,) = desk.fills()
    assert fill.fee == Decimal("0.4")
    assert desk.balances() == {"USD": Decimal("9899.6"), "BTC": Decimal(11)}
