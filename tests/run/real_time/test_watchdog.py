"""A watch over a ledger: what it refuses, whose orders it takes for ours, and how it ends."""

from __future__ import annotations

import os
import signal
import threading
from typing import TYPE_CHECKING

import pytest
from fakes.bench import NONCE, bench_set
from fakes.venue import running_venue
from policyset.sets import ROOT

from engine.adapters.system.disk import DirectoryDisk
from engine.cycle.records.activation import activation_body
from engine.errors import MandateError
from engine.ledger.journal import Journal
from engine.ledger.order_id import client_order_id, stream_tag
from engine.ledger.records import RecordKind, encode_body
from engine.model.orders import Mode
from engine.model.times import UtcTime
from engine.run.ledgers import LedgerView
from engine.run.real_time.watchdog import Watch, watch_over
from engine.run.settings import VenueSettings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from fakes.venue import RunningVenue

    from engine.ledger.bodies import Body
    from engine.policyset.policyset import PolicySet

START = UtcTime.parse("2026-03-02T12:00:00Z")
GENESIS: Body = {"mode": "paper", "account": "main", "nonce": NONCE, "cash": {"USD": "9"}}


DEPLOYMENT = (ROOT / "policies/deployment.yaml").read_text("utf-8")
SAYS = "  watchdog: {silence: 60s}\n"


def saying(words: str) -> PolicySet:
    """The set of the bench with another word on the watchdog."""
    assert SAYS in DEPLOYMENT
    return bench_set(DEPLOYMENT.replace(SAYS, words))


def ledger(folder: Path, mode: Mode = Mode.PAPER, *sets: PolicySet) -> LedgerView:
    """A ledger that has begun; the last of its sets is in force."""
    disk = DirectoryDisk(folder / "ledger")
    journal = Journal.open(disk)
    journal.append(RecordKind.GENESIS, START, encode_body({**GENESIS, "mode": mode.value}))
    for each in sets or (bench_set(),):
        journal.append(RecordKind.SET_ACTIVATED, START, encode_body(activation_body(each)))
    journal.sync()
    disk.close()
    return LedgerView.open(str(folder / "ledger"))


def secrets(folder: Path, venue: RunningVenue) -> VenueSettings:
    """The way to the venue, with a key of its own in a mounted directory."""
    key, mounted = venue.key(), folder / "secrets"
    mounted.mkdir(mode=0o700)
    for name, text in (("COINBASE_API_KEY", key.name), ("COINBASE_API_SECRET", key.secret)):
        path = mounted / name
        path.write_text(text, "utf-8")
        path.chmod(0o600)
    return VenueSettings(venue.rest, venue.ca, mounted)


THERE = "https://127.0.0.1:1"
REFUSED: dict[str, tuple[Mode, str | None, float | None, list[str]]] = {
    "a dry run has no orders": (Mode.DRY_RUN, None, None, ["M426"]),
    "paper fills in the process": (Mode.PAPER, None, 60.0, ["M426"]),
    "a silence of a second": (Mode.PAPER, THERE, 1.0, ["M427"]),
    "a longer silence than the set's": (Mode.PAPER, THERE, 61.0, ["M428"]),
    "two at once": (Mode.PAPER, None, 0.0, ["M426", "M427"]),
}


