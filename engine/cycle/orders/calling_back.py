"""Orders called back from the venue while somebody else has the desk, or nobody has it any more.

In: a desk, and how often to look. Out: cancels, with their records. A thrown switch is acted on
although a cycle or a tick waits for an answer: a record is one step that nothing can part, a
cancel changes nothing that they have read, and what became of the orders is learnt by reconciling,
in its turn. Refuses to send anything else.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from engine.cycle.orders import following
from engine.model.orders import OrderStatus
from engine.ports import VenueError

if TYPE_CHECKING:
    from engine.cycle.desk import Desk

LOOK_S = 0.1
"""How often the switch is read, in real seconds: whoever throws it is no recording."""
_LAST_ACT_S = 10.0


async def watch(desk: Desk, every_s: float) -> None:
    """Look for ever."""
    while True:
        # Not by the wall clock: one that is set back must not put off a kill switch.
        await asyncio.sleep(every_s)
        await look(desk)


async def look(desk: Desk) -> None:
    """Cancel what works at the venue where the switch is thrown."""
    if desk.kill_switch() is not None:
        await following.cancel_for_breakers(desk, desk.clock.now())


async def last_act(desk: Desk) -> None:
    """Cancel the entries of a loop that has failed: nobody is left to watch over them.

    Nothing is recorded, since the ledger may be what failed; the next start learns of it from the
    venue. Ways out stay: they protect what is held.
    """
    entries = [
        order.venue_order_id
        for order in desk.state.working.values()
        if order.intent.adds_risk
        and order.venue_order_id is not None
        and order.status is not OrderStatus.UNKNOWN
    ]
    if entries:
        with suppress(VenueError, TimeoutError):
            async with asyncio.timeout(_LAST_ACT_S):
                await desk.exchange.cancel(entries)
