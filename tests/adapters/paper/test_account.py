"""The account: settings, time, ids, cancels, and what is told since when."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from engine.adapters.paper import PaperExchange, PaperFees, PaperRules
from engine.adapters.paper.order import PaperOrder
from engine.adapters.paper.wallet import OverdrawnError, Wallet
from engine.errors import MandateError
from engine.model.orders import OrderForm, OrderStatus, Side
from engine.model.times import UtcTime

if TYPE_CHECKING:
    from conftest import Desk

    from engine.ports import Exchange

BUY, SELL = Side.BUY, Side.SELL
POST, MARKET = OrderForm.POST_ONLY, OrderForm.MARKET_IOC


def test_it_is_an_exchange_by_the_port(desk: Desk) -> None:
    """The cycle sees a port and cannot tell paper from a venue."""
    venue: Exchange = desk.venue
    assert isinstance(venue, PaperExchange)


def test_all_wrong_settings_are_told_at_once(desk: Desk) -> None:
    """Cash, fees and products are refused together, each with its code."""
    flat = replace(desk.product, base_increment=Decimal(0))
    with pytest.raises(MandateError) as refused:
        PaperExchange(
            {flat.symbol: flat},
            {"USD": Decimal(-1), "EUR": Decimal("NaN"), "GBP": Decimal(0)},
            PaperFees(Decimal(10_000), Decimal("-0.1")),
            desk.clock,
        )
    codes = [each.code for each in refused.value.diagnostics]
    assert codes == ["M540", "M540", "M541", "M541", "M542"]
    assert all(each.help for each in refused.value.diagnostics)


def test_a_product_without_a_grid_cannot_be_listed_later_either(desk: Desk) -> None:
    """What is refused at the start is refused in mid-run."""
    with pytest.raises(MandateError) as refused:
        desk.venue.set_product(replace(desk.product, price_increment=Decimal("Infinity")))
    assert [each.code for each in refused.value.diagnostics] == ["M542"]


def test_a_venue_without_fees_is_possible(desk_class: type[Desk]) -> None:
    """Zero is a fee that one can state."""
    desk = desk_class(maker_bps="0", taker_bps="0")
    desk.quote("99", "101")
    desk.place(BUY, MARKET, "1")
    assert [each.fee for each in desk.fills()] == [0]


def test_ids_are_counted_within_their_stream(desk_class: type[Desk]) -> None:
    """Nothing is drawn at random: two venues with the same input give the same ids."""
    desks = [desk_class(rules=PaperRules(stream="paper-main")) for _ in range(2)]
    for desk in desks:
        desk.quote("99", "101")
        desk.place(BUY, MARKET, "2")
    assert desks[0].orders() == desks[1].orders()
    assert desks[0].fills() == desks[1].fills()
    assert desks[0].fills()[0].fill_id == "paper-main-fill-1"


def test_only_a_working_order_can_be_cancelled(desk: Desk) -> None:
    """Cancelled, filled and unknown orders answer False and stay what they are."""
    resting = desk.place(BUY, POST, "1", "100")
    filled = desk.place(BUY, MARKET, "1")
    answers = [
        desk.cancel(each)
        for each in (resting.venue_order_id, resting.venue_order_id, filled.venue_order_id, "none")
    ]
    assert answers == [True, False, False, False]
    assert desk.order(resting.venue_order_id).reason == "cancelled on request"
    assert desk.order(filled.venue_order_id).status is OrderStatus.FILLED


def test_a_cancelled_order_never_fills(desk: Desk) -> None:
    """Final is final, whatever the market does next."""
    order = desk.place(BUY, POST, "1", "100")
    desk.cancel(order.venue_order_id)
    desk.quote("90", "91")
    desk.trade("90", "5")
    assert desk.fills() == []


def test_changes_are_told_since_they_happened(desk: Desk) -> None:
    """An order created long ago is told again once it changes, and each order only once."""
    old = desk.place(BUY, POST, "1", "100")
    desk.wait(100)
    young = desk.place(BUY, POST, "1", "90")
    since = desk.clock.time
    assert [each.venue_order_id for each in desk.orders(since)] == [young.venue_order_id]
    desk.quote("98", "99", ask_size="0.5")
    assert [each.venue_order_id for each in desk.orders(since)] == [
        old.venue_order_id,
        young.venue_order_id,
    ]
    assert [each.time for each in desk.fills(desk.clock.time)] == [desk.clock.time]
    assert desk.fills(desk.clock.time.plus_s(1)) == []


def test_a_fill_is_never_dated_before_the_last_question(desk: Desk) -> None:
    """A quote that waited in a queue while we asked is still found by the next question."""
    desk.place(BUY, POST, "1", "100")
    desk.wait(60)
    asked = desk.clock.time
    assert desk.fills(asked) == []
    desk.quote("98", "99", after=30)
    assert [each.time for each in desk.fills(asked)] == [asked]


def test_time_stands_still_when_the_clock_steps_back(desk: Desk) -> None:
    """A wall clock that jumps back reorders nothing."""
    desk.place(BUY, MARKET, "0.1")
    desk.wait(-3600)
    desk.place(BUY, MARKET, "0.1")
    times = [each.time for each in desk.fills()]
    assert times == sorted(times)
    assert desk.orders()[1].created == times[1]


def test_products_are_told_as_listed(desk: Desk) -> None:
    """The port tells what the venue was built with."""
    import asyncio

    assert asyncio.run(desk.venue.products()) == [desk.product]


def test_a_wallet_refuses_to_go_below_zero() -> None:
    """The last line of defence is an exception, not a negative balance."""
    wallet = Wallet({"USD": Decimal(1)})
    with pytest.raises(OverdrawnError, match="USD would stand at -1"):
        wallet.move("USD", Decimal(-2))


def test_a_market_order_has_no_price_to_rest_at(desk: Desk) -> None:
    """Asking for one is a programmer's mistake."""
    order = PaperOrder(
        number=1,
        venue_order_id="paper-order-1",
        client_order_id="a",
        symbol=desk.product.symbol,
        side=BUY,
        form=MARKET,
        quantity=Decimal(1),
        limit_price=None,
        expires=None,
        created=UtcTime(0),
        rate_bps=Decimal(0),
    )
    with pytest.raises(ValueError, match="no price to rest at"):
        _ = order.rest_price


def test_a_sale_of_crumbs_never_costs_more_than_it_brings(desk_class: type[Desk]) -> None:
    """A fee rounded up to a step above the proceeds is cut to them, and caught up later."""
    desk = desk_class(cash={"BTC": "1"})
    tiny = replace(desk.product, price_increment=Decimal("0.000000001"), quote_min_size=Decimal(0))
    desk.product = tiny
    desk.venue.set_product(tiny)
    desk.book([("0.00000002", "0.1"), ("0.00000001", "0.1")], [])
    desk.place(SELL, MARKET, "0.2")
    fees = [each.fee for each in desk.fills()]
    assert fees == [Decimal("2E-9"), Decimal("1E-9")]
    assert desk.balances()["USD"] == 0
