"""A watch over a ledger: what it refuses, whose orders it takes for ours, and how it ends."""

from __future__ import annotations

import os
import signal
import threading
from typing import TYPE_CHECKING

import pytest
from fakes.bench import NONCE, bench_set
from fakes.venue import running_venue

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

START = UtcTime.parse("2026-03-02T12:00:00Z")


def ledger(folder: Path, mode: Mode = Mode.PAPER) -> LedgerView:
    """A ledger that has begun, with one order under way."""
    disk = DirectoryDisk(folder / "ledger")
    journal = Journal.open(disk)
    genesis: Body = {"mode": mode.value, "account": "main", "nonce": NONCE, "cash": {"USD": "9"}}
    journal.append(RecordKind.GENESIS, START, encode_body(genesis))
    journal.append(RecordKind.SET_ACTIVATED, START, encode_body(activation_body(bench_set())))
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


REFUSED: dict[str, tuple[Mode, str | None, float, list[str]]] = {
    "a dry run has no orders": (Mode.DRY_RUN, None, 60.0, ["M426"]),
    "paper fills in the process": (Mode.PAPER, None, 60.0, ["M426"]),
    "a silence of a second": (Mode.PAPER, "https://127.0.0.1:1", 1.0, ["M427"]),
    "both at once": (Mode.PAPER, None, 0.0, ["M426", "M427"]),
}


@pytest.mark.parametrize(("mode", "url", "silence", "codes"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_watched_is_refused(
    mode: Mode, url: str | None, silence: float, codes: list[str], tmp_path: Path
) -> None:
    """With everything that stands against it, before the venue is asked for anything."""
    with pytest.raises(MandateError) as caught:
        watch_over(ledger(tmp_path, mode), silence, VenueSettings(url), print)
    assert [each.code for each in caught.value.diagnostics] == codes


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
