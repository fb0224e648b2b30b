"""Numbers: one spelling each, exact, and on the grid."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model.numbers import canonical_number, ceil_to, decimal_of, floor_to

FINITE = st.decimals(min_value=-(10**12), max_value=10**12, places=8)
STEPS = st.sampled_from([Decimal(each) for each in ("1", "0.01", "0.00000001", "0.25", "3", "10")])


@given(FINITE)
def test_a_number_is_read_back_from_its_one_spelling(value: Decimal) -> None:
    """Positional, no exponent, and equal numbers are spelt equally."""
    text = canonical_number(value)
    assert decimal_of(text) == value
    assert canonical_number(value * Decimal("1.000")) == text
    assert not set(text) & set("eE+")


@pytest.mark.parametrize(
    ("text", "canonical"),
    [("0.10", "0.1"), ("1E3", "1000"), ("-0", "0"), ("100", "100"), ("1e-7", "0.0000001")],
)
def test_spellings(text: str, canonical: str) -> None:
    """The table of what people write and what is kept."""
    assert canonical_number(decimal_of(text)) == canonical


@pytest.mark.parametrize("text", ["", "a", "1,5", "NaN", "Infinity", "-inf", "sNaN", "1 2"])
def test_what_is_no_finite_number_is_refused(text: str) -> None:
    """Such text never becomes money."""
    with pytest.raises(ValueError, match="number"):
        decimal_of(text)


@given(FINITE, STEPS)
def test_rounding_stays_on_the_grid_and_within_a_step(value: Decimal, step: Decimal) -> None:
    """Floor and ceiling enclose the value, and are multiples of the increment."""
    below, above = floor_to(value, step), ceil_to(value, step)
    assert below <= value <= above
    assert above - below in {Decimal(0), step}
    assert below % step == above % step == 0
    assert floor_to(below, step) == below
    assert ceil_to(above, step) == above
