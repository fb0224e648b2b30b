"""Findings as a person reads them."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.output.text import MAX_SHOWN, render_text, summary, write_text
from engine.errors import Diagnostic, Place, Severity

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion


class Terminal(io.StringIO):
    """A stream that says that a person is looking."""

    def isatty(self) -> bool:
        """Yes."""
        return True


def _underlined(source_line: str, column: int, width: int) -> tuple[str, str]:
    place = Place("f.yaml", 1, column, width, source_line)
    _, shown, carets = render_text([Diagnostic("M203", "m", place)]).splitlines()
    return shown.removeprefix("  1 | "), carets.removeprefix("    | ")


def test_page(findings: tuple[Diagnostic, ...], snapshot: SnapshotAssertion) -> None:
    """Each finding says what, where, why and the mend, with the part underlined."""
    assert render_text(findings) == snapshot


def test_first_line_is_what_editors_parse(findings: tuple[Diagnostic, ...]) -> None:
    """The first line of a finding is `file:line:col: CODE: message`."""
    first = render_text(findings).splitlines()[0]
    assert first == (
        "policies/execution/max-spread.yaml:9:12: M203: unknown fact `quote.spred_bps`"
    )


def test_terminal_adds_colour_and_nothing_else(findings: tuple[Diagnostic, ...]) -> None:
    """A terminal gets the very text that a pipe gets, with colour codes in between."""
    terminal, pipe = Terminal(), io.StringIO()
    write_text(findings, terminal)
    write_text(findings, pipe)
    coloured = terminal.getvalue()
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == pipe.getvalue() == render_text(findings)


@pytest.mark.parametrize(
    ("line", "column", "width", "carets"),
    [
        pytest.param("abc: def", 6, 3, "     ^^^", id="plain letters take one cell"),
        pytest.param("漢字: def", 5, 3, "      ^^^", id="wide letters take two cells"),
        pytest.param("e\u0301: def", 5, 3, "   ^^^", id="a combining accent takes none"),
        pytest.param("abc", 9, 2, "   ^", id="a place behind the end points behind the end"),
        pytest.param("abc", 2, 99, " ^^", id="carets end with the line"),
    ],
)
def test_carets(line: str, column: int, width: int, carets: str) -> None:
    """Carets stand under the characters that are meant, in cells of the terminal."""
    assert _underlined(line, column, width)[1] == carets


@given(st.text(min_size=MAX_SHOWN + 1, max_size=600, alphabet="abc_ .:"), st.data())
def test_long_line_is_cut_around_the_place(line: str, data: st.DataObject) -> None:
    """However long the line, the underlined text is shown, and little more."""
    column = data.draw(st.integers(1, len(line)))
    width = data.draw(st.integers(1, min(20, len(line) - column + 1)))
    shown, carets = _underlined(line, column, width)
    assert len(shown) <= MAX_SHOWN + 2
    start = carets.index("^")
    assert shown[start : len(carets)] == line[column - 1 : column - 1 + width]


@given(st.text(), st.text(min_size=1), st.text())
def test_no_user_text_steers_the_terminal(message: str, line: str, mend: str) -> None:
    """Escapes and reversed reading order in a reviewed file reach nobody's terminal."""
    place = Place("f\x1b]0;x\x07.yaml", 1, 1, 1, line)
    finding = Diagnostic("M203", message, place, help=mend, related=((place, message),))
    text = render_text([finding])
    assert not re.search(
        "[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]", text
    )


@pytest.mark.parametrize(
    ("severities", "words"),
    [
        ([], "no findings"),
        ([Severity.ERROR], "1 error"),
        ([Severity.WARNING] * 2, "2 warnings"),
        ([Severity.ERROR, Severity.WARNING, Severity.ERROR], "2 errors, 1 warning"),
    ],
)
def test_summary(severities: list[Severity], words: str) -> None:
    """The summary counts errors and warnings apart and leaves out what there is none of."""
    assert summary(Diagnostic("M203", "m", severity=each) for each in severities) == words


def test_help_of_several_lines_is_aligned() -> None:
    """Further lines of a help stand under its first."""
    text = render_text([Diagnostic("M203", "m", help="one\ntwo")])
    assert text == "M203: m\n  help: one\n        two\n"
