"""The client order id: readable, ours, and one for each intent."""

from __future__ import annotations

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.ledger.order_id import client_order_id, is_ours, order_id_prefix, stream_tag
from engine.model.orders import Mode

HASHES = st.binary(min_size=32, max_size=32).map(bytes.hex)
TAGS = st.integers(0, 4095)
NONCES = st.binary(min_size=16, max_size=48)
NUMBERS = st.integers(0, 2**63)
SET_HASH = "0123456789ab" + "cd" * 26


@pytest.mark.parametrize(
    ("set_hash", "tag", "nonce", "number", "expected"),
    [
        (SET_HASH, 0xABC, bytes(16), 1, "01234567-89ab-8abc-b6a0-3d4efb7c507e"),
        (SET_HASH, 0xABC, bytes(16), 2, "01234567-89ab-8abc-981f-2dd731137d75"),
        ("f" * 64, 0, bytes(range(32)), 0, "ffffffff-ffff-8000-901e-31ce38daab55"),
    ],
)
def test_ids_do_not_change_between_releases(
    set_hash: str, tag: int, nonce: bytes, number: int, expected: str
) -> None:
    """A look-up of an unknown order by its id works after an upgrade too."""
    assert client_order_id(set_hash, tag, nonce, number) == expected


@given(HASHES, TAGS, NONCES, NUMBERS)
def test_an_id_is_a_uuid_of_version_8_that_shows_its_set_and_stream(
    set_hash: str, tag: int, nonce: bytes, number: int
) -> None:
    """RFC 9562 bits, the hash's first twelve digits, and the tag in its twelve bits."""
    text = client_order_id(set_hash, tag, nonce, number)
    parsed = uuid.UUID(text)
    assert str(parsed) == text
    assert (parsed.version, parsed.variant) == (8, uuid.RFC_4122)
    assert text.replace("-", "")[:12] == set_hash[:12] == order_id_prefix(set_hash)
    assert parsed.int >> 64 & 0xFFF == tag
    assert is_ours(text, {set_hash[:12]}, tag)
    assert is_ours(text.upper(), {set_hash[:12]}, tag)


@given(HASHES, HASHES, TAGS, TAGS, NUMBERS)
def test_only_our_prefixes_and_our_tag_are_ours(
    set_hash: str, other_hash: str, tag: int, other_tag: int, number: int
) -> None:
    """An order of another set never activated, or of another stream, is a stranger's."""
    text = client_order_id(set_hash, tag, bytes(16), number)
    same = set_hash[:12] == other_hash[:12] and tag == other_tag
    assert is_ours(text, {other_hash[:12]}, other_tag) == same
    assert not is_ours(text, set(), tag)


@given(st.sets(st.tuples(HASHES, TAGS, NONCES, NUMBERS), min_size=2, max_size=8))
def test_every_part_makes_another_id(parts: set[tuple[str, int, bytes, int]]) -> None:
    """Two intents never share an id."""
    assert len({client_order_id(*each) for each in parts}) == len(parts)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "01234567-89ab-4abc-8000-000000000000",
        "01234567-89ab-8abc-c000-000000000000",
        "0123456789ab8abc8000000000000000",
        " 01234567-89ab-8abc-8000-000000000000",
        "01234567-89ab-8abc-8000-000000000000\n",
        "minute-20251122-1000",
    ],
)
def test_what_is_no_uuid_of_version_8_is_not_ours(text: str) -> None:
    """Other versions, variants and spellings belong to somebody else."""
    assert not is_ours(text, {"0123456789ab"}, 0xABC)


@pytest.mark.parametrize(
    ("set_hash", "tag", "nonce", "number"),
    [
        ("", 0, bytes(16), 0),
        ("F" * 64, 0, bytes(16), 0),
        ("f" * 63, 0, bytes(16), 0),
        ("f" * 64 + "\n", 0, bytes(16), 0),
        ("f" * 64, 4096, bytes(16), 0),
        ("f" * 64, -1, bytes(16), 0),
        ("f" * 64, 0, bytes(15), 0),
        ("f" * 64, 0, bytes(16), -1),
    ],
)
def test_a_part_out_of_range_is_refused(set_hash: str, tag: int, nonce: bytes, number: int) -> None:
    """No id is made of anything but a whole hash, a 12-bit tag, a nonce and a count."""
    with pytest.raises(ValueError, match=r"no order id|not a policy set"):
        client_order_id(set_hash, tag, nonce, number)


@given(st.sampled_from(Mode), st.text(max_size=30))
def test_a_tag_has_twelve_bits(mode: Mode, account: str) -> None:
    """The tag fits where the id keeps it."""
    assert 0 <= stream_tag(mode, account) < 4096


def test_tags_tell_streams_apart() -> None:
    """Paper and live, and two accounts, have tags of their own, the same in every release."""
    tags = [stream_tag(mode, account) for mode in Mode for account in ("main", "second")]
    assert len(set(tags)) == len(tags)
    assert tags == [3270, 2068, 2197, 1075, 10, 983]
