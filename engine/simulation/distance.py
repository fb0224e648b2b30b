"""How near the market came to each limit and guard: coverage of a set by a recording.

In: a `Simulation`. Out: for each rule about orders how often it was asked, how near it was, and a
histogram of nearness. 100 % is the limit itself; a rule that never saw more than 90 % was not
tested by this market. What is used of a limit is `engine.model.usage`'s word.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.kinds.rule import RuleRole, Stage
from engine.model.usage import EDGE_PCT, NEAR_PCT, used_pct

if TYPE_CHECKING:
    from engine.cycle.firing import RuleCount
    from engine.model.times import UtcTime
    from engine.simulation.result import Simulation

BINS = 11
"""Ten of 10 % each up to the limit, and one beyond it."""

_OF_ORDERS = frozenset({RuleRole.LIMIT, RuleRole.GUARD})


@dataclass(slots=True)
class Distance:
    """One rule about orders; `nearest_pct` is None where it compared nothing that has an order."""

    count: RuleCount
    nearest_pct: float | None = None
    nearest_at: UtcTime | None = None
    histogram: list[int] = field(default_factory=lambda: [0] * BINS)

    @property
    def untested(self) -> bool:
        """Whether the market never came within 10 % of it, nor made it fire."""
        return not self.count.fired and not self.count.bound and (self.nearest_pct or 0) < NEAR_PCT


def distances(simulation: Simulation) -> tuple[Distance, ...]:
    """Every limit and guard of the run, by id."""
    found = {each.rule: Distance(each) for each in simulation.rules if each.role in _OF_ORDERS}
    for order in simulation.orders:
        for evaluation in order.decision.evaluations:
            used = used_pct(evaluation)
            if used is not None and evaluation.rule in found:
                _note(found[evaluation.rule], used, order.time)
    return tuple(found[name] for name in sorted(found))


def never_fired(simulation: Simulation) -> tuple[RuleCount, ...]:
    """Rules that never said what they are there to say, by id.

    Where cycles were left out, nothing is said of rules that turn without a record: a signal, a
    regime, what is only noted. Whatever an order, a latch, an alert or a tier hangs on is recorded.
    """
    whole = simulation.stepped == simulation.cycles
    return tuple(
        each
        for each in simulation.rules
        if not each.fired and not each.bound and (whole or _recorded(each))
    )


def _recorded(count: RuleCount) -> bool:
    if count.role in {RuleRole.SIGNAL, RuleRole.REGIME}:
        return False
    return count.role is not RuleRole.TRIP or count.stage == Stage.ENFORCE.value


def _note(distance: Distance, used: float, time: UtcTime) -> None:
    distance.histogram[min(int(used // (EDGE_PCT / (BINS - 1))), BINS - 1)] += 1
    if distance.nearest_pct is None or used > distance.nearest_pct:
        distance.nearest_pct, distance.nearest_at = used, time
