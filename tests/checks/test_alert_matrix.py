"""The alerts that the requirement names, in the documents that are shipped."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from engine.policyset.opening import load_policy_set

if TYPE_CHECKING:
    from engine.policyset.policyset import PolicySet

ROOT = Path(__file__).parents[2]
MATRIX = {
    "the kill switch": ("kill_switch_thrown", "breaker.kill_switch.tripped", None),
    "the daily stop, at -3 %": ("daily_stop_hit", "breaker.daily_stop.tripped", "-3"),
    "the weekly stop, at -5 %": ("weekly_stop_hit", "breaker.weekly_stop.tripped", "-5"),
    "the drawdown, at 10 %": ("drawdown_hit", "breaker.drawdown_stop.tripped", "10"),
    "a stop loss that is hit": ("stop_loss_hit", "position.pnl_pct", None),
    "errors of the API, above 10 % in 5 min": ("api_failing", "breaker.api_errors.tripped", "0.1"),
    "orders or fills that nobody expected": (
        "reconcile_differs",
        "policy.reconcile_mismatch.max_mismatch_count",
        "0",
    ),
    "rejections, above 20 %": ("rejections_high", "policy.rejections.max_reject_ratio", "0.2"),
    "a universe of nothing": ("universe_empty", "breaker.empty_universe.tripped", "1"),
}


@pytest.fixture(scope="module")
def shipped() -> PolicySet:
    """The set at the root of the policies."""
    return load_policy_set(ROOT / "policies").required()


@pytest.mark.parametrize(("name", "by", "limit"), MATRIX.values(), ids=MATRIX)
def test_each_alert_of_the_matrix_is_shipped(
    name: str, by: str, limit: str | None, shipped: PolicySet
) -> None:
    """Its threshold is that of the limit which it refers to; a message a minute, two to be seen."""
    spec = dict(shipped.alerts)[name]
    assert by in spec.when
    if limit is not None:
        assert limit in _numbers(shipped, by.split(".")[1])
    assert (spec.dedupe, spec.escalate_after) == (60, 120)
    route = shipped.deployment.routes[spec.route]
    assert route.escalates_to not in {None, spec.route}


def _numbers(policy_set: PolicySet, name: str) -> set[str]:
    """The numbers that a breaker of the set trips by."""
    params = dict(policy_set.breakers)[name].params
    return {str(each) for each in params.values()}


def test_what_is_critical_wakes_somebody_and_the_rest_waits_for_who_looks(
    shipped: PolicySet,
) -> None:
    """The severity of an alert says on which route it goes, and every route has somebody after."""
    assert {(each.severity, each.route) for _, each in shipped.alerts} == {
        ("critical", "pager"),
        ("warning", "desk"),
        ("info", "desk"),
    }
    late = [
        name
        for name, each in shipped.alerts
        if each.severity == "critical" and not each.escalate_after
    ]
    assert late == []


def test_for_real_money_every_route_leaves_the_machine() -> None:
    """And each has a secret of its own: nobody is reached by the other's token."""
    deployment = load_policy_set(ROOT / "policies" / "live").required().deployment
    assert deployment.alerting is not None
    routes = deployment.alerting.routes.values()
    assert all(each.through != "log" for each in routes)
    assert len({each.secret for each in routes}) == len(routes)
