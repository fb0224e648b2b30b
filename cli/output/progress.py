"""A bar that moves: for long work on a terminal, and nothing at all in a pipe.

In: a stream, what is counted, how many there will be. Out: a `Bar` to advance and to close. It is
drawn a few times a second, however fast the work goes.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Protocol, TextIO

if TYPE_CHECKING:
    from rich.progress import Progress

DRAWN_EVERY_S = 0.1


class Bar(Protocol):
    """Counts what is done."""

    def begin(self, planned: int) -> None:
        """So many will be done."""
        ...

    def advance(self) -> None:
        """One more is done."""
        ...

    def reach(self, done: int) -> None:
        """So many are done by now."""
        ...

    def close(self) -> None:
        """Take the bar away."""
        ...


def bar_for(stream: TextIO, what: str) -> Bar:
    """A bar where somebody looks, and none elsewhere."""
    return _TerminalBar(stream, what) if stream.isatty() else _NoBar()


class _NoBar:
    def begin(self, planned: int) -> None:
        """Nobody looks."""

    def advance(self) -> None:
        """Nobody looks."""

    def reach(self, done: int) -> None:
        """Nobody looks."""

    def close(self) -> None:
        """There is none."""


class _TerminalBar:
    def __init__(self, stream: TextIO, what: str) -> None:
        self._progress = progress_on(stream)
        self._task = self._progress.add_task(what, total=None)
        self._done = 0
        self._drawn = time.monotonic()

    def begin(self, planned: int) -> None:
        self._done = 0
        self._progress.reset(self._task, total=planned)
        self._progress.start()

    def advance(self) -> None:
        self.reach(self._done + 1)

    def reach(self, done: int) -> None:
        self._done = done
        if time.monotonic() - self._drawn >= DRAWN_EVERY_S:
            self._progress.update(self._task, completed=self._done, refresh=True)
            self._drawn = time.monotonic()

    def close(self) -> None:
        self._progress.stop()


def progress_on(stream: TextIO) -> Progress:
    """A bar with its count and the time that is left."""
    from rich.console import Console  # noqa: PLC0415 - only a terminal pays for a bar
    from rich.progress import (  # noqa: PLC0415 - the same
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(file=stream, highlight=False),
        transient=True,
        auto_refresh=False,
    )
