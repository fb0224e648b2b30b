"""Facts of one order before it is sent. Only quantity and notional vary with its size."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.model.orders import OrderForm, Side

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet
    from decimal import Decimal

    from engine.cycle.valuation import Valuation
    from engine.expr.nodes import Value
    from engine.ledger.state import State
    from engine.model.market import Quote
    from engine.model.orders import OrderIntent
    from engine.model.symbols import Symbol

_BPS = 10_000


def size_facts(intent: OrderIntent, quantity: Decimal, rate: Decimal | None) -> dict[str, Value]:
    """`order.quantity` and `order.notional_usd` at its worst price."""
    facts: dict[str, Value] = {"order.quantity": float(quantity)}
    if rate is not None:
        facts["order.notional_usd"] = float(quantity * intent.worst_price * rate)
    return facts


def order_facts(
    state: State,
    valuation: Valuation,
    intent: OrderIntent,
    quote: Quote | None,
    *,
    dust: AbstractSet[Symbol],
) -> dict[str, Value]:
    """Everything about the order but its size and its tier; `dust` is held and no position."""
    return {
        **own_facts(valuation, intent, quote),
        "order.opens_position": _opens(state, intent, dust),
        "order.continues": intent.parent is not None,
    }


def own_facts(valuation: Valuation, intent: OrderIntent, quote: Quote | None) -> dict[str, Value]:
    """What the order says by itself and against the quote, whatever the ledger holds."""
    symbol = intent.symbol
    facts: dict[str, Value] = {
        "order.symbol": str(symbol),
        "order.base": symbol.base,
        "order.quote_currency": symbol.quote,
        "order.side": intent.side.value,
        "order.intent": intent.intent.value,
        "order.type": intent.form.value,
        "order.strategy": intent.strategy,
        "order.fee_bps": float(valuation.fee_bps(intent.form)),
    }
    if intent.limit_price is not None:
        facts["order.limit_price"] = float(intent.limit_price)
    if intent.conviction is not None:
        facts["order.conviction"] = intent.conviction
    return facts | _price_facts(intent, quote)


def _opens(state: State, intent: OrderIntent, dust: AbstractSet[Symbol]) -> bool:
    held = intent.symbol in state.positions and intent.symbol not in dust
    return intent.intent.adds_risk and not held and not state.working_for(intent.symbol)


def _price_facts(intent: OrderIntent, quote: Quote | None) -> dict[str, Value]:
    mid = quote.mid if quote else None
    if quote is None or mid is None or mid == 0:
        return {}
    sign = 1 if intent.side is Side.BUY else -1
    touch = quote.ask if intent.side is Side.BUY else quote.bid
    facts: dict[str, Value] = {
        "order.price_vs_mid_bps": float(sign * (intent.worst_price - mid) / mid * _BPS)
    }
    if intent.form is OrderForm.POST_ONLY:
        facts["order.slippage_bps"] = 0.0
    elif touch is not None:
        facts["order.slippage_bps"] = max(0.0, float(sign * (touch - mid) / mid * _BPS))
    return facts
