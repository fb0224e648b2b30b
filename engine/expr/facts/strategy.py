"""Facts of the strategy whose order or position is at hand."""

from __future__ import annotations

from engine.expr.facts.building import Source, derived
from engine.expr.units import Unit
from engine.expr.vocabulary import FactScope, FactSpec

_STRATEGY = Source(FactScope.STRATEGY, "cycle.facts.portfolio")

STRATEGY_FACTS: tuple[FactSpec, ...] = (
    _STRATEGY.text("strategy.name", "the strategy at hand"),
    _STRATEGY.number(
        "strategy.at_risk_usd", Unit.USD, "value of its positions and pending buys", low=0
    ),
    _STRATEGY.number(
        "strategy.orders_cycle_count", Unit.COUNT, "orders that it sent in this cycle", low=0
    ),
    _STRATEGY.number(
        "strategy.executions_since_arm_count",
        Unit.COUNT,
        "executions since a person last armed it",
        low=0,
    ),
    derived(
        FactScope.ORDER,
        "strategy.at_risk_pct_after",
        Unit.PCT,
        "share_pct(strategy.at_risk_usd + order.signed_notional_usd, portfolio.equity_usd)",
        "its positions and pending buys with this order, in percent of equity",
    ),
)
