"""The smallest parts of bodies: numbers, times, amounts, and JSON itself.

In: exact values. Out: text as the venue writes it. Refuses nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import orjson

from engine.model.numbers import canonical_number
from engine.venue.clock import to_microseconds
from engine.venue.passage import Reply

if TYPE_CHECKING:
    from decimal import Decimal

    from engine.model.times import UtcTime

Json = str | int | bool | None | Sequence["Json"] | Mapping[str, "Json"]
Fields = dict[str, Json]

OK, BAD, FORBIDDEN, NOT_FOUND = 200, 400, 403, 404


def number(value: Decimal | None) -> str:
    """A number as text; an empty text where there is none, as the venue does."""
    return "" if value is None else canonical_number(value)


def moment(time: UtcTime | None) -> str | None:
    """An instant as text, to the microsecond as the venue tells it, or null."""
    return None if time is None else str(to_microseconds(time))


def amount(value: Decimal, currency: str) -> Fields:
    """Units of a currency."""
    return {"value": canonical_number(value), "currency": currency}


def reply(fields: Json, status: int = OK) -> Reply:
    """A body as an answer."""
    return Reply(status, orjson.dumps(fields))


def failed(status: int, word: str, message: str) -> Reply:
    """A refusal of the request itself, by status."""
    return reply({"error": word, "error_details": message, "message": message}, status)
