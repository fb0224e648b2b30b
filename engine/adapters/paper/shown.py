"""What the market shows of one product, less what has been taken of it.

In: quotes and book samples in the order of receipt. Out: levels that an order would meet.
Refuses samples older than the newest of their kind, and shows nothing of a crossed market.
Hostile numbers (NaN, zero, negative, absurd) count as a missing side or size.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.adapters.paper.money import exactly, is_amount
from engine.model.market import Book, BookLevel, Quote
from engine.model.numbers import ZERO
from engine.model.orders import Side

if TYPE_CHECKING:
    from decimal import Decimal

    from engine.model.market import Trade
    from engine.model.times import UtcTime


class Shown:
    """The newest quote and book of one product, and how much of them is gone.

    What an order takes at a price stays gone until a sample of a later instant: two orders
    in one instant, or a quote and a book of one instant, never give the same size twice.
    """

    __slots__ = ("_book", "_quote", "_sampled_ns", "_taken", "_untold")

    def __init__(self) -> None:
        self._quote: Quote | None = None
        self._book: Book | None = None
        self._sampled_ns = -1
        self._taken: dict[tuple[Side, Decimal], Decimal] = {}
        self._untold: dict[Decimal, Decimal] = {}

    def see(self, sample: Quote | Book) -> bool:
        """Take in a sample; False when a newer one of its kind is already here."""
        newest = self._quote if isinstance(sample, Quote) else self._book
        if newest is not None and sample.time.ns < newest.time.ns:
            return False
        if isinstance(sample, Quote):
            self._quote = sample
        else:
            self._book = sample
        if sample.time.ns > self._sampled_ns:
            self._sampled_ns = sample.time.ns
            self._taken.clear()
            self._untold.clear()
        return True

    def fresh_at(self, moment: UtcTime, shown_for_s: float) -> bool:
        """Whether anything was sampled in the last `shown_for_s` seconds."""
        return self._sampled_ns >= moment.plus_s(-shown_for_s).ns

    @property
    def seen(self) -> bool:
        """Whether the market was ever sampled."""
        return self._sampled_ns >= 0

    def best(self, side: Side) -> Decimal | None:
        """The best price that an order of `side` meets, sizes and crossing aside."""
        prices = self._prices(side)
        if not prices:
            return None
        return min(prices) if side is Side.BUY else max(prices)

    def levels(self, side: Side) -> tuple[BookLevel, ...] | None:
        """What an order of `side` meets, best first, takings subtracted.

        Empty when that side is missing or the market is crossed; None when there is a price
        but no size was recorded with it.
        """
        if self._crossed():
            return ()
        book = self._current_book()
        if book is None:
            return self._quote_levels(side)
        resting = book.asks if side is Side.BUY else book.bids
        usable = [each for each in resting if is_amount(each.price) and is_amount(each.size)]
        usable.sort(key=lambda each: each.price, reverse=side is Side.SELL)
        return self._left(side, usable)

    def take(self, side: Side, level: BookLevel) -> None:
        """Remember that an order of `side` took that size of what is shown."""
        self.take_traded(side, level)
        with exactly():
            self._untold[level.price] = self._untold.get(level.price, ZERO) + level.size

    def take_traded(self, side: Side, level: BookLevel) -> None:
        """Remember that an order of `side` took that size of a public trade."""
        key = (side, level.price)
        with exactly():
            self._taken[key] = self._taken.get(key, ZERO) + level.size

    def news_in(self, trade: Trade) -> Decimal:
        """The part of a trade that cannot be the size that we took of the sample before it."""
        with exactly():
            echo = min(self._untold.get(trade.price, ZERO), trade.size)
            self._untold[trade.price] = self._untold.get(trade.price, ZERO) - echo
            return trade.size - echo

    def _current_book(self) -> Book | None:
        """The book sample, when it is not older than the quote."""
        if self._book is None or (self._quote is not None and self._book.time < self._quote.time):
            return None
        return self._book

    def _quote_levels(self, side: Side) -> tuple[BookLevel, ...] | None:
        price = self.best(side)
        if price is None or self._quote is None:
            return ()
        size = self._quote.ask_size if side is Side.BUY else self._quote.bid_size
        if size is None or not is_amount(size):
            return () if size is not None and size.is_zero() else None
        return self._left(side, [BookLevel(price, size)])

    def _left(self, side: Side, levels: list[BookLevel]) -> tuple[BookLevel, ...]:
        left = []
        gone = dict(self._taken)
        for level in levels:
            with exactly():
                used = min(gone.get((side, level.price), ZERO), level.size)
                gone[side, level.price] = gone.get((side, level.price), ZERO) - used
                if used < level.size:
                    left.append(BookLevel(level.price, level.size - used))
        return tuple(left)

    def _prices(self, side: Side) -> list[Decimal]:
        book = self._current_book()
        if book is not None:
            found = [each.price for each in (book.asks if side is Side.BUY else book.bids)]
        elif self._quote is not None:
            price = self._quote.ask if side is Side.BUY else self._quote.bid
            found = [] if price is None else [price]
        else:
            found = []
        return [price for price in found if is_amount(price)]

    def _crossed(self) -> bool:
        bid, ask = self.best(Side.SELL), self.best(Side.BUY)
        return bid is not None and ask is not None and bid > ask
