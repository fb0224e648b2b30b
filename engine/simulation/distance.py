"""How near the market came to each limit and guard: coverage of a set by a recording.

In: a `Simulation`. Out: for each rule about orders how often it was asked, how near it was, and a
histogram of nearness. 100 % is the limit itself; a rule that never saw more than 90 % was not
tested by this market. Comparisons without an order or a sign (text, a limit of zero) have none.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.kinds.rule import RuleRole
from engine.model.decisions import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from engine.cycle.firing import RuleCount
    from engine.model.decisions import Comparison, Evaluation
    from engine.model.times import UtcTime
    from engine.simulation.result import Simulation

NEAR_PCT = 90.0
"""Within 10 % of binding."""

BINS = 11
"""Ten of 10 % each up to the limit, and one beyond it."""

_PCT = 100.0
_FAR_BEYOND_PCT = 1000.0
_OF_ORDERS = frozenset({RuleRole.LIMIT, RuleRole.GUARD})
_MOST = ("<", "<=")
_LEAST = (">", ">=")


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
    """Rules that never said what they are there to say, by id."""
    return tuple(each for each in simulation.rules if not each.fired and not each.bound)


def used_pct(evaluation: Evaluation) -> float | None:
    """How much of its limit a rule had used: 100 % binds, more is a breach."""
    shares = [*_shares(evaluation.comparisons)]
    if evaluation.outcome is Outcome.PASS:
        # What is beyond its limit, and still lets pass, stands beside an `or`.
        shares = [each for each in shares if each <= _PCT]
    return max(shares, default=None)


def _shares(comparisons: Sequence[Comparison]) -> Iterator[float]:
    for each in comparisons:
        left, right = each.left, each.right
        if isinstance(left, bool) or isinstance(right, bool):
            continue
        if not isinstance(left, float) or not isinstance(right, float) or not right:
            continue
        if each.op in _MOST:
            yield _share(left, right)
        elif each.op in _LEAST:
            yield _share(-left, -right)


def _share(value: float, most: float) -> float:
    """The share that `value` is of the most that it may be; of a limit below zero, the inverse."""
    if most > 0:
        return min(max(0.0, _PCT * value / most), _FAR_BEYOND_PCT)
    return min(_PCT * most / value, _FAR_BEYOND_PCT) if value < 0 else _FAR_BEYOND_PCT


def _note(distance: Distance, used: float, time: UtcTime) -> None:
    distance.histogram[min(int(used // (_PCT / (BINS - 1))), BINS - 1)] += 1
    if distance.nearest_pct is None or used > distance.nearest_pct:
        distance.nearest_pct, distance.nearest_at = used, time
