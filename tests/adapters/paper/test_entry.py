"""What the venue does not take: the grid, the minimums, the product's status, the money."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from engine.adapters.paper import PaperRules
from engine.adapters.paper.settings import DuplicateIds
from engine.model.market import Product, ProductStatus
from engine.model.orders import Acknowledged, OrderForm, OrderStatus, Rejected, Side
from engine.model.symbols import Symbol

if TYPE_CHECKING:
    from conftest import Desk

BUY, SELL = Side.BUY, Side.SELL
POST, LIMIT, MARKET = OrderForm.POST_ONLY, OrderForm.LIMIT_IOC, OrderForm.MARKET_IOC

REFUSALS = {
    "a price between two ticks": (BUY, LIMIT, "1", "100.005", "INVALID_PRICE_PRECISION"),
    "a size between two increments": (BUY, LIMIT, "1.000000001", "100", "INVALID_SIZE_PRECISION"),
    "a size below the minimum": (BUY, LIMIT, "0.000009", "100", "BASE_SIZE_TOO_SMALL"),
    "a limit notional below the minimum": (BUY, LIMIT, "0.00999", "100", "QUOTE_SIZE_TOO_SMALL"),
    "a market notional below the minimum": (BUY, MARKET, "0.0099", None, "QUOTE_SIZE_TOO_SMALL"),
    "a limit order without a price": (SELL, LIMIT, "1", None, "UNSUPPORTED_ORDER_CONFIGURATION"),
    "a post-only without a price": (SELL, POST, "1", None, "UNSUPPORTED_ORDER_CONFIGURATION"),
    "a price of zero": (BUY, LIMIT, "1", "0", "INVALID_LIMIT_PRICE"),
    "a price that is no number": (BUY, LIMIT, "1", "NaN", "INVALID_LIMIT_PRICE"),
    "a size of zero": (BUY, MARKET, "0", None, "INVALID_REQUEST"),
    "a size that is no number": (BUY, MARKET, "sNaN", None, "INVALID_REQUEST"),
    "more cash than is free, with the fee": (BUY, LIMIT, "99.5", "100", "INSUFFICIENT_FUND"),
    "more coins than there are": (SELL, LIMIT, "10.1", "99", "INSUFFICIENT_FUND"),
    "a resting buy beyond the cash": (BUY, POST, "100", "100", "INSUFFICIENT_FUND"),
    "a resting sell beyond the coins": (SELL, POST, "11", "101", "INSUFFICIENT_FUND"),
}


@pytest.mark.parametrize(
    ("side", "form", "quantity", "limit", "word"), REFUSALS.values(), ids=REFUSALS
)
def test_the_venue_refuses_in_its_own_words(
    desk: Desk, side: Side, form: OrderForm, quantity: str, limit: str | None, word: str
) -> None:
    """A refused order leaves no trace: no order, no hold, no fill."""
    assert desk.refusal(side, form, quantity, limit).reason.endswith(word)
    assert (desk.orders(), desk.fills()) == ([], [])
    assert desk.place(SELL, POST, "10", "101").status is OrderStatus.OPEN


STATUSES = {
    ProductStatus.ONLINE: {POST, LIMIT, MARKET},
    ProductStatus.POST_ONLY: {POST},
    ProductStatus.LIMIT_ONLY: {POST, LIMIT},
    ProductStatus.CANCEL_ONLY: set(),
    ProductStatus.HALTED: set(),
}


@pytest.mark.parametrize("form", OrderForm)
@pytest.mark.parametrize("status", ProductStatus)
def test_a_products_status_decides_which_orders_enter(
    desk: Desk, status: ProductStatus, form: OrderForm
) -> None:
    """Each status takes its forms and refuses the others as entry being disabled."""
    desk.status(status)
    outcome = desk.send(desk.approved(BUY, form, "0.1", None if form is MARKET else "100"))
    if form in STATUSES[status]:
        assert isinstance(outcome, Acknowledged)
    else:
        assert outcome == Rejected("ORDER_ENTRY_DISABLED")


def test_an_unlisted_product_is_refused_and_can_be_listed(desk: Desk) -> None:
    """The venue knows what it lists; a newly listed product trades once it is seen."""
    old, pair = desk.product, Symbol("ETH", "USD")
    desk.product = Product(
        pair, old.base_increment, old.price_increment, old.base_min_size, old.quote_min_size
    )
    assert desk.refusal(BUY, MARKET, "1").reason == "INVALID_PRODUCT_ID"
    desk.venue.set_product(desk.product)
    desk.quote("9", "10")
    assert desk.place(BUY, MARKET, "1").status is OrderStatus.FILLED


def test_a_post_only_whose_deadline_has_come_is_refused(desk: Desk) -> None:
    """It could not rest for an instant."""
    assert desk.refusal(BUY, POST, "1", "100", desk.clock.time).reason == "INVALID_REQUEST"
    assert desk.place(BUY, LIMIT, "1", "101", desk.clock.time).status is OrderStatus.FILLED


def test_working_orders_hold_what_they_can_still_cost(desk: Desk) -> None:
    """Held money is not spent twice, is freed by a cancel, and stays in the balance."""
    order = desk.place(BUY, POST, "99", "100")
    assert desk.refusal(BUY, POST, "1", "100").reason == "INSUFFICIENT_FUND"
    assert desk.balances()["USD"] == 10_000
    assert desk.cancel(order.venue_order_id)
    assert desk.place(BUY, POST, "99", "100").status is OrderStatus.OPEN


def test_a_hold_shrinks_with_each_fill_to_the_last_digit(desk: Desk) -> None:
    """What a partial fill paid is no longer held, and what the rest can cost still is."""
    desk.place(BUY, POST, "60", "100")
    desk.quote("98", "99", ask_size="30")
    desk.quote("99", "101")
    # 10,000 less 60 at 100 and 40 bps of it leaves 3,976: 39.60159362 coins at 100 with the fee.
    assert desk.refusal(BUY, POST, "39.60159363", "100").reason == "INSUFFICIENT_FUND"
    assert desk.place(BUY, POST, "39.60159362", "100").status is OrderStatus.OPEN
    desk.quote("98", "99", ask_size="100")
    assert desk.balances() == {"USD": Decimal("0.00000055"), "BTC": Decimal("109.60159362")}


def test_a_market_buy_needs_money_for_what_it_takes(desk: Desk) -> None:
    """The walk is paid in full with its fee, or the order is refused before it fills."""
    desk.book([], [("100", "50"), ("200", "50")])
    assert desk.refusal(BUY, MARKET, "75").reason == "INSUFFICIENT_FUND"
    assert desk.place(BUY, MARKET, "70").status is OrderStatus.FILLED


DUPLICATES = {
    DuplicateIds.RETURNS_OLD: (Acknowledged("paper-order-1"), 1),
    DuplicateIds.REJECTS: (Rejected("DUPLICATE_CLIENT_ORDER_ID"), 1),
    DuplicateIds.CREATES_SECOND: (Acknowledged("paper-order-2"), 2),
}


@pytest.mark.parametrize("duplicate_ids", DuplicateIds)
def test_a_repeated_client_order_id_does_what_the_venue_is_said_to_do(
    desk_class: type[Desk], duplicate_ids: DuplicateIds
) -> None:
    """All three readings of the documentation can be tried; no id twice is the default's way."""
    desk = desk_class(rules=PaperRules(duplicate_ids=duplicate_ids))
    desk.quote("99", "101")
    desk.send(desk.approved(BUY, POST, "1", "98", client_order_id="same"))
    again = desk.send(desk.approved(BUY, POST, "2", "97", client_order_id="same"))
    assert (again, len(desk.orders())) == DUPLICATES[duplicate_ids]


def test_a_refused_client_order_id_may_be_used_again(desk: Desk) -> None:
    """A refused order never existed, so its id is still free."""
    assert isinstance(
        desk.send(desk.approved(BUY, POST, "1", "101", client_order_id="same")), Rejected
    )
    outcome = desk.send(desk.approved(BUY, POST, "1", "100", client_order_id="same"))
    assert outcome == Acknowledged("paper-order-1")
