"""No secret leaves: in no spelling, in no structure, whatever stands around it."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import MandateError
from engine.model.symbols import Symbol
from engine.observe.scrub import MASK, Scrubber
from engine.observe.unescape import edges, plain

if TYPE_CHECKING:
    from collections.abc import Callable

# Letters that the surroundings below never use, so that a find is a leak and no coincidence.
SECRETS = st.text(
    st.one_of(st.sampled_from('0189+/=%&\\"\n ~éΩ😀'), st.characters(codec="utf-8")),
    min_size=6,
    max_size=30,
).map("Q{}Z".format)
FEW = settings(max_examples=20)
AROUND = st.text(st.sampled_from("abc ,.;{}\n"), max_size=12)

SPELLINGS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "as JSON": lambda s: json.dumps(s)[1:-1],
    "as JSON in UTF-8": lambda s: json.dumps(s, ensure_ascii=False)[1:-1],
    "as JSON in JSON": lambda s: json.dumps(json.dumps(s)[1:-1])[1:-1],
    "as a URL path": quote,
    "as a URL component": lambda s: quote(s, safe=""),
    "as a form field": quote_plus,
    "as a URL in a URL": lambda s: quote(quote(s, safe=""), safe=""),
    "as a URL in lower case": lambda s: "".join(f"%{octet:02x}" for octet in s.encode()),
    "in base64": lambda s: base64.b64encode(s.encode()).decode(),
    "in base64 for URLs": lambda s: base64.urlsafe_b64encode(s.encode()).decode(),
    "in base64 after a user name": lambda s: base64.b64encode(f"me:{s}".encode()).decode(),
    "in base64 amid more": lambda s: base64.b64encode(f"key={s};n=1".encode()).decode(),
    "in hexadecimal": lambda s: s.encode().hex(),
    "in capital hexadecimal": lambda s: s.encode().hex().upper(),
    "as Python's repr": lambda s: repr(s)[1:-1],
    "as bytes": lambda s: repr(s.encode())[2:-1],
}


@pytest.mark.parametrize("spell", SPELLINGS.values(), ids=SPELLINGS)
@FEW
@given(secret=SECRETS, before=AROUND, after=AROUND)
def test_a_secret_is_hidden_in_every_spelling(
    spell: Callable[[str], str], secret: str, before: str, after: str
) -> None:
    """The canary is gone, its surroundings' words stay, and twice is as good as once."""
    canary = spell(secret)
    scrubber = Scrubber([secret])
    told = scrubber.text(f"{before} {canary} {after}")
    assert canary not in told
    assert MASK in told
    assert told.startswith(before)
    assert scrubber.text(told) == told


@FEW
@given(
    secrets=st.lists(SECRETS, min_size=1, max_size=4),
    text=st.lists(st.one_of(AROUND, SECRETS), max_size=8).map("".join),
)
def test_several_secrets_leave_together(secrets: list[str], text: str) -> None:
    """Overlapping and nested secrets are all gone from any text."""
    told = Scrubber(secrets).text(text + "".join(secrets))
    assert not [each for each in secrets if each in told]


JSONS = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), AROUND),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(AROUND, inner)),
    max_leaves=12,
)


@FEW
@given(secret=SECRETS, value=JSONS)
def test_structures_become_json_without_secrets(secret: str, value: object) -> None:
    """Keys and values at any depth are scrubbed, and what comes out is strict JSON."""
    told = Scrubber([secret]).structure({"in": value, secret: [secret, {"deep": (secret, value)}]})
    assert secret not in json.dumps(told, ensure_ascii=False, allow_nan=False)


PEM = (
    "-----BEGIN EC PRIVATE KEY-----\n"
    "MHcCAQEEIBQnZ0vX4r9p1sT7uVwXyZaBcDeFgHiJkLmNoPqRsTuVoAoGCCqGSM49\n"
    "AwEHoUQDQgAEz7mN8bVcXsZaQwErTyUiOpAsDfGhJkLzXcVbNm1234567890abcd\n"
    "-----END EC PRIVATE KEY-----"
)
JWT = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJrZXkifQ.c2lnbmF0dXJlLXNpZw"

SHAPES = {
    "a private key": (PEM, "[hidden]"),
    "a private key in one line": (f"key {json.dumps(PEM)} end", 'key "[hidden]" end'),
    "a private key cut off": (PEM[:90], "[hidden]"),
    "a JWT": (f"sent {JWT} off", "sent [hidden] off"),
    "a bearer header": ("Authorization: Bearer abc123def", "Authorization: [hidden]"),
    "a bearer token amid words": ("with bearer qwertyuiopasdfgh ok", "with bearer [hidden] ok"),
    "basic credentials": ("basic dXNlcjpwYXNz1", "basic [hidden]"),
    "a URL with a password": ("postgres://me:pa55@db/x", "postgres://me:[hidden]@db/x"),
    "a query with a token": ("GET /x?api_key=abc&n=1", "GET /x?api_key=[hidden]&n=1"),
    "a field in JSON": (
        '{"client_secret": "abc", "n": 1}',
        '{"client_secret": "[hidden]", "n": 1}',
    ),
    "words about bearers and tokens": ("the bearer token is missing", None),
    "a set's hash": ("policy_set=" + "0f" * 32, None),
    "a client order id": ("client_order_id=0f0f0f0f-0f0f-8f0f-8f0f-0f0f0f0f0f0f", None),
    "an ordinary address": ("https://api.coinbase.com/api/v3/brokerage/orders", None),
    "a fact that speaks of secrets": ("engine.secret_age_d=83", None),
}


