"""Series as promtool writes them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.checks.notation import MAX_CYCLES, NotationError, Series, parse_series

MEANS = [
    ("1", (1.0,), False),
    ("1 2 3", (1.0, 2.0, 3.0), False),
    ("1x3", (1.0, 1.0, 1.0, 1.0), False),
    ("-2+4x3", (-2.0, 2.0, 6.0, 10.0), False),
    ("1-2x4", (1.0, -1.0, -3.0, -5.0, -7.0), False),
    ("0.1+0.1x2", (0.1, 0.2, 0.3), False),
    ("_", (None,), False),
    ("_x3", (None, None, None), False),
    ("1 _x2 4", (1.0, None, None, 4.0), False),
    ("1x1 stale", (1.0, 1.0), True),
    ("stale", (), True),
    ("1e3", (1000.0,), False),
    ("  7  ", (7.0,), False),
]
REFUSED = [
    "",
    " ",
    "x3",
    "1x",
    "1+x3",
    "1++2x3",
    "stale 1",
    "1,2",
    "nan",
    "inf",
    "1e999",
    "_x",
    "a",
]


@pytest.mark.parametrize(("text", "values", "over"), MEANS, ids=lambda each: repr(each)[:20])
def test_what_a_series_means(text: str, values: tuple[float | None, ...], over: bool) -> None:  # noqa: FBT001 - a table's column
    """Each form gives the values that promtool gives it, exactly as written in decimals."""
    assert parse_series(text) == Series(values, over)


@pytest.mark.parametrize("text", REFUSED, ids=repr)
def test_what_is_no_series(text: str) -> None:
    """Whatever promtool would not take is refused, and so is a number that is none."""
    with pytest.raises(NotationError):
        parse_series(text)


def test_a_series_has_an_end() -> None:
    """No text, however short, makes more cycles than a test may have."""
    assert len(parse_series(f"0x{MAX_CYCLES - 1}").values) == MAX_CYCLES
    with pytest.raises(NotationError, match="more than"):
        parse_series(f"0x{MAX_CYCLES}")


@settings(deadline=None)
@given(st.lists(st.one_of(st.none(), st.integers(-(10**6), 10**6)), min_size=1, max_size=20))
def test_every_list_of_values_can_be_written(values: list[int | None]) -> None:
    """One word a value writes any series, and reads as it."""
    text = " ".join("_" if each is None else str(each) for each in values)
    assert parse_series(text).values == tuple(values)
