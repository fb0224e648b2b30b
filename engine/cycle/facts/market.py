"""Facts of quotes and books."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.model.numbers import ZERO
from engine.model.orders import Side

if TYPE_CHECKING:
    from collections.abc import Iterable
    from decimal import Decimal

    from engine.cycle.market import MarketView
    from engine.expr.nodes import Value
    from engine.model.market import Book, BookLevel, Quote
    from engine.model.symbols import Symbol
    from engine.model.times import UtcTime

FUTURE_TOLERANCE_S = -1.0
"""A venue's stamp up to a second ahead of us is clock skew and counts as now (vocabulary)."""
_DEPTH_BPS = 20


def quote_age_s(quote: Quote, now: UtcTime, steady_s: float = 0.0) -> float | None:
    """The largest of the ages by receipt and by the venue's stamp; None if from the future.

    `steady_s` is the time since its receipt by a clock that never steps: a wall clock that was set
    back makes no quote younger. A recording has one clock only, and 0 says nothing.
    """
    older = younger = now.since_s(quote.time)
    if quote.venue_time is not None:
        stamped = now.since_s(quote.venue_time)
        older, younger = max(older, stamped), min(younger, stamped)
    return None if younger < FUTURE_TOLERANCE_S else max(steady_s, older)


def quote_facts(quote: Quote | None, now: UtcTime, steady_s: float = 0.0) -> dict[str, Value]:
    """`quote.*` of one product; nothing without a quote."""
    if quote is None:
        return {}
    bid, ask = quote.bid, quote.ask
    facts: dict[str, Value] = {"quote.one_sided": bid is None or ask is None}
    if bid is not None:
        facts["quote.bid"] = float(bid)
    if ask is not None:
        facts["quote.ask"] = float(ask)
    if bid is not None and ask is not None:
        facts["quote.crossed"] = bid > ask
    age = quote_age_s(quote, now, steady_s)
    if age is not None:
        facts["quote.age_s"] = age
    return facts


def total_depth(market: MarketView, symbol: Symbol, rate: Decimal | None) -> dict[str, Value]:
    """`book.depth_total_usd`: all that is shown on both sides."""
    if rate is None:
        return {}
    quote, book = market.quotes.get(symbol), market.books.get(symbol)
    levels = [*_levels(quote, book, Side.BUY), *_levels(quote, book, Side.SELL)]
    if not levels:
        return {}
    return {"book.depth_total_usd": float(_value(levels) * rate)}


def depth_for(
    market: MarketView, symbol: Symbol, side: Side, rate: Decimal | None
) -> dict[str, Value]:
    """`book.depth_20bps_usd`: what rests within 20 bps of the mid on the side that is taken."""
    quote = market.quotes.get(symbol)
    mid = quote.mid if quote else None
    if mid is None or rate is None:
        return {}
    reach = mid * _DEPTH_BPS / 10_000
    levels = _levels(quote, market.books.get(symbol), side)
    if not levels:
        return {}
    near = [level for level in levels if abs(level[0] - mid) <= reach]
    return {"book.depth_20bps_usd": float(_value(near) * rate)}


def _levels(quote: Quote | None, book: Book | None, side: Side) -> list[tuple[Decimal, Decimal]]:
    """What an order of that side would take: the book if it is newer, else the quote's top."""
    if book is not None and (quote is None or book.time >= quote.time):
        return _pairs(book.asks if side is Side.BUY else book.bids)
    if quote is None:
        return []
    price, size = (quote.ask, quote.ask_size) if side is Side.BUY else (quote.bid, quote.bid_size)
    return [] if price is None or size is None else [(price, size)]


def _pairs(levels: Iterable[BookLevel]) -> list[tuple[Decimal, Decimal]]:
    return [(level.price, level.size) for level in levels]


def _value(levels: Iterable[tuple[Decimal, Decimal]]) -> Decimal:
    return sum([price * size for price, size in levels], ZERO)
