"""`trader status --watch`: a screen that fits, tells what matters first, and is gone after."""

from __future__ import annotations

import io
import os
import pty
import signal
import struct
import subprocess
import sys
import termios
import time
from dataclasses import replace
from fcntl import ioctl
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from cycle.small_sets import set_of
from fakes.clock import ManualClock
from fakes.status import NOON, everything
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from cli.trader_verbs.console.gathering import panel_of
from cli.trader_verbs.console.panel import Tone
from cli.trader_verbs.console.screen import screen, shares
from cli.trader_verbs.console.source import Look, Source
from cli.trader_verbs.console.warnings import alerts, messages
from cli.trader_verbs.console.watching import can_watch, drawn
from engine.adapters.system.lock import Holder
from engine.ledger.alerts import Acknowledged, AlertState, DeadLetter, Silence
from engine.ledger.state import RefusedSet
from engine.model.notices import News, Notice
from engine.run.ledgers import LedgerView
from engine.run.questions import NamedSet
from engine.run.status import Status, status_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from syrupy.assertion import SnapshotAssertion
    from trader.conftest import Ran, Whole

    from cli.trader_verbs.console.panel import Panel

LEAVE_SCREEN, SHOW_CURSOR = b"\x1b[?1049l", b"\x1b[?25h"
PATIENCE_S = 60.0


def _drawn(panel: Panel, width: int = 140, height: int = 60) -> str:
    console = Console(width=width, height=height, file=io.StringIO(), highlight=False)
    with console.capture() as shown:
        console.print(screen(panel, width, height, "the foot"), end="")
    return "".join(f"{line.rstrip()}\n" for line in shown.get().splitlines())


def test_the_screen(snapshot: SnapshotAssertion) -> None:
    """What is wrong stands first, and what has nothing to say says so in a word."""
    assert _drawn(panel_of(everything(), NOON.plus_s(7))) == snapshot


def test_a_screen_before_the_first_cycle(snapshot: SnapshotAssertion) -> None:
    """A trader that has not run says so, and invents no number."""
    assert _drawn(panel_of(Status(), NOON)) == snapshot


@pytest.fixture(scope="module")
def real(whole: Whole) -> Panel:
    """The panel of the whole demo."""
    return panel_of(status_of(LedgerView.open(str(whole.folder / "ledger"))), NOON)


@settings(max_examples=15)
@given(st.integers(40, 300), st.integers(20, 90))
def test_no_screen_is_larger_than_its_terminal(real: Panel, width: int, height: int) -> None:
    """Whatever the size, nothing is pushed off the screen, and its last line is the foot."""
    lines = _drawn(real, width, height).splitlines()
    assert len(lines) <= height
    assert max(map(len, lines)) <= width
    assert lines[-1] == "the foot"


@given(
    st.lists(st.tuples(st.integers(1, 40), st.booleans()), min_size=1, max_size=9),
    st.integers(0, 120),
)
def test_lines_are_shared_out_to_the_last(blocks: list[tuple[int, bool]], free: int) -> None:
    """Nobody gets more than he wants, nothing that is wanted is left over, the urgent are first."""
    wants, urgent = [want for want, _ in blocks], [each for _, each in blocks]
    got = shares(wants, urgent, free)
    assert all(1 <= has <= want for has, want in zip(got, wants, strict=True))
    assert sum(got) == max(len(got), min(free, sum(wants)))
    short_urgent = any(got[at] < wants[at] for at, each in enumerate(urgent) if each)
    assert not short_urgent or all(got[at] == 1 for at, each in enumerate(urgent) if not each)


def test_bars_are_told_the_nearest_first(real: Panel) -> None:
    """Each limit has a share, and what is beyond its edge is bad."""
    _, limits = real.bars
    assert limits.bars
    assert all(one.used_pct >= two.used_pct for one, two in pairwise(limits.bars))
    assert all((each.used_pct > 100) == (each.tone is Tone.BAD) for each in limits.bars)


def test_nothing_of_the_ledger_steers_the_terminal() -> None:
    """Control characters in a reason are shown as marks, markup as it is written."""
    status = everything()
    status.state.halted = "\x1b[2Jgone [bold]not[/bold]"
    shown = _drawn(panel_of(status, NOON))
    assert "\x1b" not in shown
    assert "�[2Jgone [bold]not[/bold]" in shown


def test_a_silent_loop_is_told() -> None:
    """A loop that holds its ledger and writes nothing for three of its longest waits may hang."""
    status = everything()
    status.named = NamedSet("small", "84d4e07754bb" + "0" * 52, set_of())
    longest = set_of().schedule.back_off.max_interval
    status.holder = None
    assert panel_of(status, NOON, 10 * longest).last_cycle.tone is Tone.PLAIN
    status.holder = Holder(7, "desk-1", NOON)
    assert panel_of(status, NOON, 3 * longest).last_cycle.tone is Tone.PLAIN
    silent = panel_of(status, NOON, 3 * longest + 1).last_cycle
    assert silent.tone is Tone.BAD
    assert silent.text.endswith("does it hang?")


