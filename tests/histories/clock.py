"""The time of a process in a history: virtual, with a wall clock that can be wrong.

In: a wall time to start from, and whoever is to know of every sleep. Out: the Clock port, and a
loop that can be left where it stands, as a process that is killed leaves it.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from histories.plan import Point

from engine.adapters.system.virtual_clock import VirtualClock, _VirtualLoop
from engine.model.times import NS_PER_S, UtcTime

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine


class Killed(KeyboardInterrupt):
    """The process ends here, without another instruction. An event loop lets nothing catch it."""


class ProcessClock(VirtualClock):
    """One process's clocks; `passed` hears of every sleep."""

    def __init__(self, start: UtcTime, passed: Callable[[Point], None]) -> None:
        super().__init__(start)
        self._passed = passed
        self._loop: _Loop
        self._main: asyncio.Task[None]

    @property
    def ran_ns(self) -> int:
        """Nanoseconds since the process began."""
        return self._monotonic_ns

    async def sleep_until(self, moment: UtcTime) -> None:
        """Return at or after `moment`, and not later than it was away at the call, as live."""
        self._passed(Point.SLEEP)
        due_ns = self.ran_ns + moment.ns - self.now().ns
        # In whole nanoseconds: a rest of seconds that is less than one would never pass.
        while (left_ns := min(moment.ns - self.now().ns, due_ns - self.ran_ns)) > 0:
            await super().sleep_until(UtcTime(self.now().ns + left_ns))
        self._passed(Point.SLEEP)

    def step_wall(self, seconds: float) -> None:
        """Set the wall clock; set back, it makes nobody who sleeps sleep longer."""
        super().step_wall(seconds)
        if seconds < 0:
            step_ns = round(seconds * NS_PER_S)
            self._sleepers = [(due + step_ns, *rest) for due, *rest in self._sleepers]

    def begin(self, main: Coroutine[object, object, None]) -> None:
        """Be ready to run in steps."""
        self._loop = _Loop(self)
        self._main = self._loop.create_task(main)

    def step(self, seconds: float) -> bool:
        """Run for so long; whether the end was reached. Raises what `main` raises, and `Killed`."""
        try:
            self._loop.run_until_complete(asyncio.wait({self._main}, timeout=seconds))
        except KeyboardInterrupt:
            self.leave()
            raise
        if self._main.done():
            self._loop.close()
            self._main.result()
        return self._main.done()

    def leave(self) -> None:
        """Let go of what a killed process was doing, without running or telling any of it."""
        self._loop.set_exception_handler(lambda _loop, _context: None)
        for task in asyncio.all_tasks(self._loop):
            with suppress(RuntimeError):
                task.get_coro().close()
        self._loop.close()


class _Loop(_VirtualLoop):
    """Nobody wakes a virtual loop from another thread: it needs no pipe to itself."""

    def _make_self_pipe(self) -> None:
        """Open nothing."""

    def _close_self_pipe(self) -> None:
        """Close nothing."""

    def _write_to_self(self) -> None:
        """Wake nobody."""

    def _asyncgen_finalizer_hook(self, agen: object) -> None:
        """What a process leaves behind at its end is not run."""
