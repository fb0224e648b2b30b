"""Facts of the market as a whole, from the symbol that the set names as its mirror."""

from __future__ import annotations

from enum import Enum

from engine.expr.facts.building import Source
from engine.expr.units import Unit
from engine.expr.vocabulary import FactScope, FactSpec


class Regime(Enum):
    """How the market stands; UNKNOWN is an answer, not an absence."""

    BULL = "bull"
    CHOP = "chop"
    BEAR = "bear"
    CRASH = "crash"
    UNKNOWN = "unknown"


_REGIME = Source(FactScope.ACCOUNT, "cycle.facts.regime")
_WEEK_S = 7 * 86_400

REGIME_FACTS: tuple[FactSpec, ...] = (
    _REGIME.enum("regime.name", "how the market stands", tuple(each.value for each in Regime)),
    _REGIME.number(
        "regime.trend_7d_pct",
        Unit.PCT,
        "change over seven days",
        low=-100,
        window_s=_WEEK_S,
        gap_s=6 * 3_600,
    ),
    _REGIME.number(
        "regime.volatility_pct",
        Unit.PCT,
        "standard deviation of hourly changes over seven days",
        low=0,
        window_s=_WEEK_S,
        gap_s=6 * 3_600,
        threshold=(0.01, 100.0),
    ),
)
