"""Which cycles are stepped: all of them, unless somebody can show that one changes nothing.

In: the timetable of a recording, and a choice. Out: the instants that the loop runs a cycle at.
Whoever leaves one out answers for it: the decision stream must be the same byte for byte.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence

    from engine.adapters.recorded import Recording
    from engine.cycle.desk import Desk
    from engine.cycle.timetable import RecordedTimetable
    from engine.model.market import MarketEvent
    from engine.model.symbols import Symbol
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


@dataclass(frozen=True, slots=True)
class Passed:
    """Cycles in a row that were left out: what the account was worth in each, in the numeraire.

    `times` are in nanoseconds; `held` has a value for each of them and every position.
    """

    times: Sequence[int]
    equity: Sequence[float]
    cash: float
    held: Mapping[Symbol, Sequence[float]]


class Hearer(Protocol):
    """Hears of the cycles that were left out: they wrote nothing, and are over."""

    def on_quiet(self, now: UtcTime) -> None:
        """One of them; the desk is as it was then."""
        ...

    def on_passed(self, passed: Passed) -> None:
        """Several in a row."""
        ...


class Choice(Protocol):
    """Chooses the instants whose cycles must be stepped, and lets the sinks hear what they need."""

    def kept(self, plan: Iterable[UtcTime], hearer: Hearer) -> Iterator[UtcTime]:
        """Of all instants, in order, those at which the cycle may decide, count or tell anything.

        The cycle of each is run before the next one is asked for.
        """
        ...


class Prescreen(Protocol):
    """Makes the choice for the cycles of one run."""

    def __call__(self, playing: Playing) -> Choice:
        """The choice."""
        ...


@dataclass(slots=True)
class ChosenInstants:
    """The instants of a timetable that a choice keeps."""

    every: RecordedTimetable
    choice: Choice
    hearer: Hearer

    async def instants(self) -> AsyncIterator[UtcTime]:
        """Each instant that is kept, once the clock has reached it."""
        for moment in self.choice.kept(self.every.plan(), self.hearer):
            await self.every.clock.sleep_until(moment)
            yield moment


class SilentFeed:
    """Implements `engine.ports.Feed` for a run whose choice tells what was recorded."""

    async def events(self) -> AsyncIterator[MarketEvent]:
        """Nothing."""
        nothing: tuple[MarketEvent, ...] = ()
        for each in nothing:
            yield each
