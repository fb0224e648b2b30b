"""`trader record --venue`: what a venue shows comes back out of the files, its gaps marked."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from fakes.venue import running_venue

from engine.adapters.recorded import CorrectionKind, Recording, open_recording
from engine.model.market import Book, Quote, Trade
from engine.model.symbols import Symbol
from engine.run.recording import RecordingTerms, venue_recording
from engine.venue.faults.mishaps import Mishap, MishapKind, StreamLine, StreamPlan, StreamPlanner

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conftest import Ran
    from fakes.venue import RunningVenue

BTC = Symbol("BTC", "USD")
PATIENCE, PATIENCE_S = "60s", 60
ENOUGH = 150


@pytest.fixture(scope="module")
def running() -> Iterator[RunningVenue]:
    """A venue that shows BTC-USD."""
    with running_venue(quotes={"BTC-USD": ("100", "101")}) as venue:
        yield venue


@contextmanager
def moving(running: RunningVenue) -> Iterator[None]:
    """The market moves while the block runs: another bid and a trade, again and again."""
    ended = threading.Event()

    def move() -> None:
        number = 0
        while not ended.wait(0.02):
            number += 1
            running.quote("BTC-USD", str(100 + number % 50 * Decimal("0.01")), "101")
            time = running.venue.clock.now()
            running.show(Trade(BTC, time, Decimal(101), Decimal(1), taker_sold=False))

    thread = threading.Thread(target=move)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(PATIENCE_S)


def words(running: RunningVenue, out: Path, *more: str) -> tuple[str, ...]:
    """The command."""
    venue = ("--venue", running.rest, "--venue-ca", str(running.ca))
    return ("record", *venue, "--products", "BTC-USD", "--out", str(out), *more)


def recorded(ask: Callable[..., Ran], running: RunningVenue, out: Path, *lines: StreamLine) -> str:
    """Record until enough was sent, and end it by a signal, as an operator does; what it says."""
    planner = StreamPlanner(StreamPlan(script=lines))
    running.within(lambda: setattr(running.door.streams, "planner", planner))
    ended = threading.Event()

    def end() -> None:
        # Whoever was sent so much listens, and so does its handler of signals.
        while planner.number < ENOUGH and not ended.wait(0.02):
            pass
        if not ended.is_set():
            os.kill(os.getpid(), signal.SIGTERM)

    thread = threading.Thread(target=end)
    thread.start()
    ran = ask(*words(running, out, "--for", PATIENCE))
    ended.set()
    thread.join(30)
    assert ran.status == 0, ran.err
    return ran.out


def opened(folder: Path) -> Recording:
    """What was recorded."""
    found = open_recording([folder])
    assert isinstance(found, Recording), found
    return found


@pytest.mark.long
def test_a_second_start_goes_on_and_marks_what_nobody_heard(
    running: RunningVenue, ask: Callable[..., Ran], tmp_path: Path
) -> None:
    """Quotes, trades and books of both starts, and between them one gap."""
    with moving(running):
        first = recorded(ask, running, tmp_path)
        rows = len(list(opened(tmp_path).events()))
        second = recorded(ask, running, tmp_path)
    run_words = ("run", "--policies", str(Path(__file__).with_name("policies")))
    assert "recording BTC-USD from a venue on loopback" in first
    assert "0 gaps marked, 0 connections lost" in first
    assert "1 gap marked, 0 connections lost" in second
    run = ask(*run_words, "--quotes", str(tmp_path), "--ledger", str(tmp_path / "ledger"))
    assert (run.status, "quotes-" in run.out) == (0, True), run.err
    recording = opened(tmp_path)
    events = list(recording.events())
    assert len(events) > rows > 0
    assert {type(each) for each in events} == {Quote, Trade, Book}
    marks = [each for each in events if isinstance(each, Quote) and each.bid is each.ask is None]
    assert len(marks) == 1
    assert recording.report.count(CorrectionKind.GAP) >= 1
    other = ask(*words(running, tmp_path, "--depth", "3", "--for", "1s"))
    assert (other.status, "M613" in other.err) == (1, True)


def test_a_lost_message_is_a_gap(
    running: RunningVenue, ask: Callable[..., Ran], tmp_path: Path
) -> None:
    """After it nothing is known until the next snapshot; its reason is kept."""
    lost = StreamLine("l2_data", Mishap(MishapKind.LOST), skip=5, times=1)
    with moving(running):
        said = recorded(ask, running, tmp_path, lost)
    assert "1 gap marked, 1 connection lost" in said
    events = [each for each in opened(tmp_path).events() if isinstance(each, Quote)]
    (mark,) = [n for n, each in enumerate(events) if each.bid is None]
    assert 0 < mark < len(events) - 1
    assert "was due" in (tmp_path / "gaps.jsonl").read_text()


def test_it_ends_by_itself_after_its_time(
    running: RunningVenue, ask: Callable[..., Ran], tmp_path: Path
) -> None:
    """In whatever thread: signals are the main thread's."""
    terms = RecordingTerms(running.rest, running.ca, (BTC,), tmp_path / "thread", 0.0, 5, 0.01)
    done = asyncio.run(asyncio.to_thread(venue_recording(terms)))
    assert done.gaps == 0
    ran = ask(*words(running, tmp_path / "main", "--for", "1s", "--every", "1s"))
    assert (ran.status, "1 s apart" in ran.out) == (0, True), ran.err


REFUSED = {
    "nothing": ((), "M457"),
    "two markets": (("--synthetic", "--venue", "coinbase", "--products", "BTC-USD"), "M457"),
    "no product": (("--venue", "coinbase"), "M457"),
    "another machine": (("--venue", "https://example.com", "--products", "BTC-USD"), "M461"),
    "nobody there": (("--venue", "http://127.0.0.1:1", "--products", "BTC-USD"), "M462"),
}


@pytest.mark.parametrize(("asked", "code"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_recorded_is_refused(
    asked: tuple[str, ...], code: str, ask: Callable[..., Ran], tmp_path: Path
) -> None:
    """In words, before a file is made."""
    ran = ask("record", "--out", str(tmp_path / "out"), *asked)
    assert (ran.status, code in ran.err) == (1, True), ran.err
    assert not (tmp_path / "out").exists()


def test_a_product_that_is_not_listed_is_refused(
    running: RunningVenue, ask: Callable[..., Ran], tmp_path: Path
) -> None:
    """With the nearest one that is."""
    asked = [w.replace("BTC-USD", "BTC-USB") for w in words(running, tmp_path)]
    ran = ask(*asked)
    assert (ran.status, "M614" in ran.err, "did you mean" in ran.err) == (1, True, True)


def test_a_place_that_cannot_be_written_is_refused(
    running: RunningVenue, ask: Callable[..., Ran], tmp_path: Path
) -> None:
    """A file where a directory has to be."""
    (tmp_path / "file").touch()
    ran = ask(*words(running, tmp_path / "file"))
    assert (ran.status, "M513" in ran.err) == (1, True), ran.err
