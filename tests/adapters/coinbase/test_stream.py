"""Books are what the venue's book is, and what is missed is never made up: over real sockets."""

from __future__ import annotations

import asyncio
import json
from contextlib import aclosing
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from fakes.clock import START, ManualClock
from hypothesis import given, settings
from hypothesis import strategies as st
from websockets.asyncio.server import serve

from engine.adapters.coinbase import wire
from engine.adapters.coinbase.stream.books import Books
from engine.adapters.coinbase.stream.events import EventReader
from engine.adapters.coinbase.stream.feed import CoinbaseFeed
from engine.adapters.coinbase.stream.messages import GapError, Message, Numbering, message_of
from engine.adapters.system.rng import SeededRng
from engine.model.market import Book, Quote, Trade
from engine.model.symbols import Symbol

if TYPE_CHECKING:
    from websockets.asyncio.server import ServerConnection

    from engine.adapters.coinbase.wire import Wire
    from engine.model.market import MarketEvent
    from engine.model.times import UtcTime

BTC = Symbol("BTC", "USD")


def update(side: str, price: object, size: object, time: UtcTime | None = None) -> dict[str, Wire]:
    """One level as the venue sends it."""
    told: dict[str, Wire] = {"side": side, "price_level": str(price), "new_quantity": str(size)}
    return told if time is None else {**told, "event_time": str(time)}


def book_event(kind: str, *updates: dict[str, Wire]) -> dict[str, Wire]:
    """A snapshot or changes of one product."""
    return {"type": kind, "product_id": "BTC-USD", "updates": [*updates]}


SIDES = st.sampled_from(["bid", "offer"])
UPDATES = st.lists(st.tuples(SIDES, st.integers(1, 30), st.integers(0, 3)), min_size=0, max_size=60)


@settings(max_examples=150, deadline=None)
@given(UPDATES, UPDATES)
def test_a_kept_book_is_the_last_word_on_every_level(
    first: list[tuple[str, int, int]], later: list[tuple[str, int, int]]
) -> None:
    """Against a plain mapping of side and price to the newest size, nothing else being kept."""
    books = Books()
    books.on_event(book_event("snapshot", *(update(*each) for each in first)), START)
    _, book = books.on_event(book_event("update", *(update(*each) for each in later)), START)
    expected = {(side, price): size for side, price, size in (*first, *later)}
    bids, asks = book.best(100)
    found = {("bid", int(level.price)): int(level.size) for level in bids}
    found |= {("offer", int(level.price)): int(level.size) for level in asks}
    assert found == {key: size for key, size in expected.items() if size}
    assert [level.price for level in bids] == sorted((level.price for level in bids), reverse=True)
    assert [level.price for level in asks] == sorted(level.price for level in asks)


def test_changes_before_the_snapshot_wait_for_it() -> None:
    """What is newer than the snapshot is taken in after it, what is older is in it already."""
    books, late, early = Books(), START.plus_s(1), START.plus_s(-1)
    _, book = books.on_event(
        book_event("update", update("bid", 101, 5, early), update("bid", 99, 7, late)), START
    )
    assert book.snapshot is None
    books.on_event(book_event("snapshot", update("bid", 100, 1), update("offer", 101, 1)), START)
    bids, asks = book.best(5)
    assert [(level.price, level.size) for level in bids] == [(100, 1), (99, 7)]
    assert asks[0].price == 101


def test_a_side_that_is_none_is_refused() -> None:
    """A level on no side would make a book that is not the venue's."""
    with pytest.raises(wire.WireError, match="side"):
        Books().on_event(book_event("snapshot", update("ask", 1, 1)), START)


def numbered(number: int) -> Message:
    """An empty message with a number."""
    return Message("heartbeats", START, number, ())


ORDERS = {
    "in order": ([0, 1, 2], True),
    "from where we came in": ([7, 8], True),
    "one missing": ([0, 2], False),
    "one twice": ([0, 0], False),
    "backwards": ([3, 2], False),
}


@pytest.mark.parametrize(("numbers", "whole"), ORDERS.values(), ids=ORDERS)
def test_a_missing_message_is_a_gap(numbers: list[int], *, whole: bool) -> None:
    """Every number is the next one, or the connection is no longer believed."""
    numbering = Numbering()
    for number in numbers[:-1]:
        numbering.check(numbered(number))
    if whole:
        numbering.check(numbered(numbers[-1]))
        return
    with pytest.raises(GapError):
        numbering.check(numbered(numbers[-1]))


