"""Ceilings at the last step before the wire: no set, overlay or waiver has a word in it.

In: an approved order, counted in the ledger already, at its final quantity. Out: why it must not
leave, with the numbers; None lets it. What cannot be known does not leave either.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.cycle.facts.pace import within
from engine.model.numbers import ZERO, canonical_number

if TYPE_CHECKING:
    from decimal import Decimal

    from engine.cycle.desk import Desk, Round
    from engine.ledger.bodies import Body
    from engine.model.orders import ApprovedOrder
    from engine.policyset.ceilings import Ceilings

_HOUR_S = 3600


def refusal(desk: Desk, this: Round, order: ApprovedOrder) -> str | None:
    """The first ceiling that an order which adds risk would go through."""
    ceilings = desk.ceilings
    if ceilings is None or not order.intent.intent.adds_risk:
        return None
    most, symbols = ceilings.spec, {order.symbol}
    rate = desk.valuation.rate(order.symbol.quote)
    value = None if rate is None else order.quantity * order.intent.worst_price * rate
    sent = ZERO + int(within(desk.state.pace.orders, this.now, _HOUR_S)) + 1
    # INVARIANT: the order's intent is in the ledger, so what is at risk counts it in full.
    measured: tuple[tuple[str, Decimal | None, Decimal], ...] = (
        ("max_order_usd", value, most.max_order_usd),
        ("max_position_usd", desk.valuation.at_risk(desk.state, symbols), most.max_position_usd),
        ("max_at_risk_usd", desk.valuation.at_risk(desk.state), most.max_at_risk_usd),
        ("max_orders_1h_count", sent, most.max_orders_1h_count),
    )
    return next((told for told in (_beyond(*each) for each in measured) if told), None)


def _beyond(name: str, value: Decimal | None, most: Decimal) -> str | None:
    if value is None:
        return f"ceiling {name}: the value cannot be known"
    if value > most:
        return f"ceiling {name}: {canonical_number(value)} > {canonical_number(most)}"
    return None


def ceilings_body(ceilings: Ceilings | None) -> Body:
    """What the record of an activation says of the ceilings beside the set."""
    if ceilings is None:
        return {"ceilings": None}
    most: Body = {name: canonical_number(value) for name, value in ceilings.spec}
    return {"ceilings": {"name": ceilings.name, "hash": ceilings.hash, "most": most}}
