"""One connection of the stream: what it asked for, and the messages that it is sent.

In: the client's messages, the venue's news, and the passing of seconds. Out: numbered messages on
a queue. It knows nothing of sockets. A client that reads too slowly is disconnected, as is one
whose message is refused for its key.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import orjson

from engine.model.market import Bar, Book, Quote, Trade
from engine.venue.faults.mishaps import MishapKind
from engine.venue.news import ListingChanged, OrderChanged
from engine.venue.rights import Right
from engine.venue.server.keys import TokenRefusedError
from engine.venue.stream.asking import Ask, AskError, Channel, read_ask
from engine.venue.stream.telling import SNAPSHOT, UPDATE, Telling

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.model.symbols import Symbol
    from engine.venue.bodies.words import Fields, Json
    from engine.venue.faults.mishaps import StreamPlanner
    from engine.venue.news import News
    from engine.venue.server.keys import KeyRing
    from engine.venue.venue import Venue

_MOST_WAITING = 10_000
_GARBAGE = b'{"channel": "l2_data", "events": [{"'
_BATCH_TICKS = 5


@dataclass(frozen=True, slots=True)
class Cut:
    """In the place of a message: the connection ends here."""


@dataclass(frozen=True, slots=True)
class Pause:
    """In the place of a message: nothing is sent for so long."""

    seconds: float


Outgoing = bytes | Cut | Pause


@dataclass(slots=True)
class Session:
    """One connection."""

    venue: Venue
    keys: KeyRing
    planner: StreamPlanner
    outbox: asyncio.Queue[Outgoing] = field(default_factory=asyncio.Queue)
    sent: int = 0
    _subscribed: dict[Channel, dict[str, Symbol]] = field(default_factory=dict)
    _telling: Telling = field(init=False)
    _beats: int = 0
    _frozen_until_s: float = 0.0

    def __post_init__(self) -> None:
        self._telling = Telling(self.venue)

    @property
    def kept_open(self) -> bool:
        """Whether heartbeats keep the connection open."""
        return Channel.HEARTBEATS in self._subscribed

    # What the client says

    def on_message(self, text: str) -> None:
        """Take in one message of the client's."""
        try:
            ask = read_ask(text)
            if ask.token or ask.channel is Channel.USER:
                self._check(ask)
            names = self._named(ask)
        except AskError as error:
            self._refuse(str(error))
            return
        if ask.leaves:
            self._leave(ask.channel, names)
        else:
            self._join(ask.channel, names)

    def _check(self, ask: Ask) -> None:
        """A token that is given has to be good, and the user's channel needs one."""
        try:
            key = self.keys.signer(ask.token, self.venue.clock.now(), None)
        except TokenRefusedError as error:
            message = "authentication failure"
            raise AskError(message) from error
        if Right.VIEW not in key.rights:
            message = "authentication failure"
            raise AskError(message)

    def _named(self, ask: Ask) -> dict[str, Symbol]:
        """The products by name, each with the market that it shares; all where none is named."""
        names = ask.products or tuple(str(each.symbol) for each in self.venue.listings)
        named = {name: self.venue.market_of(name) for name in names}
        unknown = [name for name, symbol in named.items() if symbol is None]
        if unknown:
            message = f"{unknown[0][:40]} is not a valid product"
            raise AskError(message)
        return {name: symbol for name, symbol in named.items() if symbol is not None}

    def _refuse(self, words: str) -> None:
        self._put(orjson.dumps({"type": "error", "message": words}))

    def _leave(self, channel: Channel, names: dict[str, Symbol]) -> None:
        left = {n: s for n, s in self._subscribed.get(channel, {}).items() if n not in names}
        self._subscribed[channel] = left
        if not left:
            del self._subscribed[channel]
        self._confirm()

    def _join(self, channel: Channel, names: dict[str, Symbol]) -> None:
        self._subscribed[channel] = {**self._subscribed.get(channel, {}), **names}
        self._snapshot(channel, names)
        self._confirm()

    def _confirm(self) -> None:
        told: dict[str, Json] = {c.value: [*names] for c, names in self._subscribed.items()}
        self._tell("subscriptions", {"subscriptions": told})

    def _snapshot(self, channel: Channel, names: dict[str, Symbol]) -> None:
        telling, symbols = self._telling, dict.fromkeys(names.values())
        match channel:
            case Channel.LEVEL2:
                for symbol in symbols:
                    self._tell(channel.arrives_as, telling.book(symbol))
            case Channel.MARKET_TRADES:
                trades = [trade for symbol in symbols for trade in telling.tape(symbol)]
                self._tell(channel.arrives_as, {"type": SNAPSHOT, "trades": trades})
            case Channel.CANDLES:
                candles = [candle for symbol in symbols for candle in telling.candles(symbol)]
                self._tell(channel.arrives_as, {"type": SNAPSHOT, "candles": candles})
            case Channel.STATUS:
                fields: Fields = {"type": SNAPSHOT, "products": telling.products(names)}
                self._tell(channel.arrives_as, fields)
            case Channel.USER:
                for orders in telling.open_orders():
                    self._tell(channel.arrives_as, self._user(SNAPSHOT, orders))
            case Channel.TICKER | Channel.TICKER_BATCH:
                tickers = [telling.ticker(each) for each in symbols]
                self._tell(channel.arrives_as, {"type": SNAPSHOT, "tickers": tickers})
            case Channel.HEARTBEATS:
                self._beat()

    def _user(self, kind: str, orders: Sequence[Fields]) -> Fields:
        positions: Fields = {"perpetual_futures_positions": [], "expiring_futures_positions": []}
        return {"type": kind, "orders": [*orders], "positions": positions}

    # What the venue does

    def on_news(self, news: News) -> None:
        """Tell what happened to whom it concerns."""
        match news:
            case OrderChanged(order):
                if Channel.USER in self._subscribed:
                    orders = [self._telling.order(order)]
                    self._tell(Channel.USER.arrives_as, self._user(UPDATE, orders))
            case ListingChanged(listing):
                name = str(listing.symbol)
                if name in self._subscribed.get(Channel.STATUS, {}):
                    fields: Fields = {"type": UPDATE, "products": self._telling.products([name])}
                    self._tell(Channel.STATUS.arrives_as, fields)
            case Quote() | Bar() | Trade() | Book():
                if not self._frozen():
                    self._on_market(news)
            case _:
                return

    def _on_market(self, event: Quote | Bar | Trade | Book) -> None:
        symbol = event.symbol
        if self._hears(Channel.LEVEL2, symbol):
            changes = self._telling.book_changes(symbol)
            if changes is not None:
                self._tell(Channel.LEVEL2.arrives_as, changes)
        if isinstance(event, Trade) and self._hears(Channel.MARKET_TRADES, symbol):
            trades: list[Json] = [self._telling.newest_trade(symbol)]
            self._tell(Channel.MARKET_TRADES.arrives_as, {"type": UPDATE, "trades": trades})
        if not isinstance(event, Bar) and self._hears(Channel.TICKER, symbol):
            tickers: list[Json] = [self._telling.ticker(symbol)]
            self._tell(Channel.TICKER.arrives_as, {"type": UPDATE, "tickers": tickers})

    def _hears(self, channel: Channel, symbol: Symbol) -> bool:
        return symbol in self._subscribed.get(channel, {}).values()

    def on_second(self) -> None:
        """Tell what is told every second, and every fifth."""
        self._beats += 1
        if Channel.HEARTBEATS in self._subscribed:
            self._beat()
        if self._frozen():
            return
        candles = [
            candle
            for symbol in dict.fromkeys(self._subscribed.get(Channel.CANDLES, {}).values())
            for candle in self._telling.candle_change(symbol)
        ]
        if candles:
            self._tell(Channel.CANDLES.arrives_as, {"type": UPDATE, "candles": candles})
        if self._beats % _BATCH_TICKS == 0:
            self._batch()

    def _batch(self) -> None:
        batched = dict.fromkeys(self._subscribed.get(Channel.TICKER_BATCH, {}).values())
        if batched:
            tickers = [self._telling.ticker(symbol) for symbol in batched]
            self._tell(Channel.TICKER_BATCH.arrives_as, {"type": UPDATE, "tickers": tickers})
        if Channel.STATUS in self._subscribed:
            products = self._telling.products(self._subscribed[Channel.STATUS])
            self._tell(Channel.STATUS.arrives_as, {"type": UPDATE, "products": products})

    def _beat(self) -> None:
        now = str(self.venue.fate.now)
        beat: Fields = {"current_time": now, "heartbeat_counter": str(self._beats)}
        self._tell(Channel.HEARTBEATS.arrives_as, beat)

    # How it leaves

    def _tell(self, channel: str, event: Fields) -> None:
        """Put one message into the queue, with the next number, or what goes wrong in its place."""
        message = {
            "channel": channel,
            "client_id": "",
            "timestamp": str(self.venue.fate.now),
            "sequence_num": self.sent,
            "events": [event],
        }
        self.sent += 1
        mishap = self.planner.mishap_for(channel)
        data = orjson.dumps(message)
        match mishap.kind if mishap else None:
            case None:
                self._put(data)
            case MishapKind.LOST:
                return
            case MishapKind.GARBLED:
                self._put(_GARBAGE)
            case MishapKind.REPEATED:
                self._put(data)
                self._put(data)
            case MishapKind.CUT:
                self._put(Cut())
            case MishapKind.SILENCE:
                self._put(Pause(mishap.lasts_s if mishap else 0.0))
                self._put(data)
            case MishapKind.FROZEN:
                self._put(data)
                self._frozen_until_s = self._now_s() + (mishap.lasts_s if mishap else 0.0)

    def _put(self, outgoing: Outgoing) -> None:
        if self.outbox.qsize() >= _MOST_WAITING:
            outgoing = Cut()
        self.outbox.put_nowait(outgoing)

    def _frozen(self) -> bool:
        return self._now_s() < self._frozen_until_s

    def _now_s(self) -> float:
        return self.venue.clock.monotonic_s()
