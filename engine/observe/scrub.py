"""Secrets out of everything that is written: log, notification, report, crash.

In: the secret values that this process holds, then any text or JSON-able structure.
Out: the same with each secret replaced, in whatever dress it comes: plain, escaped for JSON or
a URL (once or twice), in hexadecimal, or inside base64; and anything shaped like a credential.
Refuses (M546) secrets too short to be told from other text.
"""

from __future__ import annotations

import base64
import re
import string
from collections.abc import Mapping
from decimal import Decimal
from enum import Enum
from math import isfinite
from typing import TYPE_CHECKING, TypeAlias

from engine.errors import Diagnostic, MandateError
from engine.model.numbers import canonical_number
from engine.observe.shapes import NAMED, SHAPES
from engine.observe.unescape import edges, encoded, plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

MASK = "[hidden]"
MIN_SECRET_LENGTH = 6
_MIN_LINE_LENGTH = 16
_MAX_DEPTH = 16
_MAX_NUMBER_BITS = 1024
_ESCAPING = re.compile(r"[%\\+]")
_BASE64 = frozenset(string.ascii_letters + string.digits + "+/-_")


class Scrubber:
    """Replaces a fixed set of secrets, and known shapes of credentials, by `[hidden]`.

    Raises MandateError (M546), without the value, when a secret has fewer than six characters.
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        found = sorted({part for secret in secrets for part in _parts(secret)}, key=_longest_first)
        short = sum(len(part) < MIN_SECRET_LENGTH or part in MASK for part in found)
        if short:
            raise MandateError([_too_short(short)])
        self._plain = tuple(found)
        self._meant = tuple(sorted({each for secret in found for each in _spellings(secret)}))
        self._encoded = tuple(sorted({core for secret in found for core in _encodings(secret)}))

    def text(self, text: str) -> str:
        """The text without secrets; scrubbing it again changes nothing."""
        for secret in self._plain:
            text = text.replace(secret, MASK)
        if _ESCAPING.search(text):
            for needle in self._meant:
                text = _without_spelling(text, needle)
        for core in self._encoded:
            text = _without_run(text, core)
        for pattern, replacement in SHAPES:
            text = pattern.sub(replacement, text)
        return text

    def structure(self, value: object) -> Json:
        """The value as JSON without secrets, in keys and values alike.

        Decimals become canonical text, enums their value, other objects what `str` says of
        them; a value whose key names a credential is hidden whatever it is.
        """
        return self._structure(value, _MAX_DEPTH)

    def _structure(self, value: object, depth: int) -> Json:
        if depth == 0:
            return "[too deep]"
        if isinstance(value, Mapping):
            return self._mapping(value, depth)
        if isinstance(value, list | tuple):
            return [self._structure(each, depth - 1) for each in value]
        return self._scalar(value)

    def _mapping(self, value: Mapping[object, object], depth: int) -> dict[str, Json]:
        return {
            self.text(str(key)): (
                MASK if NAMED.fullmatch(str(key)) else self._structure(each, depth - 1)
            )
            for key, each in value.items()
        }

    def _scalar(self, value: object) -> Json:
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, Enum):
            return self._scalar(value.value)
        if isinstance(value, int) and value.bit_length() > _MAX_NUMBER_BITS:
            return "[too long]"
        if isinstance(value, int) or (isinstance(value, float) and isfinite(value)):
            # A secret of digits alone would pass as a number.
            told = str(value)
            return value if self.text(told) == told else MASK
        if isinstance(value, Decimal) and value.is_finite():
            return self.text(canonical_number(value))
        return self.text(str(value))


def _without_run(text: str, core: str) -> str:
    """The text without the base64 or hexadecimal runs that contain `core`."""
    at = text.find(core)
    while at >= 0:
        start, end = at, at + len(core)
        while start > 0 and text[start - 1] in _BASE64:
            start -= 1
        while end < len(text) and text[end] in _BASE64:
            end += 1
        text = text[:start] + MASK + text[end:].lstrip("=")
        at = text.find(core)
    return text


def _parts(secret: str) -> Iterator[str]:
    """The secret, and its long lines: a key in PEM may be cut or wrapped by whoever prints it."""
    whole = secret.strip()
    yield whole
    lines = [line.strip() for line in whole.replace("\\n", "\n").splitlines()]
    if len(lines) > 1:
        yield from (
            line for line in lines if len(line) >= _MIN_LINE_LENGTH and not line.startswith("-----")
        )


def _longest_first(secret: str) -> tuple[int, str]:
    return (-len(secret), secret)


def _too_short(count: int) -> Diagnostic:
    return Diagnostic(
        "M546",
        f"{count} of the secrets cannot be told from other text",
        help=f"use secrets of at least {MIN_SECRET_LENGTH} characters, and give no empty ones",
    )


def _spellings(secret: str) -> Iterator[bytes]:
    """The secret's plain form, and that of Python's `repr`, which escapes by code point."""
    for told in (secret, repr(secret)[1:-1]):
        meant = plain(encoded(told))
        if len(meant) >= MIN_SECRET_LENGTH:
            yield meant


def _without_spelling(text: str, needle: bytes) -> str:
    """The text without what means `needle`, however it is escaped."""
    octets = encoded(text)
    if needle not in plain(octets):
        return text
    meant, at = plain(octets), edges(octets)
    told = bytearray()
    last = 0
    begin = meant.find(needle)
    while begin >= 0:
        end = begin + len(needle)
        told += octets[last : at[begin]] + MASK.encode()
        last = at[end]
        begin = meant.find(needle, end)
    return (bytes(told) + octets[last:]).decode(errors="surrogatepass")


def _encodings(secret: str) -> Iterator[str]:
    """What of the secret stays the same in base64 whatever surrounds it, and in hexadecimal."""
    octets = encoded(secret)
    yield octets.hex()
    yield octets.hex().upper()
    for offset in range(3):
        told = base64.b64encode(bytes(offset) + octets).decode()
        # Six bits a character: the first and last may hold bits of a neighbour.
        core = told[-(-offset * 8 // 6) : (offset + len(octets)) * 8 // 6]
        yield core
        yield core.replace("+", "-").replace("/", "_")
