"""What watches a run is made from its set, and the programs that it is made for accept it."""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from policyset.sets import altered, composed, documents

from engine.adapters.telemetry import begin, serve
from engine.monitoring import dashboard, rules_file
from engine.monitoring.thresholds import Threshold, thresholds
from engine.observe.instruments import INSTRUMENTS, Counter, Gauge
from engine.observe.metrics import Metrics
from engine.policyset.opening import load_policy_set

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.policyset.policyset import PolicySet

SHIPPED = Path(__file__).parents[2] / "policies"
START_S = 60
"""How long a Prometheus may take to start and to fetch a page, on a busy machine."""


@pytest.fixture(scope="module")
def shipped() -> PolicySet:
    """The set that is shipped."""
    return load_policy_set(SHIPPED).required()


def program(name: str) -> str:
    """Where a program of Prometheus lies; its tests skip where it does not."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"no `{name}`: Debian's package prometheus is not installed")
    return found


def test_the_lines_of_danger_are_the_numbers_of_the_set() -> None:
    """A limit that is changed is drawn where it is now: nobody copies it."""
    before, after = (
        documents("any_pair"),
        """
kind: CircuitBreaker
metadata: {name: day, description: A loss of a day ends it.}
spec:
  scope: account
  trip_when: portfolio.pnl_day_pct <= params.worst_pct or portfolio.drawdown_pct >= 12.5
  params: {worst_pct: {by: regime.name, bull: -4, chop: -3, bear: -2, crash: -1, unknown: -2}}
  while_tripped: reducing
  cancel: entries
  on_trip: none
  stage: enforce
  reset: next_utc_day
