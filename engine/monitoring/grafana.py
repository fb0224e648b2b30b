"""A dashboard for Grafana, made from a policy set: its lines of danger are the set's own numbers.

In: a policy set. Out: the dashboard as plain JSON data, schema version 39 (Grafana 10.4 and later).
The data source is asked for when it is imported. Panels show what an operator asks, in the order in
which he asks: does it run, under which set, what is at risk, how near are the limits, what was
refused, and how is the venue.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.monitoring.names import (
    AT_RISK,
    CYCLE_P50,
    CYCLE_P95,
    CYCLE_P99,
    ERROR_RATIO,
    EXPOSURE,
    LATENCY_P95,
)
from engine.monitoring.thresholds import thresholds
from engine.observe import instruments as table
from engine.observe.exposition import prometheus_name as name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from engine.policyset.policyset import PolicySet

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]

_SOURCE: dict[str, Json] = {"type": "prometheus", "uid": "${source}"}
_COLUMNS, _WIDTH, _HEIGHT = 24, 8, 8
_DAY = "1d"


@dataclass(frozen=True, slots=True)
class Query:
    """One question to Prometheus, and the words that its answers are shown with."""

    expr: str
    legend: str


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel: `lines` are values of danger, each drawn with the rule that states it."""

    title: str
    says: str
    queries: tuple[Query, ...]
    unit: str = "short"
    kind: str = "timeseries"
    lines: tuple[tuple[str, float], ...] = ()


def dashboard(policy_set: PolicySet) -> dict[str, Json]:
    """The whole dashboard; the same set gives the same data."""
    panels = _panels(policy_set)
    return {
        "__inputs": [{**_INPUT}],
        "title": f"Mandate: {policy_set.name}",
        "uid": f"mandate-{policy_set.hash[:12]}",
        "description": f"Made by `policy export grafana` from the policy set {policy_set.hash}.",
        "tags": ["mandate"],
        "schemaVersion": 39,
        "version": 1,
        "editable": True,
        "refresh": "10s",
        "time": {"from": "now-6h", "to": "now"},
        "timezone": "utc",
        "templating": {"list": [{**_VARIABLE}]},
        "annotations": {"list": []},
        "panels": [_panel(number, each) for number, each in enumerate(panels)],
    }


_INPUT: dict[str, Json] = {
    "name": "source",
    "label": "Prometheus",
    "type": "datasource",
    "pluginId": "prometheus",
}
_VARIABLE: dict[str, Json] = {
    "name": "source",
    "label": "Prometheus",
    "type": "datasource",
    "query": "prometheus",
}


def _panels(policy_set: PolicySet) -> tuple[Panel, ...]:
    lines = _lines(policy_set)
    return (*_life(), *_money(lines), *_rules(), *_venue(lines))


def _lines(policy_set: PolicySet) -> dict[str, tuple[tuple[str, float], ...]]:
    """The set's own numbers, by the metric that they are about."""
    found: dict[str, list[tuple[str, float]]] = {}
    for each in thresholds(policy_set):
        found.setdefault(each.metric, []).append((each.rule.partition("/")[2], each.value))
    return {metric: tuple(each) for metric, each in found.items()}


def _life() -> tuple[Panel, ...]:
    return (
        Panel(
            "Since the last cycle",
            "Seconds since a cycle ended; it grows when the loop has stopped.",
            (Query(f"time() - {name(table.CYCLE_LAST_TIME)}", "{{instance}}"),),
            "s",
            "stat",
        ),
        Panel(
            "Policy set",
            "Which set decided when: a change of colour is an activation.",
            (Query(f"{name(table.POLICY_SET)} == 1", "{{name}} {{hash}}"),),
            kind="state-timeline",
        ),
        Panel(
            "State",
            "Cycles by the state in which they ended: ACTIVE, REDUCING or HALTED.",
            (Query(f"sum by (state) (rate({name(table.CYCLES)}[5m]))", "{{state}}"),),
            "cps",
        ),
        Panel(
            "Cycle",
            "How long a cycle takes, from its gate to its record.",
            (Query(CYCLE_P50, "p50"), Query(CYCLE_P95, "p95"), Query(CYCLE_P99, "p99")),
            "s",
        ),
        Panel(
            "Stages of a cycle",
            "Where the time goes.",
            (
                Query(
                    "sum by (stage) "
                    f"(rate({name(table.STAGE_DURATION)}_sum[5m]))"
                    f" / ignoring (stage) group_left sum(rate({name(table.CYCLES)}[5m]))",
                    "{{stage}}",
                ),
            ),
            "s",
        ),
        Panel(
            "Ledger",
            "Until a record is durable, at the 99th percentile.",
            (
                Query(
                    "histogram_quantile(0.99, sum by (le) "
                    f"(rate({name(table.LEDGER_SYNC_DURATION)}_bucket[5m])))",
                    "p99",
                ),
            ),
            "s",
        ),
    )


