"""Cancels: asked of the venue, and asked again while it has not said what became of the order.

In: orders and the time. Out: records, and requests; their end is learnt by reconciling. A request
that is under way is not repeated at once: a quarter, a half and then a whole second apart, as often
as somebody wants it (F22 of the audited system).
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.ledger.records import RecordKind
from engine.model.orders import OrderStatus
from engine.ports import VenueError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from engine.cycle.desk import Desk
    from engine.ledger.bodies import Body
    from engine.model.portfolio import WorkingOrder
    from engine.model.times import UtcTime

SPACING_S = (0.25, 0.5, 1.0)
"""Between two requests for one order, the last for ever."""


@dataclass(slots=True)
class Cancels:
    """The requests of this process, by intent: how many, and when the next may be made.

    What is asked for good is asked at once, whatever was asked before.
    """

    asked: dict[int, tuple[int, UtcTime]] = field(default_factory=dict)

    def due(self, order: WorkingOrder, now: UtcTime) -> bool:
        """Whether a request may be made now; the first always may."""
        return order.number not in self.asked or now >= self.asked[order.number][1]

    def note(self, order: WorkingOrder, now: UtcTime) -> None:
        """A request was made."""
        times, _ = self.asked.get(order.number, (0, now))
        pause = SPACING_S[min(times, len(SPACING_S) - 1)]
        self.asked[order.number] = times + 1, now.plus_s(pause)

    def keep(self, numbers: Iterable[int]) -> None:
        """Forget all but these."""
        self.asked = {n: self.asked[n] for n in numbers if n in self.asked}


async def cancel(
    desk: Desk, now: UtcTime, orders: Iterable[WorkingOrder], why: str, *, for_good: bool = False
) -> None:
    """Ask the venue to cancel; what became of the orders is learnt by reconciling.

    What is cancelled for good has no next rung, whenever its end is learnt.
    """
    desk.cancels.keep(desk.state.working)
    for order in orders:
        if order.venue_order_id is None or order.status is OrderStatus.UNKNOWN:
            continue
        if not (desk.cancels.due(order, now) or (for_good and order.wanted)):
            continue
        desk.cancels.note(order, now)
        body: Body = {
            "intent": order.number,
            "client_order_id": order.client_order_id,
            "symbol": str(order.symbol),
            "venue_order_id": order.venue_order_id,
            "reason": why,
            **({"for_good": True} if for_good else {}),
        }
        desk.recorder.record(RecordKind.CANCEL, now, body)
        # Counted where every call is watched; the order stands, and is asked to go again.
        with suppress(VenueError):
            await desk.exchange.cancel(order.venue_order_id)
