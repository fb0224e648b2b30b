"""Facts of how often we trade.

Nothing counted yet is 0; an age with nothing to date from is the age of the ledger.
"""

from __future__ import annotations

from engine.expr.facts.building import Source
from engine.expr.units import Unit
from engine.expr.vocabulary import Absence, FactScope, FactSpec

_ACCOUNT = Source(FactScope.ACCOUNT, "cycle.facts.pace")
_SYMBOL = Source(FactScope.SYMBOL, "cycle.facts.pace")


def _count(name: str, sentence: str) -> FactSpec:
    return _ACCOUNT.number(
        name, Unit.COUNT, sentence, absence=Absence.NEVER_HAPPENED, first_value=0.0, low=0
    )


PACE_FACTS: tuple[FactSpec, ...] = (
    _count("pace.orders_1m_count", "orders sent in the last minute"),
    _count("pace.orders_1h_count", "orders sent in the last hour"),
    _count("pace.orders_24h_count", "orders sent in the last 24 hours"),
    _count("pace.messages_1s_count", "submits and cancels in the last second"),
    _count("pace.messages_1m_count", "submits and cancels in the last minute"),
    _ACCOUNT.number(
        "pace.last_trade_age_s",
        Unit.S,
        "time since our last execution",
        absence=Absence.SINCE_GENESIS,
        low=0,
    ),
    _SYMBOL.number(
        "pace.symbol_last_trade_age_s",
        Unit.S,
        "time since our last execution in this symbol",
        absence=Absence.SINCE_GENESIS,
        low=0,
    ),
    _count("pace.losses_consecutive_count", "positions closed at a loss in a row"),
)
