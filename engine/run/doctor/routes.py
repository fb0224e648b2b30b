"""Whether alerts reach anybody: each route of a set, what delivers it, and when it last did.

In: a composed set, the routes that this process could make, what a ledger holds of them. Out:
checks; on request a test message to every route by the way that a run would use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.kinds.deployment.alerting import LOG
from engine.model.notices import Sender
from engine.run.alerting import try_all
from engine.run.doctor.checks import Check, Level, Section

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from engine.adapters.notify import Routes
    from engine.errors import Diagnostic
    from engine.ledger.alerts import RouteTest
    from engine.ledger.state import State
    from engine.policyset.policyset import PolicySet
    from engine.ports import Notifier

_TEST = "asked for by a person: nothing happened, this is a test"


def routes(policy_set: PolicySet, made: Routes, state: State | None = None) -> Iterator[Check]:
    """Each route with its alerts; one that nothing delivers to is told as missing."""
    found = routes_of(policy_set)
    tests = {} if state is None else state.telling.tests
    for route, alerts in found.items():
        yield _route(policy_set, route, len(alerts), made.findings.get(route), tests)
    if not found:
        yield Check(Section.ROUTES, Level.BAD, "none", "the set has no alert: nobody hears of it")
    elif _all_in_the_log(policy_set, found):
        says = "every alert goes to the log alone: who does not look hears nothing"
        yield Check(Section.ROUTES, Level.LOOK, "second channel", says)
    if state is not None and (state.telling.waiting or state.telling.dead_count):
        yield _undelivered(state)


def _route(
    policy_set: PolicySet,
    name: str,
    count: int,
    wrong: Diagnostic | None,
    tests: Mapping[str, RouteTest],
) -> Check:
    known = policy_set.deployment.routes
    told = f"{count} alert{'' if count == 1 else 's'}" if count else "escalations"
    if name not in known:
        says = f"{told}, and nothing in this set delivers there"
        return Check(Section.ROUTES, Level.BAD, name, says)
    route = known[name]
    further = f", then `{route.escalates_to}`" if route.escalates_to else ""
    through = "" if route.through == LOG else f" through {route.through}"
    says = f"{told}{through}{further}"
    if wrong is not None:
        return Check(Section.ROUTES, Level.BAD, name, f"{says}; {wrong.message}: {wrong.help}")
    if route.through == LOG:
        return Check(Section.ROUTES, Level.FINE, name, f"{says}; delivered by this release")
    level, last = _last(tests.get(name))
    return Check(Section.ROUTES, level, name, f"{says}; {last}")


def _last(test: RouteTest | None) -> tuple[Level, str]:
    """What the ledger holds of the last message or test."""
    if test is None:
        return Level.LOOK, "never tested (`trader alert test`)"
    if test.refused is not None:
        return Level.BAD, f"failed at {test.time}: {test.refused}"
    return Level.FINE, f"answered at {test.time}"


def _all_in_the_log(policy_set: PolicySet, found: Mapping[str, object]) -> bool:
    known = policy_set.deployment.routes
    return all(name in known and known[name].through == LOG for name in found)


def _undelivered(state: State) -> Check:
    waiting, dead = len(state.telling.waiting), state.telling.dead_count
    level = Level.BAD if dead else Level.LOOK
    says = f"{waiting:,} wait to be delivered, {dead:,} reached nobody (`trader status`)"
    return Check(Section.ROUTES, level, "messages", says)


def routes_of(policy_set: PolicySet) -> dict[str, list[str]]:
    """The names of the alerts by route, and the routes that those escalate to."""
    found: dict[str, list[str]] = {}
    known = policy_set.deployment.routes
    for name, spec in policy_set.alerts:
        found.setdefault(spec.route, []).append(name)
        further = known[spec.route].escalates_to if spec.route in known else None
        if further is not None:
            found.setdefault(further, [])
    return dict(sorted(found.items()))


async def try_routes(policy_set: PolicySet, notifier: Notifier) -> tuple[Check, ...]:
    """Send one message to each route, and say which arrived."""
    deployment = policy_set.deployment
    sender = Sender(deployment.account.name, deployment.mode, policy_set.name, policy_set.hash)
    answers = await try_all(notifier, routes_of(policy_set), sender, _TEST)
    return tuple(_tried(route, refused) for route, refused in answers.items())


def _tried(route: str, refused: str | None) -> Check:
    if refused is None:
        return Check(Section.ROUTES, Level.FINE, f"{route} tried", "a test message arrived")
    says = f"a test message did not arrive: {refused}"
    return Check(Section.ROUTES, Level.BAD, f"{route} tried", says)