def read(
    reader: EventReader, channel: str, *events: dict[str, Wire], at_s: float = 0
) -> list[MarketEvent]:
    """What the reader makes of one message."""
    return list(reader.read(Message(channel, START, 0, events), START.plus_s(at_s)))


def test_a_quote_is_the_top_of_the_book_and_samples_come_once_a_second() -> None:
    """A one-sided book is a quote with one side; the book itself is told at most once a second."""
    reader = EventReader()
    first = read(reader, "l2_data", book_event("snapshot", update("bid", 100, 2)))
    assert first[0] == Quote(BTC, START, Decimal(100), None, Decimal(2), None, START)
    assert isinstance(first[1], Book)
    second = read(reader, "l2_data", book_event("update", update("offer", 101, 3)), at_s=0.5)
    assert [type(each) for each in second] == [Quote]
    third = read(reader, "l2_data", book_event("update", update("offer", 102, 3)), at_s=1)
    assert [type(each) for each in third] == [Quote, Book]


def trade(number: int, side: str = "BUY") -> dict[str, Wire]:
    """One trade as the venue lists it."""
    return {
        "trade_id": str(number), "product_id": "BTC-USD", "price": "100", "size": "1", "side": side,
    }  # fmt: skip


def test_a_trade_is_told_once_and_only_if_it_happened_while_we_listened() -> None:
    """The tape of before and a repeat count as known; newest-first is turned round."""
    reader = EventReader()
    assert read(reader, "market_trades", {"type": "snapshot", "trades": [trade(2), trade(1)]}) == []
    found = read(
        reader, "market_trades", {"type": "update", "trades": [trade(4), trade(3), trade(2)]}
    )
    assert found == [Trade(BTC, START, Decimal(100), Decimal(1), taker_sold=True)] * 2
    assert read(reader, "market_trades", {"type": "update", "trades": [trade(4, "SELL")]}) == []


def sent(channel: str, number: int, *events: dict[str, Wire]) -> str:
    """A message as it goes over the wire."""
    return json.dumps(
        {"channel": channel, "timestamp": str(START), "sequence_num": number, "events": events}
    )


SNAPSHOT = sent(
    "l2_data", 0, book_event("snapshot", update("bid", 100, 1), update("offer", 101, 1))
)
BREAKS = {
    "a gap": sent("heartbeats", 5),
    "garbage": "no json",
    "an error": json.dumps({"type": "error", "message": "too many"}),
    "half a message": json.dumps({"channel": "l2_data"}),
    "the end": None,
}


@pytest.mark.parametrize("broken", BREAKS.values(), ids=BREAKS)
def test_what_is_broken_is_begun_anew(broken: str | None) -> None:
    """After anything that cannot be believed a new connection subscribes, and books begin again."""
    asked: list[list[str]] = []

    async def venue(socket: ServerConnection) -> None:
        channels = [json.loads(await socket.recv())["channel"] for _ in range(3)]
        asked.append(channels)
        await socket.send(SNAPSHOT)
        if broken is not None:
            await socket.send(broken)
            await socket.wait_closed()

    async def listened() -> list[MarketEvent]:
        async with serve(venue, "127.0.0.1", 0) as server:
            port = next(iter(server.sockets)).getsockname()[1]
            feed = CoinbaseFeed(f"ws://127.0.0.1:{port}", [BTC], ManualClock(), SeededRng(b"1"))
            found: list[MarketEvent] = []
            async with aclosing(feed.events()) as events:
                async for event in events:
                    found.append(event)
                    if len(found) == 4:
                        break
            assert feed.losses == 1
        return found

    found = asyncio.run(listened())
    assert [type(each) for each in found] == [Quote, Book, Quote, Book]
    assert asked == [["heartbeats", "level2", "market_trades"]] * 2


def test_an_envelope_is_read_as_it_is_written() -> None:
    """Channel, time, number and events; a number that is none is refused."""
    message = message_of(sent("heartbeats", 3).encode())
    assert (message.channel, message.number, message.time) == ("heartbeats", 3, START)
    with pytest.raises(wire.WireError):
        message_of(b'{"channel": "x", "timestamp": "2025-11-22T10:00:00Z", "sequence_num": "one"}')
