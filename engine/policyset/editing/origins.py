"""Origins: each value of an effective document, and where it was written.

In: a built document, and the waivers of its set. Out: `Stated` values in the order of the
document, paths inside `spec` as patches write them; those of a waiver in force beside the value
that they replace for a time. Refuses nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from operator import eq
from typing import TYPE_CHECKING

from engine.kinds.base import content_of
from engine.kinds.registry import KINDS
from engine.kinds.waiver.document import WaiverDocument
from engine.policyset.editing.reasons import Reasons
from engine.policyset.reading.files import SET_FILE
from engine.policyset.sealing import effective_plain, full_plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from engine.errors import Place
    from engine.kinds.base import Document, Path, Plain
    from engine.kinds.waiver.document import WaiverSpec
    from engine.model.times import UtcTime


class Origin(Enum):
    """What kind of text a value was written in."""

    DOCUMENT = "document"
    PATCH = "patch"
    WAIVER = "waiver"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Stated:
    """One value, or a list of values written in one place.

    `waiver` names the waiver that it stands in, for `symbols` (all when empty) and `until` then.
    `reason` is that of the patch. The place of a default is that of what could have said otherwise.
    """

    path: Path
    value: Plain
    place: Place
    origin: Origin
    waiver: str = ""
    symbols: tuple[str, ...] = ()
    until: UtcTime | None = None
    reason: str = ""

    @property
    def dotted(self) -> str:
        """The path as patches and `policy set` write it."""
        return ".".join(str(step) for step in self.path)


def values_of(document: Document) -> tuple[Stated, ...]:
    """Every value under `spec`, as sealed: patches applied, expressions in canonical text."""
    plain = effective_plain(document)
    spec = plain["spec"] if isinstance(plain, dict) else {}
    return tuple(_values(document, (), spec))


def values_in_force(
    document: Document, waivers: Sequence[Document], now: UtcTime
) -> tuple[Stated, ...]:
    """The same, each followed by what waivers put in its place at `now`."""
    reasons = Reasons()
    own = (*(_with_reason(e, reasons) for e in values_of(document)), *_defaults(document))
    ranked = [(rank, each) for rank, each in enumerate(own)]
    ranked += [(_rank(each, own), each) for each in _waived(document, waivers, now)]
    return tuple(each for _, each in sorted(ranked, key=lambda pair: pair[0]))


def _with_reason(stated: Stated, reasons: Reasons) -> Stated:
    if stated.origin is not Origin.PATCH:
        return stated
    return replace(stated, reason=reasons.of(stated.place))


def _defaults(document: Document) -> Iterator[Stated]:
    """What the document does not say and the kind says for it; nothing is not listed."""
    own, whole = effective_plain(document), full_plain(document)
    if isinstance(own, dict) and isinstance(whole, dict):
        yield from _unsaid(document, (), own["spec"], whole["spec"])


def _unsaid(document: Document, path: Path, own: Plain, whole: Plain) -> Iterator[Stated]:
    match own, whole:
        case dict(), dict():
            for key, each in whole.items():
                below = (*path, key)
                if key in own:
                    yield from _unsaid(document, below, own[key], each)
                elif each not in (None, [], {}):
                    place = document.places.of(("spec", *path))
                    yield Stated(below, each, place, Origin.DEFAULT)
        case list(), list():
            for index, (said, each) in enumerate(zip(own, whole, strict=True)):
                yield from _unsaid(document, (*path, index), said, each)
        case _:
            return


def _rank(waived: Stated, own: Sequence[Stated]) -> int:
    """The last value that is replaced; a number may stand in for a table, or a table for it."""
    # INVARIANT: a waiver names parameters that its rule has; composition refused any other.
    return max(rank for rank, each in enumerate(own) if all(map(eq, each.path, waived.path)))


def _values(document: Document, path: Path, value: Plain) -> Iterator[Stated]:
    place = document.places.of(("spec", *path))
    match value:
        case dict():
            for key, each in value.items():
                yield from _values(document, (*path, key), each)
        case list() if not _is_one(document, path, value):
            for index, each in enumerate(value):
                yield from _values(document, (*path, index), each)
        case _:
            yield Stated(path, value, place, _origin(place))


def _is_one(document: Document, path: Path, items: list[Plain]) -> bool:
    """Whether a list reads as one value: plain items, all written where the list is."""
    there = document.places.of(("spec", *path)).file
    return all(
        not isinstance(item, dict | list)
        and document.places.of(("spec", *path, index)).file == there
        for index, item in enumerate(items)
    )


def _origin(place: Place) -> Origin:
    # Only patches put values of a document into the file of a set.
    return Origin.PATCH if place.file.rpartition("/")[2] == SET_FILE else Origin.DOCUMENT


def _waived(document: Document, waivers: Iterable[Document], now: UtcTime) -> Iterator[Stated]:
    for block in KINDS[document.kind].meaning.blocks(document):
        for waiver in waivers:
            spec = content_of(waiver, WaiverDocument).spec
            if spec.rule == block.rule and spec.valid_from <= now < spec.until:
                yield from _instead(waiver, spec, block.scope.path[1:])


def _instead(waiver: Document, spec: WaiverSpec, below: Path) -> Iterator[Stated]:
    at: Path = ("instead", "params")
    for each in values_of(waiver):
        if each.path[:2] == at:
            path = (*below, *each.path[2:])
            symbols, until = spec.scope.symbols, spec.until
            yield Stated(path, each.value, each.place, Origin.WAIVER, waiver.name, symbols, until)
