"""Alerts that leave the process: the routes of a run, who delivers to them, and the test of them.

In: a desk, secrets. Out: `Posting`, whose delivery goes on beside the loop. Refuses (M905) a live
run of which some critical alert could reach nobody: each needs a route outside of the log, its own
or the one that it escalates to, that answered a test.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.adapters.notify import Routes, routes_of
from engine.adapters.system.clock import SystemClock
from engine.cycle.alerting.delivery import Delivery
from engine.errors import Diagnostic, MandateError, Severity
from engine.kinds.deployment.alerting import LOG
from engine.ledger.records import RecordKind
from engine.model.notices import News, Notice, Sender
from engine.model.orders import Mode

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from engine.cycle.desk import Desk
    from engine.kinds.deployment.document import DeploymentSpec
    from engine.ledger.alerts import RouteTest
    from engine.ledger.bodies import Body
    from engine.model.times import UtcTime
    from engine.policyset.policyset import PolicySet
    from engine.ports import Notifier, Secrets

_WHO = "the start of a run"
_WHY = "live trading begins, and somebody has to hear of it"

Answers = dict[str, str | None]
"""What each route that was tried came to: None where the message arrived, else why it did not."""


@dataclass(frozen=True, slots=True)
class Posting:
    """What a run delivers by; `findings` are routes of the set that reach nobody."""

    routes: Routes
    delivery: Delivery

    @property
    def findings(self) -> tuple[Diagnostic, ...]:
        """Each route that could not be made, as a warning: its alerts wait, and may escalate."""
        return tuple(_warning(each) for each in self.routes.findings.values())


def posting_of(desk: Desk, secrets: Secrets) -> Posting:
    """The routes of the desk's set; from now on what its alerts tell waits to be delivered."""
    routes = routes_of(desk.policy_set.deployment, secrets, SystemClock())
    desk.posts = True
    return Posting(routes, Delivery(desk, routes))


@dataclass(frozen=True, slots=True)
class Caller:
    """Tells those whom critical alerts wake, from outside of any loop; nothing is recorded."""

    routes: Routes
    sender: Sender
    to: tuple[str, ...]

    async def call(self, rule: str, words: str) -> Answers:
        """Tell it on every route at once; what each came to."""
        now = SystemClock().now()

        async def told(route: str) -> tuple[str, str | None]:
            notice = Notice(0, route, News.FIRING, rule, "", "critical", words, since=now, time=now)
            return route, await self.routes.deliver(route, [notice], self.sender)

        return dict(await asyncio.gather(*(told(each) for each in self.to)))


def caller_of(policy_set: PolicySet, mode: Mode, secrets: Secrets) -> Caller:
    """Whom the critical alerts of a set wake: their routes, and those that these escalate to."""
    deployment = policy_set.deployment
    named = [each.route for _, each in policy_set.alerts if each.severity == "critical"]
    further = (deployment.routes[each].escalates_to for each in named if each in deployment.routes)
    to = dict.fromkeys((*named, *(each for each in further if each is not None)))
    sender = Sender(deployment.account.name, mode.value, policy_set.name, policy_set.hash)
    return Caller(routes_of(deployment, secrets, SystemClock()), sender, tuple(to))


async def try_all(notifier: Notifier, routes: Iterable[str], sender: Sender, why: str) -> Answers:
    """Send a test message to each route, all at once."""
    now = SystemClock().now()

    async def tried(route: str) -> tuple[str, str | None]:
        test = Notice(0, route, News.TEST, "route", "", "info", why, since=now, time=now)
        return route, await notifier.deliver(route, [test], sender)

    return dict(await asyncio.gather(*(tried(each) for each in routes)))


def answers_for(
    policy_set: PolicySet, secrets: Secrets, known: Mapping[str, RouteTest], mode: Mode
) -> Answers:
    """Try what a live run needs and has not tried lately; raises MandateError (M905).

    The answers are for the record, which begins only when nothing refuses the run any more.
    """
    if mode is not Mode.LIVE:
        return {}
    deployment, now = policy_set.deployment, SystemClock().now()
    needed = sorted({each for _, way in critical_ways(policy_set) for each in way})
    fresh = {each for each in needed if _is_fresh(known.get(each), deployment, now)}
    routes = routes_of(deployment, secrets, SystemClock())
    sender = Sender(deployment.account.name, mode.value, policy_set.name, policy_set.hash)
    answers = asyncio.run(_tried(routes, [each for each in needed if each not in fresh], sender))
    heard = fresh | {route for route, refused in answers.items() if refused is None}
    refused = [*_unheard(policy_set, heard, answers)]
    if refused:
        raise MandateError(refused)
    return answers


def record_tests(desk: Desk, answers: Answers) -> None:
    """Put what the routes answered into the ledger."""
    for route, refused in answers.items():
        body: Body = {"to": [route], "refused": refused, "who": _WHO, "why": _WHY}
        desk.recorder.record(RecordKind.ROUTE_TEST, desk.clock.now(), body)
    if answers:
        desk.recorder.sync()


def critical_ways(policy_set: PolicySet) -> Iterator[tuple[str, list[str]]]:
    """Each critical alert of live trading, with the routes that it can reach a person by."""
    routes = policy_set.deployment.routes
    for name, spec in policy_set.alerts:
        if spec.severity == "critical" and Mode.LIVE.value in spec.modes:
            route = routes.get(spec.route)
            named = (spec.route, None if route is None else route.escalates_to)
            yield name, [e for e in named if e in routes and routes[e].through != LOG]


async def _tried(routes: Routes, names: list[str], sender: Sender) -> Answers:
    try:
        return await try_all(routes, names, sender, _WHY)
    finally:
        await routes.close()


def _is_fresh(test: RouteTest | None, deployment: DeploymentSpec, now: UtcTime) -> bool:
    spec = deployment.alerting
    if test is None or test.refused is not None or spec is None:
        return False
    return 0 <= now.since_s(test.time) < spec.test_every


def _unheard(policy_set: PolicySet, heard: set[str], answers: Answers) -> Iterator[Diagnostic]:
    """What no route answered for: one finding for the alerts of each way."""
    found: dict[tuple[str, ...], list[str]] = {}
    for name, way in critical_ways(policy_set):
        if heard.isdisjoint(way):
            found.setdefault(tuple(way), []).append(name)
    for ways, names in found.items():
        told = f"{len(names)} critical alert{'' if len(names) == 1 else 's'}, of them `{names[0]}`"
        if not ways:
            message = f"{told}, would reach nobody: the log is no person"
            mend = (
                "give the Deployment `alerting: {routes: …}` through a service, and name a route "
                "of it in each critical AlertRule"
            )
        else:
            why = "; ".join(f"`{each}`: {answers.get(each)}" for each in ways)
            message = f"{told}, would reach nobody: no route answered a test ({why})"
            mend = "`trader alert test --policies DIR` tries them again, and tells what they say"
        yield Diagnostic("M905", message, None, mend)


def _warning(found: Diagnostic) -> Diagnostic:
    return Diagnostic(found.code, found.message, None, found.help, severity=Severity.WARNING)
