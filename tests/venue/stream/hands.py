"""Hands on a running venue: an order that rests, a trade that goes through it."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import TYPE_CHECKING

from engine.model.market import Trade
from engine.model.orders import Side
from engine.model.symbols import Symbol
from engine.venue.fate import Placed
from engine.venue.orders import Configuration, OrderRequest

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from fakes.venue import RunningVenue

BTC, ETH = Symbol("BTC", "USD"), Symbol("ETH", "USD")


def place(running: RunningVenue, name: str, price: str, size: str) -> str:
    """A resting buy of BTC-USD; its id."""
    request = OrderRequest(
        name, BTC, Side.BUY, Configuration.LIMIT_GTC, Decimal(size), None, Decimal(price)
    )
    placed = _done(running, running.venue.place(request))
    assert isinstance(placed, Placed)
    return placed.order_id


def cancel(running: RunningVenue, order_id: str) -> None:
    """End an order."""
    assert _done(running, running.venue.cancel(order_id)) is None


def take(running: RunningVenue, price: str, size: str) -> None:
    """Somebody sells that much through every resting buy above `price`."""
    time = running.venue.clock.now()
    running.show(Trade(BTC, time, Decimal(price), Decimal(size), taker_sold=True))


def _done(running: RunningVenue, call: Coroutine[object, object, object]) -> object:
    return asyncio.run_coroutine_threadsafe(call, running.loop).result(30)