def test_what_was_refused_comes_with_its_findings() -> None:
    """A set that was refused stands among what asks for a look, with all that was found."""
    status = everything()
    status.state.reload = replace(
        status.state.reload, refused=RefusedSet(None, NOON, ("M203: a", "M780: b"))
    )
    shown = _drawn(panel_of(status, NOON))
    assert shown.index("REFUSED") < shown.index("M203: a") < shown.index("M780: b")
    assert shown.index("M780: b") < shown.index("Used of each limit")


def test_trouble_is_told_and_got_over(whole: Whole, tmp_path: Path) -> None:
    """A ledger that is broken for a moment keeps its last panel on the screen, and says why."""
    journal = tmp_path / "journal/000001.jsonl"
    journal.parent.mkdir()
    lines = (whole.folder / "ledger/journal/000001.jsonl").read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(lines[:90]))
    source = Source(LedgerView.open(str(tmp_path)), ManualClock())
    before = source.look()
    journal.write_bytes(lines[0])
    broken = source.look()
    assert (broken.panel, before.trouble) == (before.panel, "")
    assert "record" in broken.trouble
    console = Console(width=100, height=40, file=io.StringIO())
    with console.capture() as shown:
        console.print(drawn(broken, console, 1))
        console.print(drawn(Look(None, "gone"), console, 1))
    assert broken.trouble[:40] in shown.get()
    assert "gone" in shown.get()
    journal.write_bytes(b"".join(lines))
    healed = source.look()
    assert healed.trouble == ""
    assert healed.panel != before.panel


def test_in_a_pipe_it_is_printed_once(ask: Callable[..., Ran], ledger: str) -> None:
    """Who pipes the screen gets the page; who asks for JSON as well is told to choose."""
    once = ask("status", "--ledger", ledger)
    assert ask("status", "--watch", "--ledger", ledger) == once
    both = ask("status", "--watch", "--format", "json", "--ledger", ledger)
    assert (both.status, both.out) == (2, "")


@pytest.mark.long
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda n: n.name)
def test_the_terminal_is_left_as_it_was(whole: Whole, number: signal.Signals) -> None:
    """Interrupted or ended, the screen that was there comes back with its cursor."""
    master, slave = pty.openpty()
    ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    program = "from cli.trader import main; main()"
    words = [sys.executable, "-c", program, "status", "--watch"]
    process = subprocess.Popen(  # noqa: S603 - our own words
        [*words, "--ledger", str(whole.folder / "ledger")],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        env={**os.environ, "TERM": "xterm-256color"},
    )
    os.close(slave)
    seen = _read_until(master, b"Ctrl-C leaves")
    assert LEAVE_SCREEN not in seen
    process.send_signal(number)
    seen = _read_until(master, SHOW_CURSOR)
    assert LEAVE_SCREEN in seen
    assert process.wait(PATIENCE_S) == 0
    os.close(master)


def _read_until(descriptor: int, wanted: bytes) -> bytes:
    seen, end = b"", time.monotonic() + PATIENCE_S
    while wanted not in seen:
        assert time.monotonic() < end, seen
        seen += os.read(descriptor, 65_536)
    return seen


def test_a_terminal_that_cannot_move_its_cursor_is_no_screen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """There the page is printed once, as in a pipe."""

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setenv("TERM", "dumb")
    assert not can_watch(Terminal())
    monkeypatch.setenv("TERM", "xterm")
    assert can_watch(Terminal())
    assert not can_watch(io.StringIO())


def test_an_alert_that_somebody_has_seen_asks_less(everything_now: Status) -> None:
    """Unseen ones first; who has seen one, and until when one is silent, stands beside it."""
    state = everything_now.state
    seen = Acknowledged(NOON, "ann", "on it")
    state.alerts = {
        ("a", ""): AlertState("firing", NOON, NOON, acknowledged=seen, severity="critical"),
        ("b", ""): AlertState("firing", NOON, NOON, escalated=True, text="it\nburns"),
        ("c", ""): AlertState("firing", NOON, NOON),
        ("d", ""): AlertState("pending", NOON, NOON),
    }
    state.telling.silences = {1: Silence(1, "c", "", NOON, NOON.plus_s(60), "ann", "known")}
    rows = [[cell.text for cell in row] for row in alerts(everything_now).rows]
    assert [row[0] for row in rows] == ["b", "c", "a", "d"]
    assert [row[2] for row in rows] == [
        "firing, escalated",
        "firing, silent until 2026-01-05 12:01:00",
        "firing, seen by ann",
        "pending",
    ]
    assert rows[0][4] == "it burns"


def test_messages_that_nobody_has_are_told(everything_now: Status) -> None:
    """Those that were given up first, with why; those that wait after them."""
    notice = Notice(1, "desk", News.FIRING, "a", "", "critical", "it burns", NOON, NOON)
    telling = everything_now.state.telling
    assert messages(everything_now).rows == ()
    telling.waiting[1, "desk"] = notice
    assert not messages(everything_now).urgent
    telling.dead.append(DeadLetter(notice, NOON, 5, "no route to host"))
    part = messages(everything_now)
    assert [row[0].text for row in part.rows] == ["never arrived", "waits"]
    assert (part.urgent, part.rows[0][4].text) == (True, "no route to host (5 tries)")


@pytest.fixture
def everything_now() -> Status:
    """A status in which something of everything stands."""
    return everything()
