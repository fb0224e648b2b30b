"""What a set arms in a mode, and what it lacks there.

In: a composed set, the mode, and the status of a ledger where there is one. Out: a check for each
rule that guards orders, for each rail that nothing carries, and for what could not be decided.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.kinds.rule import RuleRole, Stage
from engine.model.decisions import Outcome
from engine.policyset.controls.report import Status as ControlStatus
from engine.policyset.controls.report import controls_of
from engine.policyset.lint.controls import missing_rails
from engine.policyset.lint.measures import Measures
from engine.run.doctor.checks import Check, Level, Section

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.kinds.rule import Rule
    from engine.model.orders import Mode
    from engine.model.times import UtcTime
    from engine.policyset.policyset import PolicySet
    from engine.run.status import Status

GUARDING = {
    RuleRole.LIMIT: "limits",
    RuleRole.GUARD: "guards",
    RuleRole.TRIP: "breakers",
    RuleRole.ALERT: "alerts",
}


def armed(policy_set: PolicySet, mode: Mode) -> Iterator[Check]:
    """Each limit, guard, breaker and alert: armed, only watching, or not in this mode."""
    for role, words in GUARDING.items():
        for rule in policy_set.of_role(role):
            level, state = _state(rule, mode)
            yield Check(Section.ARMED, level, rule.id, state, {"sort": words})


def _state(rule: Rule, mode: Mode) -> tuple[Level, str]:
    if mode not in rule.modes:
        return Level.LOOK, f"off: it does not count in mode {mode.value}"
    if rule.stage is not Stage.ENFORCE:
        return Level.LOOK, f"watching only: its stage is {rule.stage.value}"
    return Level.FINE, "armed"


def missing(policy_set: PolicySet, mode: Mode, at: UtcTime) -> Iterator[Check]:
    """Rails and controls that nothing carries, and facts that this mode does not have."""
    rails = {rail.words for rail in missing_rails(Measures(policy_set))}
    for words in sorted(rails):
        yield Check(Section.MISSING, Level.BAD, words, "a rail: no enforced rule carries it")
    for row in controls_of(policy_set, at):
        if row.status is ControlStatus.ABSENT:
            for part in (each for each in row.missing if each not in rails):
                yield Check(Section.MISSING, Level.LOOK, part, f"no enforced rule carries {row.id}")
    for rule in policy_set.rules:
        if rule.role in GUARDING and mode in rule.modes:
            yield from _without_facts(rule, policy_set, mode)


def _without_facts(rule: Rule, policy_set: PolicySet, mode: Mode) -> Iterator[Check]:
    for name in sorted(policy_set.vocabulary.base_facts(rule.tree)):
        spec = policy_set.vocabulary.spec(name)
        if spec is not None and mode not in spec.modes:
            says = f"asks `{name}`, which nothing produces in mode {mode.value}"
            yield Check(Section.MISSING, Level.BAD, rule.id, says)


def undecided(status: Status) -> Iterator[Check]:
    """What the last cycle, and the last order that asked, could not decide."""
    for rule in status.undecided_breakers:
        says = "undecided in the last cycle, so it denies entries of its scope"
        yield Check(Section.MISSING, Level.BAD, rule, says)
    for (rule, group), asked in sorted(status.rules.items()):
        if asked.evaluation.outcome is Outcome.UNDECIDED:
            facts = ", ".join(f"`{each}`" for each in asked.evaluation.missing) or "a number"
            says = f"undecided about {asked.symbol} at {asked.time} without {facts}"
            name = f"{rule} of {group}" if group else rule
            yield Check(Section.MISSING, Level.LOOK, name, says)
    for invariant in status.broken_invariants:
        says = "did not hold in the last cycle, so its facts counted as unknown"
        yield Check(Section.MISSING, Level.LOOK, invariant, says)
