"""The watchdog: it cancels our entries at the venue when the loop beside it falls silent.

In: the loop's beat, the venue, how long a silence may be. Out: cancels of buys that are ours, and
words. Ways out stay where they are: they protect what is held. It cannot send an order, keeps no
record, and needs nothing of the loop: a loop that wakes finds its entries gone, and reconciles.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from engine.model.orders import Side
from engine.ports import VenueError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from engine.model.orders import VenueOrder
    from engine.model.times import UtcTime
    from engine.ports import Clock

LEAST_SILENCE_S = 2.0
_LOOK_S = 0.25
_AGAIN_S, _QUIET_S = 1.0, 5.0


class Recall(Protocol):
    """As much of an `Exchange` as a watchdog may use."""

    async def orders(self, since: UtcTime) -> Sequence[VenueOrder]:
        """Every order created or changed since then."""
        ...

    async def cancel(self, venue_order_ids: Sequence[str]) -> Mapping[str, bool]:
        """Ask for cancels."""
        ...


@dataclass(slots=True)
class Watchdog:
    """Watches one loop. `since` is from when orders of ours can still be working.

    `beat` is what the loop last left; any change is a sign of life.
    """

    beat: Callable[[], bytes]
    ours: Callable[[str], bool]
    since: Callable[[], UtcTime]
    venue: Recall
    clock: Clock
    silence_s: float
    alert: Callable[[str], Awaitable[None]]
    silent: bool = field(default=False, init=False)
    _last: bytes | None = field(default=None, init=False)
    _heard_s: float = field(default=0.0, init=False)
    _looked_s: float = field(default=0.0, init=False)
    _next_s: float = field(default=0.0, init=False)

    async def run(self) -> None:
        """Watch for ever."""
        while True:
            await self.look()
            # Not by the wall clock, which others may set.
            await asyncio.sleep(_LOOK_S)

    async def look(self) -> None:
        """Listen once, and act on a silence that lasts too long."""
        now_s, beat = self.clock.monotonic_s(), self.beat()
        slept = now_s - self._looked_s > self.silence_s / 2
        self._looked_s = now_s
        if beat != self._last or (slept and not self.silent):
            # Who was suspended himself has heard nothing, and listens anew.
            await self._heard(beat, now_s)
        elif now_s - self._heard_s >= self.silence_s and now_s >= self._next_s:
            await self._act(now_s)

    async def _heard(self, beat: bytes, now_s: float) -> None:
        moved, self._last, self._heard_s = beat != self._last, beat, now_s
        if self.silent and moved:
            self.silent = False
            await self.alert("the loop beats again; it learns of the cancels by reconciling")

    async def _act(self, now_s: float) -> None:
        if not self.silent:
            self.silent = True
            told = f"the loop has been silent for {now_s - self._heard_s:.1f} s"
            await self.alert(f"{told}: its entries are cancelled")
        try:
            cancelled = await self._call_back()
        except VenueError as failure:
            await self.alert(f"the venue did not do it: {type(failure).__name__}; asked again")
            cancelled = True
        wait_s = _AGAIN_S if cancelled else _QUIET_S
        self._next_s = self._looked_s = self.clock.monotonic_s()
        self._next_s += wait_s

    async def _call_back(self) -> bool:
        """Cancel every entry of ours that works; whether there was one."""
        found = [each for each in await self.venue.orders(self.since()) if self._is_entry(each)]
        if found:
            answers = await self.venue.cancel([each.venue_order_id for each in found])
            taken = sum(answers.values())
            await self.alert(f"{taken} of {len(found)} working entries: the venue took the cancel")
        return bool(found)

    def _is_entry(self, order: VenueOrder) -> bool:
        """Ours, not at its end, and a buy: we never sell what we do not hold."""
        working = not order.status.final
        return working and order.side is Side.BUY and self.ours(order.client_order_id)
