"""What the venue tells anybody: products, candles, its clock; no key is used or needed.

In: the REST interface without credentials. Out: products with their rank, bars, an instant.
Raises `VenueError`. A product or candle that cannot be read is left out, never guessed.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.adapters.coinbase import wire
from engine.adapters.coinbase.products import SPOT, product_of
from engine.adapters.coinbase.rest import reading
from engine.model.market import Bar
from engine.model.numbers import ZERO
from engine.model.times import NS_PER_S, UtcTime

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from decimal import Decimal

    from engine.adapters.coinbase.rest import Rest
    from engine.adapters.coinbase.wire import Wire
    from engine.model.market import Product
    from engine.model.symbols import Symbol

_MOST_CANDLES = 300
_MINUTE_S = 60
_GRANULARITY = "ONE_MINUTE"
_PRICES = ("open", "high", "low", "close")


@dataclass(frozen=True, slots=True)
class Listed:
    """A product with the product whose market it shows (itself, or what it is an alias of).

    `volume` is what was traded in 24 h, in quote currency; 0 where the venue does not say.
    """

    product: Product
    alias: str
    volume: Decimal


@dataclass(frozen=True, slots=True)
class PublicMarket:
    """The public half of the venue."""

    rest: Rest

    async def listed(self) -> Sequence[Listed]:
        """Every spot product that can be read."""
        found = []
        query = (("product_type", SPOT),)
        async for fields in self.rest.pages("/market/products", "products", query):
            with suppress(wire.WireError):
                found.append(_listed(fields))
        return found

    async def candles(self, symbol: Symbol, first: UtcTime, until: UtcTime) -> Sequence[Bar]:
        """The bars of the minutes in [first, until), oldest first; a silent minute has none."""
        found: dict[UtcTime, Bar] = {}
        begin_s, end_s = first.ns // NS_PER_S, until.ns // NS_PER_S
        for start_s in range(begin_s, end_s, _MOST_CANDLES * _MINUTE_S):
            last_s = min(start_s + _MOST_CANDLES * _MINUTE_S, end_s) - _MINUTE_S
            for each in await self._page(symbol, start_s, last_s):
                if first <= each.time < until:
                    found[each.time] = each
        return [found[time] for time in sorted(found)]

    async def _page(self, symbol: Symbol, first_s: int, last_s: int) -> Sequence[Bar]:
        query = (("start", str(first_s)), ("end", str(last_s)), ("granularity", _GRANULARITY))
        fields = await self.rest.get(f"/market/products/{symbol}/candles", query)
        found = []
        with reading():
            listed = wire.objects(fields, "candles")
        for each in listed:
            with suppress(wire.WireError):
                found.append(_bar(symbol, each))
        return found

    async def server_time(self) -> UtcTime:
        """The venue's own clock."""
        fields = await self.rest.get("/time")
        with reading():
            return UtcTime(int(wire.number(fields, "epochMillis")) * 1_000_000)


def _listed(fields: Mapping[str, Wire]) -> Listed:
    product = product_of(fields)
    volume = wire.optional_number(fields, "approximate_quote_24h_volume") or ZERO
    return Listed(product, wire.optional_text(fields, "alias"), volume)


def _bar(symbol: Symbol, fields: Mapping[str, Wire]) -> Bar:
    opened, high, low, close = (wire.number(fields, name) for name in _PRICES)
    if not 0 < low <= min(opened, close) <= max(opened, close) <= high:
        message = "a candle's prices do not fit each other"
        raise wire.WireError(message)
    start = UtcTime(int(wire.number(fields, "start")) * NS_PER_S)
    volume = wire.number(fields, "volume")
    return Bar(symbol, start, _MINUTE_S, opened, high, low, close, volume)
