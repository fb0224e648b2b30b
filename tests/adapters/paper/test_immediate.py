"""Immediate orders: they take what is shown, once, and not a unit more."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from engine.adapters.paper import PaperRules
from engine.model.orders import Acknowledged, OrderForm, OrderStatus, Side

if TYPE_CHECKING:
    from conftest import Desk

BUY, SELL = Side.BUY, Side.SELL
LIMIT, MARKET = OrderForm.LIMIT_IOC, OrderForm.MARKET_IOC
BIDS = [("99", "1"), ("98", "2"), ("97", "4")]
ASKS = [("101", "1"), ("102", "2"), ("103", "4")]

WALKS = {
    "a buy walks up the asks": (BUY, MARKET, "2", None, [("1", "101"), ("1", "102")]),
    "a sell walks down the bids": (SELL, MARKET, "2", None, [("1", "99"), ("1", "98")]),
    "a limited buy stops at its limit": (BUY, LIMIT, "5", "102", [("1", "101"), ("2", "102")]),
    "a limited sell stops at its limit": (SELL, LIMIT, "5", "98", [("1", "99"), ("2", "98")]),
    "a limit short of the market fills nothing": (BUY, LIMIT, "1", "100.99", []),
    "a limit at the best price fills there": (SELL, LIMIT, "0.5", "99", [("0.5", "99")]),
    "a market order takes the whole book and no more": (
        SELL,
        MARKET,
        "9",
        None,
        [("1", "99"), ("2", "98"), ("4", "97")],
    ),
}


@pytest.mark.parametrize(
    ("side", "form", "quantity", "limit", "expected"), WALKS.values(), ids=WALKS
)
def test_an_immediate_order_walks_the_book(
    desk: Desk,
    side: Side,
    form: OrderForm,
    quantity: str,
    limit: str | None,
    expected: list[tuple[str, str]],
) -> None:
    """Levels are taken best first, at their own prices, up to the limit and the shown size."""
    desk.book(BIDS, ASKS)
    order = desk.place(side, form, quantity, limit)
    filled = sum((Decimal(size) for size, _ in expected), Decimal(0))
    assert desk.takings() == expected
    assert order.filled_quantity == filled
    assert order.status is (
        OrderStatus.FILLED if filled == Decimal(quantity) else OrderStatus.CANCELLED
    )


def test_the_acknowledgement_tells_nothing_of_fills(desk: Desk) -> None:
    """A trader learns of fills by asking for them, never from the answer to a submit."""
    outcome = desk.send(desk.approved(BUY, MARKET, "0.1"))
    assert outcome == Acknowledged("paper-order-1")
    assert [each.fill_id for each in desk.fills()] == ["paper-fill-1"]


def test_the_rest_of_an_immediate_order_is_cancelled(desk: Desk) -> None:
    """What the shown size could not fill does not rest."""
    order = desk.place(BUY, LIMIT, "3", "101")
    assert (order.status, order.filled_quantity) == (OrderStatus.CANCELLED, Decimal(1))
    assert order.reason == "rest of an immediate order"


def test_two_orders_in_one_instant_share_the_shown_size(desk: Desk) -> None:
    """Size that was taken is gone until the market is sampled again, then it is there again."""
    desk.place(BUY, MARKET, "0.7")
    assert desk.place(BUY, MARKET, "0.7").filled_quantity == Decimal("0.3")
    assert desk.place(BUY, MARKET, "0.7").filled_quantity == 0
    assert desk.place(SELL, MARKET, "0.7").filled_quantity == Decimal("0.7")
    desk.quote("99", "101")
    assert desk.place(BUY, MARKET, "0.7").filled_quantity == Decimal("0.7")


def test_a_quote_and_a_book_of_one_instant_show_the_same_size(desk: Desk) -> None:
    """The top of the book is not a second helping of the quote."""
    desk.quote("99", "101", after=10)
    desk.place(BUY, MARKET, "1")
    desk.book(BIDS, ASKS, after=10)
    desk.place(BUY, MARKET, "1")
    assert desk.takings() == [("1", "101"), ("1", "102")]


def test_a_book_split_over_equal_prices_loses_the_taken_size_once(desk: Desk) -> None:
    """Two levels of one price are one size."""
    desk.book([("99", "1")], [("101", "1"), ("101", "1")])
    desk.place(BUY, MARKET, "1.5")
    assert desk.place(BUY, MARKET, "1.5").filled_quantity == Decimal("0.5")


def test_an_older_book_gives_way_to_the_quote(desk: Desk) -> None:
    """A book sample counts only while it is not older than the quote."""
    desk.book(BIDS, ASKS)
    desk.quote("99", "101.50", ask_size="0.25")
    assert desk.place(BUY, MARKET, "2").filled_notional == Decimal("25.375")


def test_a_missing_side_fills_nothing_and_the_other_side_fills(desk: Desk) -> None:
    """A one-sided book is enough to leave a position."""
    desk.quote("99", None)
    assert desk.place(BUY, MARKET, "1").filled_quantity == 0
    assert desk.place(SELL, MARKET, "1").filled_quantity == 1


@pytest.mark.parametrize("size", [None, "NaN", "-1", "1E+30"])
def test_an_unrecorded_size_refuses_an_immediate_order(desk: Desk, size: str | None) -> None:
    """No liquidity is invented where the recording tells none."""
    desk.quote("99", "101", ask_size=size)
    assert desk.refusal(BUY, MARKET, "1").reason == "no size recorded"
    assert desk.place(SELL, MARKET, "1").status is OrderStatus.FILLED


def test_a_size_of_zero_is_known_to_be_nothing(desk: Desk) -> None:
    """Nothing shown is not the same as a size that nobody recorded."""
    desk.quote("99", "101", ask_size="0")
    assert desk.place(BUY, MARKET, "1").filled_quantity == 0


@pytest.mark.parametrize("ask", ["NaN", "0", "-5", "Infinity", "1E+308", "sNaN"])
def test_an_impossible_price_is_a_missing_side(desk: Desk, ask: str) -> None:
    """Hostile numbers neither fill nor raise."""
    desk.quote("99", ask)
    assert desk.place(BUY, MARKET, "1").filled_quantity == 0
    desk.book([("99", "1")], [(ask, "1")])
    assert desk.place(BUY, MARKET, "1").filled_quantity == 0


def test_a_crossed_market_fills_nobody(desk: Desk) -> None:
    """A bid above the ask is a broken book, and a profit made of it would be a fiction."""
    desk.quote("102", "101")
    assert desk.place(BUY, MARKET, "1").filled_quantity == 0
    assert desk.place(SELL, MARKET, "1").filled_quantity == 0


def test_a_locked_market_fills(desk: Desk) -> None:
    """Bid and ask at one price are unusual and possible."""
    desk.quote("100", "100")
    assert desk.place(BUY, MARKET, "1").filled_notional == 100


def test_a_feed_that_died_stops_filling(desk_class: type[Desk]) -> None:
    """A sample older than the stated time shows nothing; at exactly that age it still does."""
    desk = desk_class(rules=PaperRules(shown_for_s=60))
    desk.quote("99", "101")
    desk.wait(60)
    assert desk.place(BUY, MARKET, "0.1").filled_quantity == Decimal("0.1")
    desk.wait(0.001)
    assert desk.place(BUY, MARKET, "0.1").filled_quantity == 0


def test_a_row_back_in_time_is_passed_over(desk: Desk) -> None:
    """An old quote that arrives late neither moves the price nor brings taken size back."""
    desk.quote("99", "101", after=20)
    desk.place(BUY, MARKET, "1")
    desk.quote("49", "51", after=10)
    desk.book([("49", "1")], [("51", "1")], after=10)
    assert desk.place(BUY, MARKET, "1").filled_quantity == 0


def test_a_market_that_was_never_seen_takes_no_order(desk_class: type[Desk]) -> None:
    """Doubt does not trade, not even on paper."""
    desk = desk_class()
    for form in OrderForm:
        refusal = desk.refusal(BUY, form, "1", None if form is MARKET else "100")
        assert refusal.reason == "MISSING_MARKET_TRADE_DATA"


def test_a_market_order_has_no_limit_even_when_its_intent_was_priced(desk: Desk) -> None:
    """As on the wire, where a market order has no field for a price."""
    order = desk.place(BUY, MARKET, "0.5", "50")
    assert (order.limit_price, order.status) == (None, OrderStatus.FILLED)


def test_fees_are_the_takers_and_in_quote_currency(desk: Desk) -> None:
    """0.5 coins at 101 cost 50.5 and 60 bps of that."""
    desk.place(BUY, MARKET, "0.5")
    (fill,) = desk.fills()
    assert (fill.fee, fill.maker) == (Decimal("0.303"), False)
    assert desk.balances() == {"USD": Decimal("9949.197"), "BTC": Decimal("10.5")}


def test_fees_round_up_once_over_the_whole_order(desk_class: type[Desk]) -> None:
    """Eight decimals, upwards, of the sum: parts never pay the rounding twice."""
    desk = desk_class(taker_bps="33.333")
    desk.book([], [("0.01", "150.00000001"), ("0.02", "150.00000001")])
    desk.place(BUY, MARKET, "300.00000002")
    notional = sum((each.quantity * each.price for each in desk.fills()), Decimal(0))
    exact = notional * Decimal("33.333") / 10_000
    charged = sum((each.fee for each in desk.fills()), Decimal(0))
    assert exact <= charged < exact + Decimal("0.00000001")
