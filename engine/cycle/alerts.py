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
    from collections.abc import Mapping

    from engine.cycle.desk import Desk, Round
    from engine.cycle.programme import Questions
    from engine.expr.backends.closure import Answers
    from engine.expr.nodes import Value
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
    for alert in _asked(desk, this):
        before = desk.state.alerts.get((alert.name, alert.key))
        after = _moved(alert, before, this.now)
        if after != before:
            await _tell(desk, this, alert, before, after)


def _asked(desk: Desk, this: Round) -> list[_Alert]:
    found = _ask(desk, desk.programme.account_alerts, ACCOUNT_KEY, this.account)
    if desk.programme.symbol_alerts.rules:
        for symbol in this.symbols:
            facts = this.facts(symbol)
            found.extend(_ask(desk, desk.programme.symbol_alerts, str(symbol), facts))
    return found


def _ask(desk: Desk, questions: Questions, key: str, facts: Mapping[str, Value]) -> list[_Alert]:
    specs = dict(desk.policy_set.alerts)
    answers = questions.motor.evaluate(facts)
    return [
        _Alert(name, key, specs[name], answers, index) for index, name in enumerate(questions.names)
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


async def _tell(
    desk: Desk, this: Round, alert: _Alert, before: AlertState | None, after: AlertState | None
) -> None:
    phase_before = before.phase if before else "inactive"
    phase_after = after.phase if after else _ended(phase_before)
    if phase_after == phase_before:
        _keep(desk, this, alert, after)
        return
    body = _body(alert, phase_after, after or before, this.now)
    if phase_after in {"firing", "resolved"}:
        body["delivered"] = await desk.notifier.notify(
            alert.spec.route,
            f"[{alert.spec.severity}] {alert.name} {phase_after}",
            _message(alert, desk.policy_set.hash),
        )
        body["notified"] = str(this.now)
    desk.recorder.record(RecordKind.ALERT, this.now, body)
    if phase_after == "firing":
        this.fired.append(alert.name if alert.key == ACCOUNT_KEY else f"{alert.name}:{alert.key}")


def _ended(phase_before: str) -> str:
    return "resolved" if phase_before == "firing" else "inactive"


def _keep(desk: Desk, this: Round, alert: _Alert, after: AlertState | None) -> None:
    """Remember that the condition held, which `keep_firing_for` counts from; only if it matters."""
    if after is not None and alert.spec.keep_firing_for is not None:
        body = _body(alert, after.phase, after, this.now)
        desk.recorder.record(RecordKind.ALERT, this.now, body)


def _message(alert: _Alert, policy_set: str) -> str:
    where = f" ({alert.key})" if alert.key else ""
    return f"{alert.text}{where}; policy set {policy_set}"


def _body(alert: _Alert, phase: str, state: AlertState | None, now: UtcTime) -> Body:
    known = state or AlertState(phase, now, now)
    notified = known.notified
    return {
        "rule": alert.name,
        "key": alert.key,
        "phase": phase,
        "severity": alert.spec.severity,
        "route": alert.spec.route,
        "text": alert.text,
        "since": str(known.since),
        "last_true": str(known.last_true),
        "notified": None if notified is None else str(notified),
        "escalated": known.escalated,
        "suppressed": known.suppressed,
    }
