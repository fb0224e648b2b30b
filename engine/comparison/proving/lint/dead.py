"""Limits that refuse nothing: no order breaks one that all the others let pass.

In: a policy set. Out: M740 for a limit or guard that decides nothing in any of its intents as long
as every fact is known, with the rules that always bind first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.comparison.proving.lint.limits import (
    KNOWN,
    SOME,
    Limits,
    breaks,
    keeps,
    kept_of,
    unanswered,
)
from engine.comparison.proving.solver import Answer
from engine.errors import Diagnostic, Severity
from engine.model.orders import Intent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.kinds.rule import Rule
    from engine.policyset.policyset import PolicySet


def check(policy_set: PolicySet) -> Iterator[Diagnostic]:
    """Every limit and guard, with all others of its intents."""
    limits = {intent: Limits(policy_set, intent) for intent in Intent}
    rules = {rule.id: rule for each in limits.values() for rule in each.rules}
    for rule in rules.values():
        found = [_shadow(each, rule) for each in limits.values() if rule in each.rules]
        if all(answer is Answer.UNSATISFIABLE for answer, _ in found):
            yield _dead(rule, sorted({name for _, names in found for name in names}), rules)
        elif all(answer is not Answer.SATISFIABLE for answer, _ in found):
            yield unanswered(rule, f"whether `{rule.id}` ever decides")


def _shadow(limits: Limits, rule: Rule) -> tuple[Answer, list[str]]:
    others = [keeps(each.id) for each in limits.rules if each is not rule]
    solution = limits.ask([breaks(rule.id), KNOWN, SOME, *others], shown=False)
    return solution.answer, kept_of(solution.core)


def _dead(rule: Rule, shadows: list[str], rules: dict[str, Rule]) -> Diagnostic:
    related = tuple((rules[each].place, "this one binds first") for each in shadows)
    if not shadows:
        message = f"`{rule.id}` refuses nothing: it holds whatever the facts are"
        mend = "is a bound, a unit or a sign another one than was meant? else delete it"
    else:
        names = ", ".join(f"`{each}`" for each in shadows)
        message = f"`{rule.id}` refuses nothing that {names} would let pass"
        mend = "keep it only as a second fence, and say so; or give it the tighter number"
    return Diagnostic("M740", message, rule.place, mend, related, severity=Severity.WARNING)
