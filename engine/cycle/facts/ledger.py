"""Facts of one order against what the ledger already holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.model.orders import Side

if TYPE_CHECKING:
    from engine.expr.nodes import Value
    from engine.ledger.state import State
    from engine.model.orders import OrderIntent
    from engine.model.portfolio import WorkingOrder
    from engine.model.times import UtcTime


def ledger_facts(state: State, intent: OrderIntent, now: UtcTime) -> dict[str, Value]:
    """The age of the last like intent, and whether the order would meet one of our own."""
    symbol, side = intent.symbol, intent.side
    last = state.pace.last_like.get((symbol, side.value, intent.strategy), state.genesis)
    facts: dict[str, Value] = {
        "order.self_match": any(
            _meets(intent, order) for order in state.working_for(symbol) if order.side is not side
        )
    }
    if last is not None:
        facts["order.duplicate_age_s"] = max(0.0, now.since_s(last))
    return facts


def _meets(intent: OrderIntent, resting: WorkingOrder) -> bool:
    if resting.limit_price is None or intent.limit_price is None:
        return True
    if intent.side is Side.BUY:
        return intent.limit_price >= resting.limit_price
    return intent.limit_price <= resting.limit_price
