"""The loop: tasks over one desk. Feed takes the market in, clockwork ticks, cycles decide.

In: a desk, a feed, instants. Out: rounds, told one by one. Cycles and clockwork never overlap:
they share a lock, and whoever wants to stop the loop does so through the ledger or the switch,
which is acted on while they wait.
"""

from __future__ import annotations

import asyncio
import gc
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from engine.cycle import clockwork, cycle
from engine.cycle.orders import calling_back

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable, Iterator

    from engine.cycle.clockwork import Command
    from engine.cycle.desk import Desk, Round
    from engine.model.market import MarketEvent
    from engine.model.times import UtcTime
    from engine.ports import Feed

    Sink = Callable[[MarketEvent], None]
    Teller = Callable[[Round], None]
    Beside = Callable[[], Coroutine[object, object, None]]


class Instants(Protocol):
    """When cycles run."""

    def instants(self) -> AsyncIterator[UtcTime]:
        """Each instant, once the clock has reached it and all of its events are in."""
        ...


@dataclass(slots=True)
class Loop:
    """One trading loop. `sinks` hear every market event before the next cycle does.

    `tick_s`, in real seconds, is how often the clockwork ticks; None ties it to the cycles, as
    recordings in virtual time do. Where it ticks the kill switch is watched too (`look_s`), and
    `beat` is called after each tick, for whoever watches from outside. `beside` is
    whatever else goes on for as long as the loop runs.
    """

    desk: Desk
    feed: Feed
    instants: Instants
    tick_s: float | None
    commands: Callable[[], Iterable[Command]]
    sinks: tuple[Sink, ...]
    tell: Teller
    beside: tuple[Beside, ...] = ()
    beat: Callable[[], None] = lambda: None
    look_s: float = calling_back.LOOK_S
    ran: int = field(default=0, init=False)
    _busy: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)
    _running: asyncio.Task[object] | None = field(default=None, init=False)
    _stopped: bool = field(default=False, init=False)

    async def run(self, cycles: int | None = None) -> int:
        """Run until the instants end, or for so many cycles; how many were run.

        Raises what a cycle's exit path or the ledger raises, after the other tasks have stopped
        and our entries were called back.
        """
        self._running = asyncio.current_task()
        try:
            await self._run(cycles)
        except ExceptionGroup:
            await calling_back.last_act(self.desk)
            raise
        return self.ran

    async def _run(self, cycles: int | None) -> None:
        async with asyncio.TaskGroup() as tasks:
            feeding = tasks.create_task(self._feed(), name="feed")
            others = [feeding, *self._start_ticking(tasks)]
            others += [tasks.create_task(each(), name="beside") for each in self.beside]
            await self._until_stopped(cycles)
            for each in others:
                each.cancel()

    async def stop(self) -> None:
        """End the run between two steps: what goes on now is finished, and nothing begins.

        For a task beside the cycles; it ends with the loop.
        """
        # INVARIANT: not given back, so no step can begin before the loop has ended.
        await self._busy.acquire()
        self._stopped = True
        if self._running is not None:
            self._running.cancel()

    async def between(self, step: Callable[[], Awaitable[None]]) -> None:
        """Run a step of somebody else where no cycle and no tick runs."""
        async with self._busy:
            await step()

    async def _until_stopped(self, cycles: int | None) -> None:
        try:
            await self._cycles(cycles)
        except asyncio.CancelledError:
            if not self._stopped or self._running is None:
                raise
            self._running.uncancel()
        else:
            # A tick that began is finished before its task ends.
            await self._busy.acquire()

    async def _feed(self) -> None:
        async for event in self.feed.events():
            for sink in self.sinks:
                sink(event)

    def _start_ticking(self, tasks: asyncio.TaskGroup) -> list[asyncio.Task[None]]:
        """In virtual time nothing happens between cycles that a tick could learn of."""
        if self.tick_s is None:
            return []
        return [
            tasks.create_task(self._tick(self.tick_s), name="clockwork"),
            tasks.create_task(calling_back.watch(self.desk, self.look_s), name="kill switch"),
        ]

    async def _tick(self, seconds: float) -> None:
        while True:
            # Not by the wall clock: one that is set back must not stop the operator's hands.
            await asyncio.sleep(seconds)
            async with self._busy:
                await clockwork.run(self.desk, self.desk.clock.now(), self.commands())
            self.beat()

    async def _cycles(self, most: int | None) -> None:
        if most == 0:
            return
        async for moment in self.instants.instants():
            async with self._busy:
                with unswept():
                    # Here and nowhere else another set comes into force: what follows is all its.
                    if self.desk.reloads is not None:
                        self.desk.reloads.settle(self.desk, moment)
                    if self.desk.tightened is not None:
                        self.desk.tightened.settle(moment)
                    await clockwork.run(self.desk, moment, self.commands())
                    this = await cycle.run(self.desk, moment)
            self.tell(this)
            self.ran += 1
            if self.ran == most:
                break


@contextmanager
def unswept() -> Iterator[None]:
    """Leave the search for circular garbage to the time between cycles: decisions wait for it."""
    swept = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if swept:
            gc.enable()
