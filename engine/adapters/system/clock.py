"""The machine's clocks.

In: nothing. Out: wall time, and seconds that never step. Refuses nothing; a sleeper looks at both
clocks again and again, so a wall clock that is set while it sleeps does not make it oversleep.
"""

from __future__ import annotations

import asyncio
import time

from engine.model.times import UtcTime

_LONGEST_NAP_S = 1.0
# Unlike CLOCK_MONOTONIC this one counts while the machine is suspended: a quote or a lease that
# was fresh before is not fresh after.
_STEADY = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


class SystemClock:
    """Wall time from the system, monotonic time from its boot."""

    def now(self) -> UtcTime:
        """The wall clock."""
        return UtcTime(time.time_ns())

    def monotonic_s(self) -> float:
        """Seconds since boot, suspended ones included; only differences mean something."""
        return time.clock_gettime(_STEADY)

    async def sleep_until(self, moment: UtcTime) -> None:
        """Return at or after `moment`, and not later than it was away at the call.

        A wall clock that is set back by an hour stops nobody for an hour.
        """
        due_s = self.monotonic_s() + moment.since_s(self.now())
        while (left_s := min(moment.since_s(self.now()), due_s - self.monotonic_s())) > 0:  # noqa: ASYNC110 - no event tells that the wall clock was set
            await asyncio.sleep(min(left_s, _LONGEST_NAP_S))
