"""What one connection is told of the market and of orders, and what it knows already.

In: the venue, and news. Out: the events of each channel: a snapshot when it is subscribed to, and
then what changed. Levels are told as differences from what this connection was told last.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.model.numbers import ZERO
from engine.model.times import NS_PER_S
from engine.venue.bodies.stream import (
    level_fields,
    status_fields,
    stream_candle_fields,
    stream_ticker_fields,
    trade_fields,
    user_order_fields,
)
from engine.venue.endpoints.trading import shown_order

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from decimal import Decimal

    from engine.model.symbols import Symbol
    from engine.model.times import UtcTime
    from engine.venue.bodies.words import Fields
    from engine.venue.candles import Candle
    from engine.venue.market import ProductMarket
    from engine.venue.orders import Order
    from engine.venue.venue import Venue

SNAPSHOT, UPDATE = "snapshot", "update"
_ORDERS_A_MESSAGE = 50
_TRADES_SHOWN = 100
_FIVE_MINUTES_S, _DAY_S = 300, 86_400
_Levels = dict[tuple[str, "Decimal"], "Decimal"]


@dataclass(slots=True)
class Telling:
    """One connection's view of the venue."""

    venue: Venue
    _levels: dict[Symbol, _Levels] = field(default_factory=dict)
    _candles: dict[Symbol, Candle] = field(default_factory=dict)
    _days: dict[Symbol, tuple[int, Candle | None]] = field(default_factory=dict)

    def shown(self, symbol: Symbol) -> ProductMarket:
        """The product's market."""
        return self.venue.market.of(symbol)

    # Books

    def book(self, symbol: Symbol) -> Fields:
        """The whole book, which is what this connection knows from here on."""
        self._levels[symbol] = {}
        return {"type": SNAPSHOT, "product_id": str(symbol), "updates": self._changed(symbol)}

    def book_changes(self, symbol: Symbol) -> Fields | None:
        """The levels that are not as they were told; None where all are."""
        changed = self._changed(symbol)
        if not changed:
            return None
        return {"type": UPDATE, "product_id": str(symbol), "updates": changed}

    def _changed(self, symbol: Symbol) -> list[Fields]:
        shown, told = self.shown(symbol), self._levels.setdefault(symbol, {})
        now = {("bid", each.price): each.size for each in shown.bids}
        now |= {("offer", each.price): each.size for each in shown.asks}
        gone = [key for key in told if key not in now]
        fresh = [(key, size) for key, size in now.items() if told.get(key) != size]
        self._levels[symbol] = now
        time = shown.time or self.venue.fate.now
        # Levels go before others come, so that a book that moved never looks crossed.
        return [
            level_fields(*key, size, time) for key, size in (*((k, ZERO) for k in gone), *fresh)
        ]

    # The tape, bars, tickers

    def tape(self, symbol: Symbol) -> list[Fields]:
        """The newest trades, the newest first."""
        newest = list(self.shown(symbol).tape)[: -_TRADES_SHOWN - 1 : -1]
        return [trade_fields(str(symbol), number, trade) for number, trade in newest]

    def newest_trade(self, symbol: Symbol) -> Fields:
        """The trade that was just shown."""
        number, trade = self.shown(symbol).tape[-1]
        return trade_fields(str(symbol), number, trade)

    def candles(self, symbol: Symbol) -> list[Fields]:
        """The bars of five minutes that are known, newest first."""
        candles = self._five_minutes(symbol)
        if candles:
            self._candles[symbol] = candles[0]
        return [stream_candle_fields(str(symbol), each) for each in candles]

    def candle_change(self, symbol: Symbol) -> list[Fields]:
        """The newest bar, where it is not as it was told."""
        newest = self._five_minutes(symbol)[:1]
        if not newest or newest[0] == self._candles.get(symbol):
            return []
        self._candles[symbol] = newest[0]
        return [stream_candle_fields(str(symbol), newest[0])]

    def _five_minutes(self, symbol: Symbol) -> Sequence[Candle]:
        now_s = self.venue.fate.now.ns // NS_PER_S
        minutes = self.shown(symbol).minutes
        return minutes.candles(_FIVE_MINUTES_S, now_s - _DAY_S, now_s)

    def ticker(self, symbol: Symbol) -> Fields:
        """The product's price, the top of its book, its last day."""
        return stream_ticker_fields(str(symbol), self.shown(symbol), self._day(symbol))

    def _day(self, symbol: Symbol) -> Candle | None:
        """The last 24 hours as one bar, computed once a second: a day has many minutes."""
        now_s = self.venue.fate.now.ns // NS_PER_S
        at_s, day = self._days.get(symbol, (-1, None))
        if at_s != now_s:
            # Folded from the oldest: the newest close stands last.
            minutes = self.shown(symbol).minutes.candles(60, now_s - _DAY_S, now_s)
            day = None
            for each in reversed(minutes):
                day = each if day is None else day.then(each)
            self._days[symbol] = (now_s, day)
        return day

    # Products and orders

    def products(self, names: Iterable[str]) -> list[Fields]:
        """The products of these names as the channel `status` tells them."""
        listed = (self.venue.listing(name) for name in names)
        now: UtcTime = self.venue.fate.now
        return [
            status_fields(each, self.shown(each.market), now) for each in listed if each is not None
        ]

    def open_orders(self) -> Iterator[list[Fields]]:
        """Every order that works, fifty a message; one empty message where none does."""
        working = [each for each in self.venue.fate.orders() if not each.status.final]
        told = [self.order(each) for each in working]
        for begin in range(0, max(1, len(told)), _ORDERS_A_MESSAGE):
            yield told[begin : begin + _ORDERS_A_MESSAGE]

    def order(self, order: Order) -> Fields:
        """One order by its totals."""
        return user_order_fields(order, shown_order(self.venue, order))
