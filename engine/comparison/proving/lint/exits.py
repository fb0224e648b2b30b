"""Ways out that a limit or guard could block, each with an order that it would refuse.

In: a policy set. Out: M743 for a rule that names exits, trims or purges and refuses one of them by
a decided breach. A way out is never blocked by doubt; what blocks it by its number is said here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.comparison.proving.lint.limits import Limits, breaks, unanswered
from engine.comparison.proving.solver import Answer
from engine.comparison.telling import told_state
from engine.errors import Diagnostic, Severity
from engine.model.orders import Intent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.kinds.rule import Rule
    from engine.policyset.policyset import PolicySet


def check(policy_set: PolicySet) -> Iterator[Diagnostic]:
    """Every rule that binds a way out, once."""
    told: set[str] = set()
    for intent in (each for each in Intent if not each.adds_risk):
        limits = Limits(policy_set, intent)
        for rule in limits.rules:
            if rule.id not in told:
                found = list(_trapped(policy_set, limits, rule))
                told |= {rule.id} if found else set()
                yield from found


def _trapped(policy_set: PolicySet, limits: Limits, rule: Rule) -> Iterator[Diagnostic]:
    solution = limits.ask([breaks(rule.id)], shown=True)
    if solution.answer is Answer.UNSATISFIABLE:
        return
    shown = (s for s in limits.states(solution) if not limits.passes(rule, s.facts))
    state = next(shown, None) if solution.answer is Answer.SATISFIABLE else None
    if state is None:
        yield unanswered(rule, f"whether `{rule.id}` can refuse an order to {limits.intent.value}")
        return
    where = told_state(rule.tree, state, policy_set.vocabulary)
    message = f"`{rule.id}` refuses an order to {limits.intent.value}{where}"
    mend = "leave exits out of `intents`: nothing that must be sold may wait for a limit"
    yield Diagnostic("M743", message, rule.place, mend, severity=Severity.WARNING)
