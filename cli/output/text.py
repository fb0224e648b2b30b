"""Findings as a person reads them: place, code, message, the line underlined, the mend.

In: diagnostics, and a stream. Out: text; coloured when the stream is a terminal.
Control and bidirectional characters of the user's file are shown as a replacement mark: a
policy under review must not be able to write to the reviewer's terminal.
"""

from __future__ import annotations

import unicodedata
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple, TextIO

from engine.errors import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from engine.errors import Diagnostic, Place

# A line of the user's file is shown this wide at most, around the part that is underlined.
MAX_SHOWN = 120
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


class Style(Enum):
    """The part that a piece of text plays; the value is its look on a terminal."""

    PLAIN = ""
    PLACE = "bold"
    ERROR = "bold red"
    WARNING = "bold yellow"
    GUTTER = "blue"
    HELP = "cyan"


class Piece(NamedTuple):
    """A stretch of output in one style."""

    text: str
    style: Style = Style.PLAIN


def render_text(diagnostics: Iterable[Diagnostic]) -> str:
    """The findings as plain text, a blank line between them, a line break at the end of each."""
    return "\n".join("".join(piece.text for piece in _finding(each)) for each in diagnostics)


def write_text(diagnostics: Iterable[Diagnostic], stream: TextIO) -> None:
    """Write the findings to a stream, in colour when it is a terminal."""
    if stream.isatty():
        _paint(diagnostics, stream)
    else:
        stream.write(render_text(diagnostics))


def summary(diagnostics: Iterable[Diagnostic]) -> str:
    """How many there are of each weight, as `2 errors, 1 warning`."""
    severities = [each.severity for each in diagnostics]
    counts = [(severities.count(severity), severity.value) for severity in Severity]
    told = [f"{count} {word}{'' if count == 1 else 's'}" for count, word in counts if count]
    return ", ".join(told) or "no findings"


def _paint(diagnostics: Iterable[Diagnostic], stream: TextIO) -> None:
    from rich.console import Console  # noqa: PLC0415 - a pipe does not pay for colours
    from rich.text import Text  # noqa: PLC0415 - the same

    console = Console(file=stream, highlight=False, soft_wrap=True)
    for number, each in enumerate(diagnostics):
        pieces = [(piece.text, piece.style.value) for piece in _finding(each)]
        console.print(Text("\n" if number else "").append_tokens(pieces), end="")


def _finding(diagnostic: Diagnostic) -> Iterator[Piece]:
    yield from _headline(diagnostic)
    look = Style.WARNING if diagnostic.severity is Severity.WARNING else Style.ERROR
    yield from _excerpt(diagnostic.place, look)
    for place, words in diagnostic.related:
        yield Piece(f"  {visible(str(place))}: ", Style.PLACE)
        yield Piece(f"{visible(words)}\n")
        yield from _excerpt(place, Style.HELP)
    if diagnostic.help:
        yield from _help(diagnostic.help)


def _headline(diagnostic: Diagnostic) -> Iterator[Piece]:
    if diagnostic.place:
        yield Piece(f"{visible(str(diagnostic.place))}: ", Style.PLACE)
    if diagnostic.severity is Severity.WARNING:
        yield Piece(f"{diagnostic.code}: warning: ", Style.WARNING)
    else:
        yield Piece(f"{diagnostic.code}: ", Style.ERROR)
    yield Piece(f"{visible(diagnostic.message)}\n")


def _help(text: str) -> Iterator[Piece]:
    first, *others = text.splitlines()
    yield Piece("  help: ", Style.HELP)
    yield Piece(f"{visible(first)}\n")
    for line in others:
        yield Piece(f"        {visible(line)}\n")


def _excerpt(place: Place | None, look: Style) -> Iterator[Piece]:
    """The source line with its number, and carets under the part that is meant."""
    if place is None or not place.source_line:
        return
    line, start, width = _window(place)
    number = str(place.line)
    yield Piece(f"  {number} | ", Style.GUTTER)
    yield Piece(f"{line}\n")
    yield Piece(f"  {' ' * len(number)} | ", Style.GUTTER)
    yield Piece(" " * _cells(line[:start]))
    yield Piece("^" * max(1, _cells(line[start : start + width])) + "\n", look)


def _window(place: Place) -> tuple[str, int, int]:
    """The visible part of the line, with the offset and length of what is underlined in it."""
    line = visible(place.source_line)
    start = min(place.column - 1, len(line))
    if len(line) <= MAX_SHOWN:
        return line, start, place.width
    first = max(0, min(start - MAX_SHOWN // 3, len(line) - MAX_SHOWN))
    shown = line[first : first + MAX_SHOWN]
    head = "…" if first else ""
    tail = "…" if first + MAX_SHOWN < len(line) else ""
    offset = start - first
    return f"{head}{shown}{tail}", offset + len(head), min(place.width, MAX_SHOWN - offset)


def visible(text: str) -> str:
    """One mark for each character that would move the cursor or turn the reading direction."""
    return "".join(REPLACEMENT if _is_unprintable(each) else each for each in text)


def _is_unprintable(character: str) -> bool:
    return unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"}


def _cells(text: str) -> int:
    """Columns of a terminal that `text` fills: wide letters take two, accents none."""
    return sum(
        0 if unicodedata.combining(each) else 1 + (unicodedata.east_asian_width(each) in {"W", "F"})
        for each in text
    )
