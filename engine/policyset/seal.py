"""The seal: one sequence of bytes for one meaning, and SHA-256 over it.

In: plain data of an effective document, its expressions already in canonical text. Out: its
canonical bytes, the hash of each document, the hash of the set; always 64 hex digits.
Refuses (ValueError) bytes that no seal ever wrote.

Canonical bytes are RFC 8785 JSON in which text is NFC, keys without a value (null) are left
out, a number is `{"n":"3.5"}` (positional, no trailing zeros), and a mapping key made only of
the letter n has one n more, so that no mapping can be taken for a number.

    document  SHA-256( "mandate.document.v1" LF Kind "/" name LF canonical bytes )
    source    SHA-256( "mandate.source.v1" LF bytes of the strategy's source )
    set       SHA-256( "mandate.set.v1" LF RFC 8785 JSON of {
                  "documents":  [["Kind/name", hash], …]  sorted by Kind/name,
                  "language":   version of the expression language,
                  "producers":  hash of the fact producers,
                  "sources":    {"name": hash, …},
                  "vocabulary": hash of the vocabulary } )
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from hashlib import sha256
from typing import TYPE_CHECKING, NoReturn
from unicodedata import normalize

import rfc8785

from engine.model.numbers import canonical_number, decimal_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from engine.kinds.base import Plain

DOCUMENT_DOMAIN = b"mandate.document.v1\n"
SOURCE_DOMAIN = b"mandate.source.v1\n"
SET_DOMAIN = b"mandate.set.v1\n"

_Json = None | bool | str | list["_Json"] | dict[str, "_Json"]
_NUMBER_KEY = "n"
_ONLY_N = re.compile("n+")


def canonical_bytes(plain: Plain) -> bytes:
    """The one spelling of `plain`: equal meaning, equal bytes; other meaning, other bytes."""
    return rfc8785.dumps(_tagged(plain))


def plain_from_canonical(data: bytes) -> Plain:
    """The inverse of `canonical_bytes`; raises ValueError on bytes that it cannot have written."""
    try:
        plain = _untagged(_parsed(data))
    except RecursionError as error:
        message = "nested deeper than any document"
        raise ValueError(message) from error
    if canonical_bytes(plain) != data:
        message = "not in canonical form"
        raise ValueError(message)
    return plain


def document_hash(kind: str, name: str, canonical: bytes) -> str:
    """The hash of one effective document, from its canonical bytes."""
    return sha256(DOCUMENT_DOMAIN + f"{kind}/{name}\n".encode() + canonical).hexdigest()


def source_hash(source: bytes) -> str:
    """The hash of the source of one Python strategy."""
    return sha256(SOURCE_DOMAIN + source).hexdigest()


def set_hash(
    documents: Iterable[tuple[str, str]],
    *,
    language_version: str,
    vocabulary_hash: str,
    producers_hash: str,
    strategy_sources: Mapping[str, bytes],
) -> str:
    """The hash of a set, from the (`Kind/name`, hash) of its documents and what gives them meaning.

    `strategy_sources` holds the bytes of each Python strategy by its name. Raises ValueError
    when two documents have one id.
    """
    by_id = sorted(documents)
    if len({each for each, _ in by_id}) != len(by_id):
        message = "two documents of one id"
        raise ValueError(message)
    listed: list[_Json] = [[each, digest] for each, digest in by_id]
    sources: dict[str, _Json] = {name: source_hash(each) for name, each in strategy_sources.items()}
    body: dict[str, _Json] = {
        "documents": listed,
        "language": language_version,
        "producers": producers_hash,
        "sources": sources,
        "vocabulary": vocabulary_hash,
    }
    return sha256(SET_DOMAIN + rfc8785.dumps(body)).hexdigest()


def _tagged(plain: Plain) -> _Json:
    match plain:
        case None | bool():
            return plain
        case str():
            return normalize("NFC", plain)
        case Decimal():
            return {_NUMBER_KEY: canonical_number(plain)}
        case list():
            return [_tagged(each) for each in plain]
        case dict():
            kept = ((key, each) for key, each in plain.items() if each is not None)
            return {_escaped(normalize("NFC", key)): _tagged(each) for key, each in kept}


def _parsed(data: bytes) -> _Json:
    parsed: _Json = json.loads(
        data, parse_int=_not_tagged, parse_float=_not_tagged, parse_constant=_not_tagged
    )
    return parsed


def _escaped(key: str) -> str:
    return key + "n" if _ONLY_N.fullmatch(key) else key


def _untagged(value: _Json) -> Plain:
    match value:
        case {"n": str() as text, **rest} if not rest:
            return decimal_of(text)
        case dict():
            return {_unescaped(key): _untagged(each) for key, each in value.items()}
        case list():
            return [_untagged(each) for each in value]
        case _:
            return value


def _unescaped(key: str) -> str:
    return key.removesuffix("n") if _ONLY_N.fullmatch(key) else key


def _not_tagged(text: str) -> NoReturn:
    message = f"a number without its tag: {text}"
    raise ValueError(message)
