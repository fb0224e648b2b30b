"""Limits that other numbers of the set never let come into play: counts times shares.

In: a policy set. Out: M342 for more positions than the universe has symbols, for a total that so
many positions at their cap never reach, and for an order value far above the largest position at
the largest planned equity.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import Diagnostic, Severity
from engine.kinds.rule import RuleRole
from engine.policyset.lint.documents import only
from engine.policyset.lint.measures import joint_cases, shown
from engine.policyset.lint.sums import TOTAL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.errors import Place
    from engine.policyset.lint.measures import Bound, Measures

_LIMITS = frozenset({RuleRole.LIMIT, RuleRole.GUARD})
_POSITIONS = "portfolio.open_positions_count"
_POSITION = "position.pct_after"
_ORDER = "order.notional_usd"
# A cap on orders is the second line behind a cap on positions, so it may lie somewhat above.
_SLIP = 5


def check(measures: Measures) -> Iterator[Diagnostic]:
    """Positions against symbols, against the total, and orders against positions."""
    rules = [rule for rule in measures.policy_set.rules if rule.role in _LIMITS]
    bounds = [bound for bound in measures.bounds(rules) if bound.upper]
    found = {
        name: [bound for bound in bounds if bound.measure == measures.spelled_name(name)]
        for name in (_POSITIONS, _POSITION, TOTAL, _ORDER)
    }
    for count in found[_POSITIONS]:
        yield from _more_than_symbols(measures, count)
        for position in found[_POSITION]:
            for total in found[TOTAL]:
                yield from _never_full(count, position, total)
    for order in found[_ORDER]:
        for position in found[_POSITION]:
            yield from _larger_than_a_position(measures, order, position)


def _allowed(count: Bound) -> float:
    """How many there can be: a bound that is not met itself lets one more in."""
    return count.most if count.strict else count.most + 1


def _more_than_symbols(measures: Measures, count: Bound) -> Iterator[Diagnostic]:
    symbols = measures.policy_set.universe.max_symbols
    if _allowed(count) > symbols:
        place = only(measures.policy_set, "UniverseFilter").places.of(("spec", "max_symbols"))
        message = (
            f"`{count.rule.id}` allows {_allowed(count):.10g} positions, "
            f"and the universe has at most {symbols} symbols"
        )
        yield _finding(count, message, "a cap below that can bind", (place, "the symbols"))


def _never_full(count: Bound, position: Bound, total: Bound) -> Iterator[Diagnostic]:
    most = _allowed(count)
    cases = [(one, two) for _, one, two in joint_cases(position, total)]
    if cases and all(most * one < two for one, two in cases):
        message = (
            f"`{total.rule.id}` allows {shown(total)}, and {most:.10g} positions of at most "
            f"{shown(position)} never come so far"
        )
        related = (position.rule.place, "the cap on one position")
        yield _finding(total, message, "lower the total, or allow more or larger ones", related)


def _larger_than_a_position(
    measures: Measures, order: Bound, position: Bound
) -> Iterator[Diagnostic]:
    _, high = measures.policy_set.deployment.equity_planned_usd
    largest = position.most * float(high) / 100
    if order.least > _SLIP * largest and not order.besides and not position.besides:
        message = (
            f"`{order.rule.id}` allows {shown(order)} USD, and at {float(high):.10g} USD of "
            f"equity a whole position is at most {largest:.10g} USD"
        )
        related = (position.rule.place, "the cap on one position")
        yield _finding(order, message, f"a cap below {largest:.10g} can bind", related)


def _finding(bound: Bound, message: str, mend: str, related: tuple[Place, str]) -> Diagnostic:
    place = bound.rule.place
    return Diagnostic("M342", message, place, mend, (related,), severity=Severity.WARNING)
