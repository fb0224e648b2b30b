"""Alerts: inactive, pending, firing, resolved; each step is a record, and firing is told.

In: the facts of a cycle. Out: alert records; what of them is told waits in the ledger until it is
delivered, and no cycle waits for that. Dedupe is by rule and key, never by wording. An alert that
nobody can decide keeps its state.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from engine.cycle.alerting import telling
from engine.cycle.facts.rules import ACCOUNT_KEY
from engine.expr.backends.explain import explain_answer
from engine.ledger.alerts import AlertState
from engine.ledger.records import RecordKind

if TYPE_CHECKING:
    from engine.cycle.desk import Desk, Round
    from engine.cycle.judging.programme import Questions
    from engine.expr.backends.closure import Answers
    from engine.kinds.alert_rule.document import AlertRuleSpec
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
    """Move every alert on, and record what is to be told."""
    _drop_orphans(desk, this)
    for alert in _asked(desk, this):
        before = desk.state.alerts.get((alert.name, alert.key))
        after = _moved(alert, before, this.now)
        if after != before:
            _move(desk, this, alert, before, after)
    telling.keep_up(desk, this.now)


def _drop_orphans(desk: Desk, this: Round) -> None:
    """Alerts that no rule of the set asks any more end: nobody could ever resolve them.

    Unlike a latch, an alert stops nothing; what it said is in the ledger.
    """
    account, product = (
        frozenset(each.names)
        for each in (desk.programme.account_alerts, desk.programme.symbol_alerts)
    )
    for (name, about), alert in list(desk.state.alerts.items()):
        if name not in (account if about == ACCOUNT_KEY else product):
            key, phase = (name, about), "resolved" if alert.fires else "inactive"
            says = telling.parts(desk, this.now, key, None, None)
            body = telling.body_of(key, phase, alert, None) | says
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
    if before.phase == "pending" and now.since_s(before.since) >= (alert.spec.for_ or 0):
        return replace(after, phase="firing", since=now)
    return after


def _move(
    desk: Desk, this: Round, alert: _Alert, before: AlertState | None, after: AlertState | None
) -> None:
    """Record one step of an alert, and what of it a person has to hear."""
    phase = _news(before, after)
    if phase is None:
        _keep(desk, this, alert, after)
        return
    key, state = (alert.name, alert.key), after or before
    # INVARIANT: an alert that moves stands somewhere, before or after.
    assert state is not None  # noqa: S101 - see above
    says = telling.parts(desk, this.now, key, after, alert.spec)
    if not says and phase in {"firing", "resolved"}:
        says = {"told": False}
    worded = replace(state, text=alert.text)
    body = telling.body_of(key, phase, worded, alert.spec) | says
    desk.recorder.record(RecordKind.ALERT, this.now, body)
    if phase == "firing":
        this.fired.append(alert.name if alert.key == ACCOUNT_KEY else f"{alert.name}:{alert.key}")


def _news(before: AlertState | None, after: AlertState | None) -> str | None:
    """The phase that it came to; None when only its times moved on."""
    phase_before = before.phase if before else "inactive"
    if after is None:
        return "resolved" if phase_before == "firing" else "inactive"
    return after.phase if after.phase != phase_before else None


def _keep(desk: Desk, this: Round, alert: _Alert, after: AlertState | None) -> None:
    """Remember that the condition held, which `keep_firing_for` counts from; only if it matters."""
    if after is not None and alert.spec.keep_firing_for is not None:
        worded = replace(after, text=alert.text)
        body = telling.body_of((alert.name, alert.key), after.phase, worded, alert.spec)
        desk.recorder.record(RecordKind.ALERT, this.now, body)
