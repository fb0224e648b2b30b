"""Alerts: inactive, pending, firing, resolved; each step is a record, and firing is told.

In: the facts of a cycle. Out: alert records, and messages through the notifier. Dedupe is by
rule and key, never by wording. An alert that nobody can decide keeps its state.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from engine.cycle.facts.rules import ACCOUNT_KEY
from engine.expr.backends.explain import explain_answer
from engine.ledger.records import RecordKind
from engine.ledger.state import AlertState

if TYPE_CHECKING:
    from engine.cycle.desk import Desk, Round
    from engine.cycle.judging.programme import Questions
    from engine.expr.backends.closure import Answers
    from engine.kinds.alert_rule.document import AlertRuleSpec
    from engine.ledger.bodies import Body
    from engine.model.times import UtcTime


@dataclass(frozen=True, slots=True)
class _Alert:
    """One alert: a rule for one key, and what it said this time."""

    name: str
    key: str
    spec: AlertRuleSpec
    answers: Answers
    index: int

    @property
    def verdict(self) -> bool | None:
        """Whether its condition holds; None when that cannot be decided."""
        return self.answers.verdicts[self.index]

    @property
    def text(self) -> str:
        """Why it came out as it did, worked out when asked: nearly every alert is silent."""
        return explain_answer(self.answers, self.index)


async def run(desk: Desk, this: Round) -> None:
    """Move every alert on, and tell what fires or is resolved."""
    _drop_orphans(desk, this)
    for alert in _asked(desk, this):
        before = desk.state.alerts.get((alert.name, alert.key))
        after = _moved(alert, before, this.now)
        if after != before:
            await _move(desk, this, alert, before, after)


def _drop_orphans(desk: Desk, this: Round) -> None:
    """Alerts that no rule of the set asks any more end: nobody could ever resolve them.

    Unlike a latch, an alert stops nothing; what it said is in the ledger.
    """
    account, product = (
        frozenset(each.names)
        for each in (desk.programme.account_alerts, desk.programme.symbol_alerts)
    )
    for (name, key), alert in list(desk.state.alerts.items()):
        if name not in (account if key == ACCOUNT_KEY else product):
            body: Body = {
                "rule": name,
                "key": key,
                "phase": "resolved" if alert.phase == "firing" else "inactive",
                "severity": None,
                "text": "the set in force has no such rule",
                "since": str(alert.since),
                "last_true": str(alert.last_true),
                "escalated": alert.escalated,
            }
            desk.recorder.record(RecordKind.ALERT, this.now, body)


def _asked(desk: Desk, this: Round) -> list[_Alert]:
    account, product = desk.programme.account_alerts, desk.programme.symbol_alerts
    found = _not_silent(desk, account, ACCOUNT_KEY, account.motor.evaluate(this.account))
    active = {key for _, key in desk.state.alerts}
    for symbol in this.symbols if product.rules else ():
        answers = product.motor.evaluate(this.facts(symbol))
        # What is inactive and does not hold stays so: that is nearly every product of a cycle.
        if True in answers.verdicts or str(symbol) in active:
            found.extend(_not_silent(desk, product, str(symbol), answers))
    return found


def _not_silent(desk: Desk, questions: Questions, key: str, answers: Answers) -> list[_Alert]:
    specs, known = desk.programme.alert_specs, desk.state.alerts
    return [
        _Alert(name, key, specs[name], answers, index)
        for index, (name, verdict) in enumerate(zip(questions.names, answers.verdicts, strict=True))
        if verdict or (name, key) in known
    ]


def _moved(alert: _Alert, before: AlertState | None, now: UtcTime) -> AlertState | None:
    """Where the alert stands now; None is inactive."""
    if alert.verdict is None:
        return before
    if alert.verdict:
        return _held(alert, before or AlertState("pending", now, now), now)
    if before is None or before.phase == "pending":
        return None
    keep = alert.spec.keep_firing_for or 0
    return before if now.since_s(before.last_true) < keep else None


def _held(alert: _Alert, before: AlertState, now: UtcTime) -> AlertState:
    after = replace(before, last_true=now)
    held_s = now.since_s(before.since)
    if before.phase == "pending":
        fires = held_s >= (alert.spec.for_ or 0)
        return replace(after, phase="firing", since=now) if fires else after
    due = alert.spec.escalate_after is not None and held_s >= alert.spec.escalate_after
    return replace(after, escalated=before.escalated or due)


async def _move(
    desk: Desk, this: Round, alert: _Alert, before: AlertState | None, after: AlertState | None
) -> None:
    """Record one step of an alert, and tell it where a person must hear it."""
    news = _news(before, after)
    if news is None:
        _keep(desk, this, alert, after)
        return
    body = _body(alert, news, after or before, this.now)
    if news in _TOLD:
        body |= await _tell(desk, this, alert, news)
    desk.recorder.record(RecordKind.ALERT, this.now, body)
    if news == "firing":
        this.fired.append(alert.name if alert.key == ACCOUNT_KEY else f"{alert.name}:{alert.key}")


_TOLD = frozenset({"firing", "resolved", "escalated"})


def _news(before: AlertState | None, after: AlertState | None) -> str | None:
    """What a person could hear of this step; None when only its times moved on."""
    phase_before = before.phase if before else "inactive"
    if after is None:
        return "resolved" if phase_before == "firing" else "inactive"
    if after.phase != phase_before:
        return after.phase
    return "escalated" if before is not None and after.escalated != before.escalated else None


async def _tell(desk: Desk, this: Round, alert: _Alert, news: str) -> Body:
    """Send one message, unless the last about this alert is too recent; what to record of it."""
    last = desk.state.alerts_told.get((alert.name, alert.key))
    if last is not None and this.now.since_s(last) < alert.spec.dedupe:
        return {"told": False}
    subject = f"[{alert.spec.severity}] {alert.name} {news}"
    message = _message(alert, desk.policy_set.hash)
    delivered = await desk.notifier.notify(alert.spec.route, subject, message)
    return {"told": True, "delivered": delivered}


def _keep(desk: Desk, this: Round, alert: _Alert, after: AlertState | None) -> None:
    """Remember that the condition held, which `keep_firing_for` counts from; only if it matters."""
    if after is not None and alert.spec.keep_firing_for is not None:
        body = _body(alert, after.phase, after, this.now)
        desk.recorder.record(RecordKind.ALERT, this.now, body)


def _message(alert: _Alert, policy_set: str) -> str:
    where = f" ({alert.key})" if alert.key else ""
    return f"{alert.text}{where}; policy set {policy_set}"


def _body(alert: _Alert, news: str, state: AlertState | None, now: UtcTime) -> Body:
    known = state or AlertState(news, now, now)
    return {
        "rule": alert.name,
        "key": alert.key,
        "phase": "firing" if news == "escalated" else news,
        "severity": alert.spec.severity,
        "route": alert.spec.route,
        "text": alert.text,
        "since": str(known.since),
        "last_true": str(known.last_true),
        "escalated": known.escalated,
    }
