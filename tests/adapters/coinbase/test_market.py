"""What anybody may ask: the list of products, candles in pages, the clock."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import TYPE_CHECKING, TypeVar

import pytest
from fakes.clock import START
from fakes.http_server import Reply, ScriptedServer, serving

from engine.adapters.coinbase.market import PublicMarket
from engine.adapters.coinbase.pacing import TokenBucket
from engine.adapters.coinbase.rest import Rest
from engine.adapters.http import HttpClient
from engine.adapters.system.clock import SystemClock
from engine.adapters.system.rng import SeededRng
from engine.model.symbols import Symbol
from engine.model.times import NS_PER_S, UtcTime
from engine.ports import VenueError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

T = TypeVar("T")
BTC = Symbol("BTC", "USD")
MINUTE = UtcTime(START.ns // (60 * NS_PER_S) * 60 * NS_PER_S)
PRODUCT = {
    "product_id": "BTC-USD",
    "base_increment": "0.00000001",
    "price_increment": "0.01",
    "base_min_size": "0.00000001",
    "quote_min_size": "1",
    "status": "online",
    "approximate_quote_24h_volume": "1500000.5",
    "alias": "",
}


def asked(*script: Reply, ask: Callable[[PublicMarket], Awaitable[T]]) -> tuple[T, ScriptedServer]:
    """What the market says, from a server with this script."""

    async def main() -> tuple[T, ScriptedServer]:
        async with serving(*script) as server:
            client, clock = HttpClient(server.url), SystemClock()
            rest = Rest(client, server.url, clock, SeededRng(b"1"), TokenBucket(clock, 1e3, 1e3))
            try:
                return await ask(PublicMarket(rest)), server
            finally:
                await client.close()

    return asyncio.run(main())


def candle(minute: int, **changes: str) -> dict[str, str]:
    """A candle so many minutes after the first."""
    start = MINUTE.ns // NS_PER_S + 60 * minute
    prices = {"open": "10", "high": "12", "low": "9", "close": "11", "volume": "3.5"}
    return {"start": str(start), **prices, **changes}


def test_products_come_with_their_rank_and_without_a_key() -> None:
    """An alias names whose market it shows; what cannot be read is left out."""
    alias = {**PRODUCT, "product_id": "BTC-USDC", "alias": "BTC-USD"}
    silent = {**PRODUCT, "product_id": "ETH-USD", "approximate_quote_24h_volume": ""}
    broken = {**PRODUCT, "product_id": "DOGE-USD", "price_increment": "none"}
    body = {"products": [PRODUCT, alias, silent, broken]}
    listed, server = asked(Reply(body), ask=lambda market: market.listed())
    assert [(str(each.product.symbol), each.alias, each.volume) for each in listed] == [
        ("BTC-USD", "", Decimal("1500000.5")),
        ("BTC-USDC", "BTC-USD", Decimal("1500000.5")),
        ("ETH-USD", "", Decimal(0)),
    ]
    assert server.asked[0].path == "/api/v3/brokerage/market/products"
    assert "authorization" not in server.asked[0].headers


def test_candles_are_the_bars_of_the_stretch_that_was_asked_for() -> None:
    """Oldest first, none twice, none from outside, none that cannot be."""
    wrong = [candle(2, high="1"), candle(3, low="0"), candle(4, close="NaN"), {"start": "x"}]
    told = [candle(9), candle(5), candle(1), candle(0), candle(0), candle(-1), *wrong]
    until = MINUTE.plus_s(9 * 60)
    bars, server = asked(
        Reply({"candles": told}), ask=lambda market: market.candles(BTC, MINUTE, until)
    )
    assert [each.time.since_s(MINUTE) / 60 for each in bars] == [0, 1, 5]
    first = bars[0]
    assert (first.symbol, first.interval_s, first.close, first.volume) == (
        BTC,
        60,
        Decimal(11),
        Decimal("3.5"),
    )
    start = MINUTE.ns // NS_PER_S
    query = f"start={start}&end={start + 8 * 60}&granularity=ONE_MINUTE"
    assert server.asked[0].query == query


def test_a_long_stretch_is_asked_for_in_pages() -> None:
    """The venue tells a few hundred candles at a time, so a day takes several requests."""
    until = MINUTE.plus_s(700 * 60)
    pages = [Reply({"candles": [candle(n)]}) for n in (0, 300, 600)]
    bars, server = asked(*pages, ask=lambda market: market.candles(BTC, MINUTE, until))
    assert [each.time.since_s(MINUTE) / 60 for each in bars] == [0, 300, 600]
    assert len(server.asked) == 3


def test_a_list_that_is_none_is_a_failure_of_the_venue() -> None:
    """An empty stretch and an unreadable one are two things."""
    with pytest.raises(VenueError):
        asked(
            Reply({"candles": "none"}),
            ask=lambda market: market.candles(BTC, MINUTE, MINUTE.plus_s(60)),
        )
    bars, _ = asked(
        Reply({"candles": []}), ask=lambda market: market.candles(BTC, MINUTE, MINUTE.plus_s(60))
    )
    assert bars == []


def test_the_venue_s_clock() -> None:
    """Milliseconds since 1970."""
    body = {"epochMillis": "1700000000123"}
    told, _ = asked(Reply(body), ask=lambda market: market.server_time())
    assert told == UtcTime(1_700_000_000_123_000_000)