@pytest.mark.parametrize(("text", "expected"), SHAPES.values(), ids=SHAPES)
def test_what_looks_like_a_credential_is_hidden(text: str, expected: str | None) -> None:
    """Known shapes are hidden without having been declared; ordinary text is left alone."""
    assert Scrubber([]).text(text) == (text if expected is None else expected)


def test_a_declared_key_is_hidden_line_by_line() -> None:
    """A key in PEM stays hidden when it is wrapped, cut or flattened by whoever prints it."""
    scrubber = Scrubber([PEM.replace("\n", "\\n")])
    for line in PEM.splitlines()[1:3]:
        assert scrubber.text(f"x {line} y") == "x [hidden] y"
    assert scrubber.text(PEM.replace("\n", " ")).count("MHcC") == 0


class Colour(Enum):
    """An enum of the engine's kind."""

    RED = "red"


@dataclass(frozen=True)
class Point:
    """Something that only `str` knows how to tell."""

    name: str


STRUCTURES: dict[str, tuple[object, object]] = {
    "a decimal is canonical text": (Decimal("1.50"), "1.5"),
    "a decimal that is no number is text": (Decimal("NaN"), "NaN"),
    "a float that is no number is text": (float("nan"), "nan"),
    "an enum is its value": (Colour.RED, "red"),
    "a symbol is its name": (Symbol("BTC", "USD"), "BTC-USD"),
    "a flag stays a flag": (True, True),
    "nothing stays nothing": (None, None),
    "a number stays a number": (42, 42),
    "a number that is a secret is hidden": (123456789, MASK),
    "a number beyond measure is cut": (1 << 20_000, "[too long]"),
    "a tuple is a list": ((1, "x"), [1, "x"]),
    "any mapping is an object": (MappingProxyType({1: "x"}), {"1": "x"}),
    "a field named for a credential is hidden": ({"api_key": 7, "n": 1}, {"api_key": MASK, "n": 1}),
    "an object is told and scrubbed": (Point("s3cret-value"), f"Point(name='{MASK}')"),
}


@pytest.mark.parametrize(("value", "expected"), STRUCTURES.values(), ids=STRUCTURES)
def test_values_become_plain_json(value: object, expected: object) -> None:
    """What the engine logs is told as JSON that a machine can read."""
    assert Scrubber(["s3cret-value", "123456789"]).structure(value) == expected


def test_a_structure_without_end_is_cut() -> None:
    """A value that holds itself does not hold up a log line."""
    loop: list[object] = []
    loop.append(loop)
    assert "[too deep]" in json.dumps(Scrubber([]).structure(loop))


@pytest.mark.parametrize("secret", ["", "   ", "abc", "hidden"])
def test_secrets_that_are_no_secrets_are_refused_without_telling_them(secret: str) -> None:
    """Hiding three letters everywhere would garble all and protect nothing."""
    with pytest.raises(MandateError) as refused:
        Scrubber(["long-enough-secret", secret])
    (diagnostic,) = refused.value.diagnostics
    assert diagnostic.code == "M546"
    assert "abc" not in str(diagnostic)


def test_a_secret_from_broken_bytes_is_hidden_too() -> None:
    """An environment may hold bytes that are not UTF-8; Python tells them as surrogates."""
    secret = b"broken-\xff-secret".decode(errors="surrogateescape")
    assert Scrubber([secret]).text(f"x {secret} y") == "x [hidden] y"


def test_a_secret_of_backslashes_is_found_and_missed_in_linear_steps() -> None:
    """However often backslashes were doubled they are found, without trying every way to pair."""
    scrubber = Scrubber(["Quartz" + "\\" * 30 + "Z"])
    assert scrubber.text("Quartz" + "\\" * 120 + "Z") == MASK
    missed = "Quartz" + "\\x" * 2000 + "Y"
    assert scrubber.text(missed) == missed
    assert Scrubber(["\\" * 12]).text("a" + "\\" * 12 + "b") == "a[hidden]b"


@pytest.mark.parametrize("text", ["a" * 200_000, "a-" * 100_000, "eyJ" * 60_000, "b://" * 50_000])
def test_long_hostile_text_is_scrubbed_in_linear_steps(text: str) -> None:
    """No pattern looks at the same stretch again and again: this ends at once or not at all."""
    assert Scrubber(["long-enough-secret"]).text(text) == text


ESCAPES = st.sampled_from(
    ["%25", "%41", "\\\\", "\\n", "\\ud83d", "\\ude00", "\\xe9", "\\U0001f600", "+"]
)


@given(parts=st.lists(st.one_of(ESCAPES, AROUND), max_size=12), layers=st.integers(0, 9))
def test_the_way_back_from_plain_text_fits_it(parts: list[str], layers: int) -> None:
    """Every byte of the plain form knows where its spelling began, in order, to the end."""
    text = "".join(parts)
    for _ in range(layers):
        text = quote(text, safe="")
    octets = text.encode()
    at = edges(octets)
    assert len(at) == len(plain(octets)) + 1
    assert at == sorted(at)
    assert at[-1] == len(octets)


def test_an_escape_of_no_character_stays_as_it_is() -> None:
    """Beyond the last code point there is nothing to mean."""
    assert plain(rb"\Uffffffff") == rb"\Uffffffff"
