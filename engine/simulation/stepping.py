"""Which cycles are stepped: all of them, unless somebody can show that one changes nothing.

In: the timetable of a recording, and a choice. Out: the instants that the loop runs a cycle at.
Whoever leaves one out answers for it: the decision stream must be the same byte for byte.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from engine.adapters.recorded import Recording
    from engine.cycle.desk import Desk
    from engine.cycle.timetable import RecordedTimetable
    from engine.model.market import MarketEvent
    from engine.model.times import UtcTime


@dataclass(frozen=True, slots=True)
class Playing:
    """A run over a recording as its first cycle finds it.

    `sinks` hear the market; `waits` says whether an order at the venue waits for what they hear.
    """

    desk: Desk
    recording: Recording
    sinks: Sequence[Callable[[MarketEvent], None]]
    waits: Callable[[], bool]


class Choice(Protocol):
    """Chooses the instants whose cycles must be stepped, asked of each in order."""

    @property
    def tells(self) -> bool:
        """Whether it lets the sinks hear what was recorded, in time for each cycle it keeps.

        Else it is asked once the events of an instant are in.
        """
        ...

    def __call__(self, moment: UtcTime) -> bool:
        """Whether the cycle at `moment` may decide, count or tell anything."""
        ...


class Prescreen(Protocol):
    """Makes the choice for the cycles of one run."""

    def __call__(self, playing: Playing) -> Choice:
        """The choice."""
        ...


class StepAll:
    """The reference: every cycle is stepped, and every event heard."""

    tells = False

    def __call__(self, moment: UtcTime) -> bool:
        """Always."""
        del moment
        return True


def step_all(playing: Playing) -> Choice:
    """Leave nothing out."""
    del playing
    return StepAll()


@dataclass(slots=True)
class ChosenInstants:
    """The instants of a timetable that a choice keeps; `left_out` counts the others.

    `passed` hears of each that is left out: its cycle wrote nothing, and is over.
    """

    every: RecordedTimetable
    choice: Choice
    passed: Callable[[UtcTime], None]
    left_out: int = field(default=0, init=False)

    async def instants(self) -> AsyncIterator[UtcTime]:
        """Each instant that is kept, once the clock has reached it."""
        if not self.choice.tells:
            async for moment in self.every.instants():
                if self._keeps(moment):
                    yield moment
            return
        for moment in self.every.plan():
            if self._keeps(moment):
                await self.every.clock.sleep_until(moment)
                yield moment

    def _keeps(self, moment: UtcTime) -> bool:
        kept = self.choice(moment)
        if not kept:
            self.left_out += 1
            self.passed(moment)
        return kept


class SilentFeed:
    """Implements `engine.ports.Feed` for a run whose choice tells what was recorded."""

    async def events(self) -> AsyncIterator[MarketEvent]:
        """Nothing."""
        nothing: tuple[MarketEvent, ...] = ()
        for each in nothing:
            yield each
