"""What a person does about alerts: acknowledge, silence for a while, end a silence, try a route.

In: commands. Out: records, and what came of each in words. Refuses what is about no rule of the set
in force, an alert that does not fire, and a time that is none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.cycle.facts.rules import ACCOUNT_KEY
from engine.ledger.records import RecordKind
from engine.model.symbols import Symbol
from engine.model.times import NS_PER_S, UtcTime, duration_text

if TYPE_CHECKING:
    from engine.cycle.desk import Desk
    from engine.ledger.alerts import AlertKey
    from engine.ledger.bodies import Body

EVERY = "--all"
"""What `ack` is about when it is about every alert that fires."""


def keyed(target: str) -> AlertKey:
    """`data_stale:BTC-USD`, or a rule alone; a product in any spelling, where it is one."""
    rule, _, key = target.partition(":")
    try:
        return rule, str(Symbol.parse(key)) if key else ACCOUNT_KEY
    except ValueError:
        return rule, key


def acknowledge(desk: Desk, now: UtcTime, target: str, *, who: str, why: str) -> str:
    """Somebody has seen it: it escalates no more until it ends. A rule alone is all of its keys."""
    firing = {key for key, alert in desk.state.alerts.items() if alert.fires}
    meant = sorted(key for key in firing if _is_meant(target, key))
    if not meant:
        return f"refused: {_which(target)} does not fire" if target != EVERY else _NOTHING_FIRES
    fresh = [each for each in meant if desk.state.alerts[each].acknowledged is None]
    for rule, key in fresh:
        body: Body = {"rule": rule, "key": key, "who": who, "why": why}
        desk.recorder.record(RecordKind.ALERT_SEEN, now, body)
    told = ", ".join(_name(each) for each in fresh)
    return f"acknowledged {told}" if fresh else "refused: acknowledged already"


_NOTHING_FIRES = "refused: nothing fires"


def silence(desk: Desk, now: UtcTime, target: str, *, who: str, why: str) -> str:
    """Tell nothing of a rule for so many seconds; what it does is recorded all the same."""
    name, _, seconds = target.rpartition(" ")
    if not seconds.isdecimal() or int(seconds) == 0:
        return f"refused: `{seconds}` is no number of seconds"
    rule, key = keyed(name)
    refused = _no_alert(desk, rule, key)
    if refused is not None:
        return refused
    until = now.plus_s(int(seconds))
    number = desk.state.telling.next_silence
    body: Body = {
        "silence": number,
        "rule": rule,
        "key": key,
        "until": str(until),
        "who": who,
        "why": why,
    }
    desk.recorder.record(RecordKind.SILENCE, now, body)
    length, to_s = duration_text(int(seconds)), UtcTime(until.ns - until.ns % NS_PER_S)
    return f"silence {number}: nobody is told of {_which(name)} for {length}, until {to_s}"


def unsilence(desk: Desk, now: UtcTime, target: str, *, who: str, why: str) -> str:
    """End a silence before its time; what still fires is told then."""
    found = desk.state.telling.silences.get(int(target)) if target.isdecimal() else None
    if found is None or found.until <= now:
        return f"refused: there is no silence {target}"
    body: Body = {"silence": found.number, "ended": True, "who": who, "why": why}
    desk.recorder.record(RecordKind.SILENCE, now, body)
    return f"silence {found.number} of {_name((found.rule, found.key))} is over"


def try_routes(desk: Desk, now: UtcTime, target: str, *, who: str, why: str) -> str:
    """Send a test message by the way of every alert, to one route or to all that alerts use."""
    if not desk.posts:
        return "refused: in recorded time nothing is delivered"
    routes = desk.policy_set.deployment.routes
    asked = [target] if target else used_routes(desk)
    unknown = [each for each in asked if each not in routes]
    if unknown:
        return f"refused: the set has no route `{unknown[0]}`; it has {', '.join(sorted(routes))}"
    body: Body = {
        "to": [*asked],
        "notice": desk.state.telling.next_notice,
        "who": who,
        "why": why,
    }
    desk.recorder.record(RecordKind.ROUTE_TEST, now, body)
    return f"a test goes to {', '.join(asked)}"


def used_routes(desk: Desk) -> list[str]:
    """Every route that an alert or a summary is told on, or an alert escalates to, by name."""
    routes = desk.policy_set.deployment.routes
    used = {each.route for each in desk.programme.alert_specs.values()}
    further = {routes[each].escalates_to for each in used if each in routes}
    alerting = desk.policy_set.deployment.alerting
    summary = alerting.summary if alerting is not None else None
    told = {summary.route} if summary is not None else set()
    return sorted(used | told | {each for each in further if each is not None})


def _no_alert(desk: Desk, rule: str, key: str) -> str | None:
    spec = desk.programme.alert_specs.get(rule)
    if spec is None:
        return f"refused: the set has no alert `{rule}`"
    if key == ACCOUNT_KEY:
        return None
    if spec.scope != "symbol":
        return f"refused: `{rule}` is about the account, and has no products"
    try:
        Symbol.parse(key)
    except ValueError:
        return f"refused: `{key}` is not the name of a product"
    return None


def _is_meant(target: str, key: AlertKey) -> bool:
    rule, about = keyed(target)
    return target == EVERY or (key[0] == rule and about in {ACCOUNT_KEY, key[1]})


def _which(target: str) -> str:
    return f"`{target}`"


def _name(key: AlertKey) -> str:
    return f"{key[0]}:{key[1]}" if key[1] else key[0]
