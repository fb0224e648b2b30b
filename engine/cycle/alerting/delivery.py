"""Delivery: what waits in the ledger goes to its routes, beside the cycles and never in their way.

In: a desk whose alerts are posted, a notifier. Out: messages, and a record of what became of each
notice: delivered, or dead after `give_up_after`. Each route has a pace of its own, so one that
hangs delays no other. What was not delivered is tried again: in this process, or the next.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.cycle.alerting import telling
from engine.ledger.chain import LedgerUnavailable
from engine.ledger.folding.alerts import DEAD, DELIVERED
from engine.ledger.records import RecordKind
from engine.model.notices import News, Notice, Sender

if TYPE_CHECKING:
    from collections.abc import Coroutine, Sequence

    from engine.cycle.desk import Desk
    from engine.kinds.deployment.alerting import Alerting
    from engine.ledger.bodies import Body
    from engine.model.times import UtcTime
    from engine.ports import Notifier

LOOK_S = 0.1
"""How often a route looks for what waits: the clockwork's own beat."""
_LAST_ACT_S = 5.0
"""How long the end of a run waits for messages: the length of a wait, and no decision."""
_STOPPED = "engine_stopped"


@dataclass(slots=True)
class _Way:
    """One route: what it has tried in vain, and when it tries again, by steady seconds."""

    failures: int = 0
    next_s: float = 0.0
    resent_s: float | None = None


