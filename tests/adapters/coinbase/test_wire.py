"""What the venue sends is read exactly or not at all."""

from __future__ import annotations

import contextlib
import json
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.adapters.coinbase import wire
from engine.model.symbols import Symbol
from engine.model.times import UtcTime

BAD_BODIES = {
    "nothing": b"",
    "a page of a proxy": b"<html><body>502</body></html>",
    "cut off": b'{"orders": [{"order_id": "1"',
    "a list": b"[]",
    "a text": b'"ok"',
    "not a number": b'{"price": NaN}',
    "infinity": b'{"price": -Infinity}',
    "a key twice": b'{"success": false, "success": true}',
    "a key twice, deep inside": b'{"a": [{"b": 1, "b": 2}]}',
    "a number without end": b'{"price": ' + b"9" * 5000 + b"}",
    "nested without end": b'{"a":' * 200_000,
    "not UTF-8": b'{"a": "\xff\xfe"}',
}


@pytest.mark.parametrize("body", BAD_BODIES.values(), ids=BAD_BODIES)
def test_a_body_that_is_not_one_plain_object_is_refused(body: bytes) -> None:
    """Whatever comes instead of an object is a `WireError`, and no other exception."""
    with pytest.raises(wire.WireError):
        wire.decode(body)


def test_numbers_keep_every_digit() -> None:
    """A number of JSON and a number in a text are the same exact Decimal."""
    fields = wire.decode(b'{"a": 12345678901234567890.12, "b": "12345678901234567890.12", "c": 3}')
    assert (
        wire.number(fields, "a") == wire.number(fields, "b") == Decimal("12345678901234567890.12")
    )
    assert wire.number(fields, "c") == 3


ABSENT = {"missing": {}, "null": {"fee": None}, "an empty text": {"fee": ""}}


@pytest.mark.parametrize("fields", ABSENT.values(), ids=ABSENT)
def test_no_number_is_none_and_never_zero(fields: dict[str, wire.Wire]) -> None:
    """An empty text where a number is expected is how this venue says that it has none."""
    assert wire.optional_number(fields, "fee") is None
    with pytest.raises(wire.WireError, match="fee"):
        wire.number(fields, "fee")


WRONG = {
    "a number that is words": (wire.number, {"x": "twelve"}),
    "a number that is infinite": (wire.number, {"x": "Infinity"}),
    "a number that is true": (wire.number, {"x": True}),
    "a number that is a list": (wire.optional_number, {"x": []}),
    "a number of a hundred digits": (wire.number, {"x": "1" * 100}),
    "a hundred digits in an exponent": (wire.number, {"x": "1e99"}),
    "a hundred zeros in an exponent": (wire.number, {"x": "1e-99"}),
    "a price that no float can multiply": (wire.number, {"x": "1e308"}),
    "a text that is missing": (wire.text, {}),
    "a text that is a list": (wire.text, {"x": []}),
    "a flag that is a text": (wire.flag, {"x": "false"}),
    "an instant without a zone": (wire.moment, {"x": "2026-04-07T00:28:59"}),
    "a product without a quote": (wire.product_name, {"x": "BTC"}),
    "an object that is a text": (wire.part, {"x": "no"}),
    "a list that is an object": (wire.objects, {"x": {}}),
    "a list of texts": (wire.objects, {"x": ["no"]}),
}


@pytest.mark.parametrize(("read", "fields"), WRONG.values(), ids=WRONG)
def test_a_field_of_another_type_is_refused_by_name(read, fields) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001 - readers differ in what they return
    """The message names the field, so that a change at the venue can be found."""
    with pytest.raises(wire.WireError, match=r"`x`|an entry of"):
        read(fields, "x")


def test_what_is_left_out_is_what_the_venue_means_by_it() -> None:
    """A missing flag is false, a missing list empty, a missing optional text empty."""
    assert wire.flag({}, "post_only") is False
    assert wire.objects({"orders": None}, "orders") == ()
    assert wire.optional_text({"cursor": None}, "cursor") == ""
    assert wire.moment({"t": "2026-04-07T00:28:59.662782Z"}, "t") == UtcTime(1775521739662782000)
    assert wire.product_name({"product_id": "BTC-USDC"}) == Symbol("BTC", "USDC")


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_no_bytes_bring_another_exception(body: bytes) -> None:
    """Any bytes at all are read, or refused as what they are."""
    with contextlib.suppress(wire.WireError):
        assert isinstance(wire.decode(body), dict)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.text(max_size=20)
    | st.decimals(allow_nan=False, allow_infinity=False, places=8).map(str),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=20,
)


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.text(max_size=8), JSON, max_size=5))
def test_what_is_written_is_read_again(value: dict[str, wire.Wire]) -> None:
    """Every object without a key twice is read as it was written."""
    assert wire.decode(json.dumps(value).encode()) == value
