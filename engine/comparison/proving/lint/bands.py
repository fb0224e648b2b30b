"""Is there an order at all that every limit lets pass: ever, and in each regime and tier?

In: a policy set. Out: M741 where no order of an intent can pass, M742 where in one case of a table
the minimums and the caps leave no size between them. A case in which nothing is wanted, since some
cap is zero there, is no finding.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.comparison.proving.lint.limits import (
    KNOWN,
    SOME,
    Limits,
    keeps,
    kept_of,
    unanswered,
)
from engine.comparison.proving.solver import Answer
from engine.errors import Diagnostic, Severity
from engine.model.orders import Intent

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from engine.kinds.rule import Rule
    from engine.policyset.policyset import PolicySet


def check(policy_set: PolicySet) -> Iterator[Diagnostic]:
    """Every intent, and every case of what tables are over; what is said of one is said once."""
    told: set[tuple[str, ...]] = set()
    for intent in Intent:
        limits = Limits(policy_set, intent)
        for case, found in _findings(limits) if limits.rules else ():
            about = (found.code, case, str(found.place), *(str(at) for at, _ in found.related))
            if about not in told:
                told.add(about)
                yield found


def _findings(limits: Limits) -> Iterator[tuple[str, Diagnostic]]:
    whole = limits.ask([KNOWN, SOME, *_all(limits)], shown=False)
    if whole.answer is Answer.UNSATISFIABLE:
        yield "", _contradiction(limits, kept_of(whole.core))
        return
    if whole.answer is Answer.UNKNOWN:
        yield "", unanswered(limits.rules[0], f"whether any order to {limits.intent.value} passes")
    for case in limits.cases:
        for found in _band(limits, case):
            yield case, found


def _all(limits: Limits) -> list[str]:
    return [keeps(rule.id) for rule in limits.rules]


def _band(limits: Limits, case: str) -> Iterator[Diagnostic]:
    caps = [keeps(rule.id) for rule in limits.rules if not rule.minimum]
    if limits.ask([case, KNOWN, SOME, *caps], shown=False).answer is not Answer.SATISFIABLE:
        return
    found = limits.ask([case, KNOWN, SOME, *_all(limits)], shown=False)
    if found.answer is Answer.UNKNOWN:
        yield unanswered(limits.rules[0], f"whether any order passes where {case}")
    if found.answer is Answer.UNSATISFIABLE:
        rules = _named(limits, kept_of(found.core))
        names = ", ".join(f"`{each}`" for each in rules)
        message = f"where {case}, no size of an order to {limits.intent.value} passes {names}"
        first, *others = rules.values()
        mend = "lower the minimum, raise the cap, or say with a cap of 0 that nothing is wanted"
        related = tuple((each.place, "with this one") for each in others)
        yield Diagnostic("M742", message, first.place, mend, related, Severity.WARNING)


def _contradiction(limits: Limits, core: list[str]) -> Diagnostic:
    rules = _named(limits, core)
    names = ", ".join(f"`{each}`" for each in rules)
    message = f"no order to {limits.intent.value} can pass {names}"
    first, *others = rules.values()
    related = tuple((each.place, "and this one") for each in others)
    return Diagnostic("M741", message, first.place, "one of them has to give way", related)


def _named(limits: Limits, core: list[str]) -> Mapping[str, Rule]:
    """The rules that clash; all of them where the clash names none."""
    rules = {rule.id: rule for rule in limits.rules}
    return {name: rules[name] for name in core} or rules
