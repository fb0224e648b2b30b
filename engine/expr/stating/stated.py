"""Facts as a user states them, in JSON.

In: text, or the bytes of a file. Out: a JSON object as Python reads it, with every number
binary64. Refuses what is no JSON, and an object that names something twice: Python would keep
the last one silently, and the wrong fact might decide.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from engine.errors import Diagnostic, Place

if TYPE_CHECKING:
    from collections.abc import Mapping


def parse_json(text: str) -> object:
    """The value that `text` states; raises ValueError on what cannot be taken as stated."""
    # Whole numbers as binary64 at once: one of ten thousand digits is just too large a number.
    stated: object = json.loads(text, object_pairs_hook=_without_repeats, parse_int=float)
    return stated


def read_stated(data: bytes, file: str) -> Mapping[str, object] | Diagnostic:
    """The facts that a file states."""
    try:
        stated = parse_json(data.decode("utf-8"))
    except json.JSONDecodeError as error:
        source = error.doc.split("\n")[error.lineno - 1]
        place = Place(file, error.lineno, error.colno, 1, source)
        return _malformed(f"not JSON, {error.msg[0].lower()}{error.msg[1:]}", place)
    except UnicodeDecodeError:
        return _malformed("not UTF-8", Place(file, 1, 1))
    except RecursionError:
        return _malformed("nested too deep", Place(file, 1, 1))
    except ValueError as error:
        return _malformed(str(error), Place(file, 1, 1))
    if not isinstance(stated, dict):
        return _malformed("not a JSON object", Place(file, 1, 1))
    return stated


def _malformed(why: str, place: Place) -> Diagnostic:
    mend = 'write one object: {"quote.age_s": 1, "quote.crossed": false}'
    return Diagnostic("M286", f"the facts cannot be read: {why}", place, mend)


def _without_repeats(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        message = f"`{twice}` is stated twice"
        raise ValueError(message)
    return members
