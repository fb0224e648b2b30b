"""Whether each alert of the set was heard: it fired and arrived, or its route answered a test.

In: a set, a ledger. Out: evidence: one line for all, with the names of those that nobody heard, and
one for the routes. The log is no person: a critical alert that goes there alone was not heard.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.kinds.deployment.alerting import LOG
from engine.model.times import duration_text
from engine.run.going_live.evidence import Evidence, either, lacking

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.kinds.alert_rule.document import AlertRuleSpec
    from engine.model.times import UtcTime
    from engine.policyset.policyset import PolicySet
    from engine.run.going_live.examining import Ledger

_NAMED = 5
_ALL = "each fired and arrived, or its route answered"
_TEST = "`trader alert test --ledger DIR` sends one to each route, through the running loop"


def heard(policy_set: PolicySet, ledger: Ledger | None, now: UtcTime) -> Iterator[Evidence]:
    """The alerts, then the routes that they take."""
    if ledger is None:
        yield lacking("alerts heard", "no ledger was named", _ALL, "name it: `--ledger DIR`")
        return
    answered = _answered(policy_set, ledger, now)
    told = [(name, _ways(policy_set, spec)) for name, spec in policy_set.alerts]
    unheard = [
        name
        for name, ways in told
        if name not in ledger.chronicle.heard and answered.isdisjoint(ways)
    ]
    names = ", ".join(unheard[:_NAMED])
    more = f" and {len(unheard) - _NAMED} more" if len(unheard) > _NAMED else ""
    found = f"{len(told) - len(unheard)} of {len(told)}"
    yield either(
        "alerts heard",
        f"{found}; not {names}{more}" if unheard else found,
        f"{len(told)} of {len(told)}: {_ALL}",
        _TEST if _leaves(policy_set) else _NO_WAY,
        met=not unheard and bool(told),
    )
    yield _routes(policy_set, answered)


_NO_WAY = "give the Deployment routes through a service: the log wakes nobody"


def _routes(policy_set: PolicySet, answered: set[str]) -> Evidence:
    """Every route that some alert takes, by when it answered last."""
    spec = policy_set.deployment.alerting
    within = "lately" if spec is None else f"within {duration_text(spec.test_every)}"
    used = {way for _, each in policy_set.alerts for way in _ways(policy_set, each)}
    silent = sorted(used - answered)
    found = f"{len(used) - len(silent)} of {len(used)}"
    if not used:
        return lacking("routes", "no alert leaves this process", "one that answered", _NO_WAY)
    return either(
        "routes",
        f"{found}; not {', '.join(silent)}" if silent else f"{found}: {', '.join(sorted(used))}",
        f"all answered {within}",
        _TEST,
        met=not silent,
    )


def _answered(policy_set: PolicySet, ledger: Ledger, now: UtcTime) -> set[str]:
    """The routes on which a message arrived not too long ago."""
    spec, tests = policy_set.deployment.alerting, ledger.status.state.telling.tests
    if spec is None:
        return set()
    return {
        name
        for name, test in tests.items()
        if test.refused is None and 0 <= now.since_s(test.time) < spec.test_every
    }


def _ways(policy_set: PolicySet, spec: AlertRuleSpec) -> list[str]:
    """The routes of an alert that leave the process: its own, and the one after it."""
    routes = policy_set.deployment.routes
    own = routes.get(spec.route)
    named = (spec.route, None if own is None else own.escalates_to)
    return [each for each in named if each in routes and routes[each].through != LOG]


def _leaves(policy_set: PolicySet) -> bool:
    return any(each.through != LOG for each in policy_set.deployment.routes.values())
