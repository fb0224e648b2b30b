"""`trader record --venue`: what a venue shows comes back out of the files, its gaps marked."""

from __future__ import annotations

import asyncio
import threading
from contextlib import contextmanager
from decimal import Decimal
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
    from pathlib import Path

    from conftest import Ran
    from fakes.venue import RunningVenue

BTC = Symbol("BTC", "USD")
PATIENCE_S = 30


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
    return ("record", *venue, "--products", "BTC-USD", "--out", str(out), "--for", "1s", *more)


def opened(folder: Path) -> Recording:
    """What was recorded."""
    found = open_recording(sorted(folder.glob("*.parquet")))
    assert isinstance(found, Recording), found
    return found


def test_a_second_start_goes_on_and_marks_what_nobody_heard(
    running: RunningVenue, ask: Callable[..., Ran], tmp_path: Path
) -> None:
    """Quotes, trades and books of both starts, and between them one gap."""
    with moving(running):
        first = ask(*words(running, tmp_path))
        rows = len(list(opened(tmp_path).events()))
        second = ask(*words(running, tmp_path))
    assert (first.status, second.status) == (0, 0), first.err + second.err
    assert "recording BTC-USD from a venue on loopback" in first.out
    assert "0 gaps marked, 0 connections lost" in first.out
    assert "1 gap marked, 0 connections lost" in second.out
    recording = opened(tmp_path)
    events = list(recording.events())
    assert len(events) > rows > 0
    assert {type(each) for each in events} == {Quote, Trade, Book}
    marks = [each for each in events if isinstance(each, Quote) and each.bid is each.ask is None]
    assert len(marks) == 1
    assert recording.report.count(CorrectionKind.GAP) >= 1
    other = ask(*words(running, tmp_path, "--depth", "3"))
    assert (other.status, "M613" in other.err) == (1, True)


def test_a_lost_connection_is_a_gap(running: RunningVenue, tmp_path: Path) -> None:
    """After each lost message nothing is known until the next snapshot."""
    lines = (StreamLine("l2_data", Mishap(MishapKind.LOST), skip=5, times=1),)
    planner = StreamPlanner(StreamPlan(script=lines))
    running.within(lambda: setattr(running.door.streams, "planner", planner))
    terms = RecordingTerms(running.rest, running.ca, (BTC,), tmp_path, 0.0, 5, 4.0)
    begin = venue_recording(terms)
    with moving(running):
        # Not on the main thread: whoever embeds it has his own signals.
        done = asyncio.run(asyncio.to_thread(begin))
    assert (done.gaps, done.losses) == (1, 1)
    events = [each for each in opened(tmp_path).events() if isinstance(each, Quote)]
    (mark,) = [n for n, each in enumerate(events) if each.bid is None]
    assert 0 < mark < len(events) - 1
    assert "was due" in (tmp_path / "gaps.jsonl").read_text()


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
