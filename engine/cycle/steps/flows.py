"""Flows: what was paid in or out is valued before anything is traded with it.

In: the state, with what flowed since its last mark. Out: one record that says what equity is and
how much of it came from outside; none while nobody can price it, or where nothing was there
before to measure it by. A new set that values things otherwise is settled in the same way: what
its rates, or its word on coins, make of the account is no result of trading.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from engine.cycle.records.valuing import terms_read
from engine.ledger import bodies
from engine.ledger.records import RecordKind
from engine.model.numbers import ZERO

if TYPE_CHECKING:
    from decimal import Decimal

    from engine.cycle.desk import Desk
    from engine.cycle.records.valuing import Terms
    from engine.cycle.valuation import Valuation
    from engine.ledger.bodies import Body
    from engine.ledger.state import State
    from engine.model.times import UtcTime


def settle(desk: Desk, now: UtcTime) -> None:
    """Say what the flows are worth at this cycle's prices, as far as that can be said."""
    state, valuation = desk.state, desk.valuation
    if not state.nav.flowed:
        return
    priced = {what: worth for what, worth in valuation.flows(state).items() if worth is not None}
    equity, flowed = valuation.equity(state), sum(priced.values(), ZERO)
    if equity is None or valuation.flowed(state) is None or not priced or equity - flowed <= 0:
        return
    body: Body = {
        "settled": [*sorted(map(str, priced))],
        "equity_usd": bodies.written(equity),
        "flowed_usd": bodies.written(flowed),
    }
    desk.recorder.record(RecordKind.CASH_FLOW, now, body)


def revalue(desk: Desk, now: UtcTime) -> None:
    """Say what the account is worth by the terms in force, and was worth by those before.

    Both at the prices of this moment, so that what the market did meanwhile remains a result.
    """
    state = desk.state
    told = state.nav.valued_before
    equity = None if told is None else _own(desk.valuation, state)
    # After a total loss only a person begins anew: another way of valuing is no recovery.
    if told is None or equity is None or state.nav.latest <= 0.0:
        return
    before = _before(desk, terms_read(told))
    body: Body = {"revalued": bodies.written(before), "equity_usd": bodies.written(equity)}
    desk.recorder.record(RecordKind.CASH_FLOW, now, body)


def _before(desk: Desk, terms: Terms) -> Decimal | None:
    """What it was worth by the old terms, by last bids where these leave it unknown; else None.

    A set that says `zero` where `block` was said does so because something has no price.
    """
    for each in (terms, replace(terms, unpriced="last")):
        valuation = each.valuation(desk.policy_set.deployment, desk.market)
        before = _own(valuation, desk.state)
        if before is not None and before > 0:
            return before
    return None


def _own(valuation: Valuation, state: State) -> Decimal | None:
    """Equity without what flowed and is not settled."""
    equity, flowed = valuation.equity(state), valuation.flowed(state)
    return None if equity is None or flowed is None else equity - flowed
