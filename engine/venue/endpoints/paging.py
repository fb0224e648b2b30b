"""Long lists in pages: a limit, and a cursor that says where the next page begins.

In: a list in a fixed order, the query. Out: the entries of one page and the next cursor, empty
after the last. A cursor names the entry that comes next, so a page stays what it is while newer
entries come. Refuses a limit or a cursor that is none (`None`).
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from engine.venue.passage import Asked

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page; `cursor` is empty after the last."""

    entries: Sequence[T]
    cursor: str


def page_of(
    found: Sequence[T], asked: Asked, key: Callable[[T], str], *, most: int
) -> Page[T] | None:
    """The page of `found` that was asked for; None for a limit or cursor that is none."""
    limit_text, cursor = asked.one("limit") or str(most), asked.one("cursor")
    if not limit_text.isdecimal():
        return None
    limit = min(int(limit_text), most) or most
    begin = _begin(found, cursor, key)
    if begin is None:
        return None
    entries, rest = found[begin : begin + limit], found[begin + limit : begin + limit + 1]
    return Page(entries, _written(key(rest[0])) if rest else "")


def _begin(found: Sequence[T], cursor: str, key: Callable[[T], str]) -> int | None:
    if not cursor:
        return 0
    try:
        wanted = base64.urlsafe_b64decode(cursor.encode()).decode()
    except (binascii.Error, ValueError):
        return None
    return next((at for at, each in enumerate(found) if key(each) == wanted), None)


def _written(key: str) -> str:
    return base64.urlsafe_b64encode(key.encode()).decode()
