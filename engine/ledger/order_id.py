"""The client order id: who approved an order, readable at the venue itself.

In: the policy set's hash, the stream's tag and nonce, the number of the intent. Out: a UUIDv8
(RFC 9562, section 5.8) whose first twelve hex digits are the hash's. Refuses anything else:
no time, price or size goes in, so the same intent can never get a second id.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

    from engine.model.orders import Mode

PREFIX_DIGITS = 12
"""How many hex digits of the policy set's hash an id shows."""

MIN_NONCE_BYTES = 16
_TAG_BITS = 12
_CUSTOM_C_BITS = 62
_VERSION = 8
_VARIANT = 0b10
_ID_DOMAIN = b"mandate/client-order-id/v1"
_TAG_DOMAIN = b"mandate/stream-tag/v1"
_SET_HASH = re.compile(r"[0-9a-f]{64}")
_UUID_V8 = re.compile(
    r"(?P<high>[0-9a-f]{8})-(?P<low>[0-9a-f]{4})-8(?P<tag>[0-9a-f]{3})-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
)


def stream_tag(mode: Mode, account: str) -> int:
    """The 12-bit tag of a stream: paper and live, and two accounts, do not answer to one name."""
    digest = hashlib.sha256(b"\0".join((_TAG_DOMAIN, mode.value.encode(), account.encode())))
    return int.from_bytes(digest.digest()[:2], "big") >> (16 - _TAG_BITS)


def order_id_prefix(policy_set_hash: str) -> str:
    """The digits that an id shows of its policy set; raises ValueError on what is no hash."""
    if not _SET_HASH.fullmatch(policy_set_hash):
        message = f"not a policy set's hash: {policy_set_hash!r}"
        raise ValueError(message)
    return policy_set_hash[:PREFIX_DIGITS]


def client_order_id(policy_set_hash: str, tag: int, nonce: bytes, intent_number: int) -> str:
    """The id of one intent; `nonce` is the stream's, minted at genesis, of at least 16 bytes.

    Raises ValueError when a part is out of its range.
    """
    prefix = order_id_prefix(policy_set_hash)
    if not 0 <= tag < 1 << _TAG_BITS or intent_number < 0 or len(nonce) < MIN_NONCE_BYTES:
        message = f"no order id: {tag=} {intent_number=} nonce_bytes={len(nonce)}"
        raise ValueError(message)
    custom_c = _custom_c(policy_set_hash, nonce, intent_number)
    tail = f"{_VARIANT << _CUSTOM_C_BITS | custom_c:016x}"
    return f"{prefix[:8]}-{prefix[8:]}-{_VERSION:x}{tag:03x}-{tail[:4]}-{tail[4:]}"


def is_ours(order_id: str, prefixes: Collection[str], tag: int) -> bool:
    """Whether the id shows one of these prefixes (of sets ever activated) and our stream's tag."""
    match = _UUID_V8.fullmatch(order_id.lower())
    if match is None:
        return False
    return match["high"] + match["low"] in prefixes and int(match["tag"], 16) == tag


def _custom_c(policy_set_hash: str, nonce: bytes, intent_number: int) -> int:
    # Every part but the last is of known length or without NUL, so parts cannot run together.
    parts = (_ID_DOMAIN, str(intent_number).encode(), policy_set_hash.encode(), nonce)
    digest = hashlib.sha256(b"\0".join(parts)).digest()
    return int.from_bytes(digest[:8], "big") >> (64 - _CUSTOM_C_BITS)
