"""Two bounds on one measure: the looser never binds, or no order can satisfy both.

In: a policy set. Out: M347 for a bound that another on the same measure makes unreachable, M348
for two that exclude each other, M349 for two that look like one number in two scales; each with
both places. Bounds are compared case by case, and only where one binds whatever the other binds.
"""

from __future__ import annotations

from itertools import permutations
from typing import TYPE_CHECKING

from engine.errors import Diagnostic, Severity
from engine.kinds.rule import RuleRole
from engine.policyset.lint.measures import covers, joint_cases, meets, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.policyset.lint.measures import Bound, Measures

_LIMITS = frozenset({RuleRole.LIMIT, RuleRole.GUARD})
_SCALE = (80.0, 125.0)


def check(measures: Measures) -> Iterator[Diagnostic]:
    """What the limits and guards of a set say of each other."""
    bounds = measures.bounds(r for r in measures.policy_set.rules if r.role in _LIMITS)
    pairs = [(a, b) for a, b in permutations(bounds, 2) if a.measure == b.measure]
    told: set[frozenset[str]] = set()
    for one, other in pairs:
        both = frozenset((one.measure, one.rule.id, other.rule.id))
        if both not in told and never_binds(one, other):
            told.add(both)
            yield _unreachable(one, other)
    yield from (_contradiction(low, high) for low, high in pairs if _exclude(low, high))
    yield from _tiers(measures, bounds)


def never_binds(loose: Bound, tight: Bound) -> bool:
    """Whether `tight` refuses whatever `loose` refuses, so that `loose` decides nothing."""
    if loose.upper != tight.upper or not tight.besides <= loose.besides:
        return False
    if not covers(tight.rule, loose.rule):
        return False
    return all(_within(two, one, loose, tight) for _, one, two in joint_cases(loose, tight))


def _within(tight_value: float, loose_value: float, loose: Bound, tight: Bound) -> bool:
    if tight_value == loose_value:
        return tight.strict or not loose.strict
    return (tight_value < loose_value) == loose.upper


def _unreachable(loose: Bound, tight: Bound) -> Diagnostic:
    same = shown(loose) == shown(tight)
    why = "sets the same bound" if same else f"has {shown(tight)}, which always binds first"
    message = (
        f"`{loose.rule.id}` bounds `{loose.words}` by {shown(loose)}, and `{tight.rule.id}` {why}"
    )
    related = ((tight.rule.place, "the bound that is met first"),)
    if _in_two_scales(loose, tight):
        mend = "they differ by a factor of about 100: is one a fraction, and the other percent?"
        return Diagnostic("M349", message, loose.rule.place, mend, related)
    mend = "write a number once: keep one of the two"
    return Diagnostic("M347", message, loose.rule.place, mend, related)


def _in_two_scales(one: Bound, other: Bound) -> bool:
    if not one.most or not other.most or one.most * other.most < 0:
        return False
    ratio = max(one.most / other.most, other.most / one.most)
    return _SCALE[0] <= ratio <= _SCALE[1]


def _exclude(low: Bound, high: Bound) -> bool:
    """Whether nothing is at least `low` and at most `high`, in any case."""
    if low.upper or not high.upper or low.besides or high.besides or not meets(low.rule, high.rule):
        return False
    either = low.strict or high.strict
    return all(
        least > most or (least == most and either) for _, least, most in joint_cases(low, high)
    )


def _contradiction(low: Bound, high: Bound) -> Diagnostic:
    message = (
        f"`{low.rule.id}` asks for `{low.words}` of at least {shown(low)}, "
        f"`{high.rule.id}` for at most {shown(high)}: no order satisfies both"
    )
    related = ((high.rule.place, "the other bound"),)
    return Diagnostic("M348", message, low.rule.place, "change one of the two", related)


def _tiers(measures: Measures, limits: tuple[Bound, ...]) -> Iterator[Diagnostic]:
    """Tiers that let in what a limit refuses to every entry: their number decides nothing."""
    tiers = measures.bounds(measures.policy_set.of_role(RuleRole.TIER_ENTER))
    for tier in tiers:
        for limit in limits:
            if limit.measure == tier.measure and not limit.besides and _looser(tier, limit):
                message = (
                    f"`{tier.rule.id}` lets in `{tier.words}` from {shown(tier)}, and "
                    f"`{limit.rule.id}` refuses every entry beyond {shown(limit)}"
                )
                mend = "set the tier to what the limit allows, or loosen the limit"
                related = ((limit.rule.place, "the limit that is met first"),)
                yield Diagnostic(
                    "M347", message, tier.rule.place, mend, related, severity=Severity.WARNING
                )


def _looser(tier: Bound, limit: Bound) -> bool:
    if tier.upper != limit.upper:
        return False
    return all((two < one) == tier.upper and one != two for _, one, two in joint_cases(tier, limit))
