"""Known secrets out of bodies, whatever dress they come in; everything else as it was."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.observe.hush import hush_of

PEM = "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIOabcdef\n-----END EC PRIVATE KEY-----\n"
TOKEN = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhYmNkZWYifQ.c2lnbmF0dXJlLW9mLWl0"  # noqa: S105 - made up

BODIES: dict[str, tuple[str, bytes]] = {
    "as it is": ("s3cret-words", b'{"message":"s3cret-words"}'),
    "twice": ("s3cret-words", b"s3cret-words s3cret-words"),
    "a PEM block in JSON": (PEM, json.dumps({"m": PEM.strip()}).encode()),
    "one line of it": (PEM, b"bad key MHcCAQEEIOabcdef here"),
    "with quotes inside": ('se"cret', json.dumps({"m": 'se"cret'}).encode()),
    "a token that it signed": ("s3cret-words", f'{{"m":"{TOKEN}"}}'.encode()),
}


@pytest.mark.parametrize(("secret", "body"), BODIES.values(), ids=BODIES)
def test_a_secret_leaves_no_trace(secret: str, body: bytes) -> None:
    """A server that echoes it puts it into nothing that we keep."""
    left = hush_of([secret])(body)
    for each in (secret.strip(), *secret.strip().splitlines()[1:2], TOKEN):
        assert each.encode() not in left
        assert json.dumps(each)[1:-1].encode() not in left
    assert b"[hidden]" in left


@given(st.binary(max_size=300))
@settings(deadline=None)
def test_other_bodies_are_left_alone(body: bytes) -> None:
    """Without a secret in them bodies are what they were, to the byte."""
    if b"s3cret-words" not in body and b"eyJ" not in body:
        assert hush_of(["s3cret-words"])(body) == body
    assert hush_of([])(body) == body


def test_what_is_too_short_is_no_secret() -> None:
    """A few letters stand in every body: taking them out would make nonsense of numbers."""
    assert hush_of(["12345"])(b'{"price":"12345.6"}') == b'{"price":"12345.6"}'
