"""A clock that is set by hand: wall and monotonic time apart, and nobody ever waits."""

from __future__ import annotations

from dataclasses import dataclass

from engine.model.times import UtcTime

START = UtcTime.parse("2025-11-22T10:00:00Z")


@dataclass(slots=True)
class ManualClock:
    """Stands still until it is moved."""

    time: UtcTime = START
    steady_s: float = 0.0

    def now(self) -> UtcTime:
        """The time that was set."""
        return self.time

    def monotonic_s(self) -> float:
        """Seconds that passed; setting the wall clock does not count."""
        return self.steady_s

    def passes(self, seconds: float) -> None:
        """Let time pass on both clocks."""
        self.time = self.time.plus_s(seconds)
        self.steady_s += seconds

    async def sleep_until(self, moment: UtcTime) -> None:
        """Go there at once."""
        self.passes(max(0.0, moment.since_s(self.time)))
