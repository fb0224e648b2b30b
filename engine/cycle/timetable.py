"""When cycles run: the Schedule's instants, live with jitter, on recordings to the instant.

In: the schedule, and the clock or the recorded times. Out: instants, ascending. On recordings a
long silence of every product is skipped and counted, since no cycle would learn anything in it.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.model.times import NS_PER_S, UtcTime

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Sequence

    from engine.kinds.schedule.document import ScheduleSpec
    from engine.ports import Clock, Rng


# Jitter is less than an interval: further away than this the clock itself has moved.
_SET_BACK = 2.0


@dataclass(frozen=True, slots=True)
class Silence:
    """A stretch without any event that no cycle was run for."""

    start: UtcTime
    end: UtcTime


@dataclass(slots=True)
class RecordedTimetable:
    """The instants of a recording; `times` are its sorted receipts in ns, one list a table.

    `after` is the last cycle that was run before; no cycle is earlier than `since` or later than
    `until`.
    """

    schedule: ScheduleSpec
    times: Sequence[Sequence[int]]
    clock: Clock
    after: UtcTime | None = None
    since: UtcTime | None = None
    until: UtcTime | None = None
    skipped: list[Silence] = field(default_factory=list)

    @property
    def first(self) -> UtcTime:
        """The first instant of the recording, whether or not it was run before."""
        step = self.schedule.interval * NS_PER_S
        begin = min(times[0] for times in self.times if len(times))
        return UtcTime(_ceil(begin if self.since is None else max(begin, self.since.ns), step))

    async def instants(self) -> AsyncIterator[UtcTime]:
        """Each instant of `plan`, once the clock is there and the instant's events are in."""
        for moment in self.plan():
            await self.clock.sleep_until(moment)
            # Woken together with the feed: sleeping again lets it tell this instant's events first.
            await self.clock.sleep_until(moment)
            yield moment

    def plan(self) -> Iterator[UtcTime]:
        """Every instant from the first event to the first instant at or after the last one."""
        step = self.schedule.interval * NS_PER_S
        now, end = self.first.ns, self._end(step)
        if self.after is not None and self.after.ns >= now:
            now = self._next(self.after.ns, step)
        while now <= end:
            yield UtcTime(now)
            now = self._next(now, step)

    def _end(self, step: int) -> int:
        end = _ceil(max(times[-1] for times in self.times if len(times)), step)
        return end if self.until is None else min(end, self.until.ns)

    def _next(self, now: int, step: int) -> int:
        if self._heard_by(now, now + self.schedule.skip_silence_over * NS_PER_S):
            return _ceil(now + 1, step)
        coming = self._first_after(now)
        if coming is None:
            return _ceil(now + 1, step)
        self.skipped.append(Silence(UtcTime(now), UtcTime(coming)))
        return _ceil(coming, step)

    def _heard_by(self, now: int, until: int) -> bool:
        """Whether any table has a receipt in between; one is enough."""
        for times in self.times:
            place = bisect_right(times, now)
            if place < len(times) and times[place] <= until:
                return True
        return False

    def _first_after(self, now: int) -> int | None:
        found = []
        for times in self.times:
            place = bisect_right(times, now)
            if place < len(times):
                found.append(times[place])
        return min(found, default=None)


@dataclass(slots=True)
class LiveTimetable:
    """The interval with its jitter, and longer ones while cycles run long."""

    schedule: ScheduleSpec
    clock: Clock
    rng: Rng
    start: UtcTime
    last_cycle_s: Callable[[], float]
    until: UtcTime | None = None
    interval_s: float = 0.0

    def follow(self, schedule: ScheduleSpec) -> None:
        """Another schedule counts, from the instant after the next one on."""
        self.schedule, self.interval_s = schedule, 0.0

    async def instants(self) -> AsyncIterator[UtcTime]:
        """Each instant once it is there, until the feed ends; for ever where it does not."""
        planned, moment = self.start, self.start
        while self.until is None or planned <= self.until:
            await self.clock.sleep_until(moment)
            yield self.clock.now()
            planned = self.following(planned)
            moment = planned.plus_s(self._jitter_s())

    def following(self, planned: UtcTime) -> UtcTime:
        """The point of the grid after `planned` that is still to come; missed ones are left out.

        Jitter is not carried over, so that the rhythm does not drift. A wall clock that was set
        back begins a new grid: stops are not to wait until it is as late as it was.
        """
        self.interval_s = self._next_interval_s()
        coming, now = planned.plus_s(self.interval_s), self.clock.now()
        if coming.since_s(now) > _SET_BACK * self.interval_s:
            coming = now.plus_s(self.interval_s)
        while coming <= now:
            coming = coming.plus_s(self.interval_s)
        return coming

    def _next_interval_s(self) -> float:
        back_off = self.schedule.back_off
        base = float(self.schedule.interval)
        if self.last_cycle_s() <= float(back_off.when_cycle_over_s):
            return base
        longer = (self.interval_s or base) * float(back_off.factor)
        return min(longer, float(back_off.max_interval))

    def _jitter_s(self) -> float:
        most = self.interval_s * float(self.schedule.jitter_pct) / 100
        return self.rng.uniform(-most, most)


def _ceil(value: int, step: int) -> int:
    return -(-value // step) * step
