"""One-minute bars from quotes or trades, where no bars are recorded.

In: quotes (their mid) or trades (price and size) of any number of products, in order of time.
Out: completed bars, once something of a later minute is seen or the clock says so. Refuses, and
counts, what comes after its bar was completed, one-sided and crossed quotes, and prices of zero.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from engine.model.market import Bar, Quote, Trade
from engine.model.numbers import ZERO
from engine.model.times import NS_PER_S, UtcTime
from engine.series.producers import BASE_S

if TYPE_CHECKING:
    from collections.abc import Iterable
    from decimal import Decimal

    from engine.model.symbols import Symbol


class BarSource(Enum):
    """Where bars come from, best first; one product takes one source for a whole recording."""

    RECORDED = "recorded"
    TRADES = "trades"
    QUOTES = "quotes"

    @property
    def volume_known(self) -> bool:
        """Quotes show prices only: volume series stay unknown on bars built from them."""
        return self is not BarSource.QUOTES


def preferred(available: Iterable[BarSource]) -> BarSource | None:
    """The source to take of those that a recording has for a product."""
    have = set(available)
    return next((source for source in BarSource if source in have), None)


@dataclass(slots=True)
class _OpenBar:
    """The bar that is not over yet; its prices move."""

    index: int
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal

    def take(self, price: Decimal, size: Decimal) -> None:
        self.high = max(self.high, price)
        self.low = min(self.low, price)
        self.close = price
        self.volume += size


@dataclass(slots=True)
class BarBuilder:
    """Builds the bars of one source, TRADES or QUOTES; `refused` counts what it left out.

    Bars from quotes have a volume of zero that means nothing: hand them on with their source.
    """

    source: BarSource
    interval_s: int = BASE_S
    refused: int = 0
    _open: dict[Symbol, _OpenBar] = field(default_factory=dict)
    _over: int = -1

    def on_event(self, event: Quote | Trade) -> Bar | None:
        """Take one event; the bar of its product that it completes, if any.

        Events of the other source are not for this builder and change nothing.
        """
        if isinstance(event, Trade):
            if self.source is not BarSource.TRADES:
                return None
            return self._take(event.symbol, event.time, event.price, event.size)
        if self.source is not BarSource.QUOTES:
            return None
        return self._take(event.symbol, event.time, _price(event), ZERO)

    def complete(self, now: UtcTime) -> tuple[Bar, ...]:
        """The bars that ended by `now`, without waiting for what comes after them."""
        self._over = max(self._over, self._index(now) - 1)
        done = [symbol for symbol, bar in self._open.items() if bar.index <= self._over]
        return tuple(self._bar(symbol, self._open.pop(symbol)) for symbol in sorted(done))

    def _take(self, symbol: Symbol, time: UtcTime, price: Decimal, size: Decimal) -> Bar | None:
        index = self._index(time)
        current = self._open.get(symbol)
        earliest = max(self._over + 1, current.index if current else 0)
        if index < earliest or price <= 0:
            self.refused += 1
            return None
        if current and current.index == index:
            current.take(price, size)
            return None
        self._open[symbol] = _OpenBar(index, price, price, price, price, size)
        return self._bar(symbol, current) if current else None

    def _bar(self, symbol: Symbol, done: _OpenBar) -> Bar:
        opened = UtcTime(done.index * self.interval_s * NS_PER_S)
        prices = done.open, done.high, done.low, done.close
        return Bar(symbol, opened, self.interval_s, *prices, done.volume)

    def _index(self, time: UtcTime) -> int:
        return time.ns // (self.interval_s * NS_PER_S)


def _price(quote: Quote) -> Decimal:
    """The mid; zero, which is refused, where a side is missing or the book is crossed."""
    mid = quote.mid
    if mid is None or quote.bid is None or quote.ask is None or quote.bid > quote.ask:
        return ZERO
    return mid