@pytest.mark.parametrize(("mode", "url", "silence", "codes"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_watched_is_refused(
    mode: Mode, url: str | None, silence: float | None, codes: list[str], tmp_path: Path
) -> None:
    """With everything that stands against it, before the venue is asked for anything."""
    with pytest.raises(MandateError) as caught:
        watch_over(ledger(tmp_path, mode), silence, VenueSettings(url), print)
    assert [each.code for each in caught.value.diagnostics] == codes


def test_a_set_that_says_nothing_of_a_watchdog_has_none(tmp_path: Path) -> None:
    """There is no silence that nobody reviewed, neither without the option nor with it."""
    view = ledger(tmp_path, Mode.PAPER, bench_set(), saying(""))
    for asked_s in (None, 30.0):
        with pytest.raises(MandateError) as caught:
            watch_over(view, asked_s, VenueSettings(THERE), print)
        assert [each.code for each in caught.value.diagnostics] == ["M428"]


def test_a_ledger_without_a_set_has_nobody_to_watch(tmp_path: Path) -> None:
    """It ended before it was told what to do, so no silence was ever reviewed."""
    disk = DirectoryDisk(tmp_path / "ledger")
    journal = Journal.open(disk)
    journal.append(RecordKind.GENESIS, START, encode_body(GENESIS))
    journal.sync()
    disk.close()
    with pytest.raises(MandateError) as caught:
        watch_over(LedgerView.open(str(tmp_path / "ledger")), None, VenueSettings(THERE), print)
    assert [each.code for each in caught.value.diagnostics] == ["M428"]


def test_the_set_in_force_says_how_long_a_silence_may_be(
    tmp_path: Path,
) -> None:
    """Not the one before it; and a command line may make it shorter."""
    view = ledger(tmp_path, Mode.PAPER, bench_set(), saying(SAYS.replace("60s", "40s")))
    with running_venue() as venue:
        settings = secrets(tmp_path, venue)
        for asked_s, silence_s in ((None, 40.0), (12.0, 12.0)):
            assert watch_over(view, asked_s, settings, print).silence_s == silence_s


@pytest.fixture
def heard() -> list[str]:
    """What the watch tells."""
    return []


@pytest.fixture
def watched(tmp_path: Path, heard: list[str]) -> Callable[[RunningVenue], Watch]:
    """A watch over a ledger at a venue."""

    def made(venue: RunningVenue) -> Watch:
        return watch_over(ledger(tmp_path), 2.0, secrets(tmp_path, venue), heard.append)

    return made


def test_ours_is_what_shows_a_set_of_ours_and_our_stream(
    watched: Callable[[RunningVenue], Watch],
) -> None:
    """Another set's order, another stream's and a person's own are not."""
    with running_venue() as venue:
        watch = watched(venue)
    made, nonce = bench_set().hash, bytes.fromhex(NONCE)
    own, other = (stream_tag(Mode.PAPER, name) for name in ("main", "second"))
    assert watch.ours(client_order_id(made, own, nonce, 1))
    assert not watch.ours(client_order_id(made, other, nonce, 1))
    assert not watch.ours(client_order_id("f" * 64, own, nonce, 1))
    assert not watch.ours("by-hand")


def test_a_ledger_that_cannot_be_read_any_more_is_taken_as_it_was(
    watched: Callable[[RunningVenue], Watch], tmp_path: Path, heard: list[str]
) -> None:
    """The loop may have died of its disk: a day back is asked for, and that is told."""
    with running_venue() as venue:
        watch = watched(venue)
    now = START.plus_s(3600)
    assert watch.since(now) == now.plus_s(-86_400)
    assert heard == []
    (tmp_path / "ledger/journal/000001.jsonl").write_bytes(b"torn\nin two\n")
    assert watch.since(now) == now.plus_s(-86_400)
    assert heard == ["the ledger cannot be read: orders are known by what it held before"]


def test_it_watches_a_silent_loop_until_it_is_asked_to_end(
    watched: Callable[[RunningVenue], Watch], heard: list[str]
) -> None:
    """The silence is told and the venue asked; then a signal ends the watch and nothing is left."""
    told = threading.Event()

    def stop() -> None:
        assert told.wait(60)
        os.kill(os.getpid(), signal.SIGTERM)

    with running_venue() as venue:
        watch = watched(venue)

        def tell(words: str) -> None:
            heard.append(words)
            told.set()

        watch.tell = tell
        stopping = threading.Thread(target=stop)
        stopping.start()
        watch.run()
        stopping.join()
    assert heard[0].startswith("the loop has been silent for ")
