"""What a client may ask, and what it is told: without sockets, message by message."""

from __future__ import annotations

import asyncio
import json
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from fakes.clock import ManualClock
from fakes.venue import CASH, LISTINGS

from engine.adapters.coinbase.credentials import credentials_of
from engine.adapters.system.rng import SeededRng
from engine.model.market import Bar, Quote, Trade
from engine.model.orders import Side
from engine.model.symbols import Symbol
from engine.venue.faults.mishaps import (
    Mishap,
    MishapKind,
    StreamChance,
    StreamLine,
    StreamPlan,
    StreamPlanner,
)
from engine.venue.orders import Configuration, OrderRequest
from engine.venue.rights import Right
from engine.venue.server.keys import KeyRing, new_ed25519_key
from engine.venue.settings import VenueSettings
from engine.venue.stream.session import Cut, Pause, Session
from engine.venue.venue import Venue

if TYPE_CHECKING:
    from engine.venue.bodies.words import Fields
    from engine.venue.stream.session import Outgoing

BTC, ETH = Symbol("BTC", "USD"), Symbol("ETH", "USD")


class Client:
    """A session, and the hands of a client on it."""

    def __init__(self, *lines: StreamLine) -> None:
        self.clock = ManualClock()
        self.venue = Venue(VenueSettings(LISTINGS, CASH), self.clock, SeededRng(b"venue"))
        planner = StreamPlanner(StreamPlan(script=lines))
        self.session = Session(self.venue, KeyRing([]), planner)
        self.venue.listen(self.session.on_news)

    def says(self, **fields: object) -> list[dict[str, object]]:
        """Send a message; what comes back."""
        self.session.on_message(json.dumps(fields))
        return self.hears()

    def joins(self, channel: str, *products: str) -> list[dict[str, object]]:
        """Subscribe."""
        return self.says(type="subscribe", channel=channel, product_ids=[*products])

    def raw(self) -> list[Outgoing]:
        """What waits to be sent."""
        return [self.session.outbox.get_nowait() for _ in range(self.session.outbox.qsize())]

    def hears(self) -> list[dict[str, object]]:
        """The messages that wait, read."""
        return [json.loads(each) for each in self.raw() if isinstance(each, bytes)]

    def quote(self, bid: str, ask: str, symbol: Symbol = BTC) -> None:
        """The market shows this."""
        self.clock.passes(0.01)
        prices = Decimal(bid), Decimal(ask)
        self.venue.show(Quote(symbol, self.clock.now(), *prices, Decimal(1), Decimal(1)))


def events(messages: list[dict[str, object]], channel: str) -> list[Fields]:
    """The first events of the messages of a channel."""
    return [each["events"][0] for each in messages if each.get("channel") == channel]  # type: ignore[index]  # decoded JSON


REFUSED = {
    "no JSON": ("{", "failed to parse message"),
    "no object": ("[]", "type has to be"),
    "another type": ('{"type": "ask"}', "type has to be"),
    "no channel": ('{"type": "subscribe"}', "channel is not one"),
    "two channels in one": ('{"type": "subscribe", "channel": ["ticker"]}', "channel is not one"),
    "the name that it arrives as": ('{"type":"subscribe","channel":"l2_data"}', "channel is not"),
    "no list of products": (
        '{"type": "subscribe", "channel": "ticker", "product_ids": "BTC-USD"}',
        "product_ids has to be",
    ),
    "no product": (
        '{"type": "subscribe", "channel": "ticker", "product_ids": ["X-Y"]}',
        "not a valid product",
    ),
    "orders without a key": ('{"type": "subscribe", "channel": "user"}', "authentication failure"),
    "a token that is none": (
        '{"type": "subscribe", "channel": "ticker", "jwt": "a.b.c"}',
        "authentication failure",
    ),
}


@pytest.mark.parametrize(("text", "words"), REFUSED.values(), ids=REFUSED)
def test_what_is_not_served_is_answered_with_words(text: str, words: str) -> None:
    """And takes no number, and subscribes to nothing."""
    client = Client()
    client.session.on_message(text)
    (answer,) = client.hears()
    assert answer["type"] == "error"
    assert words in str(answer["message"])
    client.quote("1", "2")
    assert (client.hears(), client.session.sent) == ([], 0)


