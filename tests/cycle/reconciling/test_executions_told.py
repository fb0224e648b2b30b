"""Executions are told at once to somebody else than the trader (control C30)."""

from __future__ import annotations

import pytest
from fakes.bench import BTC, Bench
from fakes.deployments import deployment

from engine.kinds.deployment.alerting import Alerting
from engine.ledger.records import RecordKind
from engine.model.notices import News

TOLD = deployment("full", "paper", more="").replace(
    "    test_every: 30d\n", "    test_every: 30d\n    executions: desk\n"
)


def test_each_execution_waits_for_its_route() -> None:
    """A fill is a notice with its numbers and its order, over restarts, until it was delivered."""
    bench = Bench((TOLD,))
    bench.desk.posts = True
    bench.hold()
    (fill,) = bench.bodies(RecordKind.FILLED)
    assert fill["to"] == ["desk"]
    (notice,) = bench.state.telling.waiting.values()
    assert (notice.news, notice.route, notice.severity) == (News.EXECUTED, "desk", "info")
    assert notice.name == f"execution:{BTC}"
    assert str(fill["client_order_id"]) in notice.text
    assert f"{fill['quantity']} {BTC} at {fill['price']}" in notice.text
    assert bench.replayed().telling.waiting == bench.state.telling.waiting


def test_in_recorded_time_nobody_is_told() -> None:
    """A year that is replayed pages nobody, and its records do not change."""
    bench = Bench((TOLD,))
    bench.hold()
    (fill,) = bench.bodies(RecordKind.FILLED)
    assert "notice" not in fill
    assert not bench.state.telling.waiting


@pytest.mark.parametrize("route", ["second", "nowhere"])
def test_executions_go_to_a_service(route: str) -> None:
    """The log is no second channel, and a route must be there."""
    plain = {
        "routes": {"desk": {"through": "apprise", "secret": "DESK", "timeout": "5s"},
                   "second": {"through": "log"}},
        "look_every": "2s", "group": {"wait": "1s", "lines": 20},
        "retry": {"first": "1s", "most": "1m"}, "give_up_after": "15m", "test_every": "30d",
    }  # fmt: skip
    assert Alerting.model_validate({**plain, "executions": "desk"}).executions == "desk"
    with pytest.raises(ValueError, match="executions go through a service"):
        Alerting.model_validate({**plain, "executions": route})
