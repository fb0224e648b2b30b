"""Facts of the best bid and ask, and of the book behind them.

An age is the larger of the monotonic time since receipt and the skew-corrected venue age; from
-1 s to 0 it is 0, further in the future it is unknown.
"""

from __future__ import annotations

from engine.expr.facts.building import Source, derived
from engine.expr.units import Unit
from engine.expr.vocabulary import FactScope, FactSpec

_MARKET = Source(FactScope.SYMBOL, "cycle.facts.market")
_ORDER = Source(FactScope.ORDER, "cycle.facts.market")

QUOTE_FACTS: tuple[FactSpec, ...] = (
    _MARKET.number("quote.bid", Unit.PRICE, "best bid", low=0),
    _MARKET.number("quote.ask", Unit.PRICE, "best ask", low=0),
    derived(
        FactScope.SYMBOL,
        "quote.mid",
        Unit.PRICE,
        "(quote.bid + quote.ask) / 2",
        "halfway between bid and ask; unknown with a one-sided book",
        low=0,
    ),
    derived(
        FactScope.SYMBOL,
        "quote.spread_bps",
        Unit.BPS,
        "10000 * ((quote.ask - quote.bid) / quote.mid)",
        "ask less bid, of the mid",
        threshold=(0.05, 2_000.0),
    ),
    _MARKET.number("quote.age_s", Unit.S, "age of the quote", low=0, threshold=(0.05, 86_400.0)),
    _MARKET.flag("quote.crossed", "whether the bid is above the ask"),
    _MARKET.flag("quote.one_sided", "whether bid or ask is missing"),
    derived(
        FactScope.SYMBOL,
        "quote.jump_sigma_60s",
        Unit.RATIO,
        'abs(change_pct("1m")) / volatility_pct("1h")',
        "the last minute's move, in standard deviations of one-minute moves of the last hour",
        low=0,
        threshold=(0.5, 100.0),
    ),
    _ORDER.number(
        "book.depth_20bps_usd",
        Unit.USD,
        "value resting within 20 bps on the side that the order takes; a lower bound where only"
        " the top of the book is recorded",
        low=0,
    ),
    _MARKET.number(
        "book.depth_total_usd", Unit.USD, "value resting in all recorded levels, both sides", low=0
    ),
)