@pytest.mark.parametrize(("rights", "heard"), [((Right.VIEW,), True), ((), False)])
def test_orders_are_told_to_a_key_that_may_look(rights: tuple[Right, ...], *, heard: bool) -> None:
    """A good token of a key without the right to view hears nothing."""
    client, rng = Client(), SeededRng(b"key")
    made = new_ed25519_key("some", frozenset(rights), rng)
    client.session.keys = KeyRing([made.key])
    token = credentials_of(made.key.name, made.secret).token(client.clock.now(), rng, None)
    told = client.says(type="subscribe", channel="user", jwt=token)
    assert [each["channel"] for each in told if "channel" in each] == (
        ["user", "subscriptions"] if heard else []
    )


def test_messages_are_numbered_over_all_channels() -> None:
    """From zero, one after another, whatever they tell."""
    client = Client()
    told = [*client.joins("heartbeats"), *client.joins("level2"), *client.joins("ticker")]
    client.quote("1", "2")
    client.session.on_second()
    told += client.hears()
    assert [each["sequence_num"] for each in told] == list(range(len(told)))
    assert {"heartbeats", "l2_data", "ticker", "subscriptions"} == {
        each["channel"] for each in told
    }


def test_a_product_that_shares_a_market_is_told_by_its_name() -> None:
    """Who asks for BTC-USDC hears of BTC-USD; other products are not told."""
    client = Client()
    client.joins("level2", "BTC-USDC")
    client.quote("1", "2")
    client.quote("3", "4", ETH)
    assert [each["product_id"] for each in events(client.hears(), "l2_data")] == ["BTC-USD"]


def test_a_book_is_told_by_its_differences() -> None:
    """What is gone with a size of zero, before what came; what stayed not at all."""
    client = Client()
    client.quote("100", "101")
    (first,) = events(client.joins("level2", "BTC-USD"), "l2_data")
    assert (first["type"], len(first["updates"])) == ("snapshot", 2)  # type: ignore[arg-type]  # decoded JSON
    client.quote("100", "101")
    assert client.hears() == []
    client.quote("99", "101")
    (change,) = events(client.hears(), "l2_data")
    levels = [(u["side"], u["price_level"], u["new_quantity"]) for u in change["updates"]]  # type: ignore[union-attr,index,call-overload]  # decoded JSON
    assert levels == [("bid", "100", "0"), ("bid", "99", "1")]


def test_leaving_a_channel_ends_it() -> None:
    """Product by product; what is left is confirmed each time."""
    client = Client()
    client.joins("level2", "BTC-USD", "ETH-USD")
    left = client.says(type="unsubscribe", channel="level2", product_ids=["BTC-USD"])
    assert events(left, "subscriptions") == [{"subscriptions": {"level2": ["ETH-USD"]}}]
    client.quote("1", "2")
    assert client.hears() == []
    left = client.says(type="unsubscribe", channel="level2", product_ids=["ETH-USD"])
    assert events(left, "subscriptions") == [{"subscriptions": {}}]
    assert client.says(type="unsubscribe", channel="level2") != []


def test_seconds_bring_candles_that_changed_and_batches() -> None:
    """A bar is told when it changed; tickers and products every fifth second."""
    client = Client()
    for channel in ("candles", "ticker_batch", "status", "market_trades"):
        client.joins(channel, "BTC-USD")
    client.venue.show(Trade(BTC, client.clock.now(), Decimal(5), Decimal(1), taker_sold=True))
    assert [each["type"] for each in events(client.hears(), "market_trades")] == ["update"]
    for _ in range(2):
        client.session.on_second()
    assert len(events(client.hears(), "candles")) == 1
    bar = Bar(BTC, client.clock.now(), 60, *(Decimal(n) for n in (5, 9, 4, 6, 2)))
    client.venue.show(bar)
    for _ in range(3):
        client.session.on_second()
    told = client.hears()
    assert [len(events(told, name)) for name in ("candles", "ticker_batch", "status")] == [1, 1, 1]
    (ticker,) = events(told, "ticker_batch")[0]["tickers"]  # type: ignore[misc]  # decoded JSON
    assert (ticker["high_24_h"], ticker["low_24_h"], ticker["price"]) == ("9", "4", "6")  # type: ignore[index,call-overload]  # decoded JSON


