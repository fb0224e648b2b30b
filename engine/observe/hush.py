"""Secrets out of what comes in: bodies before anybody reads them, words before anybody keeps them.

In: the secrets that this process holds. Out: a function from bytes to bytes. Unlike `scrub` it
looks for these alone, in the dresses in which JSON shows them, and for signed tokens: bodies come
many times a second, and most of what they hold is numbers that must stay as they are. Words that
are kept are few: out of them goes whatever looks like a credential, whoever's it is.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import TYPE_CHECKING

from engine.observe.scrub import Scrubber

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

MASK = b"[hidden]"
_MIN_LENGTH = 6
_TOKEN_BEGINS = b"eyJ"
_TOKEN = re.compile(rb"eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}")

_LONGEST = 500
_STRANGERS = Scrubber(())


def kept_words(text: str) -> str:
    """Somebody else's words as a record may keep them: without credentials, and not too long."""
    return _kept(text) if len(text) <= _LONGEST else _STRANGERS.text(text)[:_LONGEST]


@lru_cache(maxsize=256)
def _kept(text: str) -> str:
    # A venue says the same few words of order after order.
    return _STRANGERS.text(text)[:_LONGEST]


def hush_of(secrets: Iterable[str]) -> Callable[[bytes], bytes]:
    """What takes these secrets out of a body; without any, what leaves all bodies alone."""
    needles = sorted({each for secret in secrets for each in _dresses(secret)}, key=_longest_first)
    if not needles:
        return _as_it_is

    def hush(body: bytes) -> bytes:
        for each in needles:
            if each in body:
                body = body.replace(each, MASK)
        return _TOKEN.sub(MASK, body) if _TOKEN_BEGINS in body else body

    return hush


def _dresses(secret: str) -> Iterator[bytes]:
    """The secret, and each of its lines, as text and as JSON text."""
    lines = (each for each in secret.splitlines() if not each.startswith("-----"))
    for part in (secret.strip(), *(each.strip() for each in lines)):
        if len(part) >= _MIN_LENGTH:
            yield part.encode()
            yield json.dumps(part)[1:-1].encode()


def _longest_first(needle: bytes) -> tuple[int, bytes]:
    return (-len(needle), needle)


def _as_it_is(body: bytes) -> bytes:
    return body
