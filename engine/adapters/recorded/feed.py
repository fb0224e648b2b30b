"""A recording as the market-data port.

In: a `Recording` and a clock. Out: each event once the clock has reached its receipt.
Refuses nothing: how fast the recording runs is the clock's business alone.
"""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from engine.adapters.recorded.recording import Recording
    from engine.model.market import MarketEvent
    from engine.model.times import UtcTime
    from engine.ports import Clock


class RecordedFeed:
    """Implements `engine.ports.Feed`: sleeps once an instant, then tells all of its events."""

    def __init__(self, recording: Recording, clock: Clock, after: UtcTime | None = None) -> None:
        """`after` leaves out what was received at or before it: who resumes has seen that."""
        self._recording = recording
        self._clock = clock
        self._after = after

    async def events(self) -> AsyncIterator[MarketEvent]:
        """Each event at its time of receipt."""
        for moment, arrivals in groupby(self._recording.arrivals(), key=itemgetter(0)):
            if self._after is not None and moment <= self._after:
                continue
            await self._clock.sleep_until(moment)
            for _, event in arrivals:
                yield event
