"""Which cycles are stepped: all of them, unless somebody can show that one changes nothing.

In: the timetable of a recording, and a choice. Out: the instants that the loop runs a cycle at.
Whoever leaves one out answers for it: the decision stream must be the same byte for byte.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from engine.adapters.recorded import Recording
    from engine.cycle.desk import Desk
    from engine.cycle.loop import Instants
    from engine.model.times import UtcTime

    Choice = Callable[[UtcTime], bool]
    """Says of each instant, once its events are in, whether its cycle must be stepped: whether it
    may decide, count or tell anything."""


class Prescreen(Protocol):
    """Looks at a whole recording before the first cycle, and makes the choice for its cycles."""

    def __call__(self, desk: Desk, recording: Recording) -> Choice:
        """The choice; `desk` is as the first cycle finds it, and may be asked at each instant."""
        ...


def step_all(desk: Desk, recording: Recording) -> Choice:
    """The reference: every cycle is stepped."""
    del desk, recording
    return _always


def _always(_moment: UtcTime) -> bool:
    return True


@dataclass(slots=True)
class ChosenInstants:
    """The instants of a timetable that a choice keeps; `left_out` counts the others.

    `passed` hears of each that is left out: its cycle wrote nothing, and is over.
    """

    every: Instants
    choice: Choice
    passed: Callable[[UtcTime], None]
    left_out: int = field(default=0, init=False)

    async def instants(self) -> AsyncIterator[UtcTime]:
        """Each instant that is kept, once the clock has reached it."""
        async for moment in self.every.instants():
            if self.choice(moment):
                yield moment
            else:
                self.left_out += 1
                self.passed(moment)
