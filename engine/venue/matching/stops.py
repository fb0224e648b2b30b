"""Orders that wait for a price: stop-limits, and brackets with a stop beside their limit.

In: requests, orders as they stand, the price that the venue tells of a product. Out: why a stop may
not enter, when it is reached, and the order that it then is. A stop looks at prices that traded,
or halfway between the sides where nothing ever did; a market with one side reaches nothing.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from engine.adapters.paper.entry import price_refusal
from engine.adapters.paper.money import exactly, is_amount
from engine.model.numbers import floor_to
from engine.model.orders import Side
from engine.venue.orders import StopDirection
from engine.venue.refusals import Refusal

if TYPE_CHECKING:
    from decimal import Decimal

    from engine.adapters.paper.shown import Shown
    from engine.model.market import Trade
    from engine.model.symbols import Symbol
    from engine.model.times import UtcTime
    from engine.venue.listing import Listing
    from engine.venue.orders import Order, OrderRequest


class Prices:
    """The price of each market, as the venue tells it."""

    def __init__(self) -> None:
        self._traded: dict[Symbol, Decimal] = {}

    def on_trade(self, trade: Trade) -> None:
        """Remember the newest trade's price."""
        self._traded[trade.symbol] = trade.price

    def of(self, market: Symbol, shown: Shown) -> Decimal | None:
        """The last trade's price; where there was none, halfway between bid and ask."""
        traded = self._traded.get(market)
        bid, ask = shown.best(Side.SELL), shown.best(Side.BUY)
        if traded is not None or bid is None or ask is None:
            return traded
        with exactly():
            return (bid + ask) / 2


def stop_refusal(request: OrderRequest, listing: Listing, price: Decimal | None) -> Refusal | None:
    """The first rule of stops that an order breaks; None for one without a stop."""
    stop, limit = request.stop_price, request.limit_price
    if stop is None or limit is None:
        return None
    if not is_amount(stop):
        return Refusal.INVALID_REQUEST
    if price_refusal(stop, listing.product) is not None:
        return Refusal.INVALID_STOP_PRICE_PRECISION
    if price is None:
        return Refusal.MISSING_MARKET_DATA
    if request.configuration.brackets:
        return _bracket_refusal(request.side, limit, stop, price)
    return _limit_refusal(request.side, limit, stop) or _price_refusal(request, stop, price)


def reached(order: Order, price: Decimal) -> bool:
    """Whether the stop of an order that waits is reached at this price."""
    stop = order.request.stop_price
    if stop is None:
        return False
    return price >= stop if order.request.waits_for is StopDirection.UP else price <= stop


def woken(order: Order, now: UtcTime, listing: Listing) -> Order:
    """The limit order that a reached stop becomes; it takes its place in the queue now."""
    price = order.limit_price
    if order.request.configuration.brackets and order.collar_price is not None:
        price = floor_to(order.collar_price, listing.product.price_increment)
    return replace(order, limit_price=price, triggered=now, queued=now, changed=now)


def _bracket_refusal(side: Side, limit: Decimal, stop: Decimal, price: Decimal) -> Refusal | None:
    """A bracket stands around the market: its limit on the better side, its stop on the worse."""
    sign = 1 if side is Side.SELL else -1
    if sign * limit <= sign * stop:
        return Refusal.INVALID_BRACKET_PRICES
    if sign * limit <= sign * price:
        return Refusal.INVALID_BRACKET_LIMIT_PRICE
    return Refusal.INVALID_BRACKET_STOP_TRIGGER_PRICE if sign * stop >= sign * price else None


def _limit_refusal(side: Side, limit: Decimal, stop: Decimal) -> Refusal | None:
    """Once its stop is reached the order must be able to trade there."""
    if side is Side.BUY:
        return Refusal.STOP_PRICE_ABOVE_LIMIT_PRICE if stop > limit else None
    return Refusal.STOP_PRICE_BELOW_LIMIT_PRICE if stop < limit else None


def _price_refusal(request: OrderRequest, stop: Decimal, price: Decimal) -> Refusal | None:
    """A stop that is reached already waits for nothing."""
    if request.waits_for is StopDirection.UP:
        return Refusal.STOP_PRICE_BELOW_LAST_TRADE_PRICE if stop <= price else None
    return Refusal.STOP_PRICE_ABOVE_LAST_TRADE_PRICE if stop >= price else None
