"""Bodies: what was written is read back with its type, and nothing else is."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.ledger import bodies
from engine.ledger.records import decode_body, encode_body
from engine.model.orders import ExitPlan
from engine.model.times import UtcTime

if TYPE_CHECKING:
    from collections.abc import Callable

NUMBERS = st.decimals(min_value=0, max_value=10**9, places=8)
WHOLES = st.integers(0, 10**7)
PLANS = st.builds(
    ExitPlan,
    stop_pct=NUMBERS,
    blind_exit_after_s=WHOLES,
    target_pct=st.none() | NUMBERS,
    trailing_pct=st.none() | NUMBERS,
    max_hold_s=st.none() | WHOLES,
    when=st.none() | st.text(max_size=20),
)


@given(PLANS)
def test_a_plan_is_read_back_as_it_was(plan: ExitPlan) -> None:
    """Through the bytes of a record too; unset parts are not written."""
    written = bodies.plan_body(plan)
    assert None not in written.values()
    assert bodies.plan_of(decode_body(encode_body(written))) == plan  # type: ignore[arg-type] # decoded JSON is Json


@given(st.none() | NUMBERS)
def test_a_number_is_text(value: Decimal | None) -> None:
    """Money never touches a float on its way to the disk and back."""
    body: bodies.Body = {"x": bodies.written(value)}
    assert bodies.optional_number(body, "x") == value


READERS: dict[str, tuple[Callable[[bodies.Body, str], object], bodies.Json, object]] = {
    "text": (bodies.text, "a", "a"),
    "optional text": (bodies.optional_text, "a", "a"),
    "whole": (bodies.whole, 7, 7),
    "flag": (bodies.flag, True, True),
    "number": (bodies.number, "1.50", Decimal("1.5")),
    "optional number": (bodies.optional_number, "2", Decimal(2)),
    "moment": (bodies.moment, "1970-01-01T00:00:01Z", UtcTime(10**9)),
    "optional moment": (bodies.optional_moment, "1970-01-01T00:00:00Z", UtcTime(0)),
    "mapping": (bodies.mapping, {"a": 1}, {"a": 1}),
}
OPTIONAL = {"optional text", "optional number", "optional moment"}
WRONG: list[bodies.Json] = [[1], {"b": 2}, 1.5, "x", 3, True]


@pytest.mark.parametrize("name", READERS)
def test_each_reader_takes_its_own_type(name: str) -> None:
    """And gives back the value."""
    read, told, value = READERS[name]
    assert read({"x": told}, "x") == value


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("told", WRONG, ids=repr)
def test_each_reader_refuses_the_others(name: str, told: bodies.Json) -> None:
    """Only the engine writes bodies, so a wrong type is a program error, not a guess."""
    read, right, _ = READERS[name]
    if type(told) is type(right) and not (name not in {"text", "optional text"} and told == "x"):
        return
    with pytest.raises((TypeError, ValueError)):
        read({"x": told}, "x")


@pytest.mark.parametrize("name", READERS)
def test_what_is_absent_is_refused_or_none(name: str) -> None:
    """Optional parts are None where absent or null, a mapping is empty, the rest must be there."""
    read = READERS[name][0]
    if name in OPTIONAL:
        assert read({}, "x") is read({"x": None}, "x") is None
    elif name == "mapping":
        assert read({}, "x") == {}
    else:
        with pytest.raises(KeyError):
            read({}, "x")
