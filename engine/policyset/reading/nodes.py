"""The tree of one YAML document, as values: what the reader hands to everyone else.

In: built by `reader.read_yaml`. Out: plain data (`plain`), and where each value stands
(`places`). Text is NFC; numbers are Decimal, exact as written.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING

from engine.errors import Place, Snippet

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from engine.kinds.base import Path, Plain

PlainScalar = str | Decimal | bool | None


class ScalarKind(Enum):
    """What a scalar is, decided by the reader alone and never again."""

    TEXT = "text"
    NUMBER = "number"
    FLAG = "flag"
    NULL = "null"


class ScalarStyle(Enum):
    """How a scalar is written; quoted and block scalars are always text."""

    PLAIN = "plain"
    QUOTED = "quoted"
    BLOCK = "block"


@dataclass(frozen=True, slots=True)
class ScalarNode:
    """One scalar; `snippet` is its text with the place of each of its lines."""

    kind: ScalarKind
    style: ScalarStyle
    value: PlainScalar
    place: Place
    snippet: Snippet


@dataclass(frozen=True, slots=True)
class SequenceNode:
    """A list."""

    items: tuple[Node, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Entry:
    """One key with its value."""

    key: str
    key_place: Place
    value: Node


@dataclass(frozen=True, slots=True)
class MappingNode:
    """A mapping in the order of the text; no key stands in it twice."""

    entries: tuple[Entry, ...]
    place: Place


Node = ScalarNode | SequenceNode | MappingNode


def plain(node: Node) -> Plain:
    """The data alone: dict, list, str, Decimal, bool and None."""
    match node:
        case MappingNode():
            return {entry.key: plain(entry.value) for entry in node.entries}
        case SequenceNode():
            return [plain(item) for item in node.items]
        case ScalarNode():
            return node.value


def renamed(node: Node, file: str) -> Node:
    """The same tree, as of another file."""
    place = _moved(node.place, file)
    match node:
        case ScalarNode(kind, style, value, _, text):
            there = Snippet(file, text.text, text.anchors, text.source_lines)
            return ScalarNode(kind, style, value, place, there)
        case SequenceNode(items):
            return SequenceNode(tuple(renamed(each, file) for each in items), place)
        case MappingNode(entries):
            moved = (
                Entry(each.key, _moved(each.key_place, file), renamed(each.value, file))
                for each in entries
            )
            return MappingNode(tuple(moved), place)


def _moved(place: Place, file: str) -> Place:
    return Place(file, place.line, place.column, place.width, place.source_line)


def scalars(node: Node, path: Path) -> Iterator[tuple[Path, ScalarNode]]:
    """Every scalar below `node` with its path, in the order of the text."""
    match node:
        case ScalarNode():
            yield path, node
        case MappingNode():
            for entry in node.entries:
                yield from scalars(entry.value, (*path, entry.key))
        case SequenceNode():
            for index, item in enumerate(node.items):
                yield from scalars(item, (*path, index))


@dataclass(frozen=True, slots=True)
class Spot:
    """Where one value stands; `key` is the place of the mapping key it stands under."""

    value: Place
    key: Place | None = None
    text: Snippet | None = None


@dataclass(frozen=True, slots=True)
class DocumentPlaces:
    """Where each part of a document stands, by its path in the plain data.

    A path that the user never wrote answers with its nearest written ancestor, so that a
    missing key has a place. The empty path, the whole, is always there.
    """

    spots: Mapping[Path, Spot]

    def of(self, path: Path) -> Place:
        """The value's place, or the nearest enclosing part's."""
        return self._nearest(path).value

    def of_key(self, path: Path) -> Place:
        """The key's place; the value's where it stands under no key."""
        spot = self._nearest(path)
        return spot.key or spot.value

    def snippet(self, path: Path) -> Snippet:
        """The text at `path`; for what is no scalar, an empty text where it stands."""
        spot = self._nearest(path)
        if path in self.spots and spot.text:
            return spot.text
        at = spot.value
        return Snippet(at.file, "", ((at.line, at.column),), (at.source_line,))

    def below(self, path: Path) -> DocumentPlaces:
        """The places of one part, as of a whole."""
        return DocumentPlaces({each[len(path) :]: spot for each, spot in self._under(path)})

    def with_part(self, path: Path, part: DocumentPlaces) -> DocumentPlaces:
        """These places with the part at `path` standing where `part` stands."""
        gone = {each for each, _ in self._under(path)}
        kept = {each: spot for each, spot in self.spots.items() if each not in gone}
        return DocumentPlaces(kept | {(*path, *each): spot for each, spot in part.spots.items()})

    def _under(self, path: Path) -> Iterator[tuple[Path, Spot]]:
        size = len(path)
        return ((each, spot) for each, spot in self.spots.items() if each[:size] == path)

    def _nearest(self, path: Path) -> Spot:
        while path not in self.spots:
            path = path[:-1]
        return self.spots[path]


def places(node: Node) -> DocumentPlaces:
    """Where each value of `node` stands, by its path in `plain(node)`."""
    return DocumentPlaces(dict(_spots(node, (), None)))


def _spots(node: Node, path: Path, key: Place | None) -> Iterator[tuple[Path, Spot]]:
    yield path, Spot(node.place, key, node.snippet if isinstance(node, ScalarNode) else None)
    match node:
        case MappingNode():
            for entry in node.entries:
                yield from _spots(entry.value, (*path, entry.key), entry.key_place)
        case SequenceNode():
            for index, item in enumerate(node.items):
                yield from _spots(item, (*path, index), None)
        case ScalarNode():
            return
