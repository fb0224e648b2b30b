"""From messages to market events: quotes and book samples from the book, trades from the tape.

In: messages of one connection. Out: `Quote`, `Book`, `Trade`, stamped with our time of receipt and
the venue's own. A trade is told once, however often the venue repeats it; what it lists of the
time before we listened is left out.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.adapters.coinbase import wire
from engine.adapters.coinbase.orders import side_of
from engine.adapters.coinbase.stream.books import Books
from engine.model.market import Book, MarketEvent, Quote, Trade
from engine.model.orders import Side

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.adapters.coinbase.stream.books import KeptBook
    from engine.adapters.coinbase.stream.messages import Message
    from engine.adapters.coinbase.wire import Wire
    from engine.model.symbols import Symbol
    from engine.model.times import UtcTime

BOOK_DEPTH = 10
_BOOK_EVERY_S = 1.0
_TRADES_KEPT = 10_000


@dataclass(slots=True)
class EventReader:
    """Reads the messages of one connection; samples of books are `depth` levels deep."""

    depth: int = BOOK_DEPTH
    books: Books = field(default_factory=Books)
    _sampled: dict[Symbol, UtcTime] = field(default_factory=dict)
    _traded: set[str] = field(default_factory=set)
    _order: deque[str] = field(default_factory=deque)

    def read(self, message: Message, received: UtcTime) -> Iterator[MarketEvent]:
        """The market events in one message; raises `WireError`."""
        if message.channel == "l2_data":
            for event in message.events:
                yield from self._on_book(event, message.time, received)
        elif message.channel == "market_trades":
            for event in message.events:
                yield from self._on_trades(event, received)

    def _on_book(
        self, event: dict[str, Wire], time: UtcTime, received: UtcTime
    ) -> Iterator[MarketEvent]:
        symbol, book = self.books.on_event(event, time)
        if book.snapshot is None:
            return
        yield self._quote(symbol, book, time, received)
        sampled = self._sampled.get(symbol)
        if sampled is None or received.since_s(sampled) >= _BOOK_EVERY_S:
            self._sampled[symbol] = received
            yield Book(symbol, received, *book.best(self.depth))

    def _quote(self, symbol: Symbol, book: KeptBook, time: UtcTime, received: UtcTime) -> Quote:
        bids, asks = book.best(1)
        bid, ask = (side[0] if side else None for side in (bids, asks))
        return Quote(
            symbol,
            received,
            bid.price if bid else None,
            ask.price if ask else None,
            bid.size if bid else None,
            ask.size if ask else None,
            time,
        )

    def _on_trades(self, event: dict[str, Wire], received: UtcTime) -> Iterator[MarketEvent]:
        listed = wire.objects(event, "trades")
        new = [each for each in reversed(listed) if self._first_time(wire.text(each, "trade_id"))]
        if wire.text(event, "type") == "snapshot":
            return  # the tape of before: bars of it would be made of a part of its minutes
        for fields in new:
            yield Trade(
                symbol=wire.product_name(fields),
                time=received,
                price=wire.number(fields, "price"),
                size=wire.number(fields, "size"),
                # The venue names the side of the order that rested (data of its older API).
                taker_sold=side_of(fields) is Side.BUY,
            )

    def _first_time(self, trade_id: str) -> bool:
        if trade_id in self._traded:
            return False
        self._traded.add(trade_id)
        self._order.append(trade_id)
        if len(self._order) > _TRADES_KEPT:
            self._traded.discard(self._order.popleft())
        return True
