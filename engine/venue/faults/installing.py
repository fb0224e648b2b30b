"""A plan put to work at the door of a venue.

In: a door, a plan, a clock, chance. Out: the passage that carries it out, to be closed at the end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.venue.faults.faulty import FaultyPassage, unnoted
from engine.venue.faults.mishaps import StreamPlanner
from engine.venue.faults.quota import MeteredPassage

if TYPE_CHECKING:
    from engine.ports import Clock, Rng
    from engine.venue.faults.faulty import Note
    from engine.venue.faults.plan import FaultPlan
    from engine.venue.server.door import Door


def install(
    door: Door, plan: FaultPlan, clock: Clock, rng: Rng, note: Note = unnoted
) -> FaultyPassage:
    """Let requests and messages go wrong from here on; connections of before keep their own."""
    faulty = FaultyPassage(plan, clock, rng, note)
    metered = None if plan.quota is None else MeteredPassage(plan.quota, clock, faulty)
    door.passage = metered or faulty
    door.streams.planner = StreamPlanner(plan.streams)
    return faulty
