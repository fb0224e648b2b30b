"""What a user did wrong, as values.

In: a code of the catalogue (`engine.codes`), words, and a place in the user's own text.
Out: `Diagnostic`, collected and never raised at the first; `MandateError` carries the
collection across a boundary that can only raise. Refuses nothing: it only describes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Severity(Enum):
    """How much a finding weighs: an error refuses the set, a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A stretch of one line in a user's file; `line` and `column` count from 1."""

    file: str
    line: int
    column: int
    width: int = field(default=1, compare=False)
    source_line: str = field(default="", compare=False, repr=False)

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Snippet:
    """A piece of user text that knows where it stands, so that offsets become places.

    `anchors[i]` is the (line, column), from 1, at which line i of `text` begins in `file`;
    `source_lines[i]` is that whole line of the file, for underlining.
    """

    file: str
    text: str
    anchors: tuple[tuple[int, int], ...]
    source_lines: tuple[str, ...]

    @classmethod
    def of(cls, text: str, file: str = "<expression>") -> Snippet:
        """A snippet that is its own file, as `policy eval` reads one."""
        lines = tuple(text.split("\n"))
        anchors = tuple((number, 1) for number in range(1, len(lines) + 1))
        return cls(file, text, anchors, lines)

    def place(self, start: int = 0, end: int | None = None) -> Place:
        """The place of `text[start:end]`, cut at the end of its first line."""
        stop = len(self.text) if end is None else end
        row = self.text.count("\n", 0, start)
        begin = self.text.rfind("\n", 0, start) + 1
        newline = self.text.find("\n", start)
        last = min(stop, newline if newline >= 0 else len(self.text))
        line, column = self.anchors[row]
        width = max(1, last - start)
        return Place(self.file, line, column + start - begin, width, self.source_lines[row])


@dataclass(frozen=True, slots=True)
class Fix:
    """A mend that a program can make: `text` in place of the stretch at `place`.

    `safe` says that nothing else can have been meant: another spelling of the same value, or the
    one known name that the word is close to. What is not safe is offered and left to a person.
    """

    place: Place
    text: str
    safe: bool


def with_extra(extra: str, otherwise: str = "") -> str:
    """The mend where an extra is not installed; `otherwise` is what does without it."""
    mend = f'`pip install "mandate-trader[{extra}]"`, or `make install` in a checkout'
    return f"{mend}, or {otherwise}" if otherwise else mend


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding: what (`message`), where (`place`), why (`code`), and the mend (`help`).

    `message` is lower case, without full stop or line break, user's text in backticks.
    `related` names the second place where two parts of the text conflict. `fix` is the mend as
    data, where there is one.
    """

    code: str
    message: str
    place: Place | None = None
    help: str = ""
    related: tuple[tuple[Place, str], ...] = ()
    severity: Severity = Severity.ERROR
    fix: Fix | None = None

    def __str__(self) -> str:
        where = f"{self.place}: " if self.place else ""
        return f"{where}{self.code}: {self.message}"


class MandateError(Exception):
    """A user's mistakes, carried over a boundary that can only raise; printed, never traced."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__("\n".join(str(each) for each in self.diagnostics))

    def __reduce__(self) -> tuple[type[MandateError], tuple[object, ...]]:
        # Raised in another process, it is the same here.
        return type(self), (self.diagnostics,)


def in_file_order(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Sort findings as a reader meets them; those without a place come last."""
    return tuple(
        sorted(
            diagnostics,
            key=lambda d: (
                d.place is None,
                d.place or Place("", 0, 0),
                d.code,
                d.message,
            ),
        )
    )
