"""Which request has which fault: by script first, and else by chance.

In: a plan's rules, and each request with its number. Out: its fault, or None. The draw for a
request depends on the seed, its number, its method and its path alone.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeVar

from engine.adapters.system.rng import SeededRng
from engine.venue.faults.kinds import STATUSES, Effect, Fault, FaultKind
from engine.venue.faults.mishaps import NO_MISHAPS, StreamPlan
from engine.venue.faults.routes import FITTING, means, route_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.ports import Rng
    from engine.venue.faults.kinds import Span
    from engine.venue.faults.quota import Quota
    from engine.venue.faults.routes import Route

TOO_MANY = 429
_WORDS = {
    # A refusal that our documentation lists comes before the effect; whoever says so and acts
    # nevertheless lies, and no client could be right about it.
    Effect.BEFORE: ("INSUFFICIENT_FUND", "ORDER_ENTRY_DISABLED", "A_WORD_NOBODY_KNOWS"),
    Effect.AFTER: ("A_WORD_NOBODY_KNOWS",),
}
# How a 429 says for how long: not at all, in its own header, or in those of the quota.
_WAITS = ((None, None), (0, None), (2, None), (None, 1), (1, 1))
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Scripted:
    """One line of the script."""

    method: str
    path: str
    fault: Fault
    having: bytes = b""
    skip: int = 0
    times: int | None = None

    def means(self, method: str, path: str, body: bytes) -> bool:
        """Whether the line is about this request; an empty text is in every body."""
        return self.method == method and means(self.path, path) and self.having in body


@dataclass(frozen=True, slots=True)
class Chance:
    """Faults by chance: a share of all requests, the kinds that may come, and their measures."""

    rate: float
    kinds: frozenset[FaultKind]
    late_s: Span = (1.0, 120.0)
    lag_s: Span = (0.0, 30.0)
    hold_s: Span = (0.0, 0.0)
    lasts_s: Span = (1.0, 30.0)
    drip_s: Span = (0.1, 2.0)

    def draw(self, rng: Rng, route: Route) -> Fault | None:
        """What goes wrong with one request."""
        if rng.uniform(0.0, 1.0) >= self.rate:
            return None
        fitting = sorted(self.kinds & FITTING[route], key=lambda kind: kind.value)
        if not fitting:
            return None
        fault = Fault(
            _one_of(rng, fitting), hold_s=rng.uniform(*self.hold_s), effect=_one_of(rng, [*Effect])
        )
        return self._measured(rng, fault)

    def _measured(self, rng: Rng, fault: Fault) -> Fault:
        match fault.kind:
            case FaultKind.LATE_ARRIVAL:
                return replace(fault, delay_s=rng.uniform(*self.late_s))
            case FaultKind.SLOW_DRIP:
                return replace(fault, delay_s=rng.uniform(*self.drip_s))
            case FaultKind.LIST_LAG:
                return replace(fault, lag_s=rng.uniform(*self.lag_s))
            case FaultKind.PRODUCT_HALTED | FaultKind.PRECISION_CHANGED:
                return replace(fault, lasts_s=rng.uniform(*self.lasts_s))
            case _:
                return _answered(rng, fault)


def _answered(rng: Rng, fault: Fault) -> Fault:
    """A 4xx comes before the effect; of the others nobody can say."""
    if fault.kind is FaultKind.SUCCESS_FALSE:
        return replace(fault, word=_one_of(rng, _WORDS[fault.effect]))
    if fault.kind is not FaultKind.STATUS:
        return fault
    status = _one_of(rng, STATUSES)
    if status != TOO_MANY:
        effect = fault.effect if status >= 500 else Effect.BEFORE  # noqa: PLR2004 - the server's own failures
        return replace(fault, status=status, effect=effect)
    wait, reset = _one_of(rng, _WAITS)
    before = replace(fault, status=status, effect=Effect.BEFORE)
    return replace(before, retry_after_s=wait, reset_s=reset)


def _one_of(rng: Rng, options: Sequence[_T]) -> _T:
    return options[min(int(rng.uniform(0.0, len(options))), len(options) - 1)]


@dataclass(frozen=True, slots=True)
class FaultPlan:
    """What goes wrong: a script, and chance with a seed; streams have a plan of their own.

    `quota` is how many requests the venue takes, None for any number.
    """

    seed: int = 0
    script: tuple[Scripted, ...] = ()
    chance: Chance | None = None
    streams: StreamPlan = NO_MISHAPS
    quota: Quota | None = None


@dataclass(slots=True)
class Planner:
    """Follows a plan from request to request; requests are numbered from 1."""

    plan: FaultPlan
    number: int = 0
    _met: Counter[int] = field(default_factory=Counter)

    def fault_for(self, method: str, path: str, body: bytes) -> Fault | None:
        """What goes wrong with the next request: what the script says, and else what chance does.

        The first line that is about it decides, unless it spares this one or is used up.
        """
        self.number += 1
        for place, line in enumerate(self.plan.script):
            if line.means(method, path, body) and self._hits(place, line):
                return line.fault
        return self._by_chance(method, path)

    def _hits(self, place: int, line: Scripted) -> bool:
        self._met[place] += 1
        beyond = self._met[place] - line.skip
        return beyond > 0 and (line.times is None or beyond <= line.times)

    def _by_chance(self, method: str, path: str) -> Fault | None:
        if self.plan.chance is None:
            return None
        seed = f"{self.plan.seed}\n{self.number}\n{method}\n{path}"
        return self.plan.chance.draw(SeededRng(seed.encode()), route_of(method, path))
