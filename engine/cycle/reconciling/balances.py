"""Balances: what the venue says that the account holds, against what our records add up to.

In: the venue's balances, the ExecutionPolicy's slack. Out: a record whenever what differs has
changed, named by currency (and by order, where the scan found one). Fills and balances of a venue
do not arrive together: a young difference is unknown, and neither agreement nor a mismatch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.cycle.reconciling import flows
from engine.cycle.steps import adoption
from engine.ledger import bodies
from engine.ledger.records import RecordKind
from engine.model.numbers import ZERO

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from engine.cycle.desk import Desk
    from engine.ledger.bodies import Body
    from engine.model.times import UtcTime


async def compare(desk: Desk, now: UtcTime) -> None:
    """Compare once, and keep what differs; raises `VenueError`."""
    told = await desk.exchange.balances()
    desk.comparing.told = dict(told)
    adoption.run(desk, now, told)
    terms = desk.policy_set.execution.reconcile
    away = differences(desk, told)
    names = [*away, *desk.comparing.orders]
    desk.comparing.settle(names, now, float(terms.settles_within_s))
    counted = {name: away[name] for name in away if name not in desk.comparing.settling}
    left = await flows.explain(desk, now, counted)
    words = {name: _words(desk, name, told.get(name, ZERO)) for name in left}
    _record(desk, now, words, left)


def differences(desk: Desk, told: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """The venue's units less ours, by currency, where they are further apart than the slack."""
    ours = desk.state.cash
    found = {name: told.get(name, ZERO) - ours.get(name, ZERO) for name in sorted({*told, *ours})}
    return {name: units for name, units in found.items() if units and not _slack(desk, name, units)}


def _slack(desk: Desk, currency: str, units: Decimal) -> bool:
    """Whether so many units are worth no more than what may differ; without a price, none are."""
    unit = desk.valuation.rate(currency)
    if unit is None:
        unit = desk.valuation.coin(currency)
    most = desk.policy_set.execution.reconcile.slack.balance_usd
    return unit is not None and abs(units) * unit <= most


def _words(desk: Desk, currency: str, told: Decimal) -> str:
    ours = desk.state.cash.get(currency, ZERO)
    both = f"venue {bodies.written(told)}, ledger {bodies.written(ours)}"
    return both + flows.words(desk, currency)


def _record(desk: Desk, now: UtcTime, words: dict[str, str], away: dict[str, Decimal]) -> None:
    comparing = desk.comparing
    orders = {n: w for n, w in comparing.orders.items() if n not in comparing.settling}
    different = {**words, **orders}
    if different == desk.state.differences:
        return
    body: Body = {
        "mismatches": len(different),
        "differences": {**different},
        "away": {name: bodies.written(units) for name, units in away.items()},
    }
    desk.recorder.record(RecordKind.RECONCILE, now, body)
