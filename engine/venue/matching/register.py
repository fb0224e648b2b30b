"""What the venue remembers of orders: by every name that one may ask for.

In: orders as they stand, executions. Out: the same, oldest first; the working ones apart, in the
order in which they may be filled. Refuses nothing.
"""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

from engine.model.orders import Side

if TYPE_CHECKING:
    from collections.abc import Iterable
    from decimal import Decimal

    from engine.model.times import UtcTime
    from engine.venue.orders import Execution, Order


class Register:
    """Every order and execution of one venue."""

    def __init__(self) -> None:
        self.orders: dict[str, Order] = {}
        self.executions: list[Execution] = []
        self.working: dict[str, Order] = {}
        self._by_client_id: dict[str, str] = {}
        self._ends: list[tuple[int, str]] = []

    def put(self, order: Order) -> None:
        """Remember an order as it stands now."""
        new = order.order_id not in self.orders
        self.orders[order.order_id] = order
        if new:
            self._by_client_id[order.request.client_order_id] = order.order_id
            if order.request.end_time is not None:
                heapq.heappush(self._ends, (order.request.end_time.ns, order.order_id))
        if order.status.final:
            self.working.pop(order.order_id, None)
        else:
            self.working[order.order_id] = order

    def by_client_id(self, client_order_id: str) -> Order | None:
        """The newest order under that id."""
        order_id = self._by_client_id.get(client_order_id)
        return None if order_id is None else self.orders[order_id]

    def ended(self, now: UtcTime) -> Iterable[Order]:
        """Working orders whose end time has come; each is told once."""
        while self._ends and self._ends[0][0] <= now.ns:
            _, order_id = heapq.heappop(self._ends)
            if order_id in self.working:
                yield self.working[order_id]


def by_priority(orders: Iterable[Order]) -> list[Order]:
    """Resting orders of one product as the market meets them: best price, then oldest place."""
    return sorted(orders, key=_priority)


def _priority(order: Order) -> tuple[int, Decimal, int, int]:
    price = order.rest_price
    buys = order.side is Side.BUY
    return (
        (0, -price, order.queued.ns, order.number)
        if buys
        else (1, price, order.queued.ns, order.number)
    )
