"""Our own adapter trades at the venue over real sockets, with both kinds of keys."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, TypeVar

import pytest

from engine.adapters.coinbase.credentials import credentials_of
from engine.adapters.coinbase.exchange import CoinbaseExchange
from engine.adapters.coinbase.pacing import TokenBucket
from engine.adapters.coinbase.rest import Rest
from engine.adapters.http import HttpClient
from engine.adapters.system.clock import SystemClock
from engine.adapters.system.rng import SystemRng
from engine.model.orders import (
    Acknowledged,
    ApprovedOrder,
    Intent,
    OrderForm,
    OrderIntent,
    OrderStatus,
    Rejected,
)
from engine.model.symbols import Symbol
from engine.ports import AuthRefusedError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from fakes.venue import RunningVenue

T = TypeVar("T")
BTC = Symbol("BTC", "USD")


def open_gate() -> None:
    """Nothing stands in the way."""


def order(number: int = 1, **changes: object) -> ApprovedOrder:
    """A post-only buy far below the market."""
    intent = OrderIntent(
        number=number,
        symbol=BTC,
        intent=Intent.ENTRY,
        form=OrderForm.POST_ONLY,
        quantity=Decimal("0.01"),
        limit_price=Decimal("60000.00"),
        reference_price=Decimal(68000),
        worst_price=Decimal(60000),
        strategy="momentum",
        reason="because",
    )
    intent = replace(intent, **changes)  # type: ignore[arg-type]  # a table of fields
    return ApprovedOrder(
        f"0123abcd-0123-8abc-8def-{number:012x}", "f" * 64, intent, intent.quantity, None
    )


@asynccontextmanager
async def exchange(running: RunningVenue, label: str) -> AsyncIterator[CoinbaseExchange]:
    """The adapter with that key."""
    clock, key = SystemClock(), running.key(label)
    http = HttpClient(running.rest, running.tls())
    bucket = TokenBucket(clock, 1000.0, 1000.0)
    credentials = credentials_of(key.name, key.secret)
    try:
        yield CoinbaseExchange(Rest(http, running.rest, clock, SystemRng(), bucket, credentials))
    finally:
        await http.close()


def asked(
    running: RunningVenue, ask: Callable[[CoinbaseExchange], Awaitable[T]], label: str = "es256"
) -> T:
    """What `ask` gets."""

    async def run() -> T:
        async with exchange(running, label) as connected:
            return await ask(connected)

    return asyncio.run(run())


@pytest.mark.parametrize("label", ["es256", "ed25519"])
def test_an_order_is_placed_shown_and_cancelled(running: RunningVenue, label: str) -> None:
    """A resting order is acknowledged as itself, listed as open, and gone after its cancel."""

    async def life(venue: CoinbaseExchange) -> tuple[object, list[OrderStatus], bool, bool]:
        taken = await venue.submit(order(), open_gate)
        assert isinstance(taken, Acknowledged)
        first = await venue.order(taken.venue_order_id)
        (cancelled,) = (await venue.cancel([taken.venue_order_id])).values()
        (again,) = (await venue.cancel([taken.venue_order_id])).values()
        last = await venue.order(taken.venue_order_id)
        return taken, [first.status, last.status], cancelled, again

    _, states, cancelled, again = asked(running, life, label)
    assert states == [OrderStatus.OPEN, OrderStatus.CANCELLED]
    assert (cancelled, again) == (True, False)


def test_a_market_order_moves_money(running: RunningVenue) -> None:
    """What is bought at the ask, and its fee, is what the balances then show."""

    async def buy(venue: CoinbaseExchange) -> tuple[object, object, object]:
        before = await venue.balances()
        await venue.submit(order(form=OrderForm.MARKET_IOC, limit_price=None), open_gate)
        (fill,) = await venue.fills(running.venue.clock.now().plus_s(-60))
        return before, fill, await venue.balances()

    before, fill, after = asked(running, buy)
    assert (fill.price, fill.quantity, fill.maker) == (Decimal(68001), Decimal("0.01"), False)
    assert fill.fee == Decimal("8.16012")
    assert after["BTC"] - before["BTC"] == Decimal("0.01")
    assert before["USD"] - after["USD"] == Decimal("680.01") + fill.fee


def test_a_refusal_is_told_in_the_venues_words(running: RunningVenue) -> None:
    """A post-only that would cross is a 200 that says no, and says why."""
    crossing = order(limit_price=Decimal("68001.00"))
    outcome = asked(running, lambda venue: venue.submit(crossing, open_gate))
    assert outcome == Rejected("INVALID_LIMIT_PRICE_POST_ONLY", would_cross=True)


def test_a_key_that_only_looks_cannot_trade(running: RunningVenue) -> None:
    """Without the right to trade an order is refused by status, and nothing is placed."""
    with pytest.raises(AuthRefusedError):
        asked(running, lambda venue: venue.submit(order(), open_gate), "view")
    assert running.within(running.venue.fate.orders) == []


def test_products_are_read(running: RunningVenue) -> None:
    """Every listed product has a grid that the adapter can read, an alias its own name."""
    found = asked(running, lambda venue: venue.products())
    assert [str(each.symbol) for each in found] == ["BTC-USD", "BTC-USDC", "ETH-USD"]
