"""Reading what the venue sends: JSON with exact numbers, and fields that are what they should be.

In: the bytes of a body. Out: plain values, Decimals, instants. Refuses (`WireError`) what is no
JSON object, keys that stand twice, NaN and infinity, numbers beyond all reason, and fields that
are missing or of another type. An empty text is how the venue says that it has no number.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from engine.model.numbers import decimal_of
from engine.model.symbols import Symbol
from engine.model.times import UtcTime

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from decimal import Decimal

_DIGITS = 40
Wire = str | bool | None | list["Wire"] | dict[str, "Wire"]
"""A value of a body; numbers are kept as their text, so nothing is rounded on the way."""


class WireError(ValueError):
    """A body, or a part of one, that is not what the venue's documentation says."""


def decode(body: bytes) -> dict[str, Wire]:
    """The one JSON object that a body is; raises `WireError`."""
    try:
        value = _READER.decode(body.decode(json.detect_encoding(body), "surrogatepass"))
    except WireError:
        raise
    except (ValueError, RecursionError) as error:
        message = "the body is not JSON"
        raise WireError(message) from error
    return as_object(value, "the body")


def _number_text(text: str) -> str:
    if len(text) > _DIGITS:
        message = f"a number of {len(text)} characters"
        raise WireError(message)
    return text


def _refuse_constant(text: str) -> Wire:
    message = f"`{text}` is no number"
    raise WireError(message)


def _object(pairs: list[tuple[str, Wire]]) -> dict[str, Wire]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        message = "a key stands twice in one object"
        raise WireError(message)
    return fields


# Made once: `json.loads` with hooks makes a decoder for every body.
_READER = json.JSONDecoder(
    parse_float=_number_text,
    parse_int=_number_text,
    parse_constant=_refuse_constant,
    object_pairs_hook=_object,
)


def as_object(value: Wire, what: str) -> dict[str, Wire]:
    """`value` as an object; raises `WireError` with `what` in its words."""
    if not isinstance(value, dict):
        message = f"{what} is no object"
        raise WireError(message)
    return value


def part(fields: Mapping[str, Wire], key: str) -> dict[str, Wire]:
    """The object under `key`."""
    return as_object(fields.get(key), f"`{key}`")


def objects(fields: Mapping[str, Wire], key: str) -> Sequence[dict[str, Wire]]:
    """The list of objects under `key`; a list that is missing or null is empty."""
    value = fields.get(key)
    if value is None:
        return ()
    if not isinstance(value, list):
        message = f"`{key}` is no list"
        raise WireError(message)
    return [as_object(each, f"an entry of `{key}`") for each in value]


def text(fields: Mapping[str, Wire], key: str) -> str:
    """The text under `key`, which may be empty."""
    value = fields.get(key)
    if not isinstance(value, str):
        message = f"`{key}` is missing or no text"
        raise WireError(message)
    return value


def optional_text(fields: Mapping[str, Wire], key: str) -> str:
    """The text under `key`; empty where there is none."""
    return "" if fields.get(key) is None else text(fields, key)


def flag(fields: Mapping[str, Wire], key: str) -> bool:
    """True or false under `key`; what is missing is false, as the venue leaves it out."""
    value = fields.get(key, False)
    if not isinstance(value, bool):
        message = f"`{key}` is neither true nor false"
        raise WireError(message)
    return value


def number(fields: Mapping[str, Wire], key: str) -> Decimal:
    """The number under `key`; raises `WireError` where there is none."""
    value = optional_number(fields, key)
    if value is None:
        message = f"`{key}` has no number"
        raise WireError(message)
    return value


def optional_number(fields: Mapping[str, Wire], key: str) -> Decimal | None:
    """The number under `key`; None where it is missing, null or an empty text."""
    value = fields.get(key)
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        message = f"`{key}` is no number"
        raise WireError(message)
    try:
        read = decimal_of(_number_text(value))
    except ValueError as error:
        message = f"`{key}` is no number: {value[:_DIGITS]}"
        raise WireError(message) from error
    # An exponent makes no longer number acceptable than its digits would.
    if not -_DIGITS < read.adjusted() < _DIGITS:
        message = f"`{key}` is beyond all reason: {value}"
        raise WireError(message)
    return read


def moment(fields: Mapping[str, Wire], key: str) -> UtcTime:
    """The instant under `key`."""
    value = text(fields, key)
    try:
        return UtcTime.parse(value)
    except ValueError as error:
        message = f"`{key}` is no instant: {value[:_DIGITS]}"
        raise WireError(message) from error


def product_name(fields: Mapping[str, Wire], key: str = "product_id") -> Symbol:
    """The product under `key`."""
    value = text(fields, key)
    try:
        return Symbol.parse(value)
    except ValueError as error:
        message = f"`{key}` is no product: {value[:_DIGITS]}"
        raise WireError(message) from error
