"""A process that dies over a message is followed by one that delivers it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from run.test_alerting import NOWHERE, taking

from engine.adapters.system.disk import DirectoryDisk
from engine.cycle import operator
from engine.cycle.clockwork import Command
from engine.errors import MandateError
from engine.ledger.alerts import Telling
from engine.model.times import UtcTime
from engine.run.ledgers import LedgerView
from engine.run.status import status_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from run.real_time.conftest import Site

PATIENCE_S = 90.0
ROUTES = """
  alerting:
    routes: {desk: {through: apprise, secret: DESK_ROUTE, timeout: 2s}}
    look_every: 2s
    group: {wait: 1s, lines: 5}
    retry: {first: 1s, most: 2s}
    give_up_after: 15m
    test_every: 1d
"""


def _until(condition: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end, what
        time.sleep(0.1)


def telling(ledger: Path) -> Telling:
    """What the ledger says of messages; nothing before it is there."""
    try:
        return status_of(LedgerView.open(str(ledger))).state.telling
    except MandateError:
        return Telling()


@contextmanager
def trader(site: Site, policies: Path, address: str) -> Iterator[subprocess.Popen[bytes]]:
    """`trader run` as a process of its own, with a route that leads there."""
    words = ("run", "--policies", str(policies), "--ledger", str(site.settings.ledger))
    venue = ("--venue", site.venue.rest, "--venue-ca", str(site.venue.ca))
    program = "from cli.trader import main; main()"
    running = subprocess.Popen(  # noqa: S603 - our own words
        [sys.executable, "-c", program, *words, *venue],
        env={**os.environ, "DESK_ROUTE": address.replace("http://", "json://")},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield running
    finally:
        running.kill()
        running.wait()


@pytest.mark.long
def test_what_was_not_delivered_is_delivered_by_the_next_process(
    site: Site, tmp_path: Path
) -> None:
    """Killed with a message in hand that no route took: nothing of it is lost, nor told twice."""
    policies = shutil.copytree(site.settings.policies, tmp_path / "policies")
    with (policies / "deployment.yaml").open("a") as file:
        file.write(ROUTES)
    ledger = site.settings.ledger
    with trader(site, policies, f"{NOWHERE}/token-of-a-route") as first:
        _until((ledger / "journal").exists, "no ledger began")
        command = Command("alert-test", "desk", "anna", "does it arrive?")
        operator.drop_command(DirectoryDisk(ledger), command, UtcTime.parse("2026-01-01T00:00:00Z"))
        _until(lambda: len(telling(ledger).waiting) == 1, "no message waits")
        first.send_signal(signal.SIGKILL)
        first.wait()
    assert telling(ledger).delivered_count == 0
    with taking() as (address, asked), trader(site, policies, f"{address}/token-of-a-route"):
        _until(lambda: bool(asked), "nothing was delivered")
        _until(lambda: telling(ledger).delivered_count == 1, "nothing is on record")
        assert telling(ledger).waiting == {}
    assert len(asked) == 1
