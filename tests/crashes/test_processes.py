"""Two processes and one account: a second loop, a stopped one, and a watchdog beside both."""

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
from crashes.matrix import HERE, VenueProcess, run_words
from crashes.showing import QUOTES, showing

from engine.adapters.system.disk import DirectoryDisk
from engine.cycle.records.recovery import recover
from engine.ledger.reader import JournalReader
from engine.ledger.records import RecordKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from fakes.venue import RunningVenue

    from engine.ledger.records import Record

PATIENCE_S = 60.0
TRADER = (sys.executable, "-c", "from cli.trader import main; main()")


def until(happens: Callable[[], bool]) -> None:
    """Wait for it."""
    ends = time.monotonic() + PATIENCE_S
    while not happens():
        assert time.monotonic() < ends, "it never happened"
        time.sleep(0.05)


@pytest.fixture
def venue() -> Iterator[RunningVenue]:
    """A venue whose quotes stand still."""
    with showing(QUOTES) as running:
        yield running


def known(venue: RunningVenue) -> VenueProcess:
    """The venue as a trader is told of it."""
    key = venue.key()
    return VenueProcess(venue.rest, venue.ca, key.name, key.secret)


@contextmanager
def trader(
    folder: Path, words: Sequence[str], venue: VenueProcess
) -> Iterator[subprocess.Popen[bytes]]:
    """A `trader` that is gone at the end of the block, in whatever state it is."""
    environment = {"PYTHONPATH": str(HERE.parents[1]), **venue.environment}
    with (folder / f"{words[0]}.txt").open("ab") as told:
        process = subprocess.Popen(  # noqa: S603 - our own command
            [*TRADER, *words], cwd=folder, env=environment, stdout=told, stderr=told
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait(PATIENCE_S)


def resting(folder: Path) -> Path:
    """A folder with a set whose entries rest for an hour."""
    shutil.copytree(HERE / "policies", folder / "policies")
    execution = folder / "policies/execution.yaml"
    text = execution.read_text("utf-8")
    ladder = "entry: [{order: limit_ioc, collar_bps: 20}]"
    assert ladder in text
    text = text.replace(ladder, "entry: [{order: post_only, time_to_live: 1h}]")
    execution.write_text(text.replace("max_spread_bps: 60", "max_spread_bps: 90"), "utf-8")
    return folder


def records(folder: Path) -> list[Record]:
    """What the ledger holds, also while it is written."""
    return list(JournalReader(DirectoryDisk(folder / "ledger")).records())


def working(venue: RunningVenue) -> int:
    """How many orders stand at the venue."""
    return venue.within(lambda: sum(not e.status.final for e in venue.venue.fate.orders()))


def test_a_loop_that_is_stopped_loses_its_entries_and_learns_of_it(
    venue: RunningVenue, tmp_path: Path
) -> None:
    """The watchdog cancels them while it sleeps; awake, it reconciles and goes on.

    A second loop names the first and goes, while that one runs and while it sleeps.
    """
    folder, told = resting(tmp_path), known(venue)
    words = run_words(told, 500)
    dog = ("watchdog", "--ledger", "ledger", "--venue", told.url)
    with trader(folder, words, told) as loop:
        until(lambda: working(venue) == 2)
        with trader(folder, (*dog, "--venue-ca", str(told.authority)), told) as watchdog:
            until(lambda: "watching ledger" in (folder / "watchdog.txt").read_text("utf-8"))
            os.kill(loop.pid, signal.SIGSTOP)
            refused = second_loop(folder, words, told)
            assert refused.returncode == 1
            assert f"M413: `LOCK` is held by process {loop.pid} on" in refused.stderr
            until(lambda: working(venue) == 0)
            os.kill(loop.pid, signal.SIGCONT)
            until(lambda: ended(folder) >= 2)
            until(lambda: "beats again" in (folder / "watchdog.txt").read_text("utf-8"))
            assert watchdog.poll() is None
            watchdog.send_signal(signal.SIGTERM)
            assert watchdog.wait(PATIENCE_S) == 0
        loop.send_signal(signal.SIGTERM)
        assert loop.wait(PATIENCE_S) == 0
    state = recover(records(folder)).state
    assert state.halted is None
    assert state.differences == {}


def second_loop(
    folder: Path, words: Sequence[str], venue: VenueProcess
) -> subprocess.CompletedProcess[str]:
    """A loop on the same ledger, to its end."""
    environment = {"PYTHONPATH": str(HERE.parents[1]), **venue.environment}
    return subprocess.run(  # noqa: S603 - our own command
        [*TRADER, *words],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )


def ended(folder: Path) -> int:
    """How many orders the ledger says were cancelled."""
    return sum(each.kind is RecordKind.CANCELLED for each in records(folder))
