"""The plan of a history: all that its seed decides before it begins.

In: a seed. Out: which faults are on, how often requests fail, where in the process the
surroundings strike, and what kind of venue it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from histories.chance import Chance
from histories.faults import OF_SURROUNDINGS, Fault


class Point(Enum):
    """Where a process can be interrupted: every disk call and every await."""

    APPEND = "append"
    SYNC = "sync"
    READ = "read"
    REPLACE = "replace"
    SWITCH_LOOK = "look at the kill switch"
    GATE_LOOK = "look at the kill switch before an order"
    CONNECTING = "connecting"
    ORDER_CONNECTS = "connecting for an order"
    ORDER_LEAVES = "order leaves"
    ORDER_ARRIVED = "order arrived"
    REQUEST_LEAVES = "request leaves"
    ANSWER_COMES = "answer comes"
    SLEEP = "sleep"

    # An Enum's own is a call of Python, and a history passes its points by the thousand.
    __hash__ = object.__hash__


_USUAL = {
    Point.APPEND: 4.0,
    Point.SYNC: 3.0,
    Point.READ: 10.0,
    Point.REPLACE: 0.2,
    Point.SWITCH_LOOK: 14.0,
    Point.GATE_LOOK: 1.2,
    Point.CONNECTING: 0.8,
    Point.ORDER_CONNECTS: 0.3,
    Point.ORDER_LEAVES: 1.0,
    Point.ORDER_ARRIVED: 1.0,
    Point.REQUEST_LEAVES: 8.0,
    Point.ANSWER_COMES: 8.0,
    Point.SLEEP: 14.0,
}
"""About how often a cycle of a history comes by each point."""
_AIMED = (
    Point.SYNC,
    Point.ORDER_CONNECTS,
    Point.ORDER_LEAVES,
    Point.ORDER_ARRIVED,
    Point.APPEND,
)
"""Where an order is on its way: half of all strikes are aimed there."""
_AIMED_OF = {
    Fault.KILL_SWITCH: (Point.SYNC, Point.ORDER_CONNECTS, Point.ORDER_CONNECTS, Point.GATE_LOOK),
    Fault.DISK_ERROR: (Point.SYNC, Point.APPEND, Point.GATE_LOOK),
}
"""Some are aimed at the very moment that they have to be seen in."""


class Duplicates(Enum):
    """What the venue does with a client order id that it has seen (COINBASE.md)."""

    RETURNS_OLD = "returns old"
    REJECTS = "rejects"
    CREATES_SECOND = "creates a second"


@dataclass(frozen=True, slots=True)
class Strike:
    """One fault of the surroundings: what happens, at which passing of which point."""

    fault: Fault
    point: Point
    passing: int
    size: float


@dataclass(frozen=True, slots=True)
class Plan:
    """What a seed decides; `failing_ratio` is of requests.

    In `dark`, between two true times, no list of orders or fills can be read at all, if requests
    fail in any way. Of all quotes `defect_ratio` have a defect, if any may; `check_s` is how long a
    look at a new set takes.
    """

    seed: int
    faults: frozenset[Fault]
    failing_ratio: float
    strikes: tuple[Strike, ...]
    products: int
    cycles: int
    tick_s: float
    latency_s: float
    page: int
    lag_s: float
    fills_lag_s: float
    skew_s: float
    duplicates: Duplicates
    heals_in_place: bool
    keyed: bool
    dark: tuple[float, float]
    defect_ratio: float
    check_s: float


def plan_of(seed: int) -> Plan:
    """All that follows from the seed alone."""
    chance = Chance(seed, "plan")
    faults, cycles = _faults(chance), _cycles(chance)
    return Plan(
        seed=seed,
        faults=faults,
        failing_ratio=chance.choice((0.03, 0.1, 0.3)),
        strikes=tuple(_strikes(chance, faults, cycles)),
        products=chance.choice((1, 1, 2, 2, 3)),
        cycles=cycles,
        tick_s=chance.choice((4.0, 7.0)),
        latency_s=chance.choice((0.0, 0.0, 0.05, 0.4)),
        page=chance.choice((2, 5, 250, 250, 250)),
        lag_s=chance.between(1.0, 30.0),
        skew_s=chance.choice((0.0, 0.0, -0.8, 0.8)),
        duplicates=_duplicates(chance, faults),
        heals_in_place=chance.happens(0.5),
        keyed=chance.happens(0.04),
        dark=_dark(chance),
        fills_lag_s=chance.between(1.0, 30.0),
        defect_ratio=chance.choice((0.06, 0.06, 0.3)),
        check_s=chance.between(0.1, 8.0),
    )


def _faults(chance: Chance) -> frozenset[Fault]:
    """None in some histories, one alone in many, a handful in most, and everything now and then."""
    draw, every = chance.ratio(), tuple(Fault)
    if draw < 0.03:
        return frozenset()
    if draw < 0.35:
        return frozenset({chance.choice(every)})
    if draw > 0.97:
        return frozenset(every)
    return frozenset(chance.some(every, chance.whole(2, 6)))


def _cycles(chance: Chance) -> int:
    """Most are short: a mistake that a fault shows is seen within a few cycles of it."""
    return chance.whole(3, 11) if chance.happens(0.85) else chance.whole(12, 40)


def _dark(chance: Chance) -> tuple[float, float]:
    """One history in five has longer than a quarantine of it."""
    begins_s = chance.between(5.0, 100.0)
    return (begins_s, begins_s + 420.0) if chance.happens(0.2) else (0.0, 0.0)


def _strikes(chance: Chance, faults: frozenset[Fault], cycles: int) -> list[Strike]:
    found = []
    for fault in OF_SURROUNDINGS:
        if fault in faults:
            found += [_strike(chance, fault, cycles) for _ in range(chance.whole(1, 3))]
    return found


def _strike(chance: Chance, fault: Fault, cycles: int) -> Strike:
    aimed = _AIMED_OF.get(fault, _AIMED)
    point = chance.choice(aimed if chance.happens(0.5) else tuple(Point))
    most = max(1, round(_USUAL[point] * cycles))
    return Strike(fault, point, chance.early(most), chance.ratio())


def _duplicates(chance: Chance, faults: frozenset[Fault]) -> Duplicates:
    """Where one request is delivered twice, two orders of it would be nobody's fault but theirs."""
    drawn = chance.choice(tuple(Duplicates))
    if drawn is Duplicates.CREATES_SECOND and Fault.DELIVERED_TWICE in faults:
        return Duplicates.RETURNS_OLD
    return drawn
