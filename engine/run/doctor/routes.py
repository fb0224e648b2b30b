"""Whether alerts reach anybody: each route of a set, and what delivers it.

In: a composed set, the routes that this process can deliver to. Out: checks; on request a test
message to every route through the notifier that a run would use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.run.doctor.checks import Check, Level, Section

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.policyset.policyset import PolicySet
    from engine.ports import Notifier

LOG = "log"
_SUBJECT = "test of the route"


def routes(policy_set: PolicySet, known: frozenset[str]) -> Iterator[Check]:
    """Each route with its alerts; one that nothing delivers to is told as missing."""
    found = routes_of(policy_set)
    for route, alerts in found.items():
        count = f"{len(alerts)} alert{'' if len(alerts) == 1 else 's'}"
        if route in known:
            yield Check(Section.ROUTES, Level.FINE, route, f"{count}; delivered by this release")
        else:
            says = f"{count}, and nothing in this release delivers there"
            yield Check(Section.ROUTES, Level.BAD, route, says)
    if not found:
        yield Check(Section.ROUTES, Level.BAD, "none", "the set has no alert: nobody hears of it")
    elif set(found) <= {LOG}:
        says = "every alert goes to the log alone: who does not look hears nothing"
        yield Check(Section.ROUTES, Level.LOOK, "second channel", says)


def routes_of(policy_set: PolicySet) -> dict[str, list[str]]:
    """The names of the alerts by route."""
    found: dict[str, list[str]] = {}
    for name, spec in policy_set.alerts:
        found.setdefault(spec.route, []).append(name)
    return dict(sorted(found.items()))


async def try_routes(policy_set: PolicySet, notifier: Notifier) -> tuple[Check, ...]:
    """Send one message to each route, and say which arrived."""
    body = f"policy set {policy_set.name}: nothing happened, this is a test"
    checks = []
    for route in routes_of(policy_set):
        arrived = await notifier.notify(route, _SUBJECT, body)
        says = "a test message arrived" if arrived else "a test message did not arrive"
        level = Level.FINE if arrived else Level.BAD
        checks.append(Check(Section.ROUTES, level, f"{route} tried", says))
    return tuple(checks)