def _money(lines: dict[str, tuple[tuple[str, float], ...]]) -> tuple[Panel, ...]:
    day, week, drawdown = (
        name(each) for each in (table.DAY_RESULT, table.WEEK_RESULT, table.DRAWDOWN)
    )
    return (
        Panel(
            "Equity",
            "Cash and coins, in the numeraire.",
            (Query(name(table.EQUITY), "equity"),),
        ),
        Panel(
            "Exposure and risk",
            "Coins held, and coins held or pending, as a share of equity, against the limits.",
            (Query(EXPOSURE, "exposure"), Query(AT_RISK, "at risk")),
            "percentunit",
            lines=(*lines.get(EXPOSURE, ()), *lines.get(AT_RISK, ())),
        ),
        Panel(
            "Positions",
            "Value of each product's coins, in the numeraire.",
            (Query(f"{name(table.POSITION)} > 0", "{{symbol}}"),),
        ),
        Panel(
            "Result of the day",
            "Since midnight UTC, against the stop.",
            (Query(day, "day"),),
            "percentunit",
            lines=lines.get(day, ()),
        ),
        Panel(
            "Result of seven days",
            "Against the stop.",
            (Query(week, "week"),),
            "percentunit",
            lines=lines.get(week, ()),
        ),
        Panel(
            "Drawdown",
            "Lost since the high-water mark, against the stop.",
            (Query(drawdown, "drawdown"),),
            "percentunit",
            lines=lines.get(drawdown, ()),
        ),
    )


def _rules() -> tuple[Panel, ...]:
    return (
        Panel(
            "Nearest limits",
            "What was left before a breach at the last order, as a share of the limit.",
            (Query(f"bottomk(12, {name(table.HEADROOM)})", "{{rule}}"),),
            "percentunit",
            "bargauge",
        ),
        Panel(
            "Denied by rule",
            "Orders of the last day that a rule stood against.",
            (
                Query(
                    f'topk(12, sum by (rule) (increase({name(table.RULES)}{{outcome="breach"}}'
                    f"[{_DAY}])) > 0)",
                    "{{rule}}",
                ),
            ),
            kind="bargauge",
        ),
        Panel(
            "Decisions",
            "Order intents by the verdict about them.",
            (
                Query(
                    f"sum by (verdict) (increase({name(table.DECISIONS)}[5m]))",
                    "{{verdict}}",
                ),
            ),
        ),
        Panel(
            "Breakers",
            "Products, or the account, that each breaker is tripped for.",
            (Query(f"{name(table.BREAKERS_TRIPPED)} > 0", "{{breaker}}"),),
        ),
        Panel(
            "Alerts",
            "What fires now.",
            (Query(f"{name(table.ALERTS)} > 0", "{{alert}} ({{severity}})"),),
        ),
        Panel(
            "Undecided rules",
            "Answers that a missing fact left open: each of them denied an entry.",
            (
                Query(
                    f'sum by (rule) (increase({name(table.RULES)}{{outcome="undecided"}}[5m])) > 0',
                    "{{rule}}",
                ),
            ),
        ),
    )


def _venue(lines: dict[str, tuple[tuple[str, float], ...]]) -> tuple[Panel, ...]:
    unknown, differs = name(table.ORDERS_UNKNOWN), name(table.RECONCILE_DIFFERENCES)
    return (
        Panel(
            "Requests that fail",
            "Of all requests to the venue in five minutes.",
            (Query(ERROR_RATIO, "failed"),),
            "percentunit",
        ),
        Panel(
            "Answer times",
            "95th percentile by operation.",
            (Query(LATENCY_P95, "{{operation}}"),),
            "s",
        ),
        Panel(
            "Orders",
            "What the venue answered.",
            (Query(f"sum by (outcome) (increase({name(table.ORDERS)}[5m]))", "{{outcome}}"),),
        ),
        Panel(
            "Unknown orders",
            "Orders of which nobody knows whether they exist.",
            (Query(unknown, "unknown"),),
            lines=lines.get(unknown, ()),
        ),
        Panel(
            "Differences",
            "What venue and ledger disagree about.",
            (Query(differs, "differences"),),
            lines=lines.get(differs, ()),
        ),
        Panel(
            "Fees",
            "Paid in an hour, by currency.",
            (Query(f"sum by (currency) (increase({name(table.FEES)}[1h]))", "{{currency}}"),),
        ),
    )


def _panel(number: int, panel: Panel) -> dict[str, Json]:
    row, column = divmod(number, _COLUMNS // _WIDTH)
    return {
        "id": number + 1,
        "type": panel.kind,
        "title": panel.title,
        "description": _described(panel),
        "datasource": {**_SOURCE},
        "gridPos": {"x": column * _WIDTH, "y": row * _HEIGHT, "w": _WIDTH, "h": _HEIGHT},
        "targets": [_target(index, each) for index, each in enumerate(panel.queries)],
        "fieldConfig": {"defaults": _defaults(panel), "overrides": []},
        "options": {},
    }


def _described(panel: Panel) -> str:
    if not panel.lines:
        return panel.says
    return f"{panel.says} Lines: {', '.join(f'{rule} {value:g}' for rule, value in panel.lines)}."


def _target(index: int, query: Query) -> dict[str, Json]:
    return {
        "refId": chr(ord("A") + index),
        "datasource": {**_SOURCE},
        "expr": query.expr,
        "legendFormat": query.legend,
    }


def _defaults(panel: Panel) -> dict[str, Json]:
    defaults: dict[str, Json] = {"unit": panel.unit}
    if panel.lines:
        steps: list[Json] = [{"color": "transparent", "value": None}]
        steps += [{"color": "red", "value": value} for value in _values(panel.lines)]
        defaults["thresholds"] = {"mode": "absolute", "steps": steps}
        defaults["custom"] = {"thresholdsStyle": {"mode": "line"}}
    return defaults


def _values(lines: Iterable[tuple[str, float]]) -> list[float]:
    return sorted({value for _, value in lines})
