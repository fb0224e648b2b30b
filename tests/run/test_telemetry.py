"""A run that is watched from outside: what it shows, what it refuses, and that it decides alike."""

from __future__ import annotations

import socket
import sys
from typing import TYPE_CHECKING

import httpx
import pytest
from fakes.clock import ManualClock
from run.conftest import Settings, records

from engine.errors import MandateError
from engine.run import prepare
from engine.run.telemetry import PageAddress, Pulse, Watched, watched

if TYPE_CHECKING:
    from pathlib import Path

    from engine.policyset.policyset import PolicySet
    from engine.run import RunSettings

pytestmark = pytest.mark.long

LOOPBACK = "127.0.0.1"


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.create_server((LOOPBACK, 0)) as taken:
        return int(taken.getsockname()[1])


def decided(settings: RunSettings) -> list[bytes]:
    """What was decided, sent and filled, apart from what the genesis draws at random."""
    return [each.body for each in records(settings.ledger) if each.kind.value == "decision"]


def test_a_watched_run_shows_what_it_does_and_decides_alike(
    settings: Settings, any_pair: PolicySet, tmp_path: Path
) -> None:
    """Whoever looks at a run does not change it; and the page is there for as long as it runs."""
    alone = settings(ledger=tmp_path / "alone")
    prepare(alone, any_pair).run(lambda _this: None)
    asked, port = settings(), free_port()
    session, pages = prepare(asked, any_pair), []
    with (
        watched(session, Watched(PageAddress(LOOPBACK, port))),
        httpx.Client(base_url=f"http://{LOOPBACK}:{port}", timeout=10) as client,
    ):
        first = client.get("/readyz")
        ran = session.run(lambda _this: None)
        pages = [client.get(each) for each in ("/healthz", "/readyz", "/metrics")]
    assert (first.status_code, first.text) == (503, "no cycle has ended yet\n")
    assert [each.status_code for each in pages[:2]] == [200, 200]
    assert f'mandate_cycles_total{{state="ACTIVE"}} {ran}.0\n' in pages[2].text
    assert f'hash="{any_pair.hash}"' in pages[2].text
    assert len(decided(asked)) == len(decided(alone)) > 0
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://{LOOPBACK}:{port}/metrics")


def test_an_address_that_is_taken_refuses_the_run(settings: Settings, any_pair: PolicySet) -> None:
    """Alerts about a page that never was would be silent."""
    with socket.create_server((LOOPBACK, 0)) as taken:
        port = int(taken.getsockname()[1])
        wanted = watched(prepare(settings(), any_pair), Watched(PageAddress(LOOPBACK, port)))
        with pytest.raises(MandateError) as refused, wanted:
            pass
    assert [each.code for each in refused.value.diagnostics] == ["M901"]
    assert f"{LOOPBACK}:{port}" in refused.value.diagnostics[0].message


def test_without_the_extra_a_run_that_is_to_be_watched_is_refused(
    settings: Settings, any_pair: PolicySet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody relies on being told, so it does not run unheard."""
    for each in [name for name in sys.modules if name.startswith("engine.adapters.telemetry")]:
        monkeypatch.delitem(sys.modules, each)
    monkeypatch.delattr("engine.adapters.telemetry", raising=False)
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.resources", None)
    wanted = watched(prepare(settings(), any_pair), Watched(PageAddress(LOOPBACK, 0)))
    with pytest.raises(MandateError) as refused, wanted:
        pass
    assert [each.code for each in refused.value.diagnostics] == ["M900"]


def test_a_loop_that_has_gone_silent_is_not_alive(settings: Settings, any_pair: PolicySet) -> None:
    """Three of the longest intervals without a cycle: whoever watches may start it again."""
    session, clock = prepare(settings(cycles=1), any_pair), ManualClock()
    pulse = Pulse(session, clock)
    session.watchers.append(pulse.told)
    assert pulse.alive() == (True, "no cycle has ended yet")
    assert not pulse.ready()[0]
    session.run(lambda _this: None)
    assert pulse.ready() == (True, "ACTIVE; the last cycle ended 0.0 s ago")
    longest_s = any_pair.schedule.back_off.max_interval
    clock.passes(3 * longest_s)
    assert pulse.alive()[0]
    clock.passes(0.1)
    assert not pulse.alive()[0]
    assert not pulse.ready()[0]
