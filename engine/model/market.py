"""What the market shows: quotes, bars, trades, book samples, and the products themselves.

Prices and sizes are Decimal in the product's quote and base currency; times are `UtcTime`.
Refuses nothing by itself: a crossed or one-sided quote is a fact about the market, told as such.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from decimal import Decimal

    from engine.model.symbols import Symbol
    from engine.model.times import UtcTime


@dataclass(frozen=True, slots=True)
class Quote:
    """Best bid and ask as received at `time`; a missing side is None (a one-sided book).

    `venue_time` is the venue's own stamp where it gives one.
    """

    symbol: Symbol
    time: UtcTime
    bid: Decimal | None
    ask: Decimal | None
    bid_size: Decimal | None = None
    ask_size: Decimal | None = None
    venue_time: UtcTime | None = None

    @property
    def mid(self) -> Decimal | None:
        """Halfway between bid and ask; None when a side is missing."""
        if self.bid is None or self.ask is None:
            return None
        return (self.bid + self.ask) / 2


@dataclass(frozen=True, slots=True)
class Bar:
    """One completed bar; `time` is its open, `interval_s` its length; volume is in base units."""

    symbol: Symbol
    time: UtcTime
    interval_s: int
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal


@dataclass(frozen=True, slots=True)
class Trade:
    """One public trade; `taker_sold` tells the taker's side."""

    symbol: Symbol
    time: UtcTime
    price: Decimal
    size: Decimal
    taker_sold: bool


@dataclass(frozen=True, slots=True)
class BookLevel:
    """Price and the size resting there."""

    price: Decimal
    size: Decimal


@dataclass(frozen=True, slots=True)
class Book:
    """A sample of the book's best levels, best first on both sides."""

    symbol: Symbol
    time: UtcTime
    bids: tuple[BookLevel, ...]
    asks: tuple[BookLevel, ...]


MarketEvent = Quote | Bar | Trade | Book


class ProductStatus(Enum):
    """What the venue lets one do with a product now."""

    ONLINE = "online"
    POST_ONLY = "post_only"
    LIMIT_ONLY = "limit_only"
    CANCEL_ONLY = "cancel_only"
    HALTED = "halted"


@dataclass(frozen=True, slots=True)
class Product:
    """A product's grid, minimums and maxima, as the venue states them.

    Limit prices are multiples of `price_increment`, sizes of `base_increment`;
    `quote_min_size` is the smallest notional, `base_min_size` the smallest quantity of an order,
    `quote_max_size` and `base_max_size` the largest; None where the venue states none.
    """

    symbol: Symbol
    base_increment: Decimal
    price_increment: Decimal
    base_min_size: Decimal
    quote_min_size: Decimal
    status: ProductStatus = ProductStatus.ONLINE
    base_max_size: Decimal | None = None
    quote_max_size: Decimal | None = None

    def in_one_order(self, quantity: Decimal, price: Decimal) -> Decimal:
        """As much of a quantity as the venue takes in one order at this price."""
        most = [quantity]
        if self.base_max_size is not None:
            most.append(self.base_max_size)
        if self.quote_max_size is not None:
            most.append(self.quote_max_size / price)
        return min(most)

    def too_small(self, quantity: Decimal, price: Decimal) -> bool:
        """Whether the venue would refuse an order of this size at this price."""
        return quantity < self.base_min_size or quantity * price < self.quote_min_size
