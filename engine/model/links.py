"""A link by which a person acts from a notice: what it does, for which trader, until when.

In: what it is to do and a key. Out: a text fit for an address, signed; and from such a text the
link, or a word for why it is none. Every verb reduces: what loosens has no name here, so that no
signature can ever say it. (HMAC-SHA-256, RFC 2104; the text is base64url, RFC 4648 section 5.)
"""

from __future__ import annotations

import binascii
import hashlib
import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from enum import Enum

from engine.model.times import NS_PER_S, UtcTime

LEAST_KEY = 32
"""Characters of a key that nobody guesses."""
_DOMAIN = b"mandate/link/v1\0"
_TAG_BYTES = 32
_LONGEST = 2048
_ID_DIGITS = 24
_FIELDS = ("account", "mode", "route", "subject", "until", "verb")


class LinkVerb(Enum):
    """What a link does."""

    ACK = "ack"
    HALT = "halt"
    TIGHTEN = "tighten"
    STATUS = "status"
    WHY = "why"


@dataclass(frozen=True, slots=True)
class Link:
    """`subject` are the alerts to acknowledge, the product, or the whole seconds of a tightening.

    `account` and `mode` are those of the trader, `route` is to whom it was told.
    """

    verb: LinkVerb
    subject: tuple[str, ...]
    account: str
    mode: str
    route: str
    until: UtcTime

    def lasts(self, now: UtcTime) -> bool:
        """Whether its time is not over."""
        return now < self.until

    def of(self, account: str, mode: str) -> bool:
        """Whether it is for this trader."""
        return (self.account, self.mode) == (account, mode)


@dataclass(frozen=True, slots=True)
class Signed:
    """A link that was signed; `id` is of this signature, and of no other."""

    link: Link
    id: str


def sign(link: Link, key: str) -> str:
    """The text of a link."""
    fields = {
        "account": link.account,
        "mode": link.mode,
        "route": link.route,
        "subject": link.subject,
        "until": link.until.ns // NS_PER_S,
        "verb": link.verb.value,
    }
    payload = json.dumps(fields, sort_keys=True, separators=(",", ":")).encode()
    return urlsafe_b64encode(_tag(payload, key) + payload).decode().rstrip("=")


def verify(text: str, key: str) -> Signed | None:
    """The link of a text; None for a text that was not signed with this key.

    Nothing of the text is read before its signature was found to be right.
    """
    if len(text) > _LONGEST:
        return None
    try:
        data = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        return None
    tag, payload = data[:_TAG_BYTES], data[_TAG_BYTES:]
    # What differs in spelling alone must not be another link.
    if not hmac.compare_digest(tag, _tag(payload, key)) or _spelt(data) != text:
        return None
    return Signed(_link(payload), tag.hex()[:_ID_DIGITS])


def _spelt(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


def _tag(payload: bytes, key: str) -> bytes:
    return hmac.new(key.encode(), _DOMAIN + payload, hashlib.sha256).digest()


def _link(payload: bytes) -> Link:
    # INVARIANT: whoever has the key is this program, and it wrote these fields.
    fields = json.loads(payload)
    account, mode, route, subject, until, verb = (fields[each] for each in _FIELDS)
    return Link(
        verb=LinkVerb(verb),
        subject=tuple(subject),
        account=account,
        mode=mode,
        route=route,
        until=UtcTime(until * NS_PER_S),
    )
