"""The dashboard in a real browser: it opens, keeps up, fits every screen, halts, and grows old."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from engine.adapters.system.disk import DirectoryDisk
from engine.ledger.journal import Journal
from engine.ledger.records import RecordKind, encode_body
from engine.model.times import UtcTime

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fakes.browser import Page
    from trader.conftest import Whole

PATIENCE_S = 60.0
LIVE = "document.querySelector('#live')?.textContent === 'live'"
OVERFLOW = "document.documentElement.scrollWidth > innerWidth"
HALT = encode_body({"reason": "a test of the page", "who": "ann"})


@pytest.fixture
def ledger(whole: Whole, tmp_path: Path) -> Path:
    """A copy of the whole run's ledger."""
    shutil.copytree(whole.folder / "ledger", tmp_path / "ledger")
    return tmp_path / "ledger"


@pytest.fixture
def process(ledger: Path) -> Iterator[subprocess.Popen[str]]:
    """The command, as a person starts it."""
    program = "from cli.trader import main; main()"
    words = [sys.executable, "-c", program, "dashboard", "--at", "127.0.0.1:0"]
    running = subprocess.Popen(  # noqa: S603 - our own words
        [*words, "--who", "ann", "--ledger", str(ledger)], stdout=subprocess.PIPE, text=True
    )
    yield running
    running.kill()
    running.communicate()


def _address(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    for line in process.stdout:
        if "http://" in line:
            return line.split()[0]
    raise AssertionError(process.wait())


def _until(condition: object, what: str) -> None:
    assert callable(condition)
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end, what
        time.sleep(0.05)


@pytest.mark.long
def test_a_person_s_way_through_it(
    tab: Page, process: subprocess.Popen[str], ledger: Path, tmp_path: Path
) -> None:
    """In by the printed address, kept up to date, halted by hand; and old when the server is gone.

    One way through, since each page of a browser costs more than all that is asked of it.
    """
    address = _address(process)
    home = f"http://{urlsplit(address).netloc}"
    tab.screen(width=1280)
    tab.visit(address)
    tab.wait(LIVE)
    assert tab.evaluate("location.href") == f"{home}/"
    _fits_every_screen(tab, tmp_path)
    _keeps_up(tab, ledger)
    _halts(tab, ledger, home)
    assert tab.errors == []
    assert {urlsplit(each).netloc for each in tab.requests} <= {urlsplit(home).netloc, ""}
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE_S) == 0
    tab.wait("document.querySelector('#live').textContent.startsWith('no answer since')")
    assert tab.evaluate("document.querySelector('#panel').className") == "old"


def _fits_every_screen(tab: Page, folder: Path) -> None:
    """Light and dark, desk and telephone: nothing is wider than the screen."""
    pictures = set()
    for width, dark in ((1280, True), (390, True), (390, False), (1280, False)):
        tab.screen(width=width, dark=dark)
        assert not tab.evaluate(OVERFLOW), (width, dark)
        tab.picture(folder / "page.png", whole=False)
        pictures.add((folder / "page.png").read_bytes())
    assert len(pictures) == 4


def _keeps_up(tab: Page, ledger: Path) -> None:
    """What is written appears by itself; what a person had opened stays open."""
    tab.click("#more-decisions summary")
    journal = Journal.open(DirectoryDisk(ledger))
    journal.append(RecordKind.HALT, UtcTime.parse("2026-01-05T14:00:30Z"), HALT)
    journal.sync()
    tab.wait("document.querySelector('.banner').textContent.includes('a test of the page')")
    assert tab.evaluate("document.querySelector('#more-decisions').open")


def _halts(tab: Page, ledger: Path, home: str) -> None:
    """By the button, a reason and a word; the files are those that `trader halt` leaves."""
    tab.click("a.stop")
    tab.wait("document.querySelector('#confirm')")
    assert tab.evaluate("location.pathname") == "/halt"
    tab.write("#reason", "it looks wrong")
    tab.write("#confirm", "HALT")
    tab.click("button.stop")
    tab.wait(LIVE)
    assert tab.evaluate("location.href") == f"{home}/"
    _until((ledger / "KILL_SWITCH").exists, "the switch was not thrown")
    said = tab.evaluate("document.querySelector('.banner').textContent")
    assert said.startswith("HALTEDkill switch: it looks wrong (by the dashboard) (ann, ")
    (command,) = (ledger / "commands").glob("*.json")
    told = json.loads(command.read_bytes())
    assert (told["verb"], told["who"], told["why"]) == (
        "halt",
        "ann",
        "it looks wrong (by the dashboard)",
    )
