"""How alerts move: their phases, what was told of them, and what a person did about them.

In: the records of alerts, acknowledgements, silences, deliveries and tests of routes. Out: alert
states, and notices that wait until a record says what became of them. A notice is delivered at
least once: a process that dies between the two is followed by one that tells it again.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from engine.ledger import bodies
from engine.ledger.alerts import (
    Acknowledged,
    AlertState,
    DeadLetter,
    RouteTest,
    Silence,
    ToldAlert,
)
from engine.model.notices import News, Notice

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.ledger.alerts import AlertKey, Telling
    from engine.ledger.bodies import Json
    from engine.ledger.state import State
    from engine.model.times import UtcTime

DELIVERED, DEAD = "delivered", "dead"
"""What becomes of a notice."""
TEST_KEY = ("route", "")
"""What a test message is about: no rule of any set has a test's news."""


def alert(state: State, time: UtcTime, body: Mapping[str, Json]) -> None:
    """Move one alert to the phase that the record says, and keep what is to be told of it."""
    key = (bodies.text(body, "rule"), bodies.text(body, "key"))
    phase = bodies.text(body, "phase")
    if body.get("told") is True:
        _tell(state, time, key, body)
    if phase in {"inactive", "resolved"}:
        state.alerts.pop(key, None)
        return
    before = state.alerts.get(key)
    # Who has seen an alert has seen this one, and not the next of its name.
    seen = before.acknowledged if before is not None and before.phase == phase else None
    state.alerts[key] = AlertState(
        phase,
        bodies.moment(body, "since"),
        bodies.moment(body, "last_true"),
        bodies.flag(body, "escalated"),
        bodies.optional_text(body, "severity") or "",
        bodies.text(body, "text"),
        seen,
    )


def _tell(state: State, time: UtcTime, key: AlertKey, body: Mapping[str, Json]) -> None:
    telling = state.telling
    news = _news_of(body)
    routes = tuple(bodies.texts(body, "to")) if "to" in body else ()
    before = telling.told.get(key)
    told_on = before.routes if before is not None and not before.news.over else ()
    told = ToldAlert(
        time,
        news,
        bodies.moment(body, "since"),
        bodies.optional_text(body, "severity") or "",
        bodies.text(body, "text"),
        tuple(dict.fromkeys((*told_on, *routes))),
    )
    telling.told[key] = told
    if "notice" in body:
        post(state, key, told, routes, bodies.whole(body, "notice"))


def post(
    state: State, key: AlertKey, told: ToldAlert, routes: tuple[str, ...], number: int
) -> None:
    """One notice a route; the same number, since it is one piece of news."""
    telling, (rule, about) = state.telling, key
    telling.next_notice = number + 1
    for route in routes:
        telling.waiting[number, route] = Notice(
            number=number,
            route=route,
            news=told.news,
            rule=rule,
            key=about,
            severity=told.severity,
            text=told.text,
            since=told.since,
            time=told.time,
        )


def _news_of(body: Mapping[str, Json]) -> News:
    """What the record tells; older ones say it by the phase alone."""
    named = bodies.optional_text(body, "news")
    if named is not None:
        return News(named)
    return News.RESOLVED if bodies.text(body, "phase") == "resolved" else News.FIRING


def notice(state: State, time: UtcTime, body: Mapping[str, Json]) -> None:
    """What became of notices on one route: a person has them, or nobody ever will."""
    telling, route = state.telling, bodies.text(body, "route")
    numbers = body["notices"]
    for number in numbers if isinstance(numbers, list) else ():
        found = telling.waiting.pop((int(str(number)), route), None)
        if found is not None:
            _settle(telling, found, time, body)


def _settle(telling: Telling, found: Notice, time: UtcTime, body: Mapping[str, Json]) -> None:
    why = None if body["outcome"] == DELIVERED else bodies.optional_text(body, "why") or ""
    # A message that arrived shows as much as a test does.
    if why is None or found.news is News.TEST:
        telling.tests[found.route] = RouteTest(time, why)
    if why is None:
        telling.delivered_count += 1
        return
    telling.dead_count += 1
    telling.dead.append(DeadLetter(found, time, bodies.whole(body, "tries"), why))


def acknowledged(state: State, time: UtcTime, body: Mapping[str, Json]) -> None:
    """A person has seen an alert that fires."""
    key = (bodies.text(body, "rule"), bodies.text(body, "key"))
    found = state.alerts.get(key)
    if found is not None:
        who = Acknowledged(time, bodies.text(body, "who"), bodies.text(body, "why"))
        state.alerts[key] = replace(found, acknowledged=who)


def silence(state: State, time: UtcTime, body: Mapping[str, Json]) -> None:
    """A silence begins, or a person ends it; those whose time is over are forgotten."""
    telling, number = state.telling, bodies.whole(body, "silence")
    over = [each for each, told in telling.silences.items() if told.until <= time]
    for each in over:
        del telling.silences[each]
    if body.get("ended") is True:
        telling.silences.pop(number, None)
        return
    telling.next_silence = number + 1
    telling.silences[number] = Silence(
        number=number,
        rule=bodies.text(body, "rule"),
        key=bodies.text(body, "key"),
        since=time,
        until=bodies.moment(body, "until"),
        who=bodies.text(body, "who"),
        why=bodies.text(body, "why"),
    )


def message(state: State, time: UtcTime, body: Mapping[str, Json]) -> None:
    """Something to be told that is no alert: a value that changed for a while, a day's summary."""
    routes = tuple(bodies.texts(body, "to"))
    about, text = bodies.text(body, "about"), bodies.text(body, "text")
    told = ToldAlert(time, News.TOLD, time, bodies.text(body, "severity"), text, routes)
    state.telling.summarised = bodies.optional_moment(body, "due") or state.telling.summarised
    if "notice" in body:
        post(state, (about, ""), told, routes, bodies.whole(body, "notice"))


def route_test(state: State, time: UtcTime, body: Mapping[str, Json]) -> None:
    """A test waits for its routes; or it was made where no loop runs yet, and came to this."""
    telling, routes = state.telling, bodies.texts(body, "to")
    who, why = bodies.text(body, "who"), bodies.text(body, "why")
    if "notice" not in body:
        for route in routes:
            telling.tests[route] = RouteTest(time, bodies.optional_text(body, "refused"))
        return
    told = ToldAlert(time, News.TEST, time, "info", f"asked for by {who}: {why}", tuple(routes))
    post(state, TEST_KEY, told, told.routes, bodies.whole(body, "notice"))
