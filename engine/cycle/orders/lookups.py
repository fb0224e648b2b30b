"""Orders that nobody knows of: looked up until the venue shows them, or shows that they are not.

In: the working orders that are unknown, and whole readings of the venue. Out: records of orders
found, and NOT_SEEN for one that two whole readings after its quarantine did not show, with
balances that agree. Refuses to give up earlier, and never sends anything again
(the order protocol, points 4 and 5).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.cycle.steps import reconcile
from engine.ledger.records import RecordKind
from engine.model.orders import Mode, OrderStatus

if TYPE_CHECKING:
    from engine.cycle.desk import Desk
    from engine.cycle.orders.searches import Search
    from engine.ledger.bodies import Body
    from engine.model.portfolio import WorkingOrder
    from engine.model.times import UtcTime

SCANS = 2
"""How many whole readings after the quarantine must not show the order."""


async def run(desk: Desk, now: UtcTime) -> None:
    """Look for what is unknown and due: one reading of the venue for all of them."""
    if desk.mode is Mode.DRY_RUN:
        return
    _give_up_waiting(desk, now)
    unknown = _unknown(desk)
    desk.lookups.keep({order.number for order in unknown})
    steady_s = desk.clock.monotonic_s()
    due = [order for order in unknown if desk.lookups.due(order, now, steady_s)]
    if not due:
        return
    whole = await reconcile.read(desk, now)
    for order in due:
        search = desk.lookups.tried(order, now)
        if whole and order.number in desk.state.working and _quarantined(desk, search, order):
            await _not_there(desk, now, order, search)


def _unknown(desk: Desk) -> list[WorkingOrder]:
    return [o for o in desk.state.working.values() if o.status is OrderStatus.UNKNOWN]


def _give_up_waiting(desk: Desk, now: UtcTime) -> None:
    """An order that was sent and never answered, by a process that is gone or a call that failed.

    Nothing else runs between the send and its answer, so whoever sees such an order is too late.
    """
    for order in list(desk.state.working.values()):
        if order.status is OrderStatus.SENT:
            body = _identity(order, "it was sent, and no answer was recorded")
            desk.recorder.record(RecordKind.UNKNOWN, now, body)


def _quarantined(desk: Desk, search: Search, order: WorkingOrder) -> bool:
    """Whether its quarantine is over, and still nothing of it is known."""
    seconds = desk.policy_set.execution.unknown_orders.quarantine
    current = desk.state.working[order.number]
    waited_s = search.waited_s(desk.clock.monotonic_s())
    return current.status is OrderStatus.UNKNOWN and waited_s >= seconds


async def _not_there(desk: Desk, now: UtcTime, order: WorkingOrder, search: Search) -> None:
    search.in_vain += 1
    if search.in_vain < SCANS or not await reconcile.agrees(desk, now):
        return
    reason = f"not at the venue in {search.in_vain} whole readings after its quarantine"
    desk.recorder.record(RecordKind.NOT_SEEN, now, _identity(order, reason))
    desk.recorder.sync()


def _identity(order: WorkingOrder, reason: str) -> Body:
    return {
        "intent": order.number,
        "client_order_id": order.client_order_id,
        "symbol": str(order.symbol),
        "reason": reason,
    }