""",
    )
    found = [t for t in thresholds(composed(altered(before, after))) if t.rule.endswith("/day")]
    day = "mandate_portfolio_day_result"
    assert found == [
        *(Threshold("CircuitBreaker/day", day, value / 100) for value in (-4, -3, -2, -1)),
        Threshold("CircuitBreaker/day", "mandate_portfolio_drawdown", 0.125),
    ]


def test_the_same_set_gives_the_same_bytes_and_another_set_others(shipped: PolicySet) -> None:
    """A file under review changes when the set does, and names the set that it is of."""
    again = load_policy_set(SHIPPED).required()
    assert rules_file(again) == rules_file(shipped)
    assert dashboard(again) == dashboard(shipped)
    other = load_policy_set(SHIPPED / "paper").required()
    assert rules_file(other) != rules_file(shipped)
    assert shipped.hash in rules_file(shipped)
    assert shipped.hash in str(dashboard(shipped)["description"])


def test_prometheus_accepts_the_rules(shipped: PolicySet, tmp_path: Path) -> None:
    """Every rule is read by Prometheus's own checker, and there is one for each alert."""
    rules = tmp_path / "rules.yml"
    rules.write_text(rules_file(shipped), encoding="utf-8")
    told = subprocess.run(  # noqa: S603 - our own words
        [program("promtool"), "check", "rules", str(rules)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stdout + told.stderr
    carried = re.findall(r'alert_rule: "([a-z0-9_]+)"', rules.read_text(encoding="utf-8"))
    assert carried == [name for name, _ in shipped.alerts]


REQUESTS = "mandate_venue_request_duration_seconds_count"


def series(metric: str, values: str, **labels: str) -> dict[str, str]:
    """One series in the notation of promtool."""
    told = ",".join(f'{name}="{value}"' for name, value in labels.items())
    return {"series": f"{metric}{{{told}}}", "values": values}


def quiet(minute: int, alert: str) -> dict[str, object]:
    """Nothing fires then."""
    return {"eval_time": f"{minute}m", "alertname": alert, "exp_alerts": []}


def fires(minute: int, alert: str, summary: str, /, **labels: str) -> dict[str, object]:
    """It fires then, with these labels."""
    told = {"exp_labels": labels, "exp_annotations": {"summary": summary}}
    return {**quiet(minute, alert), "exp_alerts": [told]}


def cases(policy_set: PolicySet, words: dict[str, str]) -> dict[str, object]:
    """Twenty minutes of a run in trouble, and of one that runs another set."""
    a, m = {"instance": "a"}, {"instance": "a", "job": "m"}
    daily = {"alert": "daily_stop_hit", "severity": "critical"}
    carried = {"alert_rule": "daily_stop_hit", "route": "pager", "policy_set": policy_set.hash[:12]}
    trouble = {
        "interval": "1m",
        "input_series": [
            series("mandate_cycle_last_time_seconds", "0x20", **a),
            series("mandate_cycles_total", "0+1x20", state="ACTIVE", **a),
            series("mandate_policy_set_info", "1x20", hash=policy_set.hash, name="x", **a),
            series("mandate_alerts_firing", "0x4 1x4 0x9", **daily),
            series("mandate_notifications_waiting_age_seconds", "0x7 60 120 0x9", **a),
            series(REQUESTS, "0+99x20", outcome="answered", **m),
            series(REQUESTS, "0x5 0+2x14", outcome="failed", **m),
        ],
        "alert_rule_test": [
            quiet(3, "MandateLoopStalled"),
            fires(4, "MandateLoopStalled", words["MandateLoopStalled"], severity="critical", **a),
            quiet(4, "MandateDailyStopHit"),
            fires(5, "MandateDailyStopHit", words["MandateDailyStopHit"], **daily, **carried),
            quiet(10, "MandateDailyStopHit"),
            quiet(8, "MandateMessagesWait"),
            fires(9, "MandateMessagesWait", words["MandateMessagesWait"], severity="critical", **a),
            quiet(10, "MandateMessagesWait"),
            quiet(9, "MandateVenueFailing"),
            fires(15, "MandateVenueFailing", words["MandateVenueFailing"], severity="warning", **m),
            quiet(20, "MandateOtherPolicySet"),
            quiet(20, "MandateGone"),
        ],
    }
    other = {"hash": "other", "name": "x"}
    stranger = {
        "interval": "1m",
        "input_series": [series("mandate_policy_set_info", "1x20", **other)],
        "alert_rule_test": [
            quiet(9, "MandateOtherPolicySet"),
            fires(
                11,
                "MandateOtherPolicySet",
                words["MandateOtherPolicySet"],
                severity="warning",
                **other,
            ),
            quiet(1, "MandateGone"),
            fires(3, "MandateGone", words["MandateGone"], severity="critical"),
        ],
    }
    return {
        "rule_files": ["rules.yml"],
        "evaluation_interval": "1m",
        "tests": [trouble, stranger],
    }


def test_the_rules_fire_when_they_should_and_not_before(shipped: PolicySet, tmp_path: Path) -> None:
    """Silence, another set, a failing venue and the set's own alerts, each at its minute."""
    (tmp_path / "rules.yml").write_text(rules_file(shipped), encoding="utf-8")
    text = json.dumps(cases(shipped, _summaries(rules_file(shipped))))
    (tmp_path / "cases.yml").write_text(text, encoding="utf-8")
    told = subprocess.run(  # noqa: S603 - our own words
        [program("promtool"), "test", "rules", str(tmp_path / "cases.yml")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stdout + told.stderr


def _summaries(text: str) -> dict[str, str]:
    found = re.findall(r'- alert: (\w+)\n(?:.*\n)*?\s+summary: (".*")\n', text)
    return {alert: json.loads(summary) for alert, summary in found}


@contextmanager
def scraping(page_port: int, rules: str, folder: Path) -> Iterator[httpx.Client]:
    """A Prometheus that fetches one page every second, under these rules."""
    (folder / "rules.yml").write_text(rules, encoding="utf-8")
    (folder / "prometheus.yml").write_text(
        "global: {scrape_interval: 1s, evaluation_interval: 1s}\n"
        "rule_files: [rules.yml]\n"
        "scrape_configs:\n  - job_name: mandate\n"
        f"    static_configs: [{{targets: ['127.0.0.1:{page_port}']}}]\n",
        encoding="utf-8",
    )
    with httpx.Client(timeout=10) as client:
        port = _free_port()
        server = subprocess.Popen(  # noqa: S603 - our own words
            [
                program("prometheus"),
                f"--config.file={folder / 'prometheus.yml'}",
                f"--storage.tsdb.path={folder / 'data'}",
                f"--web.listen-address=127.0.0.1:{port}",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        client.base_url = f"http://127.0.0.1:{port}"
        try:
            yield client
        finally:
            server.kill()
            server.wait()


@pytest.mark.long
def test_every_panel_asks_what_prometheus_answers_with_data(
    shipped: PolicySet, tmp_path: Path
) -> None:
    """No panel of the dashboard is empty on a run that has seen everything once."""
    telemetry = begin({"service.name": "mandate"})
    metrics = Metrics(telemetry.meter)
    page = serve(("127.0.0.1", 0), telemetry.registry, {})
    panels = dashboard(shipped)["panels"]
    assert isinstance(panels, list)
    asked = {
        str(target["expr"]): str(panel["title"])  # type: ignore[index,call-overload]  # our own JSON
        for panel in panels
        for target in panel["targets"]  # type: ignore[index,call-overload,union-attr]  # as above
    }
    try:
        with scraping(page.port, rules_file(shipped), tmp_path) as client:
            empty, end = dict(asked), time.monotonic() + START_S
            while empty and time.monotonic() < end:
                _everything_once_more(metrics)
                empty = {e: title for e, title in empty.items() if not _answered(client, e)}
                time.sleep(0.5)
    finally:
        page.close()
        telemetry.close()
    assert not empty


def _everything_once_more(metrics: Metrics) -> None:
    for each in INSTRUMENTS:
        for value in max((label.values for label in each.labels), default=(), key=len) or ("x",):
            labels = {
                label.name: value if value in label.values else (label.values or ("x",))[-1]
                for label in each.labels
            }
            if isinstance(each, Counter):
                metrics.count(each, **labels)
            elif isinstance(each, Gauge):
                metrics.set(each, 1, **labels)
            else:
                metrics.record(each, 0.2, **labels)


def _answered(client: httpx.Client, expr: str) -> bool:
    """Whether there is an answer with data; a question that is refused fails the test at once."""
    try:
        answer = client.get("/api/v1/query", params={"query": expr})
    except httpx.TransportError:
        return False
    if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE:
        return False
    told = answer.json()
    assert told["status"] == "success", (expr, told)
    return bool(told["data"]["result"])


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])
