"""Books kept from a snapshot and the changes after it.

In: events of `l2_data`. Out: each product's best levels. Changes that came before their snapshot
wait for it, and those that are older than it are dropped: a book that dropped them all, or
took them all, would stand crossed. A book is there only after its snapshot.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.adapters.coinbase import wire
from engine.model.market import BookLevel

if TYPE_CHECKING:
    from collections.abc import Iterable
    from decimal import Decimal

    from engine.adapters.coinbase.wire import Wire
    from engine.model.symbols import Symbol
    from engine.model.times import UtcTime

_MOST_WAITING = 20_000


@dataclass(slots=True)
class Levels:
    """One side: sizes by price, and the prices in ascending order."""

    sizes: dict[Decimal, Decimal] = field(default_factory=dict)
    prices: list[Decimal] = field(default_factory=list)

    def put(self, price: Decimal, size: Decimal) -> None:
        """Set the size at a price; none removes the level."""
        known = price in self.sizes
        if size <= 0:
            if known:
                del self.sizes[price]
                del self.prices[bisect_left(self.prices, price)]
            return
        if not known:
            insort(self.prices, price)
        self.sizes[price] = size

    def levels(self, prices: Iterable[Decimal]) -> tuple[BookLevel, ...]:
        """The levels at these prices."""
        return tuple(BookLevel(price, self.sizes[price]) for price in prices)


@dataclass(slots=True)
class KeptBook:
    """One product's book, and what came before its snapshot."""

    bids: Levels = field(default_factory=Levels)
    asks: Levels = field(default_factory=Levels)
    snapshot: UtcTime | None = None
    waiting: list[dict[str, Wire]] = field(default_factory=list)

    def on_event(self, kind: str, updates: Iterable[dict[str, Wire]], time: UtcTime) -> None:
        """Take in a snapshot or changes; `time` is the message's."""
        if kind == "snapshot":
            self.bids, self.asks, self.snapshot = Levels(), Levels(), time
            early, self.waiting = self.waiting, []
            for update in (*updates, *(each for each in early if _time(each, time) > time)):
                self._put(update)
        elif self.snapshot is None:
            self.waiting = [*self.waiting, *updates][-_MOST_WAITING:]
        else:
            for update in updates:
                self._put(update)

    def _put(self, update: dict[str, Wire]) -> None:
        side = wire.text(update, "side")
        levels = {"bid": self.bids, "offer": self.asks}.get(side)
        if levels is None:
            message = f"`side` is neither bid nor offer: {side[:20]}"
            raise wire.WireError(message)
        levels.put(wire.number(update, "price_level"), wire.number(update, "new_quantity"))

    def best(self, depth: int) -> tuple[tuple[BookLevel, ...], tuple[BookLevel, ...]]:
        """The best `depth` bids and asks, best first."""
        bids = self.bids.levels(reversed(self.bids.prices[-depth:]))
        return bids, self.asks.levels(self.asks.prices[:depth])


class Books:
    """The books of one connection."""

    def __init__(self) -> None:
        self._kept: dict[Symbol, KeptBook] = {}

    def on_event(self, event: dict[str, Wire], time: UtcTime) -> tuple[Symbol, KeptBook]:
        """Take in one event; returns the book that it changed. Raises `WireError`."""
        symbol = wire.product_name(event)
        book = self._kept.setdefault(symbol, KeptBook())
        book.on_event(wire.text(event, "type"), wire.objects(event, "updates"), time)
        return symbol, book


def _time(update: dict[str, Wire], otherwise: UtcTime) -> UtcTime:
    if not wire.optional_text(update, "event_time"):
        return otherwise
    return wire.moment(update, "event_time")
