"""One threshold in two places: repeated instead of referred to, or met in the wrong order.

In: a policy set. Out: M321 for a number that two documents state for one measure, M367 for a
breaker that trips after another and does no more, M372 for an alert that comes only after the
stop on the same measure, which it was to announce. Each with both places.
"""

from __future__ import annotations

from itertools import permutations
from typing import TYPE_CHECKING

from engine.errors import Diagnostic, Severity
from engine.expr.nodes import Compare
from engine.expr.vocabulary import fact_names
from engine.kinds.circuit_breaker.document import ResetAfter
from engine.kinds.rule import RuleRole
from engine.policyset.lint.measures import joint_cases, meets, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.kinds.circuit_breaker.document import CircuitBreakerSpec
    from engine.kinds.rule import Rule
    from engine.policyset.lint.measures import Bound, Measures

_STATED = frozenset({RuleRole.LIMIT, RuleRole.GUARD, RuleRole.TRIP, RuleRole.ALERT})
_STOPS = ("reducing", "halted")
_CANCELS = ("none", "entries", "all")
_ON_TRIP = ("none", "exit_all")


def check(measures: Measures) -> Iterator[Diagnostic]:
    """Alerts and breakers against each other and against limits."""
    yield from _repeated(measures)
    yield from _later_breakers(measures)
    yield from _late_alerts(measures)


def _repeated(measures: Measures) -> Iterator[Diagnostic]:
    """Pairs of documents that state one number for one measure, each by itself.

    Two limits are bounds on one measure already (M347); here one of the two is something else.
    """
    own = [rule for rule in measures.policy_set.rules if rule.role in _STATED and _by_itself(rule)]
    bounds = measures.bounds(own)
    told: set[frozenset[str]] = set()
    for one, other in permutations(bounds, 2):
        pair = frozenset((one.rule.id, other.rule.id))
        if pair not in told and _same_number(one, other) and _weight(one) > _weight(other):
            told.add(pair)
            yield _repetition(one, other)


def _by_itself(rule: Rule) -> bool:
    """Whether a rule takes no number from another document."""
    name = rule.document.partition("/")[2]
    own = (f"policy.{name}.", f"limit.{name}.")
    referred = (each for each in fact_names(rule.tree) if each.startswith(("policy.", "limit.")))
    return all(each.startswith(own) for each in referred)


def _same_number(one: Bound, other: Bound) -> bool:
    both = {one.rule.role, other.rule.role}
    if one.rule.document == other.rule.document or both <= {RuleRole.LIMIT, RuleRole.GUARD}:
        return False
    return one.measure == other.measure and one.values == other.values


def _weight(bound: Bound) -> int:
    """Who should refer to whom: an alert to a breaker, a breaker to a limit."""
    return {RuleRole.ALERT: 2, RuleRole.TRIP: 1}.get(bound.rule.role, 0)


def _repetition(one: Bound, other: Bound) -> Diagnostic:
    message = (
        f"`{one.rule.id}` states {shown(one)} for `{one.words}`, as `{other.rule.id}` does: "
        "a change of one leaves the other behind"
    )
    name = next((n for n in fact_names(other.rule.tree) if n.startswith("policy.")), None)
    mend = f"refer to it: `{name}`" if name else "move the number into `params` and refer to it"
    related = ((other.rule.place, "the same number"),)
    return Diagnostic("M321", message, one.rule.place, mend, related, severity=Severity.WARNING)


def _later_breakers(measures: Measures) -> Iterator[Diagnostic]:
    specs = dict(measures.policy_set.breakers)
    bounds = measures.bounds(_plain(measures, RuleRole.TRIP))
    for late, early in permutations(bounds, 2):
        if late.measure != early.measure or not _within(late, early):
            continue
        one, other = (specs[each.rule.document.partition("/")[2]] for each in (late, early))
        if (late.rule.scope is early.rule.scope) and _does_no_more(one, other):
            message = (
                f"`{late.rule.id}` trips at {shown(late)}, where `{early.rule.id}` has tripped at "
                f"{shown(early)} already, and does no more"
            )
            related = ((early.rule.place, "the breaker that trips first"),)
            mend = "let it stop more, or leave it out"
            yield Diagnostic("M367", message, late.rule.place, mend, related)


def _plain(measures: Measures, role: RuleRole) -> list[Rule]:
    return [r for r in measures.policy_set.of_role(role) if isinstance(r.tree, Compare)]


def _within(late: Bound, early: Bound) -> bool:
    """Whether the early one holds wherever the late one does, and earlier in some case."""
    if late.upper != early.upper or not meets(late.rule, early.rule):
        return False
    pairs = [(one, two) for _, one, two in joint_cases(late, early)]
    deeper = all(one <= two if late.upper else one >= two for one, two in pairs)
    return deeper and any(one != two for one, two in pairs)


def _does_no_more(late: CircuitBreakerSpec, early: CircuitBreakerSpec) -> bool:
    return all(
        words.index(one) <= words.index(other)
        for words, one, other in (
            (_STOPS, late.while_tripped, early.while_tripped),
            (_CANCELS, late.cancel, early.cancel),
            (_ON_TRIP, late.on_trip, early.on_trip),
        )
    ) and _patience(late) <= _patience(early)


def _patience(spec: CircuitBreakerSpec) -> tuple[int, int]:
    """How hard a reset is to come by: after a time, at midnight, by a person."""
    if isinstance(spec.reset, ResetAfter):
        return (0, spec.reset.after)
    return (1, 0) if isinstance(spec.reset, str) else (2, spec.reset.rearm.not_before)


def _late_alerts(measures: Measures) -> Iterator[Diagnostic]:
    stops = measures.bounds(_plain(measures, RuleRole.TRIP))
    for alert in measures.bounds(_plain(measures, RuleRole.ALERT)):
        for stop in stops:
            if alert.measure == stop.measure and _within(alert, stop):
                message = (
                    f"`{alert.rule.id}` fires at {shown(alert)}, and `{stop.rule.id}` has "
                    f"tripped at {shown(stop)} before it"
                )
                related = ((stop.rule.place, "the breaker that trips first"),)
                mend = f"alert before {shown(stop)}, or on `breaker.{_name(stop)}.tripped`"
                yield Diagnostic(
                    "M372", message, alert.rule.place, mend, related, severity=Severity.WARNING
                )


def _name(bound: Bound) -> str:
    return bound.rule.document.partition("/")[2]
