"""A recorded or generated market, shown as if it happened now.

In: events in the order of their receipt, and a pace. Out: the same events at the venue, each with
the time at which it is shown: what was recorded years ago is a fresh quote here. Bars that were
complete before the first quote are the past: they are shown at once, ending now.
Bars after it are shown at real pace only, since a minute that took six seconds is no minute.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from engine.adapters.recorded import received
from engine.model.market import Bar, Quote
from engine.model.times import NS_PER_S, UtcTime

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.model.market import MarketEvent
    from engine.venue.venue import Venue

_REAL = 1.0


@dataclass(frozen=True, slots=True)
class Timing:
    """Where recorded time lies in real time: `first` is shown at `begun`."""

    first: UtcTime
    begun: UtcTime
    pace: float | None

    def due(self, event: MarketEvent) -> UtcTime:
        """When an event is to be shown."""
        if self.pace is None:
            return self.begun
        return self.begun.plus_s(received(event).since_s(self.first) / self.pace)

    def shown(self, event: MarketEvent, now: UtcTime) -> MarketEvent | None:
        """The event as it is shown at `now`; None for a bar that would be none."""
        if isinstance(event, Bar):
            past = received(event) <= self.first
            return self._shifted(event) if past or self.pace == _REAL else None
        if isinstance(event, Quote):
            return replace(event, time=now, venue_time=None)
        return replace(event, time=now)

    def _shifted(self, bar: Bar) -> Bar:
        # Down to a whole interval: a candle begins on the grid of its length.
        moved_ns = bar.time.ns + self.begun.ns - self.first.ns
        return replace(bar, time=UtcTime(moved_ns - moved_ns % (bar.interval_s * NS_PER_S)))


async def replay(venue: Venue, events: Iterator[MarketEvent], pace: float | None) -> None:
    """Show every event when it is due; returns after the last."""
    past: list[MarketEvent] = []
    first: MarketEvent | None = None
    for event in events:
        if not isinstance(event, Bar):
            first = event
            break
        past.append(event)
    if first is None:
        return
    timing = Timing(received(first), venue.clock.now(), pace)
    for event in past:
        _show(venue, timing, event)
    _show(venue, timing, first)
    for event in events:
        await _wait(venue, timing, event)
        _show(venue, timing, event)


async def _wait(venue: Venue, timing: Timing, event: MarketEvent) -> None:
    due = timing.due(event)
    if due > venue.clock.now():
        await venue.clock.sleep_until(due)
    elif timing.pace is None:
        # As fast as it goes, and still everybody else has a turn between two events.
        await asyncio.sleep(0)


def _show(venue: Venue, timing: Timing, event: MarketEvent) -> None:
    shown = timing.shown(event, venue.clock.now())
    if shown is not None:
        venue.show(shown)
