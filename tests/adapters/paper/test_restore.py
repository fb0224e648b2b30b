"""Stopping and going on: a venue rebuilt from a ledger is the venue that never stopped."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from engine.adapters.paper import PaperExchange, PaperFees
from engine.errors import MandateError
from engine.model.orders import OrderForm, OrderStatus, Side

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from conftest import Desk

    from engine.model.orders import Fill, VenueOrder

BUY, SELL = Side.BUY, Side.SELL
POST, MARKET = OrderForm.POST_ONLY, OrderForm.MARKET_IOC


def a_morning(desk: Desk) -> None:
    """Orders that filled, partly filled, rested, expired and were cancelled."""
    desk.quote("99", "101")
    desk.place(BUY, MARKET, "1.5")
    desk.place(BUY, POST, "2", "100", desk.clock.time.plus_s(50))
    desk.place(SELL, POST, "1", "103")
    desk.cancel(desk.place(BUY, POST, "1", "97").venue_order_id)
    desk.place(BUY, POST, "1", "96", desk.clock.time.plus_s(1))
    desk.quote("98", "99.50", ask_size="0.5")


def an_afternoon(desk: Desk) -> None:
    """What happens after the stop, beginning with a sample of the market."""
    desk.quote("97", "99", ask_size="0.75")
    desk.place(SELL, MARKET, "0.25")
    desk.trade("104", "3")
    desk.place(BUY, POST, "0.5", "98")
    desk.quote("98", "100", after=60)
    desk.quote("96", "97", after=61)


def restarted(desk: Desk) -> Desk:
    """The same desk with a new venue that knows only what was reported."""
    twin = replace(desk, clock=replace(desk.clock))
    twin.ids, twin.deadlines = iter(range(100, 200)), desk.deadlines
    twin.venue.restore(desk.orders(), desk.fills(), desk.deadlines)
    return twin


def test_going_on_after_a_restore_equals_never_having_stopped(desk_class: type[Desk]) -> None:
    """Orders, fills with their ids and times, and balances are the same to the last digit."""
    desk = desk_class()
    a_morning(desk)
    twin = restarted(desk)
    assert (twin.orders(), twin.fills()) == (desk.orders(), desk.fills())
    assert twin.balances() == desk.balances()
    desk.ids = iter(range(100, 200))
    an_afternoon(desk)
    an_afternoon(twin)
    assert (twin.orders(), twin.fills()) == (desk.orders(), desk.fills())
    assert twin.balances() == desk.balances()
    assert {each.status for each in desk.orders()} == {
        OrderStatus.FILLED,
        OrderStatus.CANCELLED,
    }


def test_holds_and_deadlines_survive(desk_class: type[Desk]) -> None:
    """Money that a resting order held is still held, and its deadline still comes."""
    desk = desk_class()
    desk.quote("99", "101")
    order = desk.place(BUY, POST, "99", "100", desk.clock.time.plus_s(50))
    twin = restarted(desk)
    twin.quote("99", "101")
    assert twin.refusal(BUY, POST, "1", "100").reason == "INSUFFICIENT_FUND"
    twin.wait(50)
    assert twin.order(order.venue_order_id).reason == "expired"


def test_the_market_must_be_seen_again(desk: Desk) -> None:
    """What was shown before the stop is not taken after it."""
    twin = restarted(desk)
    assert twin.refusal(BUY, MARKET, "1").reason == "MISSING_MARKET_TRADE_DATA"


def test_orders_that_the_venue_never_took_are_passed_over(desk: Desk) -> None:
    """A rejected or unknown intent of the ledger is nothing that a paper venue remembers."""
    order = desk.place(BUY, POST, "1", "100")
    strange = [
        replace(order, venue_order_id="", client_order_id=status.value, status=status)
        for status in (OrderStatus.REJECTED, OrderStatus.UNKNOWN, OrderStatus.NOT_SEEN)
    ]
    twin = replace(desk)
    twin.venue.restore([*strange, order], [], {})
    assert twin.orders() == [order]


def test_a_fill_recorded_before_its_order_was_is_counted(desk: Desk) -> None:
    """Fills are the truth: an order report that lags behind them is caught up."""
    early = desk.place(BUY, POST, "1", "100")
    desk.quote("98", "99", ask_size="0.5")
    twin = replace(desk)
    twin.venue.restore([early], desk.fills(), {})
    assert twin.orders() == desk.orders()
    assert twin.balances() == desk.balances()


def test_an_empty_ledger_restores_to_the_beginning(desk: Desk) -> None:
    """Genesis is a record too."""
    twin = replace(desk)
    twin.venue.restore([], [], {})
    twin.quote("99", "101")
    assert twin.place(BUY, MARKET, "1").venue_order_id == "paper-order-1"


Record = "tuple[Sequence[VenueOrder], Sequence[Fill]]"


def _without_orders(_orders: Sequence[VenueOrder], fills: Sequence[Fill]) -> Record:
    return (), fills


def _without_fills(orders: Sequence[VenueOrder], _fills: Sequence[Fill]) -> Record:
    return orders, ()


def _of_another_stream(orders: Sequence[VenueOrder], fills: Sequence[Fill]) -> Record:
    foreign = [replace(each, venue_order_id="live-order-1") for each in orders]
    return foreign, [replace(each, fill_id="x", venue_order_id="live-order-1") for each in fills]


BROKEN: dict[str, tuple[Callable[..., Record], list[str]]] = {
    "another stream's ids": (_of_another_stream, ["M543", "M543"]),
    "a fill without its order": (_without_orders, ["M543"]),
    "a missing fill": (_without_fills, ["M544"]),
    "a fill twice": (lambda orders, fills: (orders, (*fills, *fills)), ["M544"]),
    "a fill beyond the cash": (
        lambda orders, fills: (orders, [replace(each, price=Decimal(20_000)) for each in fills]),
        ["M545"],
    ),
    "a working order beyond the cash": (
        lambda orders, fills: (
            [
                *orders,
                replace(
                    orders[0],
                    venue_order_id="paper-order-2",
                    form=POST,
                    limit_price=Decimal(10_000),
                    status=OrderStatus.OPEN,
                    filled_quantity=Decimal(0),
                ),
            ],
            fills,
        ),
        ["M545"],
    ),
}


@pytest.mark.parametrize(("spoil", "codes"), BROKEN.values(), ids=BROKEN)
def test_a_record_that_does_not_add_up_is_refused(
    desk: Desk, spoil: Callable[..., Record], codes: list[str]
) -> None:
    """Going on from a wrong ledger would invent money; each way of being wrong has its code."""
    desk.place(BUY, MARKET, "1")
    twin = replace(desk)
    with pytest.raises(MandateError) as refused:
        twin.venue.restore(*spoil(desk.orders(), desk.fills()), {})
    assert [each.code for each in refused.value.diagnostics] == codes


def test_a_lower_fee_after_the_stop_pays_nothing_back(desk: Desk) -> None:
    """A working order that already paid more than the new rate asks for pays no more, not less."""
    desk.place(BUY, POST, "1", "100")
    desk.quote("98", "99", ask_size="0.5")
    cash = {currency: Decimal(units) for currency, units in desk.cash.items()}
    fees = PaperFees(Decimal(1), Decimal(1))
    cheaper = PaperExchange({desk.product.symbol: desk.product}, cash, fees, desk.clock)
    cheaper.restore(desk.orders(), desk.fills(), {})
    desk.venue = cheaper
    desk.quote("98", "99", ask_size="0.5")
    assert [each.fee for each in desk.fills()] == [Decimal("0.2"), 0]
