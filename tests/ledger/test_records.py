"""Records: one spelling, one hash, read back as written."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from types import MappingProxyType
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.ledger.records import (
    NO_PREVIOUS,
    Body,
    RecordKind,
    decode_body,
    encode_body,
    is_canonical,
    parse_line,
    seal,
)
from engine.model.orders import Side
from engine.model.symbols import Symbol
from engine.model.times import UtcTime

if TYPE_CHECKING:
    from collections.abc import Mapping

TIME = UtcTime.parse("2025-11-22T10:00:00.5Z")
VALUES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**63), 2**63 - 1),
        st.floats(allow_nan=False, allow_infinity=False),
        st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    ),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text("a\0é\n\u2028", max_size=2), inner, max_size=3)
    ),
    max_leaves=6,
)
BODIES = st.dictionaries(st.text("abcdef", max_size=2), VALUES, max_size=3)
TIMES = st.integers(0, 4_000_000_000 * 10**9).map(UtcTime)


class Weight(Enum):
    """An enum whose value is no number that the ledger takes."""

    LOST = math.nan


@dataclass(frozen=True)
class Loose:
    """A type without a spelling."""

    value: int = 1


@pytest.mark.parametrize(
    ("value", "text"),
    [
        pytest.param(Decimal("1.50"), '"1.5"', id="a Decimal loses its trailing zeros"),
        pytest.param(Decimal("1E+2"), '"100"', id="a Decimal is never in exponent form"),
        pytest.param(Decimal("-0.0"), '"0"', id="a Decimal has one zero"),
        pytest.param(0.1, "0.1", id="a float is its shortest text"),
        pytest.param(1e16, "1e+16", id="a large float keeps its exponent"),
        pytest.param(Side.BUY, '"BUY"', id="an enum is its value"),
        pytest.param(TIME, '"2025-11-22T10:00:00.5Z"', id="a time is its text"),
        pytest.param(Symbol("BTC", "USD"), '"BTC-USD"', id="a symbol is its text"),
        pytest.param(frozenset({"b", "a"}), '["a","b"]', id="a set of text is sorted"),
        pytest.param(MappingProxyType({"b": 1, "a": None}), '{"a":null,"b":1}', id="keys sorted"),
        pytest.param(("é", None), '["é",null]', id="text is plain UTF-8"),
        pytest.param(
            [[None], {"x": (1.5, None)}], '[[null],{"x":[1.5,null]}]', id="nested absence"
        ),
        pytest.param([Side.BUY, None], '["BUY",null]', id="an enum beside an absence"),
        pytest.param([frozenset({"a"}), None], '[["a"],null]', id="a set beside an absence"),
    ],
)
def test_each_value_has_one_spelling(value: object, text: str) -> None:
    """What a body says is spelt in one way only."""
    assert encode_body({"v": value}) == f'{{"v":{text}}}'.encode()


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(math.nan, id="NaN"),
        pytest.param(math.inf, id="infinity"),
        pytest.param([{"deep": (1.0, -math.inf)}], id="a nested infinity"),
        pytest.param(MappingProxyType({"x": math.nan}), id="NaN in another mapping"),
        pytest.param(Weight.LOST, id="NaN behind an enum"),
        pytest.param(Decimal("NaN"), id="a Decimal NaN"),
        pytest.param(Decimal("Infinity"), id="a Decimal infinity"),
        pytest.param(2**64, id="an integer beyond 64 bits"),
        pytest.param(b"bytes", id="bytes"),
        pytest.param({1: "a"}, id="a key that is not text"),
        pytest.param({1, 2}, id="a set of numbers"),
        pytest.param(Loose(), id="a dataclass that nobody gave a spelling"),
        pytest.param(datetime(2025, 1, 1, tzinfo=UTC), id="a datetime"),
        pytest.param("\ud800", id="half a character"),
    ],
)
@pytest.mark.parametrize("beside", [{}, {"absent": None}], ids=["alone", "beside an absence"])
def test_what_has_no_spelling_is_refused(value: object, beside: Mapping[str, object]) -> None:
    """A body with a value that JSON cannot hold exactly is never made, nor silently nulled."""
    with pytest.raises(ValueError, match="not a record body"):
        encode_body({"v": value, **beside})


@given(BODIES)
def test_a_body_reads_back_and_is_canonical(fields: dict[str, object]) -> None:
    """Encoding loses nothing, and encoding again gives the same bytes."""
    body = encode_body(fields)
    assert decode_body(body) == fields
    assert encode_body(decode_body(body)) == body
    assert is_canonical(body)
    assert b"\n" not in body


@given(BODIES, TIMES, st.sampled_from(RecordKind), st.integers(1, 10**17))
def test_a_line_reads_back_as_its_record(
    fields: dict[str, object], time: UtcTime, kind: RecordKind, sequence: int
) -> None:
    """Parsing undoes writing, whatever the body holds, and the whole line is canonical JSON."""
    record = seal(sequence, time, kind, encode_body(fields), "ab" * 32)
    line = record.line()
    assert line.endswith(b"\n")
    assert parse_line(line[:-1]) == record
    assert is_canonical(line[:-1])
    assert record.genuine
    assert record.fields() == fields


def test_the_hash_is_what_the_documentation_says() -> None:
    """An auditor can compute the hash from the stored parts with SHA-256 alone."""
    record = seal(1, TIME, RecordKind.GENESIS, encode_body({"nonce": "00"}), NO_PREVIOUS)
    stored = json.loads(record.line())
    parts = ("mandate/ledger-record/v1", "1", stored["time"], "genesis", stored["previous"])
    preimage = "\0".join(parts).encode() + b'\0{"nonce":"00"}'
    assert record.hash == hashlib.sha256(preimage).hexdigest() == stored["hash"]


CHANGES = [
    {"sequence": 2},
    {"time": UtcTime(1)},
    {"kind": RecordKind.HALT},
    {"body": Body(b'{"a":2}')},
    {"previous": "1" * 64},
    {"hash": "1" * 64},
]


@pytest.mark.parametrize("change", CHANGES, ids=[next(iter(each)) for each in CHANGES])
def test_every_part_is_under_the_hash(change: dict[str, object]) -> None:
    """No part of a record can be exchanged without being seen."""
    record = seal(1, TIME, RecordKind.ALERT, encode_body({"a": 1}), NO_PREVIOUS)
    assert not replace(record, **change).genuine  # type: ignore[arg-type]  # a table of changes


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(b'"sequence":1', b'"sequence":01', id="a sequence with a leading zero"),
        pytest.param(b'"sequence":1', b'"sequence":0', id="a sequence of zero"),
        pytest.param(b"10:00:00.5Z", b"10:00:00.50Z", id="a time re-spelt"),
        pytest.param(b"2025-11-22T", b"2025-13-22T", id="a month that is none"),
        pytest.param(b'"alert"', b'"gossip"', id="a kind that is none"),
        pytest.param(b'"kind"', b'"sort"', id="another key"),
        pytest.param(b'"kind":', b'"kind": ', id="a space between"),
        pytest.param(b"{", b" {", id="a space before"),
        pytest.param(b'"hash":"', b'"hash":"F', id="a hash of 65 digits"),
        pytest.param(b'{"a":1}', b"[1]", id="a body that is no object"),
    ],
)
def test_another_layout_is_no_record(old: bytes, new: bytes) -> None:
    """A line is a record in one layout only."""
    line = seal(1, TIME, RecordKind.ALERT, encode_body({"a": 1}), NO_PREVIOUS).line()[:-1]
    assert parse_line(line) is not None
    assert old in line
    assert parse_line(line.replace(old, new, 1)) is None


@pytest.mark.parametrize(
    "body",
    [
        b'{"a":1.50}',
        b'{"a":1e0}',
        b'{"b":1,"a":2}',
        b'{"a":1,"a":1}',
        b'{"a": 1}',
        b'{"a":NaN}',
        b'{"a":18446744073709551616}',
        b'{"a":"\\u0061"}',
        b'{"a":1}}',
        b"[]",
        b"",
    ],
)
def test_another_spelling_is_not_canonical(body: bytes) -> None:
    """Re-spelt numbers, keys out of order or twice, spaces, NaN and escapes are told apart."""
    assert not is_canonical(body)


@pytest.mark.parametrize("number", ["1e16", "1e+16", "1.5e-7", "1.5e-07"])
def test_the_spellings_of_other_releases_of_the_encoder_are_canonical(number: str) -> None:
    """An upgrade of the encoder does not make an old ledger look forged."""
    assert is_canonical(f'{{"a":{number},"text":"1e+16"}}'.encode())


@given(BODIES, BODIES)
def test_two_bodies_share_bytes_only_when_they_say_the_same(
    one: dict[str, object], other: dict[str, object]
) -> None:
    """Different bodies have different bytes, so the hash tells them apart."""
    assert (encode_body(one) == encode_body(other)) == (
        json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
    )
