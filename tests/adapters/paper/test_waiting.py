"""Immediate orders on a recording: they meet the next sample, which nobody knew at the decision."""

from __future__ import annotations

import pytest
from adapters.paper.conftest import Desk

from engine.adapters.paper import ImmediateFills, PaperRules
from engine.model.market import ProductStatus
from engine.model.orders import OrderForm, OrderStatus, Side

BUY, SELL = Side.BUY, Side.SELL
LIMIT, MARKET = OrderForm.LIMIT_IOC, OrderForm.MARKET_IOC
WAITS = PaperRules(immediate=ImmediateFills.NEXT_SAMPLE, shown_for_s=60)


@pytest.fixture
def waiting() -> Desk:
    """A desk whose immediate orders wait for the next sample."""
    return Desk(rules=WAITS)


FALLS = {
    "a sell within its limit fills at the lower price": (SELL, LIMIT, "95", [("2", "96")]),
    "a sell whose limit the market fell through fills nothing": (SELL, LIMIT, "97", []),
    "a market sell fills wherever the market is": (SELL, MARKET, None, [("2", "96")]),
    "a buy gets the better price": (BUY, LIMIT, "101", [("2", "98")]),
}


@pytest.mark.parametrize(("side", "form", "limit", "expected"), FALLS.values(), ids=FALLS)
def test_an_immediate_order_meets_the_next_sample(
    waiting: Desk, side: Side, form: OrderForm, limit: str | None, expected: list[tuple[str, str]]
) -> None:
    """Not the one it was decided on, and only that one: the rest of it ends there."""
    waiting.quote("99", "101", "5", "5")
    order = waiting.place(side, form, "2", limit)
    assert (order.status, waiting.takings()) == (OrderStatus.OPEN, [])
    waiting.quote("96", "98", "5", "5")
    assert waiting.takings() == expected
    after = waiting.order(order.venue_order_id)
    assert after.status is (OrderStatus.FILLED if expected else OrderStatus.CANCELLED)
    waiting.quote("99", "101", "5", "5")
    assert waiting.takings() == expected


def test_a_sample_of_the_same_instant_is_not_the_next(waiting: Desk) -> None:
    """What is received at the instant of the order was there before it."""
    waiting.quote("99", "101", "5", "5")
    waiting.place(BUY, MARKET, "1")
    waiting.quote("90", "91", "5", "5", after=waiting.clock.monotonic_s())
    assert waiting.takings() == []


def test_the_size_shown_is_shared_in_the_order_of_arrival(waiting: Desk) -> None:
    """Two orders never get the same unit, and takers come before who rests."""
    waiting.quote("99", "101", "3", "3")
    waiting.place(BUY, OrderForm.POST_ONLY, "3", "100")
    waiting.place(BUY, MARKET, "2")
    waiting.place(BUY, MARKET, "2")
    waiting.quote("97", "98", "3", "3")
    assert waiting.takings() == [("2", "98"), ("1", "98")]


def test_a_silent_product_ends_the_wait() -> None:
    """A feed that died must not fill an order of a minute ago; at the minute itself it may."""
    for pause, status in ((60.0, OrderStatus.FILLED), (60.001, OrderStatus.CANCELLED)):
        desk = Desk(rules=WAITS)
        desk.quote("99", "101", "5", "5")
        order = desk.place(SELL, MARKET, "1")
        desk.quote("99", "101", "5", "5", after=desk.clock.monotonic_s() + pause)
        assert desk.order(order.venue_order_id).status is status


def test_money_that_went_elsewhere_ends_the_order() -> None:
    """An order that was affordable alone is cancelled when what rests has taken the money."""
    desk = Desk(cash={"USD": "250", "BTC": "0"}, rules=WAITS)
    desk.quote("99", "101", "5", "5")
    order = desk.place(BUY, MARKET, "2")
    desk.place(BUY, OrderForm.POST_ONLY, "2", "90")
    desk.quote("99", "101", "5", "5")
    after = desk.order(order.venue_order_id)
    assert (after.status, after.reason) == (OrderStatus.CANCELLED, "INSUFFICIENT_FUND")
    assert desk.takings() == []


def test_a_halted_product_fills_nothing_until_it_trades(waiting: Desk) -> None:
    """Samples of a product that does not match orders are not met."""
    waiting.quote("99", "101", "5", "5")
    order = waiting.place(SELL, MARKET, "1")
    waiting.status(ProductStatus.HALTED)
    waiting.quote("98", "99", "5", "5")
    assert waiting.order(order.venue_order_id).status is OrderStatus.OPEN
    waiting.status(ProductStatus.ONLINE)
    waiting.quote("97", "98", "5", "5")
    assert waiting.takings() == [("1", "97")]


def test_a_waiting_order_survives_a_restart(waiting: Desk) -> None:
    """The next sample fills it as if nothing had happened, and its patience is not renewed."""
    waiting.quote("99", "101", "5", "5")
    order = waiting.place(SELL, MARKET, "1")
    placed = waiting.clock.monotonic_s()
    for pause, status in ((30.0, OrderStatus.FILLED), (61.0, OrderStatus.CANCELLED)):
        venue = waiting.new_venue()
        venue.restore([order], [], {})
        again = Desk(rules=WAITS, clock=waiting.clock)
        again.venue = venue
        again.quote("95", "96", "5", "5", after=placed + pause)
        assert again.order(order.venue_order_id).status is status
