"""Questions whose answer is always no: an alert that cannot fire, a breaker that cannot trip.

In: a policy set. Out: M745 for each rule that is not about orders and holds in no state, and M746
for an alert or a breaker that holds in every one in which all facts are known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.comparison.proving.lint.limits import unanswered
from engine.comparison.proving.questions import keep_invariants, keep_known
from engine.comparison.proving.solver import Answer, solve
from engine.errors import Diagnostic, Severity
from engine.expr.backends.smt import Encoder, World
from engine.kinds.rule import RuleRole

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.kinds.rule import Rule
    from engine.policyset.policyset import PolicySet

_WORDS = {
    RuleRole.ALERT: "fire",
    RuleRole.TRIP: "trip",
    RuleRole.ENTRY: "enter",
    RuleRole.ADD: "add",
    RuleRole.EXIT_WHEN: "sell",
    RuleRole.SIGNAL: "be there",
    RuleRole.TIER_ENTER: "take a product",
    RuleRole.REGIME: "hold",
}
_LOUD = frozenset({RuleRole.ALERT, RuleRole.TRIP})


def check(policy_set: PolicySet) -> Iterator[Diagnostic]:
    """Every rule that is asked by itself."""
    for rule in policy_set.rules:
        if rule.role in _WORDS:
            yield from _never(policy_set, rule)


def _never(policy_set: PolicySet, rule: Rule) -> Iterator[Diagnostic]:
    verb = _WORDS[rule.role]
    holds = _can(policy_set, rule, holding=True)
    if holds is Answer.UNKNOWN:
        yield unanswered(rule, f"whether `{rule.id}` can {verb}")
    if holds is Answer.UNSATISFIABLE:
        message = f"`{rule.id}` can never {verb}: no facts make it hold"
        mend = "look for two parts that exclude each other, or for a bound out of range"
        yield Diagnostic("M745", message, rule.place, mend, severity=Severity.WARNING)
    elif rule.role in _LOUD and _can(policy_set, rule, holding=False) is Answer.UNSATISFIABLE:
        message = f"`{rule.id}` always holds: whatever the facts, it would {verb}"
        mend = "look for a comparison that is the wrong way round"
        yield Diagnostic("M746", message, rule.place, mend, severity=Severity.WARNING)


def _can(policy_set: PolicySet, rule: Rule, *, holding: bool) -> Answer:
    world = World()
    encoder = Encoder(world, policy_set.vocabulary)
    world.say(encoder.holds(rule.tree) if holding else encoder.fails(rule.tree))
    if holding:
        keep_invariants(world, encoder, policy_set.vocabulary)
        keep_known(world)
    return solve(world.script(assumptions=True)).answer
