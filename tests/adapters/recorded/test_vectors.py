"""Columns are asked row by row, or all rows at once: the answers are the same."""

from __future__ import annotations

import importlib.util
import math
from array import array

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.adapters.recorded.vectors import WORTH_ROWS, Columns, quickest

NUMBERS = st.sampled_from([math.nan, math.inf, -1.0, -0.0, 0.0, 1.0, 2.0])
ROWS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 2), *[NUMBERS] * 4), min_size=1)

needs_numpy = pytest.mark.skipif(
    importlib.util.find_spec("numpy") is None, reason="needs the extra `simulate`"
)


def test_few_rows_are_not_worth_an_import() -> None:
    """A short recording is asked row by row."""
    assert type(quickest(WORTH_ROWS - 1)) is Columns


@needs_numpy
@settings(deadline=None)
@given(rows=ROWS, ordered=st.booleans())
def test_all_rows_at_once_answer_as_one_by_one(
    rows: list[tuple[int, int, float, float, float, float]], *, ordered: bool
) -> None:
    """Order, defects, spans and places: equal for any columns, in order or not."""
    plain, at_once = Columns(), quickest(WORTH_ROWS)
    assert type(at_once) is not Columns
    chosen = sorted(set(rows), key=lambda row: row[:2]) if ordered else rows
    times, codes = (array("q", (row[place] for row in chosen)) for place in (0, 1))
    bars = [array("d", (row[place] for row in chosen)) for place in range(2, 6)]
    one, other = bars[:2]
    for asked in (plain, at_once):
        found = (
            asked.strictly_ordered(times, codes),
            asked.count_above(one, other),
            list(asked.both_absent(one, other)),
            asked.any_absent(one),
            repr(asked.least(one)).replace("-0.0", "0.0"),
            asked.count_outside(bars),
            asked.times_by_code(times, codes, 3),
            asked.spans(times),
            asked.moved(times, codes, [5, 7, 9]),
            asked.placed(codes, [2, 0, 1]),
        )
        if asked is plain:
            expected = found
    assert found == expected
