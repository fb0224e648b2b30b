"""The loop: three tasks over one desk. Feed takes the market in, clockwork ticks, cycles decide.

In: a desk, a feed, instants. Out: rounds, told one by one. Cycles and clockwork never overlap:
they share a lock, and whoever wants to stop the loop does so through the ledger or the switch.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from engine.cycle import clockwork, cycle

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Iterable

    from engine.cycle.clockwork import Command
    from engine.cycle.desk import Desk, Round
    from engine.model.market import MarketEvent
    from engine.model.times import UtcTime
    from engine.ports import Feed

    Sink = Callable[[MarketEvent], None]
    Teller = Callable[[Round], None]


class Instants(Protocol):
    """When cycles run."""

    def instants(self) -> AsyncIterator[UtcTime]:
        """Each instant, once the clock has reached it and all of its events are in."""
        ...


@dataclass(slots=True)
class Loop:
    """One trading loop. `sinks` hear every market event before the next cycle does.

    `tick_s` None ties the clockwork to the cycles, as recordings in virtual time do. `watch` is
    whatever else goes on beside them for as long as the loop runs.
    """

    desk: Desk
    feed: Feed
    instants: Instants
    tick_s: float | None
    commands: Callable[[], Iterable[Command]]
    sinks: tuple[Sink, ...]
    tell: Teller
    watch: Callable[[], Coroutine[object, object, None]] | None = None
    _busy: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def run(self, cycles: int | None = None) -> int:
        """Run until the instants end, or for so many cycles; how many were run.

        Raises what a cycle's exit path or the ledger raises, after the other tasks have stopped.
        """
        async with asyncio.TaskGroup() as tasks:
            feeding = tasks.create_task(self._feed(), name="feed")
            beside = [feeding, *self._start_ticking(tasks), *self._start_watching(tasks)]
            ran = await self._cycles(cycles)
            for each in beside:
                each.cancel()
        return ran

    async def _feed(self) -> None:
        async for event in self.feed.events():
            for sink in self.sinks:
                sink(event)

    def _start_ticking(self, tasks: asyncio.TaskGroup) -> list[asyncio.Task[None]]:
        """In virtual time nothing happens between cycles that a tick could learn of."""
        if self.tick_s is None:
            return []
        return [tasks.create_task(self._tick(self.tick_s), name="clockwork")]

    def _start_watching(self, tasks: asyncio.TaskGroup) -> list[asyncio.Task[None]]:
        return [] if self.watch is None else [tasks.create_task(self.watch(), name="watch")]

    async def _tick(self, seconds: float) -> None:
        while True:
            await self.desk.clock.sleep_until(self.desk.clock.now().plus_s(seconds))
            async with self._busy:
                await clockwork.run(self.desk, self.desk.clock.now(), self.commands())

    async def _cycles(self, most: int | None) -> int:
        ran = 0
        if most == 0:
            return ran
        async for moment in self.instants.instants():
            async with self._busy:
                await clockwork.run(self.desk, moment, self.commands())
                this = await cycle.run(self.desk, moment)
            self.tell(this)
            ran += 1
            if ran == most:
                break
        return ran
