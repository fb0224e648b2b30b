"""Where a run's text goes: a terminal with colours and a progress bar, or a plain stream.

In: lines. Out: the same words in both. A terminal is drawn a few times a second, however fast
the cycles come; a pipe gets every line as it is told.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Protocol, TextIO

from cli.output.progress import DRAWN_EVERY_S, progress_on

if TYPE_CHECKING:
    from rich.progress import TaskID

    from cli.trader_verbs.running.chronicle import Line


class Paper(Protocol):
    """Takes lines; `advance` says that one more cycle was run."""

    def write(self, lines: list[Line]) -> None:
        """Put lines after those before them."""
        ...

    def advance(self) -> None:
        """One cycle more."""
        ...

    def close(self) -> None:
        """Everything written is on the paper now."""
        ...


def paper_for(stream: TextIO, planned: int | None) -> Paper:
    """The paper for this stream."""
    return TerminalPaper(stream, planned) if stream.isatty() else PlainPaper(stream)


class PlainPaper:
    """A pipe or a file: no colours, no bar."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, lines: list[Line]) -> None:
        """Write and hand on: a reader at the other end of a pipe follows the run."""
        self._stream.write("".join(f"{line.text}\n" for line in lines))
        self._stream.flush()

    def advance(self) -> None:
        """A pipe has no bar."""

    def close(self) -> None:
        """Nothing is held back."""


class TerminalPaper:
    """A terminal: colours, and a bar below the lines."""

    def __init__(self, stream: TextIO, planned: int | None) -> None:
        self._progress = progress_on(stream)
        self._task: TaskID = self._progress.add_task("cycles", total=planned)
        self._waiting: list[Line] = []
        self._ran = 0
        self._drawn = time.monotonic()
        self._progress.start()

    def write(self, lines: list[Line]) -> None:
        """Keep the lines until the terminal is drawn again."""
        self._waiting.extend(lines)
        if time.monotonic() - self._drawn >= DRAWN_EVERY_S:
            self._draw()

    def advance(self) -> None:
        """Move the bar when the terminal is drawn again."""
        self._ran += 1

    def close(self) -> None:
        """Draw what waits, and take the bar away."""
        self._draw()
        self._progress.stop()

    def _draw(self) -> None:
        from rich.text import Text  # noqa: PLC0415 - only a terminal pays for colours

        if self._waiting:
            text = Text("\n").join(Text(line.text, style=line.look.value) for line in self._waiting)
            self._progress.console.print(text, soft_wrap=True)
            self._waiting.clear()
        self._progress.update(self._task, completed=self._ran, refresh=True)
        self._drawn = time.monotonic()
