"""A clock for replaying a recording against real time, as fast as is asked.

In: where the recording begins, and how many of its seconds one real second is. Out: a wall clock
in the recording's time that runs by the machine's monotonic one. Refuses a pace of zero or less.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from engine.model.times import NS_PER_S, UtcTime

if TYPE_CHECKING:
    from collections.abc import Callable


class PacedClock:
    """Recorded time, `pace` times as fast as real time; `monotonic_s` is in recorded seconds."""

    def __init__(
        self, start: UtcTime, pace: float, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        if pace <= 0:
            message = f"a pace is above zero: {pace}"
            raise ValueError(message)
        self._start = start
        self._pace = pace
        self._monotonic = monotonic
        self._began = monotonic()

    def begin(self) -> None:
        """Be at the start again, now: what was prepared meanwhile has taken no recorded time."""
        self._began = self._monotonic()

    def now(self) -> UtcTime:
        """The recorded time that it is."""
        return UtcTime(self._start.ns + round(self.monotonic_s() * NS_PER_S))

    def monotonic_s(self) -> float:
        """Recorded seconds since this clock was made."""
        return (self._monotonic() - self._began) * self._pace

    async def sleep_until(self, moment: UtcTime) -> None:
        """Return at or after `moment`, letting others run at least once."""
        await asyncio.sleep(max(0.0, moment.since_s(self.now()) / self._pace))
