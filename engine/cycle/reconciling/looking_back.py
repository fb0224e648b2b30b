"""What the venue shows of our orders: since they were made, and where one is missing, far earlier.

In: the orders that are followed. Out: the venue's word on each that it shows, and fills that its
newer list leaves out. A wall clock that ran ahead when an order was made, or a ledger whose time is
ahead of a clock that was set back, dates an order after the venue does: no list since then would
ever show it, and it would be taken for never placed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.cycle.desk import Desk
    from engine.model.orders import Fill, VenueOrder
    from engine.model.portfolio import WorkingOrder
    from engine.model.times import UtcTime


async def orders(
    desk: Desk, now: UtcTime, followed: Sequence[WorkingOrder]
) -> Mapping[str, VenueOrder]:
    """What the venue shows of these, by our id; raises `VenueError`."""
    shown = await _since(desk, _oldest(followed))
    if all(order.client_order_id in shown for order in _working(desk, followed)):
        return shown
    return await _since(desk, _far(desk, now, followed))


async def fills(desk: Desk, now: UtcTime, followed: Sequence[WorkingOrder]) -> list[Fill]:
    """Every fill of these from long before they were made by our clock; raises `VenueError`."""
    ours = {order.client_order_id for order in followed}
    told = await desk.exchange.fills(_far(desk, now, followed))
    return [fill for fill in told if fill.client_order_id in ours]


async def _since(desk: Desk, since: UtcTime) -> Mapping[str, VenueOrder]:
    return {order.client_order_id: order for order in await desk.exchange.orders(since)}


def _working(desk: Desk, followed: Sequence[WorkingOrder]) -> list[WorkingOrder]:
    """Those that count: one that was given up is only watched for, by the list that is read."""
    return [order for order in followed if order.number in desk.state.working]


def _oldest(followed: Sequence[WorkingOrder]) -> UtcTime:
    return min(order.created for order in followed)


def _far(desk: Desk, now: UtcTime, followed: Sequence[WorkingOrder]) -> UtcTime:
    back_s = desk.policy_set.execution.reconcile.look_back
    return min(now, _oldest(followed)).plus_s(-back_s)
