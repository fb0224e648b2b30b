"""Diagnostics: what, where, why and mend, told in the order in which a reader meets them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import Diagnostic, MandateError, Place, Snippet, in_file_order

TEXTS = st.text(alphabet="ab \n", max_size=30)


@given(TEXTS, st.data())
def test_a_place_is_where_the_text_stands(text: str, data: st.DataObject) -> None:
    """Line, column and source line name the character at the offset, whatever lines come before."""
    start = data.draw(st.integers(0, len(text)))
    place = Snippet.of(text, "a.yaml").place(start)
    lines = text.split("\n")
    assert place.source_line == lines[place.line - 1]
    assert sum(len(each) + 1 for each in lines[: place.line - 1]) + place.column - 1 == start


@pytest.mark.parametrize(
    ("start", "end", "place"),
    [
        pytest.param(0, 3, Place("f", 1, 1, 3), id="within one line"),
        pytest.param(0, 9, Place("f", 1, 1, 5), id="cut at the end of its first line"),
        pytest.param(6, None, Place("f", 2, 1, 4), id="to the end of the text"),
        pytest.param(5, 5, Place("f", 1, 6, 1), id="never without width"),
    ],
)
def test_a_stretch_is_underlined_on_one_line(start: int, end: int | None, place: Place) -> None:
    """Width is at least one, and ends with the line."""
    found = Snippet.of("first\nnext", "f").place(start, end)
    assert (found, found.width) == (place, place.width)


def test_anchors_place_text_inside_a_file() -> None:
    """An expression in a YAML block is pointed at where it stands in the file."""
    snippet = Snippet("p.yaml", "a\nb", ((7, 5), (8, 9)), ("    a", "        b"))
    assert str(snippet.place(2)) == "p.yaml:8:9"
    assert snippet.place(2).source_line == "        b"


def test_a_finding_reads_as_one_line() -> None:
    """With its place where it has one."""
    place = Place("a.yaml", 3, 9)
    assert (
        str(Diagnostic("M203", "unknown fact `x`", place)) == "a.yaml:3:9: M203: unknown fact `x`"
    )
    assert str(Diagnostic("M443", "no market")) == "M443: no market"


def test_an_error_carries_all_findings() -> None:
    """Collected, and printed one on a line."""
    found = [Diagnostic("M101", "a"), Diagnostic("M102", "b")]
    error = MandateError(iter(found))
    assert error.diagnostics == tuple(found)
    assert str(error) == "M101: a\nM102: b"


PLACES = st.none() | st.builds(
    Place, st.sampled_from(["a", "b"]), st.integers(1, 9), st.integers(1, 9), st.integers(1, 3)
)
FINDINGS = st.lists(
    st.builds(Diagnostic, st.sampled_from(["M1", "M2"]), st.text(max_size=2), PLACES)
)


@given(FINDINGS, st.randoms())
def test_findings_come_in_the_order_of_the_files(found: list[Diagnostic], random: object) -> None:
    """Whatever the order in which they were found; those without a place come last."""
    ordered = in_file_order(found)
    shuffled = list(found)
    random.shuffle(shuffled)  # type: ignore[attr-defined] # hypothesis hands a random.Random
    keys = [(d.place, d.code, d.message) for d in ordered]
    assert [(d.place, d.code, d.message) for d in in_file_order(shuffled)] == keys
    placed = [each.place for each in ordered if each.place is not None]
    assert placed == sorted(placed)
    assert [each.place for each in ordered[len(placed) :]] == [None] * (len(found) - len(placed))
