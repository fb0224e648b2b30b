"""The built-in facts, one file a group, composed into `VOCABULARY`.

The facts of the rules themselves (`limit.NAME.used_pct`, `params.X`, …) are added for each policy
set by `Vocabulary.extended`.
"""

from __future__ import annotations

from engine.expr.facts.asset import ASSET_FACTS
from engine.expr.facts.data import CLOCK_FACTS, DATA_FACTS, ENGINE_FACTS
from engine.expr.facts.order import ORDER_FACTS, SIZE_FACTS
from engine.expr.facts.pace import COOLDOWN, PACE_FACTS
from engine.expr.facts.portfolio import PORTFOLIO_FACTS
from engine.expr.facts.position import POSITION_FACTS
from engine.expr.facts.quote import QUOTE_FACTS
from engine.expr.facts.regime import REGIME_FACTS, Regime
from engine.expr.facts.strategy import STRATEGY_FACTS
from engine.expr.facts.venue import VENUE_FACTS
from engine.expr.vocabulary import Vocabulary

# A snapshot that breaks one of these is not believed; proofs take them as given. No sums here:
# a sum of floats may exceed the float of the exact sum by its last bit.
INVARIANTS: tuple[str, ...] = (
    "quote.bid <= quote.ask",
    "position.value_usd <= portfolio.gross_usd",
    "position.value_usd <= portfolio.at_risk_usd",
    "position.pending_buy_usd <= portfolio.at_risk_usd",
    "portfolio.group_at_risk_usd <= portfolio.at_risk_usd",
    "strategy.at_risk_usd <= portfolio.at_risk_usd",
    "pace.orders_1m_count <= pace.orders_1h_count <= pace.orders_24h_count",
    "pace.entries_1h_count <= pace.entries_24h_count",
    "pace.messages_1s_count <= pace.messages_1m_count",
)

VOCABULARY = Vocabulary.of(
    (
        *ORDER_FACTS,
        *QUOTE_FACTS,
        *ASSET_FACTS,
        *POSITION_FACTS,
        *PORTFOLIO_FACTS,
        *STRATEGY_FACTS,
        *PACE_FACTS,
        *VENUE_FACTS,
        *DATA_FACTS,
        *ENGINE_FACTS,
        *CLOCK_FACTS,
        *REGIME_FACTS,
    ),
    INVARIANTS,
)

__all__ = ["COOLDOWN", "INVARIANTS", "SIZE_FACTS", "VOCABULARY", "Regime"]
