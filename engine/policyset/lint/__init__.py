"""Lint: everything that can be known about a policy set without market data.

In: a composed `PolicySet` and the time. Out: all findings at once, each with its place; where two
parts of the set are in conflict, with both. Refuses nothing by itself: an error is what CI and
live trading do not accept, a warning is what a reviewer should have seen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import in_file_order
from engine.policyset.lint import (
    asked,
    bounds,
    controls,
    exits,
    orders,
    references,
    sizes,
    sums,
    waived,
)
from engine.policyset.lint.between import counts, idle, names, repeats
from engine.policyset.lint.measures import Measures
from engine.policyset.lint.within import (
    constants,
    deployment,
    holding,
    ladders,
    strategies,
    tiers,
    times,
    twice,
    units,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from decimal import Decimal

    from engine.errors import Diagnostic
    from engine.model.times import UtcTime
    from engine.policyset.policyset import PolicySet

__all__ = ["lint"]

_OF_NUMBERS: tuple[Callable[[Measures], Iterator[Diagnostic]], ...] = (
    controls.check,
    exits.check,
    counts.check,
    idle.check,
    names.check,
    repeats.check,
    constants.check,
    deployment.check,
    holding.check,
    ladders.check,
    strategies.check,
    tiers.check,
    times.check,
    twice.check,
    units.check,
)
_OF_BOUNDS: tuple[Callable[[Measures], Iterator[Diagnostic]], ...] = (bounds.check, sums.check)
_OF_WORDS: tuple[Callable[[PolicySet], Iterator[Diagnostic]], ...] = (
    orders.check,
    references.check,
)


_OF_SIZES: tuple[Callable[[Measures, float], Iterator[Diagnostic]], ...] = (
    sizes.check,
    asked.check,
)


def lint(
    policy_set: PolicySet, *, now: UtcTime, equity_usd: Decimal | None = None
) -> tuple[Diagnostic, ...]:
    """Every finding about the set, in file order; pure, and the same for the same inputs.

    Sizes are looked at for both ends of the equity that the set is planned for, or for
    `equity_usd` where one is given.
    """
    planned = policy_set.deployment.equity_planned_usd if equity_usd is None else (equity_usd,)
    equities = tuple(dict.fromkeys(map(float, planned)))
    measures = Measures(policy_set)
    found = _measured(measures, equities)
    for name, waiver in policy_set.waivers:
        if now < waiver.until:
            found = waived.beside(found, name, _measured(Measures(policy_set, name), equities))
    found.extend(finding for question in _OF_NUMBERS for finding in question(measures))
    found.extend(finding for question in _OF_WORDS for finding in question(policy_set))
    found.extend(references.check_dates(policy_set, now))
    return in_file_order(found)


def _measured(measures: Measures, equities: Iterable[float]) -> list[Diagnostic]:
    """What the measured bounds say of each other, and of orders at these equities."""
    found = [finding for question in _OF_BOUNDS for finding in question(measures)]
    for equity in equities:
        found.extend(finding for question in _OF_SIZES for finding in question(measures, equity))
    return found
