"""Lists that name one thing twice.

In: a policy set. Out: M368 for an intent, tier, asset, product or day that stands in a list a
second time: at best nobody reads it, at worst one of the two was to be something else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import Diagnostic, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.kinds.base import Document, Path, Plain
    from engine.policyset.lint.measures import Measures

_NAMES = ("symbol", "name")


def check(measures: Measures) -> Iterator[Diagnostic]:
    """Every list of every document."""
    for sealed in measures.policy_set.sealed:
        yield from _lists(sealed.document, (), dict(sealed.document.plain))


def _lists(document: Document, path: Path, value: Plain) -> Iterator[Diagnostic]:
    match value:
        case dict():
            for key, below in value.items():
                yield from _lists(document, (*path, key), below)
        case list():
            yield from _twice(document, path, value)
            for index, below in enumerate(value):
                yield from _lists(document, (*path, index), below)
        case _:
            return


def _twice(document: Document, path: Path, items: list[Plain]) -> Iterator[Diagnostic]:
    first: dict[str, int] = {}
    for index, item in enumerate(items):
        name = _name(item)
        if name is not None and first.setdefault(name, index) != index:
            places = document.places
            related = ((places.of((*path, first[name])), "the first"),)
            message, mend = f"`{name}` stands in this list twice", "delete one of the two"
            place = places.of((*path, index))
            yield Diagnostic("M368", message, place, mend, related, severity=Severity.WARNING)


def _name(item: Plain) -> str | None:
    """What an entry of a list is called; numbers and rungs of a ladder may repeat."""
    if isinstance(item, str):
        return item
    found = (item.get(key) for key in _NAMES) if isinstance(item, dict) else ()
    return next((each for each in found if isinstance(each, str)), None)
