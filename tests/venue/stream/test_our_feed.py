"""Our own feed and order channel at the venue: books are the venue's, and no fill is missed."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from venue.stream.hands import BTC, cancel, place, take

from engine.adapters.coinbase.credentials import credentials_of
from engine.adapters.coinbase.stream.feed import CoinbaseFeed
from engine.adapters.coinbase.stream.user import CoinbaseOrderChannel
from engine.adapters.system.clock import SystemClock
from engine.adapters.system.rng import SeededRng, SystemRng
from engine.model.market import Book, BookLevel, Quote
from engine.model.orders import MissedNews, OrderChange, OrderStatus
from engine.venue.faults.mishaps import MishapKind, StreamChance, StreamPlan, StreamPlanner

if TYPE_CHECKING:
    from fakes.venue import RunningVenue

    from engine.model.market import MarketEvent
    from engine.model.orders import OrderNews

MISHAPS = (
    MishapKind.LOST,
    MishapKind.GARBLED,
    MishapKind.REPEATED,
    MishapKind.CUT,
    MishapKind.SILENCE,
    MishapKind.FROZEN,
)
PATIENCE_S = 30


class AtOnce(SystemRng):
    """Waits are as short as chance could make them, so that a test does not take its time."""

    def uniform(self, low: float, high: float) -> float:
        """The least."""
        del high
        return low


def trouble(running: RunningVenue, rate: float, seed: int) -> StreamPlanner:
    """Mishaps by chance in every stream from here on."""
    chance = StreamChance(rate, MISHAPS, (0.0, 0.05)) if rate else None
    planner = StreamPlanner(StreamPlan(seed, chance=chance))
    running.within(lambda: setattr(running.door.streams, "planner", planner))
    return planner


def book(running: RunningVenue, rng: SeededRng) -> Book:
    """Some book: up to four levels a side around 68,000."""

    def side(sign: int) -> tuple[BookLevel, ...]:
        steps = sorted({1 + int(rng.uniform(0, 9)) for _ in range(4)})
        return tuple(
            BookLevel(Decimal(68_000 + sign * step), Decimal(1 + int(rng.uniform(0, 5))))
            for step in steps
        )

    return Book(BTC, running.venue.clock.now(), side(-1), side(1))


@pytest.mark.long
@pytest.mark.parametrize(("rate", "seed"), [(0.0, 0), (0.1, 1), (0.3, 3)])
def test_a_book_is_the_venues_whatever_happens_to_its_messages(
    running: RunningVenue, rate: float, seed: int
) -> None:
    """After lost, garbled, repeated and late messages and broken connections: level by level."""
    rng = SeededRng(str(seed).encode())
    planner = trouble(running, rate, seed)
    feed = CoinbaseFeed(running.websocket, [BTC], SystemClock(), AtOnce(), tls=running.tls())
    calm: list[Book] = []

    async def show() -> None:
        while planner.number < 150:
            await asyncio.to_thread(running.show, book(running, rng))
        trouble(running, 0.0, 0)
        while True:
            # The feed samples books once a second: each of these comes into its own sample.
            calm.append(book(running, rng))
            await asyncio.to_thread(running.show, calm[-1])
            await asyncio.sleep(1.05)

    async def listened() -> None:
        async with asyncio.timeout(PATIENCE_S), aclosing(feed.events()) as events:
            showing = asyncio.create_task(show())
            async for event in events:
                if any(_same(event, each) for each in calm):
                    break
            # Cancelled and awaited: the thread that shows a book has ended with it.
            showing.cancel()
            await asyncio.wait([showing])

    asyncio.run(listened())
    assert (feed.losses > 0) == (rate > 0)


def _same(event: MarketEvent, book: Book) -> bool:
    return isinstance(event, Book) and (event.bids, event.asks) == (book.bids, book.asks)


def test_a_one_sided_quote_is_told_as_it_is(running: RunningVenue) -> None:
    """No side is made up, over the wire either."""
    running.show(Quote(BTC, running.venue.clock.now(), Decimal(67), None, Decimal(2), None))
    feed = CoinbaseFeed(running.plain_websocket, [BTC], SystemClock(), AtOnce())

    async def first() -> MarketEvent:
        async with asyncio.timeout(PATIENCE_S), aclosing(feed.events()) as events:
            return await anext(events)

    quote = asyncio.run(first())
    assert isinstance(quote, Quote)
    assert (quote.bid, quote.ask) == (Decimal(67), None)


@pytest.mark.parametrize(("rate", "seed"), [(0.0, 0), (0.2, 1), (0.3, 2)])
def test_no_fill_is_lost_or_counted_twice(running: RunningVenue, rate: float, seed: int) -> None:
    """What is told of each order adds up to its fills, or it is said that something was missed."""
    key = running.key()
    channel = CoinbaseOrderChannel(
        running.plain_websocket,
        SystemClock(),
        AtOnce(),
        credentials_of(key.name, key.secret),
    )
    orders = [place(running, f"o{n}", "67000", "0.3") for n in range(4)]
    heard: list[OrderNews] = []

    def act() -> None:
        for _ in range(10):
            take(running, "66999", "0.09")
        cancel(running, orders[3])
        trouble(running, 0.0, 0)
        place(running, "last", "100", "0.1")

    async def listened() -> None:
        async with asyncio.timeout(PATIENCE_S), aclosing(channel.news()) as news:
            heard.append(await anext(news))
            trouble(running, rate, seed)
            acting = asyncio.create_task(asyncio.to_thread(act))
            async for each in news:
                heard.append(each)
                if isinstance(each, OrderChange) and each.client_order_id == "last":
                    break
            await acting

    asyncio.run(listened())
    assert heard[0] == MissedNews()
    assert heard.count(MissedNews()) == channel.losses + 1
    for order in orders:
        _check(running, order, [each for each in heard if isinstance(each, OrderChange)], channel)


def _check(
    running: RunningVenue, name: str, changes: list[OrderChange], channel: CoinbaseOrderChannel
) -> None:
    order = running.venue.fate.order(name)
    assert order is not None
    told = [each for each in changes if each.venue_order_id == name]
    filled = sum(each.fresh_quantity for each in told)
    value = sum(each.fresh_notional for each in told)
    assert filled <= order.filled
    assert value == filled * 67_000
    assert [each.status for each in told if each.status.final] in ([], [_ended(order.filled)])
    ended = any(each.status.final for each in told)
    # What ended while nobody listened is in no snapshot: then the account tells it.
    assert channel.losses or (ended and filled == order.filled)


def _ended(filled: Decimal) -> OrderStatus:
    return OrderStatus.FILLED if filled == Decimal("0.3") else OrderStatus.CANCELLED
