"""Flows: what was paid in or out is valued before anything is traded with it.

In: the state, with what flowed since its last mark. Out: one record that says what equity is and
how much of it came from outside; none while nobody can price it, or where nothing was there
before to measure it by.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.ledger import bodies
from engine.ledger.records import RecordKind
from engine.model.numbers import ZERO

if TYPE_CHECKING:
    from engine.cycle.desk import Desk
    from engine.ledger.bodies import Body
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
