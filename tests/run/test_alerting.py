"""Live trading begins only when somebody would hear of what is critical."""

from __future__ import annotations

import asyncio
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest
from adapters.notify.test_routes import Told
from cycle.small_sets import DEPLOYMENT, alert, set_of
from cycle.trading_desk import bench

from engine.adapters.system.clock import SystemClock
from engine.errors import MandateError
from engine.ledger.alerts import RouteTest
from engine.ledger.records import RecordKind
from engine.model.orders import Mode
from engine.run.alerting import answers_for, caller_of, posting_of, record_tests

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.policyset.policyset import PolicySet

CRITICAL = alert("thrown", "engine.kill_switch", severity="critical", route="pager")
WAYS = f"""{DEPLOYMENT}
  alerting:
    routes:
      pager: {{through: alertmanager, secret: PAGER, timeout: 2s, resend: 1m, escalates_to: second}}
      second: {{through: alertmanager, secret: SECOND, timeout: 2s, resend: 1m}}
    look_every: 2s
    group: {{wait: 1s, lines: 20}}
    retry: {{first: 2s, most: 5s}}
    give_up_after: 60s
    test_every: 1d
"""
NOWHERE = "http://127.0.0.1:9"


@contextmanager
def taking() -> Iterator[tuple[str, list[str]]]:
    """A server that takes every alert: its address, and what it was asked."""
    asked: list[str] = []

    class Taker(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            asked.append(self.path)
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Taker)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()


def ways() -> PolicySet:
    """A set whose critical alert goes to a pager, and then to a second one."""
    return set_of(WAYS, CRITICAL)


def test_a_route_that_answers_lets_the_run_begin_and_is_on_record() -> None:
    """Both routes are tried once; for as long as the answer counts none is tried again."""
    policy_set = ways()
    with taking() as (address, asked):
        secrets = Told({"PAGER": address, "SECOND": address})
        answers = answers_for(policy_set, secrets, {}, Mode.LIVE)
        assert answers == {"pager": None, "second": None}
        assert len(asked) == 2
        made = bench(WAYS, CRITICAL)
        record_tests(made.desk, answers)
        known = made.state.telling.tests
        assert known["pager"].refused is None
        fresh = {name: RouteTest(SystemClock().now(), None) for name in known}
        assert answers_for(policy_set, secrets, fresh, Mode.LIVE) == {}
        old = {name: RouteTest(SystemClock().now().plus_s(-90_000), None) for name in known}
        answers_for(policy_set, secrets, old, Mode.LIVE)
        assert len(asked) == 4


def test_whom_it_escalates_to_is_enough() -> None:
    """A service that is down for an hour must not keep a trader with positions from starting."""
    with taking() as (address, _):
        answers = answers_for(ways(), Told({"PAGER": NOWHERE, "SECOND": address}), {}, Mode.LIVE)
    assert answers["second"] is None
    assert "does not answer" in str(answers["pager"])


def test_without_an_answer_live_trading_does_not_begin() -> None:
    """The finding names the alert, each route, and what it said."""
    secrets = Told({"PAGER": NOWHERE})
    with pytest.raises(MandateError) as refused:
        answers_for(ways(), secrets, {}, Mode.LIVE)
    (found,) = refused.value.diagnostics
    assert found.code == "M905"
    assert "1 critical alert, of them `thrown`, would reach nobody" in found.message
    assert "`pager`: the Alertmanager does not answer" in found.message
    assert "no place has the secret `SECOND`" in found.message


def test_the_log_is_no_person() -> None:
    """A set whose critical alerts go to the log alone trades on paper, and not live."""
    logged = set_of(alert("thrown", "engine.kill_switch", severity="critical", route="log"))
    assert answers_for(logged, Told(), {}, Mode.PAPER) == {}
    with pytest.raises(MandateError) as refused:
        answers_for(logged, Told(), {}, Mode.LIVE)
    assert "the log is no person" in refused.value.diagnostics[0].message


def test_an_alert_that_is_no_matter_of_live_trading_asks_for_no_route() -> None:
    """Nor does one that nobody has to be woken for."""
    calm = set_of(
        alert("near", "engine.kill_switch", route="desk"),
        alert("paper", "engine.kill_switch", severity="critical", modes="[paper]"),
    )
    assert answers_for(calm, Told(), {}, Mode.LIVE) == {}


def test_a_run_posts_its_alerts_and_warns_of_routes_without_an_address() -> None:
    """From then on what is told waits to be delivered; who starts it sees what cannot be."""
    made = bench(WAYS, CRITICAL)
    posting = posting_of(made.desk, Told({"PAGER": NOWHERE}))
    assert made.desk.posts
    assert [(each.code, each.severity.value) for each in posting.findings] == [("M902", "warning")]
    assert posting.routes.usable == {"log", "pager"}
    asyncio.run(posting.routes.close())
    assert [each.kind for each in made.journal.records()] == [RecordKind.GENESIS]


def test_outside_of_a_loop_everybody_behind_a_critical_alert_is_called() -> None:
    """The watchdog's word goes to the route and to whom it escalates to; failures are told."""
    with taking() as (address, asked):
        caller = caller_of(ways(), Mode.LIVE, Told({"PAGER": address, "SECOND": NOWHERE}))

        async def call() -> dict[str, str | None]:
            try:
                return await caller.call("watchdog", "no beat for 60 s")
            finally:
                await caller.routes.close()

        answers = asyncio.run(call())
    assert len(asked) == 1
    assert answers["pager"] is None
    assert "does not answer" in str(answers["second"])