@dataclass(slots=True)
class Delivery:
    """The postman of one desk; `run` goes on for as long as the loop does."""

    desk: Desk
    notifier: Notifier
    _ways: dict[str, _Way] = field(default_factory=dict)
    _tasks: dict[str, asyncio.Task[None]] = field(default_factory=dict)

    async def run(self) -> None:
        """Deliver for ever; ends with what a record could not be written for."""
        while True:
            self.look()
            # Not by the wall clock: one that is set back must not silence anybody.
            await asyncio.sleep(LOOK_S)

    def look(self) -> None:
        """Let each route that has something to do, and is not at it, begin."""
        for route, task in list(self._tasks.items()):
            if task.done():
                del self._tasks[route]
                task.result()
        now, now_s = self.desk.clock.now(), self.desk.clock.monotonic_s()
        for route, notices in self._gathered(now).items():
            if now_s >= self._way(route).next_s:
                self._begin(route, self._deliver(route, notices))
        for route, every_s in self._resends().items():
            resent_s = self._way(route).resent_s
            # What fired before this process is told again at once.
            if resent_s is None or now_s - resent_s >= every_s:
                self._begin(route, self._resend(route))

    def _begin(self, route: str, turn: Coroutine[object, object, None]) -> None:
        """INVARIANT: a route does one thing at a time."""
        if route in self._tasks:
            turn.close()
        else:
            self._tasks[route] = asyncio.create_task(turn, name=f"route {route}")

    def _gathered(self, now: UtcTime) -> dict[str, list[Notice]]:
        """What waits, by route, where the oldest has waited for others long enough."""
        found, spec = self._all_waiting(), self._spec
        if spec is None:
            return found
        # A wall clock that was set back keeps nothing waiting.
        return {
            route: notices
            for route, notices in found.items()
            if not 0 <= now.since_s(notices[0].time) < spec.group.wait
        }

    async def _deliver(self, route: str, notices: Sequence[Notice]) -> None:
        self._make_durable()
        refused = await self.notifier.deliver(route, notices, sender_of(self.desk))
        way = self._way(route)
        if refused is None:
            self._note(route, notices, {"outcome": DELIVERED, "tries": way.failures + 1})
            way.failures, way.next_s = 0, 0.0
            return
        way.failures += 1
        way.next_s = self.desk.clock.monotonic_s() + self._pause_s(way.failures)
        self._give_up(route, notices, refused, way.failures)

    def _pause_s(self, failures: int) -> float:
        """Twice as long after each failure, up to the longest."""
        spec = self._spec
        if spec is None:
            return 0.0
        return float(min(spec.retry.first * 2 ** min(failures - 1, 30), spec.retry.most))

    def _give_up(self, route: str, notices: Sequence[Notice], why: str, tries: int) -> None:
        """Record as dead what has waited too long, and tell whoever comes after this route."""
        now, spec = self.desk.clock.now(), self._spec
        dead = [
            each for each in notices if spec is None or now.since_s(each.time) >= spec.give_up_after
        ]
        if not dead:
            return
        self._note(route, dead, {"outcome": DEAD, "tries": tries, "why": why})
        for each in dead:
            self._pass_on((each.rule, each.key), now)

    def _pass_on(self, key: tuple[str, str], now: UtcTime) -> None:
        alert, spec = self.desk.state.alerts.get(key), self.desk.programme.alert_specs.get(key[0])
        if alert is None or spec is None or not alert.fires or alert.escalated:
            return
        route = self.desk.policy_set.deployment.routes.get(spec.route)
        if route is not None and route.escalates_to is not None:
            telling.escalate(self.desk, now, key)

    def _note(self, route: str, notices: Sequence[Notice], came: Body) -> None:
        """INVARIANT: one step without an await: a record is nothing that others can part."""
        body: Body = {"route": route, "notices": [each.number for each in notices], **came}
        self.desk.recorder.record(RecordKind.NOTICE, self.desk.clock.now(), body)
        # Whoever asks now is told so, and a process that dies now is not followed by an echo.
        self.desk.recorder.sync()

    def _make_durable(self) -> None:
        # What a person hears is on disk, where there is one: a disk that fails is what he must
        # hear of, so that it keeps no message back.
        with suppress(LedgerUnavailable):
            self.desk.recorder.sync()

    def _resends(self) -> dict[str, int]:
        routes = self.desk.policy_set.deployment.routes
        return {name: each.resend for name, each in routes.items() if each.resend is not None}

    async def _resend(self, route: str) -> None:
        """Tell again of what fires on a route that takes silence for the end; nothing is recorded.

        A failure needs no retry of its own: the next time comes before the last one is over.
        """
        self._way(route).resent_s = self.desk.clock.monotonic_s()
        notices = self._standing(route)
        if notices:
            await self.notifier.deliver(route, notices, sender_of(self.desk))

    def _standing(self, route: str) -> list[Notice]:
        state, found = self.desk.state, []
        for (rule, key), told in state.telling.told.items():
            if route in told.routes and not told.news.over:
                found.append(
                    Notice(
                        number=0,
                        route=route,
                        news=told.news,
                        rule=rule,
                        key=key,
                        severity=told.severity,
                        text=told.text,
                        since=told.since,
                        time=told.time,
                    )
                )
        return found

    async def last_act(self, failure: str | None = None) -> None:
        """Deliver what waits before the process ends; and that it ends by a failure, if so.

        The ledger may be what failed: of that failure no record is asked for.
        """
        with suppress(TimeoutError, LedgerUnavailable):
            async with asyncio.timeout(_LAST_ACT_S):
                # What is on its way is not told twice.
                await asyncio.gather(*self._tasks.values(), return_exceptions=True)
                told = [] if failure is None else [self._tell_failure(failure)]
                for route, notices in self._all_waiting().items():
                    told.append(self._deliver(route, notices))
                await asyncio.gather(*told)
        for each in self._tasks.values():
            each.cancel()

    def _all_waiting(self) -> dict[str, list[Notice]]:
        found: dict[str, list[Notice]] = {}
        for (_, route), each in self.desk.state.telling.waiting.items():
            found.setdefault(route, []).append(each)
        return found

    async def _tell_failure(self, failure: str) -> None:
        now = self.desk.clock.now()
        for route in critical_routes(self.desk):
            notice = Notice(
                0, route, News.FIRING, _STOPPED, "", "critical", failure, since=now, time=now
            )
            await self.notifier.deliver(route, [notice], sender_of(self.desk))

    def _way(self, route: str) -> _Way:
        return self._ways.setdefault(route, _Way())

    @property
    def _spec(self) -> Alerting | None:
        return self.desk.policy_set.deployment.alerting


def sender_of(desk: Desk) -> Sender:
    """Who tells, as of now."""
    policy_set = desk.policy_set
    return Sender(desk.state.account, desk.mode.value, policy_set.name, policy_set.hash)


def critical_routes(desk: Desk) -> tuple[str, ...]:
    """Whom the gravest alerts of the set are told to."""
    specs = desk.programme.alert_specs.values()
    return tuple(dict.fromkeys(each.route for each in specs if each.severity == "critical"))