def test_a_product_that_changes_is_told_to_who_hears_of_products() -> None:
    """To nobody else."""
    client = Client()
    client.venue.list_product(LISTINGS[0])
    assert client.hears() == []
    client.joins("status", "ETH-USD")
    client.venue.list_product(LISTINGS[0])
    assert client.hears() == []
    client.venue.list_product(LISTINGS[1])
    assert len(events(client.hears(), "status")) == 1


def test_transfers_and_orders_are_not_told_to_who_did_not_ask() -> None:
    """A public client hears of the market alone."""
    client = Client()
    client.joins("ticker")
    client.quote("100", "101")
    client.hears()
    client.venue.transfer("USD", Decimal(5))
    request = OrderRequest(
        "a", BTC, Side.BUY, Configuration.LIMIT_GTC, Decimal(1), None, Decimal(50)
    )
    asyncio.run(client.venue.place(request))  # type: ignore[arg-type]  # a coroutine function
    assert client.hears() == []


BEATS = {
    "lost": (Mishap(MishapKind.LOST), [0, 2]),
    "repeated": (Mishap(MishapKind.REPEATED), [0, 1, 1, 2]),
    "frozen": (Mishap(MishapKind.FROZEN, 1), [0, 1, 2]),
    "silent": (Mishap(MishapKind.SILENCE, 1), [0, 1, 2]),
}


@pytest.mark.parametrize(("mishap", "numbers"), BEATS.values(), ids=BEATS)
def test_a_mishap_takes_a_message_with_its_number(mishap: Mishap, numbers: list[int]) -> None:
    """A lost message is a gap, a repeated one a number that comes twice; a late one is whole."""
    client = Client(StreamLine("subscriptions", mishap, times=1))
    client.session.on_message('{"type": "subscribe", "channel": "heartbeats"}')
    client.session.on_second()
    told = [json.loads(each)["sequence_num"] for each in client.raw() if isinstance(each, bytes)]
    assert told == numbers


def test_mishaps_that_are_no_message_end_or_stop_the_flow() -> None:
    """Garbage is no JSON, a cut ends the connection, a silence comes before what it delays."""
    for kind, outgoing in ((MishapKind.CUT, Cut()), (MishapKind.SILENCE, Pause(3))):
        client = Client(StreamLine("heartbeats", Mishap(kind, 3), times=1))
        client.session.on_message('{"type": "subscribe", "channel": "heartbeats"}')
        assert client.raw()[0] == outgoing
    client = Client(StreamLine("heartbeats", Mishap(MishapKind.GARBLED), times=1))
    client.session.on_message('{"type": "subscribe", "channel": "heartbeats"}')
    garbage = client.raw()[0]
    assert isinstance(garbage, bytes)
    with pytest.raises(json.JSONDecodeError):
        json.loads(garbage)


def test_a_frozen_market_is_told_whole_when_it_thaws() -> None:
    """Heartbeats go on; the book after it has everything that was not told."""
    client = Client(StreamLine("ticker", Mishap(MishapKind.FROZEN, 10), times=1))
    client.quote("100", "101")
    for channel in ("level2", "candles", "heartbeats", "ticker"):
        client.joins(channel, "BTC-USD")
    client.quote("99", "101")
    client.session.on_second()
    assert [each["channel"] for each in client.hears()] == ["heartbeats"]
    client.clock.passes(10)
    client.quote("99", "102")
    (change,) = events(client.hears(), "l2_data")
    assert len(change["updates"]) == 4  # type: ignore[arg-type]  # decoded JSON


def test_who_does_not_read_is_disconnected() -> None:
    """A queue has an end."""
    client = Client()
    client.joins("heartbeats")
    for _ in range(10_001):
        client.session.on_second()
    assert client.raw()[-1] == Cut()


def test_chance_draws_the_same_mishaps_again() -> None:
    """From the seed, the number of the message and its channel."""
    chance = StreamChance(0.5, tuple(MishapKind), (1.0, 2.0))
    plans = [StreamPlanner(StreamPlan(7, chance=chance)) for _ in range(2)]
    first, second = ([each.mishap_for("ticker") for _ in range(200)] for each in plans)
    assert first == second
    assert {each.kind for each in first if each} == set(MishapKind)
    assert all(1 <= each.lasts_s <= 2 for each in first if each)
