"""Facts of completed bars: series values in the units that the vocabulary states."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from engine.cycle.market import MarketView
    from engine.expr.nodes import Value
    from engine.model.symbols import Symbol
    from engine.model.times import UtcTime

_IN_QUOTE_CURRENCY = "volume_usd("


def series_facts(
    market: MarketView, symbol: Symbol, now: UtcTime, rate: Decimal | None
) -> Mapping[str, Value]:
    """Each known series by its canonical name; volumes in the numeraire, or not at all.

    Not to be changed by whoever gets them.
    """
    values = market.series_values(symbol, now)
    if rate == 1:
        # Nearly every product is quoted in the numeraire: nothing is to be converted.
        return values
    facts: dict[str, Value] = {}
    for name, value in values.items():
        if not name.startswith(_IN_QUOTE_CURRENCY):
            facts[name] = value
        elif rate is not None:
            facts[name] = value * float(rate)
    return facts
