"""What is written down and never happens: rules of another mode, references to what is idle.

In: a policy set. Out: M322 for a rule that counts in no mode in which the set may run, M370 for a
rule that waits for a breaker or limit which is not enforced.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import Diagnostic, Severity
from engine.expr.vocabulary import fact_names
from engine.kinds.rule import RuleRole, Stage
from engine.model.orders import Mode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.kinds.rule import Rule
    from engine.policyset.lint.measures import Measures
    from engine.policyset.policyset import PolicySet

_RISING = (Mode.DRY_RUN, Mode.PAPER, Mode.LIVE)
_KINDS = {"breaker": "CircuitBreaker", "limit": "RiskLimit"}
_REFERRING = frozenset({RuleRole.LIMIT, RuleRole.GUARD, RuleRole.TRIP, RuleRole.ALERT})


def check(measures: Measures) -> Iterator[Diagnostic]:
    """Modes, then references."""
    policy_set = measures.policy_set
    for rule in policy_set.rules:
        if rule.role in _REFERRING:
            yield from _never_counts(rule, policy_set)
            yield from _idle_references(rule, policy_set)


def reachable(policy_set: PolicySet) -> frozenset[Mode]:
    """The modes in which the set may run: its own, and those below it."""
    stated = _RISING.index(Mode(policy_set.deployment.mode))
    return frozenset(_RISING[: stated + 1])


def _never_counts(rule: Rule, policy_set: PolicySet) -> Iterator[Diagnostic]:
    modes = reachable(policy_set)
    if rule.modes & modes:
        return
    facts = (policy_set.vocabulary.spec(n) for n in policy_set.vocabulary.base_facts(rule.tree))
    # A rule on what only live trading has can count nowhere else, and an overlay may be live.
    if all(fact is None or fact.modes & modes for fact in facts):
        named = " and ".join(sorted(mode.value for mode in rule.modes))
        message = (
            f"`{rule.id}` counts in {named} only, "
            f"and this set runs at most in {policy_set.deployment.mode}"
        )
        mend = "let it count here too, or leave it to the overlay that runs there"
        yield Diagnostic("M322", message, rule.place, mend, severity=Severity.WARNING)


def _idle_references(rule: Rule, policy_set: PolicySet) -> Iterator[Diagnostic]:
    for name in sorted(fact_names(rule.tree)):
        group, _, rest = name.partition(".")
        kind = _KINDS.get(group)
        target = policy_set.rule(f"{kind}/{rest.partition('.')[0]}") if kind else None
        if target is None or target is rule or target.stage is Stage.ENFORCE:
            continue
        stage = target.stage.value
        message = f"`{rule.id}` waits for `{name}`, and `{target.id}` is only in {stage}"
        mend = "enforce it, or refer to the fact that it watches"
        related = ((target.place, "what is not enforced"),)
        yield Diagnostic("M370", message, rule.place, mend, related, severity=Severity.WARNING)
