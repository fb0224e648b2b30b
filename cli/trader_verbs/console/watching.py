"""A screen that lives: drawn anew as the ledger grows, until a person leaves it.

In: a ledger, a terminal, how often to look. Out: nothing that stays: the screen that was there
before comes back, however the watching ends. A ledger that cannot be read is told, and tried again.
"""

from __future__ import annotations

import signal
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

from rich.console import Console
from rich.live import Live
from rich.text import Text

from cli.trader_verbs.console.screen import screen
from cli.trader_verbs.console.source import Source
from engine.adapters.system.clock import SystemClock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    from rich.console import RenderableType

    from cli.trader_verbs.console.source import Look
    from engine.run.ledgers import LedgerView


def can_watch(stream: TextIO) -> bool:
    """Whether a screen can live there: a terminal that can move its cursor."""
    return stream.isatty() and not Console(file=stream).is_dumb_terminal


def watch(view: LedgerView, stream: TextIO, every_s: float) -> None:
    """Show it until somebody interrupts."""
    console = Console(file=stream, highlight=False)
    source = Source(view, SystemClock())
    with _ended_by_signals(), Live(console=console, screen=True, auto_refresh=False) as live:
        while True:
            live.update(drawn(source.look(), console, every_s), refresh=True)
            time.sleep(every_s)


def drawn(look: Look, console: Console, every_s: float) -> RenderableType:
    """One look as a screen; trouble stands in its last line."""
    if look.panel is None:
        return Text(look.trouble, style="bold red")
    foot = look.trouble or f"every {every_s:g} s; Ctrl-C leaves, and stops nothing but this screen"
    width, height = console.size
    return screen(look.panel, width, height, foot, troubled=bool(look.trouble))


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Whoever ends the process gets the terminal back as it was."""

    def leave(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {each: signal.signal(each, leave) for each in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    except KeyboardInterrupt:
        # To interrupt is how one leaves: it is no failure.
        return
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
