"""What is told of an alert, by what was told of it last: the news, and on which routes.

In: where an alert stands. Out: the parts of its record that tell, or none. Within `dedupe` of the
last message nothing is told, and nothing is lost either: what stands when that time is over is told
then, if it is not what was told. An escalation does not wait. Silenced is not told at all.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from engine.ledger.alerts import AlertState
from engine.ledger.records import RecordKind
from engine.model.notices import News

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.cycle.desk import Desk
    from engine.kinds.alert_rule.document import AlertRuleSpec
    from engine.ledger.alerts import AlertKey
    from engine.ledger.bodies import Body
    from engine.model.times import UtcTime

OF_ANOTHER_SET = "the set in force has no such rule"


def parts(
    desk: Desk, now: UtcTime, key: AlertKey, after: AlertState | None, spec: AlertRuleSpec | None
) -> Body:
    """What the record of this alert says of telling; empty where there is no news for anybody."""
    news = _news(desk, key, after)
    if news is None or desk.state.telling.silenced(key, now) is not None:
        return {}
    if news is not News.ESCALATED and _too_soon(desk, now, key, spec):
        return {}
    told: Body = {"told": True, "news": news.value, "to": [*_routes(desk, key, news, spec)]}
    if desk.posts:
        told["notice"] = desk.state.telling.next_notice
    return told


def body_of(key: AlertKey, phase: str, state: AlertState, spec: AlertRuleSpec | None) -> Body:
    """The record of an alert in a phase, as `state` has it; `spec` is None for a rule that went."""
    rule, about = key
    body: Body = {
        "rule": rule,
        "key": about,
        "phase": phase,
        "severity": spec.severity if spec is not None else None,
        "text": state.text if spec is not None else OF_ANOTHER_SET,
        "since": str(state.since),
        "last_true": str(state.last_true),
        "escalated": state.escalated,
    }
    if spec is not None:
        body["route"] = spec.route
    return body


def keep_up(desk: Desk, now: UtcTime) -> None:
    """What time alone brings: escalations, and what was held back and still stands.

    Called by the clockwork and at the end of a cycle's alerts; most of the time it writes nothing.
    """
    specs = desk.programme.alert_specs
    for key, alert in list(desk.state.alerts.items()):
        spec = specs.get(key[0])
        if alert.fires and spec is not None:
            _keep_up(desk, now, key, alert, spec)
    for key, told in list(desk.state.telling.told.items()):
        standing = desk.state.alerts.get(key)
        if told.news.over or (standing is not None and standing.fires):
            continue
        spec = specs.get(key[0])
        says = parts(desk, now, key, None, spec)
        if says:
            # One that is about to fire anew stays where it stands.
            ended = standing or AlertState("resolved", told.since, told.time, text=told.text)
            _record_late(desk, now, body_of(key, ended.phase, ended, spec) | says)


def _keep_up(
    desk: Desk, now: UtcTime, key: AlertKey, alert: AlertState, spec: AlertRuleSpec
) -> None:
    due = escalates_at(desk, key, alert, spec)
    if due is not None and now >= due and desk.state.telling.silenced(key, now) is None:
        escalate(desk, now, key)
        return
    says = parts(desk, now, key, alert, spec)
    if says:
        _record_late(desk, now, body_of(key, alert.phase, alert, spec) | says)


def _record_late(desk: Desk, now: UtcTime, body: Body) -> None:
    """What was held back is told; the alert itself has not moved."""
    desk.recorder.record(RecordKind.ALERT, now, {**body, "held_back": True})


def escalates_at(
    desk: Desk, key: AlertKey, alert: AlertState, spec: AlertRuleSpec
) -> UtcTime | None:
    """When an alert that fires is told to somebody else; None while nobody waits for that.

    Counted from when it was told, since nobody can acknowledge what he was not told.
    """
    told = desk.state.telling.told.get(key)
    if spec.escalate_after is None or alert.escalated or alert.acknowledged or told is None:
        return None
    if told.news.over:
        return None
    return max(alert.since, told.time).plus_s(spec.escalate_after)


def edges(desk: Desk) -> Iterator[UtcTime]:
    """The instants at which time alone brings news."""
    specs, state = desk.programme.alert_specs, desk.state
    for key, alert in state.alerts.items():
        spec = specs.get(key[0])
        due = escalates_at(desk, key, alert, spec) if alert.fires and spec is not None else None
        if due is not None:
            yield due
    for key, told in state.telling.told.items():
        spec = specs.get(key[0])
        if spec is not None and _news(desk, key, state.alerts.get(key)) is not None:
            yield told.time.plus_s(spec.dedupe)
    yield from (each.until for each in state.telling.silences.values())


def escalate(desk: Desk, now: UtcTime, key: AlertKey) -> None:
    """Tell an alert that fires to whom its route escalates to."""
    alert, spec = desk.state.alerts[key], desk.programme.alert_specs[key[0]]
    after = replace(alert, escalated=True)
    says = parts(desk, now, key, after, spec)
    desk.recorder.record(RecordKind.ALERT, now, body_of(key, after.phase, after, spec) | says)


def _news(desk: Desk, key: AlertKey, after: AlertState | None) -> News | None:
    """What a person does not know yet."""
    told = desk.state.telling.told.get(key)
    stands = _standing(after)
    if told is None:
        return None if stands.over else stands
    # That it fires again, after an end that nobody heard of, is news as well.
    known = after is None or stands.over or told.since == after.since
    return None if told.news is stands and known else stands


def _standing(after: AlertState | None) -> News:
    if after is None or not after.fires:
        return News.RESOLVED
    return News.ESCALATED if after.escalated else News.FIRING


def _too_soon(desk: Desk, now: UtcTime, key: AlertKey, spec: AlertRuleSpec | None) -> bool:
    told = desk.state.telling.told.get(key)
    return told is not None and spec is not None and now.since_s(told.time) < spec.dedupe


def _routes(desk: Desk, key: AlertKey, news: News, spec: AlertRuleSpec | None) -> tuple[str, ...]:
    """Whom this news is for: whoever was told that it fires is told that it is over."""
    if news is News.RESOLVED:
        told = desk.state.telling.told.get(key)
        if told is not None and told.routes:
            return told.routes
    if spec is None:
        return ()
    if news is not News.ESCALATED:
        return (spec.route,)
    route = desk.policy_set.deployment.routes.get(spec.route)
    further = None if route is None else route.escalates_to
    return (further or spec.route,)
