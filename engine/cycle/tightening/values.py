"""Values tightened for a while: orders wait in the ledger, and are settled at a cycle's boundary.

In: a person's order, or time that is over; a way to make the set that there should be. Out: a swap,
with everything that lies over the reviewed set in its one record, or a record of why there is none.
What is asked lives in the ledger and not here, so a process that dies over it is followed by one
that goes on. An end is late rather than early: until the next boundary the tighter value holds.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.cycle.reloading.candidate import WATCH, Order
from engine.cycle.tightening import ending
from engine.cycle.tightening.making import Made, Wish
from engine.errors import Diagnostic
from engine.ledger.folding.guards import ORDERED
from engine.observe.failing import ended, place_of

if TYPE_CHECKING:
    from engine.cycle.desk import Desk
    from engine.cycle.reloading.reloads import Reloads
    from engine.cycle.tightening.making import Make
    from engine.model.times import UtcTime

LOOK_S = 0.2
"""How often it looks whether something begins or ends: the length of a wait, and no decision."""
_MOST = 20
"""So many at once: each is proved anew whenever one of them ends."""
_OVER = Order(WATCH, "the time of a tightening is over")


@dataclass(slots=True)
class TightenedValues:
    """The tightenings of one run in real time."""

    desk: Desk
    reloads: Reloads
    make: Make
    _made: tuple[Wish, Made | Diagnostic] | None = field(default=None, init=False)

    def order(self) -> str:
        """What comes of an order at once: it waits in the ledger to be checked."""
        own = self.desk.state.tightenings
        if len(own.held) + len(own.asked) >= _MOST:
            return f"refused: {_MOST} values are tightened already"
        return ORDERED

    async def run(self) -> None:
        """Make what there should be, again and again, until cancelled."""
        while True:
            await self.look()
            # Not by the wall clock: one that is set back must not keep an order waiting.
            await asyncio.sleep(LOOK_S)

    async def look(self) -> None:
        """Make the set that there should be, where it is not the one in force."""
        wish = self._wish(self.desk.clock.now())
        if wish is not None and not self._is_made(wish):
            self._made = wish, await _made(self.make, wish)

    def settle(self, now: UtcTime) -> None:
        """At a cycle's boundary: take what was made, if it is what there should be now."""
        ending.refuse_overdue(self.desk, now)
        wish = self._wish(now)
        if wish is None or self._made is None or not self._made[0].same(wish):
            return
        made = self._made[1]
        if isinstance(made, Diagnostic):
            # What is in force stays so, which is the tighter one; it is not tried again as it is.
            ending.refuse(self.desk, now, {each.number: (made,) for each in wish.asked})
            return
        self._made = None
        self._take(wish, made, now)

    def _take(self, wish: Wish, made: Made, now: UtcTime) -> None:
        ending.refuse(self.desk, now, made.refused)
        before = self.desk.state.tightenings.held
        if made.candidate.held == before:
            return
        ending.latch_unfit(self.desk, now, made.unfit)
        ending.tell_begun(self.desk, now, made.candidate.held)
        ending.tell_over(self.desk, now, made.candidate.held)
        began = [each for each in wish.asked if each.number not in made.refused]
        order = Order(began[-1].who, began[-1].why) if began else _OVER
        self.reloads.take(self.desk, made.candidate, order, now)

    def _wish(self, now: UtcTime) -> Wish | None:
        """What should be in force; None where it is."""
        own = self.desk.state.tightenings
        held, asked = own.lasting(now), tuple(own.asked.values())
        if held == own.held and not asked:
            return None
        return Wish(self.reloads.running, self.desk.policy_set, held, asked)

    def _is_made(self, wish: Wish) -> bool:
        return self._made is not None and self._made[0].same(wish)


async def _made(make: Make, wish: Wish) -> Made | Diagnostic:
    """What comes of it, beside the loop; a failure of the check is a finding, and refuses."""
    task = await ended(asyncio.to_thread(make, wish))
    error = task.exception()
    if error is None:
        return task.result()
    message = f"the check of the value failed: {type(error).__name__} in {place_of(error)}"
    return Diagnostic("M788", message, None, "this is a fault of ours; what is in force goes on")
