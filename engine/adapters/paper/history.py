"""What the venue remembers: orders, executions, and when each changed.

In: orders as they enter, change and end, and fills. Out: both since an instant, oldest first.
Refuses times that run backwards: the exchange's own clock never does, so that a reader who
asks "since my last question" misses nothing.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

from engine.model.orders import Side

if TYPE_CHECKING:
    from decimal import Decimal

    from engine.adapters.paper.order import PaperOrder
    from engine.model.orders import Fill, VenueOrder
    from engine.model.symbols import Symbol
    from engine.model.times import UtcTime


class History:
    """Every order and fill of one venue; working orders are also kept apart."""

    __slots__ = (
        "_by_client_id",
        "_by_venue_id",
        "_change_ns",
        "_changed",
        "_fill_ns",
        "_fills",
        "working",
    )

    def __init__(self) -> None:
        self.working: dict[str, PaperOrder] = {}
        self._by_venue_id: dict[str, PaperOrder] = {}
        self._by_client_id: dict[str, PaperOrder] = {}
        self._changed: list[PaperOrder] = []
        self._change_ns: list[int] = []
        self._fills: list[Fill] = []
        self._fill_ns: list[int] = []

    def add(self, order: PaperOrder, now: UtcTime) -> None:
        """Remember a new order."""
        self._by_venue_id[order.venue_order_id] = order
        self._by_client_id[order.client_order_id] = order
        self.working[order.venue_order_id] = order
        self.note_change(order, now)

    def note_change(self, order: PaperOrder, now: UtcTime) -> None:
        """Remember that the order changed, and forget it as working once it is final."""
        self._changed.append(order)
        self._change_ns.append(now.ns)
        if order.status.final:
            self.working.pop(order.venue_order_id, None)

    def add_fill(self, fill: Fill) -> None:
        """Remember an execution."""
        self._fills.append(fill)
        self._fill_ns.append(fill.time.ns)

    def by_client_id(self, client_order_id: str) -> PaperOrder | None:
        """The newest order under that id."""
        return self._by_client_id.get(client_order_id)

    def orders_since(self, since: UtcTime) -> list[VenueOrder]:
        """Orders created or changed at `since` or later, in the order of their creation."""
        changed = self._changed[bisect_left(self._change_ns, since.ns) :]
        found = {each.number: each for each in changed}
        return [found[number].report() for number in sorted(found)]

    def fills_since(self, since: UtcTime) -> list[Fill]:
        """Executions at `since` or later, in their order."""
        return self._fills[bisect_left(self._fill_ns, since.ns) :]

    def expired(self, now: UtcTime) -> list[PaperOrder]:
        """Working orders whose deadline has come."""
        return [
            each
            for each in self.working.values()
            if each.expires is not None and each.expires <= now
        ]

    def working_before(self, symbol: Symbol, before: UtcTime, *, maker: bool) -> list[PaperOrder]:
        """Working orders of a product placed before that instant.

        Those that rest: best price first, then oldest. Those that take: oldest first.
        """
        found = [
            each
            for each in self.working.values()
            if each.symbol == symbol and each.created < before and each.maker is maker
        ]
        return sorted(found, key=_priority) if maker else found


def _priority(order: PaperOrder) -> tuple[Decimal, int]:
    price = order.rest_price
    return (-price if order.side is Side.BUY else price, order.number)
