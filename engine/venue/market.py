"""The market as the venue tells of it: the newest book, the tape, bars of a minute.

In: market events as they come. Out: what the market-data paths answer with. What was never shown
is absent; nothing is made up.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, assert_never

from engine.adapters.paper.money import is_amount
from engine.model.market import Bar, Book, BookLevel, Quote, Trade
from engine.venue.candles import Minutes

if TYPE_CHECKING:
    from decimal import Decimal

    from engine.model.market import MarketEvent
    from engine.model.symbols import Symbol
    from engine.model.times import UtcTime

_TAPE = 1000


@dataclass(slots=True)
class ProductMarket:
    """One product's market: best levels on both sides, the tape (newest last), the minutes."""

    bids: tuple[BookLevel, ...] = ()
    asks: tuple[BookLevel, ...] = ()
    time: UtcTime | None = None
    last: Decimal | None = None
    tape: deque[tuple[int, Trade]] = field(default_factory=lambda: deque(maxlen=_TAPE))
    trades_count: int = 0
    minutes: Minutes = field(default_factory=Minutes)

    def see(self, event: MarketEvent) -> None:
        """Take in one event; hostile numbers (NaN, zero, negative, absurd) are shown to nobody."""
        match event:
            case Quote():
                self.bids = _side(event.bid, event.bid_size)
                self.asks = _side(event.ask, event.ask_size)
                self.time = event.time
            case Book():
                self.bids, self.asks = _usable(event.bids), _usable(event.asks)
                self.time = event.time
            case Trade():
                self._see_trade(event)
            case Bar():
                self._see_bar(event)
            case _:
                assert_never(event)

    def _see_trade(self, trade: Trade) -> None:
        if is_amount(trade.price) and is_amount(trade.size):
            self.trades_count += 1
            self.tape.append((self.trades_count, trade))
            self.last = trade.price
            self.minutes.on_trade(trade.time, trade.price, trade.size)

    def _see_bar(self, bar: Bar) -> None:
        prices = (bar.open, bar.high, bar.low, bar.close)
        if all(map(is_amount, prices)) and (is_amount(bar.volume) or bar.volume.is_zero()):
            self.last = bar.close
            self.minutes.on_bar(bar)

    @property
    def price(self) -> Decimal | None:
        """The last trade's price; where there was none, halfway between bid and ask."""
        if self.last is not None:
            return self.last
        return self.mid

    @property
    def mid(self) -> Decimal | None:
        """Halfway between the best bid and the best ask."""
        if not (self.bids and self.asks):
            return None
        return (self.bids[0].price + self.asks[0].price) / 2


def _side(price: Decimal | None, size: Decimal | None) -> tuple[BookLevel, ...]:
    """A quote's side as a book of one level; a size that was not recorded shows none."""
    return () if price is None or size is None else _usable((BookLevel(price, size),))


def _usable(levels: tuple[BookLevel, ...]) -> tuple[BookLevel, ...]:
    return tuple(each for each in levels if is_amount(each.price) and is_amount(each.size))


@dataclass(slots=True)
class Market:
    """Every product's market, by the name that its quotes carry."""

    _shown: dict[Symbol, ProductMarket] = field(default_factory=dict)

    def see(self, event: MarketEvent) -> None:
        """Take in one event."""
        self.of(event.symbol).see(event)

    def of(self, symbol: Symbol) -> ProductMarket:
        """What is shown of one product; empty before anything was."""
        return self._shown.setdefault(symbol, ProductMarket())
