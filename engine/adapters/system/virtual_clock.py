"""Time that is only as long as what happens in it: recordings and simulations run on it.

In: a coroutine. Out: its result, with every sleep and time-out served in order and at once.
While any task can run, time stands still; when all of them wait, it jumps to the earliest moment
that one waits for. Ties go to whoever slept first, so one history has one order, on any machine.
Refuses to wait for what never comes: no due moment is a `StandStill`. Sockets, signals and
threads are not served; a virtual loop has no outside.
"""

from __future__ import annotations

import asyncio
import heapq
import selectors
from itertools import count
from math import ceil
from typing import TYPE_CHECKING, TypeVar

from engine.model.times import NS_PER_S, UtcTime

if TYPE_CHECKING:
    from collections.abc import Coroutine

T = TypeVar("T")


class StandStill(RuntimeError):  # noqa: N818 - a state of the simulation, named as it looks
    """Every task waits, and for nothing that time will bring."""


class VirtualClock:
    """A wall clock and a monotonic one that move only when nothing else can."""

    def __init__(self, start: UtcTime) -> None:
        self._wall_ns = start.ns
        self._monotonic_ns = 0
        self._sleepers: list[tuple[int, int, asyncio.Future[None]]] = []
        self._order = count()

    def now(self) -> UtcTime:
        """The wall clock."""
        return UtcTime(self._wall_ns)

    def monotonic_s(self) -> float:
        """Seconds since this clock was made; `step_wall` does not move it."""
        return self._monotonic_ns / NS_PER_S

    async def sleep_until(self, moment: UtcTime) -> None:
        """Return at or after `moment`, letting others run first; only inside `run`."""
        loop = asyncio.get_running_loop()
        if not isinstance(loop, _VirtualLoop) or loop.clock is not self:
            message = "a virtual clock stands still outside of its own `run`"
            raise StandStill(message)
        waiter = loop.create_future()
        heapq.heappush(self._sleepers, (moment.ns, next(self._order), waiter))
        await waiter

    def step_wall(self, seconds: float) -> None:
        """Set the wall clock forward, or back when negative, as a time server would."""
        self._wall_ns += round(seconds * NS_PER_S)

    def advance(self, seconds: float) -> None:
        """Let time pass by hand (not backwards): both clocks move, sleepers wake when they may."""
        if seconds < 0:
            message = "time passes in one direction"
            raise ValueError(message)
        self._pass_ns(round(seconds * NS_PER_S))

    def run(self, main: Coroutine[object, object, T]) -> T:
        """Run to the end in virtual time; raises what `main` raises, and StandStill."""
        with asyncio.Runner(loop_factory=lambda: _VirtualLoop(self)) as runner:
            return runner.run(main)

    def pass_idle(self, longest_s: float | None) -> None:
        """Jump to the next due moment, at most this far: the loop calls it when nothing can run."""
        self._drop_cancelled()
        longest_ns = None if longest_s is None else ceil(longest_s * NS_PER_S)
        if self._sleepers:
            due_ns = max(0, self._sleepers[0][0] - self._wall_ns)
            longest_ns = due_ns if longest_ns is None else min(due_ns, longest_ns)
        if longest_ns is None:
            message = "every task waits, and for nothing that time will bring"
            raise StandStill(message)
        self._pass_ns(longest_ns)
        self._wake()

    def _pass_ns(self, span_ns: int) -> None:
        self._wall_ns += span_ns
        self._monotonic_ns += span_ns

    def _drop_cancelled(self) -> None:
        while self._sleepers and self._sleepers[0][2].done():
            heapq.heappop(self._sleepers)

    def _wake(self) -> None:
        # One at a time: the first may change what the next would see, or cancel it.
        if self._sleepers and self._sleepers[0][0] <= self._wall_ns:
            heapq.heappop(self._sleepers)[2].set_result(None)


class _VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop whose own timers, those of `asyncio.timeout` included, are virtual too."""

    def __init__(self, clock: VirtualClock) -> None:
        self.clock = clock
        super().__init__(_IdleSelector(clock))

    def time(self) -> float:
        return self.clock.monotonic_s()


class _IdleSelector(selectors.SelectSelector):
    """Where a loop would wait for the outside, it lets virtual time pass.

    A loop asks with a time-out of 0 while something can run, and only then: with the seconds to
    its next timer, or None, when all tasks wait.
    """

    def __init__(self, clock: VirtualClock) -> None:
        super().__init__()
        self._clock = clock

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None or timeout > 0:
            self._clock.pass_idle(timeout)
        return []
