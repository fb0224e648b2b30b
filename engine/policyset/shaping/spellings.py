"""The right spelling of a value that is clear and written otherwise.

In: what a schema asks for, and the value that was found. Out: the text that says the same in the
one form that is taken, or None where more than the spelling is wrong.
"""

from __future__ import annotations

import re
from decimal import Decimal

from engine.model.numbers import canonical_number

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?")
_WHOLE = re.compile(r"-?(?:0|[1-9][0-9]*)")
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_DURATION = re.compile(r"([1-9][0-9]{0,5}) ?([a-z]+)", re.IGNORECASE)
_PRODUCT = re.compile(r"([A-Za-z0-9]{1,20})[-/_ ]([A-Za-z0-9]{2,20})")
_INSTANT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]([0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.0+)?(?:Z|z|\+00:?00)"
)
_UNITS = {
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), "s"),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), "m"),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), "h"),
    **dict.fromkeys(("d", "day", "days"), "d"),
}


def spelled_as(wanted: str, value: object) -> str | None:
    """The same value as the type that JSON Schema calls `wanted`."""
    if wanted == "string" and isinstance(value, Decimal):
        return f'"{canonical_number(value)}"'
    if not isinstance(value, str):
        return None
    text = value.strip()
    forms = {"number": _NUMBER, "integer": _WHOLE}
    if wanted in forms and forms[wanted].fullmatch(text):
        return text
    if wanted == "boolean" and text.lower() in {"true", "false"}:
        return text.lower()
    return f"[{text}]" if wanted == "array" and _WORD.fullmatch(text) else None


def formed_as(pattern: str, text: str) -> str | None:
    """The same text in the form of a schema's `pattern`: durations, products, instants."""
    for respelled in (_duration(text), _product(text), _instant(text)):
        if respelled is not None and re.fullmatch(pattern, respelled):
            return f'"{respelled}"' if ":" in respelled else respelled
    return None


def _duration(text: str) -> str | None:
    found = _DURATION.fullmatch(text.strip())
    unit = _UNITS.get(found[2].lower()) if found else None
    # A capital M is minutes to some and months to others.
    return f"{found[1]}{unit}" if found and unit and found[2] != "M" else None


def _product(text: str) -> str | None:
    found = _PRODUCT.fullmatch(text.strip())
    return f"{found[1]}-{found[2]}".upper() if found else None


def _instant(text: str) -> str | None:
    found = _INSTANT.fullmatch(text.strip())
    return f"{found[1]}T{found[2]}Z" if found else None
