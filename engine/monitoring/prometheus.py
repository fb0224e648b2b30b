"""Recording and alerting rules for Prometheus, made from a policy set.

In: a policy set. Out: the text of a rules file. The engine decides when one of its alerts fires and
for how long; these rules carry it on, and add what no engine can say of itself: that it has fallen
silent, that it is slow, that its venue fails it, that it runs another set than the one reviewed.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.kinds.alert_rule.document import AlertRuleDocument
from engine.monitoring.names import (
    AT_RISK,
    CYCLE_P50,
    CYCLE_P95,
    CYCLE_P99,
    ERROR_RATIO,
    EXPOSURE,
    LATENCY_P95,
)
from engine.observe import instruments as table
from engine.observe.exposition import prometheus_name as name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.policyset.policyset import PolicySet

ERROR_OBJECTIVE_RATIO = 0.01
"""The share of requests to the venue that may fail: the objective is one in a hundred."""
SILENT_INTERVALS = 3
"""So many intervals and a long cycle without an end of one, and nobody expects it any more."""
_CRITICAL, _WARNING = "critical", "warning"


@dataclass(frozen=True, slots=True)
class Recorded:
    """A recording rule."""

    record: str
    expr: str

    def lines(self) -> Iterator[str]:
        """As YAML, its texts in quotes."""
        yield f"      - record: {self.record}"
        yield f"        expr: {json.dumps(self.expr)}"


@dataclass(frozen=True, slots=True)
class Alerting:
    """An alerting rule; `wait` is how long it must hold."""

    alert: str
    expr: str
    severity: str
    summary: str
    labels: tuple[tuple[str, str], ...] = ()
    wait: str | None = None

    def lines(self) -> Iterator[str]:
        """As YAML, its texts in quotes."""
        yield f"      - alert: {self.alert}"
        yield f"        expr: {json.dumps(self.expr)}"
        if self.wait is not None:
            yield f"        for: {self.wait}"
        yield "        labels:"
        for label, value in (("severity", self.severity), *self.labels):
            yield f"          {label}: {json.dumps(value)}"
        yield "        annotations:"
        yield f"          summary: {json.dumps(self.summary, ensure_ascii=False)}"


def rules_file(policy_set: PolicySet) -> str:
    """The whole file; the same set gives the same bytes."""
    return "".join(f"{line}\n" for line in _lines(policy_set))


def _lines(policy_set: PolicySet) -> Iterator[str]:
    yield f"# Made by `policy export prometheus` from the set {policy_set.name},"
    yield f"# {policy_set.hash}. Make it again when the set changes."
    yield "groups:"
    groups = (
        ("mandate_recorded", recorded()),
        ("mandate_process", of_the_process(policy_set)),
        ("mandate_policy", of_the_set(policy_set)),
    )
    for group, rules in groups:
        yield f"  - name: {group}"
        yield "    rules:"
        for each in rules:
            yield from each.lines()


def recorded() -> tuple[Recorded, ...]:
    """What the alerts and the dashboard both ask for, worked out once."""
    cycle, request = (name(each) for each in (table.CYCLE_DURATION, table.VENUE_REQUEST_DURATION))
    asked = f"rate({request}_count[5m])"
    failed = f'rate({request}_count{{outcome!="answered"}}[5m])'
    return (
        *(
            Recorded(record, _quantile(share, cycle, "instance, job"))
            for record, share in ((CYCLE_P50, 0.5), (CYCLE_P95, 0.95), (CYCLE_P99, 0.99))
        ),
        Recorded(LATENCY_P95, _quantile(0.95, request, "instance, job, operation")),
        # Without a failure there is no series of one: nothing failed is 0, and nothing asked none.
        Recorded(
            ERROR_RATIO,
            f"(sum by (instance, job) ({failed}) or 0 * sum by (instance, job) ({asked}))"
            f" / sum by (instance, job) ({asked})",
        ),
        Recorded(EXPOSURE, f"{name(table.GROSS)} / {name(table.EQUITY)}"),
        Recorded(AT_RISK, f"{name(table.AT_RISK)} / {name(table.EQUITY)}"),
    )


def _quantile(share: float, histogram: str, by: str) -> str:
    return f"histogram_quantile({share}, sum by (le, {by}) (rate({histogram}_bucket[5m])))"


def of_the_process(policy_set: PolicySet) -> tuple[Alerting, ...]:
    """What the engine cannot say of itself."""
    schedule = policy_set.schedule
    long_s = schedule.back_off.when_cycle_over_s
    silent_s = SILENT_INTERVALS * schedule.interval + long_s
    info, notified = name(table.POLICY_SET), name(table.NOTIFICATIONS)
    return (
        Alerting(
            "MandateLoopStalled",
            f"time() - {name(table.CYCLE_LAST_TIME)} > {silent_s}",
            _CRITICAL,
            f"no cycle has ended for more than {silent_s} s: nothing watches the positions",
        ),
        Alerting(
            "MandateGone",
            f"absent({name(table.CYCLES)})",
            _CRITICAL,
            "nobody shows the numbers of a loop: it is not running, or cannot be reached",
            wait="2m",
        ),
        Alerting(
            "MandateCycleSlow",
            f"{CYCLE_P99} > {long_s}",
            _WARNING,
            f"one cycle in a hundred takes longer than {long_s} s",
            wait="5m",
        ),
        Alerting(
            "MandateVenueFailing",
            f"{ERROR_RATIO} > {ERROR_OBJECTIVE_RATIO}",
            _WARNING,
            "more than one request to the venue in a hundred fails",
            wait="5m",
        ),
        Alerting(
            "MandateNotHeard",
            f'increase({notified}{{outcome="failed"}}[10m]) > 0',
            _CRITICAL,
            "a message to a person did not arrive",
        ),
        *_waiting(policy_set),
        Alerting(
            "MandateOtherPolicySet",
            f'{info}{{hash!="{policy_set.hash}"}} == 1',
            _WARNING,
            f"it runs another set than {policy_set.hash[:12]}, which these rules were made from",
            wait="10m",
        ),
    )


def _waiting(policy_set: PolicySet) -> Iterator[Alerting]:
    """A message that waits longer than the longest pause between two attempts; a log takes all."""
    spec = policy_set.deployment.alerting
    if spec is not None:
        yield Alerting(
            "MandateMessagesWait",
            f"{name(table.NOTIFICATIONS_WAITING_AGE)} > {spec.retry.most}",
            _CRITICAL,
            f"a message to a person has waited for more than {spec.retry.most} s",
        )


def of_the_set(policy_set: PolicySet) -> tuple[Alerting, ...]:
    """One rule an alert of the set: the engine has waited already, so it fires at once."""
    documents = (each.document.content for each in policy_set.sealed)
    return tuple(
        _carried_on(each, policy_set) for each in documents if isinstance(each, AlertRuleDocument)
    )


def _carried_on(document: AlertRuleDocument, policy_set: PolicySet) -> Alerting:
    rule, spec = document.metadata.name, document.spec
    words = "".join(word.capitalize() for word in rule.split("_"))
    return Alerting(
        f"Mandate{words}",
        f'{name(table.ALERTS)}{{alert="{rule}"}} > 0',
        spec.severity,
        document.metadata.description,
        (("alert_rule", rule), ("route", spec.route), ("policy_set", policy_set.hash[:12])),
    )
