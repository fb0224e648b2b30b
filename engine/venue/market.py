"""The market as the venue tells of it: the newest book, the tape, bars of a minute.

In: market events as they come. Out: what the market-data paths answer with. What was never shown
is absent; nothing is made up.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

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
        """Take in one event."""
        match event:
            case Quote():
                self._see_quote(event)
            case Book():
                self.bids, self.asks, self.time = event.bids, event.asks, event.time
            case Trade():
                self.trades_count += 1
                self.tape.append((self.trades_count, event))
                self.last = event.price
                self.minutes.on_trade(event.time, event.price, event.size)
            case Bar():
                self.last = event.close
                self.minutes.on_bar(event)

    def _see_quote(self, quote: Quote) -> None:
        self.bids = _side(quote.bid, quote.bid_size)
        self.asks = _side(quote.ask, quote.ask_size)
        self.time = quote.time

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
    if price is None or size is None or size <= 0:
        return ()
    return (BookLevel(price, size),)


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
