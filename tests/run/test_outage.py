"""The real command with a real server that dies, hangs and comes back; and a holder that sleeps."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from fakes.shared import CLAIM
from run.conftest import POLICIES, records

from engine.adapters.postgres.address import parse_address
from engine.adapters.postgres.driver import connect
from engine.adapters.postgres.streams import Tenure, release, streams, take
from engine.ledger.records import RecordKind
from engine.run import RunSettings, prepare
from engine.run.ledgers import LedgerView

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fakes.postgres import Server

ROOT = Path(__file__).parents[2]
PROGRAM = "from cli.trader import main; main()"


@pytest.fixture(scope="module")
def policies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The set of these runs: entries halt as soon as an outage is seen."""
    return altered(tmp_path_factory.mktemp("sets"), ", after: 10s", "")


@pytest.fixture
def hasty(policies: Path, tmp_path: Path) -> Path:
    """The same with a short lease, so that nobody waits for its end."""
    shutil.copytree(policies.parents[1], tmp_path / "hasty")
    return _written(tmp_path / "hasty", "lease: 15s", "lease: 2s")


def altered(folder: Path, text: str, instead: str) -> Path:
    """The shipped documents with a Deployment that says something else."""
    shutil.copytree(POLICIES, folder / "policies")
    shutil.copytree(ROOT / "strategies", folder / "strategies")
    return _written(folder, text, instead)


def _written(folder: Path, text: str, instead: str) -> Path:
    deployment = folder / "policies" / "deployment.yaml"
    said = deployment.read_text("utf-8")
    assert said.count(text) == 1
    deployment.write_text(said.replace(text, instead), "utf-8")
    return folder / "policies" / "any_pair"


@contextmanager
def trader(*words: object) -> Iterator[subprocess.Popen[str]]:
    """The command as a process; killed at the end, if it still runs."""
    process = subprocess.Popen(  # noqa: S603 - our own interpreter and words
        [sys.executable, "-c", PROGRAM, *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.kill(process.pid, signal.SIGCONT)
            process.kill()
        process.communicate()


def cycles(process: subprocess.Popen[str], count: int) -> list[dict[str, Any]]:
    """The next cycles that it tells, fewer at its end."""
    assert process.stdout is not None
    found = []
    for line in process.stdout:
        found.append(json.loads(line))
        if len(found) == count:
            break
    return found


def intents(told: list[dict[str, Any]], verdict: str) -> set[str]:
    """The intents of orders that were sent, or denied for the outage."""
    return {
        order["intent"]
        for cycle in told
        for order in cycle[verdict]
        if verdict == "orders" or "LEDGER_BEHIND" in {reason["code"] for reason in order["reasons"]}
    }


def at_server(database: str) -> bytes:
    """All lines of the one stream of a database."""
    return b"".join(each.line() for each in LedgerView.open(database).records())


def here(ledger: Path) -> bytes:
    """All lines of a journal."""
    return b"".join(each.line() for each in records(ledger))


@pytest.mark.long
def test_a_server_dies_and_comes_back_and_then_the_holder_sleeps_through_its_lease(
    hasty: Path, recording: Path, tmp_path: Path, database: str, postgres: Server
) -> None:
    """Without a server no entry leaves, and all that is written follows; after the sleep nothing.

    One run shows both, since starting it is what takes the time: the lease runs out in the outage
    too, and is its holder's all the same. Whoever sleeps sends and writes nothing, and says why.
    """
    ledger = tmp_path / "journal"
    words = ["run", "--policies", hasty, "--quotes", recording, "--format", "json"]
    words += ["--ledger", database, "--journal", ledger, "--pace", 6]
    with trader(*words) as process:
        before = cycles(process, 12)
        postgres.stop("immediate")
        try:
            # The first may have been under way when the server fell.
            cycles(process, 2)
            without = cycles(process, 25)
        finally:
            postgres.start()
        assert "entry" in intents(before, "orders")
        assert "entry" not in intents(without, "orders")
        assert "entry" in (denied := intents(without, "denied"))
        assert denied <= {"entry", "add"}
        _sleeps_through_its_lease(process, database, ledger)
    assert LedgerView.open(database).verify().intact
    settings = RunSettings(hasty, ledger, (recording,), shared=parse_address(database), cycles=2)
    prepare(settings).run(lambda _this: None)
    assert at_server(database) == here(ledger)


def _sleeps_through_its_lease(process: subprocess.Popen[str], database: str, ledger: Path) -> None:
    with connect(parse_address(database)) as control:
        # Found again: what was written without it is there.
        while len(at_server(database)) < len(here(ledger)):
            assert cycles(process, 1)
        os.kill(process.pid, signal.SIGSTOP)
        while streams(control)[0].tenure is not Tenure.RAN_OUT:
            # The server's own clock says when: waiting is all that there is to do.
            control.execute("SELECT pg_sleep(0.1)")
        took = take(control, CLAIM, 3600, over=True)
        held, written = at_server(database), here(ledger)
        os.kill(process.pid, signal.SIGCONT)
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 1
        assert "M472" in errors or "M411" in errors
        assert "Traceback" not in errors
        assert here(ledger) == written
        assert at_server(database) == held
        release(control, took)


@contextmanager
def starved() -> Iterator[None]:
    """A machine on which everybody waits for everybody: more work than it has processors."""
    busy = [sys.executable, "-c", "while True: pass"]
    hungry = [subprocess.Popen(busy) for _ in range(4 * (os.cpu_count() or 1))]  # noqa: S603 - our own words
    try:
        yield
    finally:
        for each in hungry:
            each.kill()
            each.wait()


@pytest.mark.nightly  # it takes the machine from all others; `test_standing` has the rule itself
def test_a_starved_machine_is_no_outage(
    policies: Path, recording: Path, tmp_path: Path, database: str
) -> None:
    """Where an outage halts entries at once, and there is none, none is halted."""
    words = ["run", "--policies", policies, "--quotes", recording, "--format", "json"]
    words += ["--ledger", database, "--journal", tmp_path / "journal", "--pace", 6]
    with starved(), trader(*words) as process:
        told = cycles(process, 60)
    assert "entry" in intents(told, "orders")
    assert intents(told, "denied") == set()


@pytest.mark.nightly  # the property over crashes is for every run
def test_a_killed_loop_goes_on_at_once_in_its_own_directory(
    policies: Path, recording: Path, tmp_path: Path, database: str
) -> None:
    """The lock of its directory proves that it is dead; nothing is lost and nothing twice."""
    ledger = tmp_path / "journal"
    words = ["run", "--policies", policies, "--quotes", recording, "--format", "json"]
    words += ["--ledger", database, "--journal", ledger, "--pace", 5]
    with trader(*words) as process:
        assert cycles(process, 8)
        process.kill()
    assert here(ledger).startswith(at_server(database))
    settings = RunSettings(
        policies, ledger, (recording,), shared=parse_address(database), cycles=20
    )
    prepare(settings).run(lambda _this: None)
    assert at_server(database) == here(ledger)
    ended = [each for each in records(ledger) if each.kind is RecordKind.CYCLE]
    assert [each.fields()["cycle"] for each in ended] == list(range(1, len(ended) + 1))
