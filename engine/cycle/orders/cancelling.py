"""Cancels: asked of the venue, and asked again while it has not said what became of the order.

In: orders and the time. Out: records, and one request for all of them; their end is learnt by
reconciling. What nobody answered is asked again a quarter, a half and then a whole second apart,
as often as somebody wants it (F22 of the audited system); what was answered, much later.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.ledger.records import RecordKind
from engine.model.orders import OrderStatus
from engine.ports import VenueError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from engine.cycle.desk import Desk
    from engine.ledger.bodies import Body
    from engine.model.portfolio import WorkingOrder
    from engine.model.times import UtcTime

SPACING_S = (0.25, 0.5, 1.0)
"""Between two requests for one order that nobody answered, the last for ever."""
ANSWERED_S = 10.0
"""After an answer: the venue has it in hand, and a thousand orders are not asked every second."""


@dataclass(slots=True)
class Cancels:
    """The requests of this process, by intent: how many, and when the next may be made.

    Moments are of the monotonic clock: a wall clock that is set back puts no cancel off. What is
    asked for good is asked at once, whatever was asked before.
    """

    asked: dict[int, tuple[int, float]] = field(default_factory=dict)

    def due(self, order: WorkingOrder, at_s: float) -> bool:
        """Whether a request may be made now; the first always may."""
        return order.number not in self.asked or at_s >= self.asked[order.number][1]

    def note(self, order: WorkingOrder, at_s: float) -> None:
        """A request is made."""
        times, _ = self.asked.get(order.number, (0, at_s))
        pause = SPACING_S[min(times, len(SPACING_S) - 1)]
        self.asked[order.number] = times + 1, at_s + pause

    def answered(self, order: WorkingOrder, at_s: float) -> None:
        """The venue has taken the last request, or knows of nothing to cancel."""
        if order.number in self.asked:
            self.asked[order.number] = 0, at_s + ANSWERED_S

    def keep(self, numbers: Iterable[int]) -> None:
        """Forget all but these."""
        self.asked = {n: self.asked[n] for n in numbers if n in self.asked}


async def cancel(
    desk: Desk, now: UtcTime, orders: Iterable[WorkingOrder], why: str, *, for_good: bool = False
) -> None:
    """Ask the venue to cancel; what became of the orders is learnt by reconciling.

    What is cancelled for good has no next rung, whenever its end is learnt. A ledger that cannot
    be written is told by LedgerUnavailable after the venue was asked: less risk waits for nobody.
    """
    desk.cancels.keep(desk.state.working)
    at_s = desk.clock.monotonic_s()
    chosen = {
        order.venue_order_id: order
        for order in orders
        if order.venue_order_id is not None
        and order.status is not OrderStatus.UNKNOWN
        and (desk.cancels.due(order, at_s) or (for_good and order.wanted))
    }
    try:
        for venue_order_id, order in chosen.items():
            desk.cancels.note(order, at_s)
            body = _body(order, venue_order_id, why, for_good=for_good)
            desk.recorder.record(RecordKind.CANCEL, now, body)
    finally:
        await _ask(desk, chosen)


async def _ask(desk: Desk, chosen: Mapping[str, WorkingOrder]) -> None:
    if not chosen:
        return
    try:
        answers = await desk.exchange.cancel([*chosen])
    except VenueError:
        # Counted where every call is watched; the orders stand, and are asked to go again.
        return
    at_s = desk.clock.monotonic_s()
    for venue_order_id in answers.keys() & chosen.keys():
        desk.cancels.answered(chosen[venue_order_id], at_s)


def _body(order: WorkingOrder, venue_order_id: str, why: str, *, for_good: bool) -> Body:
    return {
        "intent": order.number,
        "client_order_id": order.client_order_id,
        "symbol": str(order.symbol),
        "venue_order_id": venue_order_id,
        "reason": why,
        **({"for_good": True} if for_good else {}),
    }
