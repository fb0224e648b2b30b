"""Times that contradict each other: the schedule, alerts, waivers.

In: a policy set. Out: M320 for a waiver that is no exception, M324 for a schedule that cannot be
kept, M328 for times of an alert that leave one of them without effect.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from engine.errors import Diagnostic, Severity
from engine.expr.vocabulary import fact_names
from engine.kinds.rule import RuleRole
from engine.model.times import duration_s, duration_text
from engine.policyset.lint.documents import named, only

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.expr.nodes import Node
    from engine.kinds.base import Path
    from engine.kinds.schedule.document import MaintenanceWindow
    from engine.policyset.lint.measures import Measures
    from engine.policyset.policyset import PolicySet

_DAYS = 7
_DAY_MIN = 24 * 60
# RTS 6 speaks of an override as temporary and exceptional; a quarter is the longest report period.
_LONGEST_WAIVER_S = 92 * 86_400
_WINDOW = re.compile(r"_(\d+[smhd])_")


def check(measures: Measures) -> Iterator[Diagnostic]:
    """Schedule, alerts, waivers."""
    policy_set = measures.policy_set
    yield from _schedule(policy_set)
    yield from _alerts(policy_set)
    yield from _waivers(policy_set)


def _schedule(policy_set: PolicySet) -> Iterator[Diagnostic]:
    spec = policy_set.schedule
    for index, window in enumerate(spec.maintenance):
        if window.start == window.to:
            message = f"a window from {window.start} to {window.to} has no length"
            yield _rhythm(policy_set, ("maintenance", index, "to"), message, "let it end later")
    if sum(map(_minutes, spec.maintenance)) >= _DAYS * _DAY_MIN:
        message = "the maintenance windows leave no time in which anything is entered"
        yield _rhythm(policy_set, ("maintenance",), message, "shorten one of them")
    if spec.back_off.max_interval < spec.interval:
        message = (
            f"the longest interval of {duration_text(spec.back_off.max_interval)} is shorter "
            f"than the interval of {duration_text(spec.interval)}"
        )
        mend = "backing off makes intervals longer"
        yield _rhythm(policy_set, ("back_off", "max_interval"), message, mend)
    if spec.back_off.when_cycle_over_s > spec.back_off.max_interval:
        message = "a cycle may take longer than the longest interval before anything backs off"
        mend = "back off sooner"
        yield _rhythm(policy_set, ("back_off", "when_cycle_over_s"), message, mend)
    if spec.skip_silence_over <= spec.interval:
        message = "every silence between two cycles would be skipped"
        yield _rhythm(policy_set, ("skip_silence_over",), message, "make it longer")


def _rhythm(policy_set: PolicySet, path: Path, message: str, mend: str) -> Diagnostic:
    places = only(policy_set, "Schedule").places
    return Diagnostic("M324", message, places.of(("spec", *path)), mend)


def _minutes(window: MaintenanceWindow) -> int:
    start, end = (int(at[:2]) * 60 + int(at[3:]) for at in (window.start, window.to))
    return len(set(window.days)) * ((end - start) % _DAY_MIN)


def _alerts(policy_set: PolicySet) -> Iterator[Diagnostic]:
    windows = {rule.document: _window_s(rule.tree) for rule in policy_set.of_role(RuleRole.ALERT)}
    for name, spec in policy_set.alerts:
        document = named(policy_set, f"AlertRule/{name}")
        window = windows.get(document.id)
        if spec.for_ is not None and window is not None and spec.for_ > window:
            message = (
                f"it must hold for {duration_text(spec.for_)}, and its fact remembers "
                f"{duration_text(window)}"
            )
            place, mend = document.places.of(("spec", "for")), "hold for less than the window"
            yield Diagnostic("M328", message, place, mend, severity=Severity.WARNING)
        if spec.escalate_after is not None and spec.dedupe > spec.escalate_after:
            message = (
                f"after {duration_text(spec.escalate_after)} it escalates, and for "
                f"{duration_text(spec.dedupe)} no second message is sent"
            )
            place, mend = document.places.of(("spec", "dedupe")), "dedupe for less than that"
            yield Diagnostic("M328", message, place, mend, severity=Severity.WARNING)


def _window_s(tree: Node) -> int | None:
    """The shortest window that the names of an alert's facts tell of."""
    names = fact_names(tree)
    found = [duration_s(each[1]) for name in names if (each := _WINDOW.search(name))]
    return min(found, default=None)


def _waivers(policy_set: PolicySet) -> Iterator[Diagnostic]:
    for name, waiver in policy_set.waivers:
        if waiver.until.since_s(waiver.valid_from) > _LONGEST_WAIVER_S:
            place = named(policy_set, f"Waiver/{name}").places.of(("spec", "until"))
            message = f"the waiver `{name}` lasts longer than a quarter of a year"
            mend = "an exception without an end is a rule: change the rule, or end it sooner"
            yield Diagnostic("M320", message, place, mend)
