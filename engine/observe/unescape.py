"""The plain form of text, whatever escapes were put on it, and where each part of it stood.

In: text in UTF-8 with escapes of URLs, JSON or Python, one upon another. Out: its plain form, in
which two spellings of one text are the same bytes, and the way back to the spelling.
Refuses nothing: what is no escape stays as it is. At most six layers are taken off.
"""

from __future__ import annotations

import re

_LAYERS = 6
_ESCAPE = re.compile(
    rb"%(?P<url>[0-9a-fA-F]{2})"
    rb"|\\+u(?P<high>[dD][89abAB][0-9a-fA-F]{2})\\+u(?P<low>[dD][c-fC-F][0-9a-fA-F]{2})"
    rb"|\\+u(?P<json>[0-9a-fA-F]{4})"
    rb"|\\+U(?P<python>[0-9a-fA-F]{8})"
    rb"|\\+x(?P<octet>[0-9a-fA-F]{2})"
    rb"|\\+(?P<short>[nrtbf\"'/])"
    rb"|\\+"
)
_SHORT = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
_LAST_POINT = 0x10FFFF


def encoded(text: str) -> bytes:
    """The text's bytes, also when it holds surrogates from an environment of broken bytes."""
    return text.encode(errors="surrogatepass")


def plain(octets: bytes) -> bytes:
    """The plain form: escapes taken off until none is left, a plus as the space it may be.

    Backslashes vanish, so that one form fits however often they were doubled.
    """
    for _ in range(_LAYERS):
        peeled = _ESCAPE.sub(_meaning, octets)
        if peeled == octets:
            break
        octets = peeled
    return octets.replace(b"+", b" ")


def edges(octets: bytes) -> list[int]:
    """For each byte of `plain(octets)`, and its end, where in `octets` its spelling begins."""
    at = list(range(len(octets) + 1))
    for _ in range(_LAYERS):
        peeled = bytearray()
        moved: list[int] = []
        last = 0
        for match in _ESCAPE.finditer(octets):
            meaning = _meaning(match)
            peeled += octets[last : match.start()] + meaning
            moved += at[last : match.start()] + [at[match.start()]] * len(meaning)
            last = match.end()
        peeled += octets[last:]
        moved += at[last:]
        if bytes(peeled) == octets:
            break
        octets, at = bytes(peeled), moved
    return at


def _meaning(match: re.Match[bytes]) -> bytes:
    kind = match.lastgroup
    if kind is None:
        # A backslash of the text and one that escapes its neighbour cannot be told apart.
        return b""
    told = match[kind]
    if kind == "short":
        return _SHORT.get(told, told)
    if kind in {"url", "octet"}:
        return bytes([int(told, 16)])
    if kind == "low":
        pair = bytes.fromhex((match["high"] + told).decode())
        return pair.decode("utf-16-be").encode()
    point = int(told, 16)
    return encoded(chr(point)) if point <= _LAST_POINT else match[0]
