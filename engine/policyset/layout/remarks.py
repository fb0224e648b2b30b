"""Comments and blank lines: what the parser drops, and to which part of the document it belongs.

In: the text of a file and its tree. Out: `Remarks` by path. A comment on a line of its own belongs
to what follows it, unless it is indented deeper than that: then it ends the collection above whose
parts are indented as it is. A comment behind a value belongs to that value.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.policyset.reading.nodes import MappingNode, ScalarNode, ScalarStyle, SequenceNode

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from engine.errors import Place
    from engine.kinds.base import Path
    from engine.policyset.reading.nodes import Node

_COMMENT = re.compile(r"(?:^|(?<=[ ]))#.*")
_DASH = re.compile(r"-\s*$")
BLANK = ""


@dataclass(slots=True)
class Remark:
    """What stands around one part: lines before it, behind its first line, and at its end."""

    before: list[str] = field(default_factory=list)
    beside: str = ""
    ending: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Remarks:
    """The comments of one file: those above everything, and those of its parts by path."""

    header: tuple[str, ...]
    of_parts: Mapping[Path, Remark]

    def at(self, path: Path) -> Remark:
        """What stands around the part at `path`."""
        return self.of_parts.get(path) or Remark()

    def within(self, path: Path) -> bool:
        """Whether a comment stands inside the part at `path`."""
        size = len(path)
        inside = (r for p, r in self.of_parts.items() if len(p) > size and p[:size] == path)
        return any(self.at(path).ending) or any(
            each.beside or any(each.before) or any(each.ending) for each in inside
        )


@dataclass(frozen=True, slots=True)
class _Part:
    """An entry or an item: where its first line begins."""

    path: Path
    line: int
    column: int


def remarks(text: str, root: Node) -> Remarks:
    """Every comment of the file, and at most one of several blank lines."""
    lines = text.split("\n")
    parts = list(_parts(root, ()))
    scribe = _Scribe(parts, _hidden_parts(root, parts))
    for number, content, own in _outside_values(lines, root):
        if own:
            scribe.own_line(number, content)
        else:
            scribe.beside(number, content)
    return scribe.finished()


def _parts(node: Node, path: Path) -> Iterator[_Part]:
    match node:
        case MappingNode():
            for entry in node.entries:
                place = entry.key_place
                yield _Part((*path, entry.key), place.line, place.column)
                yield from _parts(entry.value, (*path, entry.key))
        case SequenceNode():
            for index, item in enumerate(node.items):
                place = item.place
                dash = _DASH.search(place.source_line[: place.column - 1])
                column = dash.start() + 1 if dash else place.column
                yield _Part((*path, index), place.line, column)
                yield from _parts(item, (*path, index))
        case ScalarNode():
            return


def in_brackets(node: Node) -> bool:
    """Whether a collection is written `{…}` or `[…]`."""
    at = node.place
    return not isinstance(node, ScalarNode) and at.source_line[at.column - 1 : at.column] in "{["


def _hidden_parts(root: Node, parts: list[_Part]) -> set[Path]:
    """The parts of brackets that open and end on one line: a comment behind is not theirs."""
    lines = {part.path: part.line for part in parts}
    hidden: set[Path] = set()
    for path, node in _collections(root, ()):
        inside = [each for each in lines if len(each) > len(path) and each[: len(path)] == path]
        if in_brackets(node) and {lines[each] for each in inside} <= {node.place.line}:
            hidden.update(inside)
    return hidden


def _collections(node: Node, path: Path) -> Iterator[tuple[Path, Node]]:
    match node:
        case MappingNode():
            yield path, node
            for entry in node.entries:
                yield from _collections(entry.value, (*path, entry.key))
        case SequenceNode():
            yield path, node
            for index, item in enumerate(node.items):
                yield from _collections(item, (*path, index))
        case ScalarNode():
            return


class _Scribe:
    """Gives each comment to a part, in the order of the lines."""

    def __init__(self, parts: list[_Part], hidden: set[Path]) -> None:
        self._parts = [part for part in parts if part.path not in hidden]
        self._remarks: dict[Path, Remark] = {}
        self._header: list[str] = []
        self._waiting: list[str] = []

    def own_line(self, number: int, content: str) -> None:
        """A comment on a line of its own, or a blank line (empty)."""
        following = next((part for part in self._parts if part.line > number), None)
        above = [part for part in self._parts if part.line < number]
        if not above:
            _append(self._header, content.strip())
            return
        column = len(content) - len(content.lstrip(" ")) + 1
        comment = content.strip()
        if not comment and (following is None or self._is_first(following)):
            return
        if following is not None and (not comment or column <= following.column):
            _append(self._of(following.path).before, comment)
        else:
            sibling = [part for part in above if part.column <= column][-1]
            _append(self._of(sibling.path[:-1]).ending, comment)

    def beside(self, number: int, content: str) -> None:
        """A comment behind something; `content` is the line up to its end."""
        comment = content.lstrip(" ")
        column = len(content) - len(comment) + 1
        owners = [part for part in self._parts if part.line == number and part.column < column]
        if not owners:
            self.own_line(number, content)
            return
        self._of(owners[-1].path).beside = comment

    def finished(self) -> Remarks:
        """All that was given."""
        while self._header and not self._header[-1]:
            self._header.pop()
        return Remarks(tuple(self._header), self._remarks)

    def _is_first(self, part: _Part) -> bool:
        """Whether it is the first of its collection."""
        before = self._parts[self._parts.index(part) - 1]
        return before.path == part.path[:-1]

    def _of(self, path: Path) -> Remark:
        return self._remarks.setdefault(path, Remark())


def _append(lines: list[str], line: str) -> None:
    if line or not lines or lines[-1]:
        lines.append(line)


def _outside_values(lines: list[str], root: Node) -> Iterator[tuple[int, str, bool]]:
    """Blank lines and comments: line number, text up to its end, whether it stands alone."""
    texts = set(_block_lines(root))
    spans = _spans(root)
    for number, line in enumerate(lines, 1):
        if number in texts:
            continue
        masked = _masked(line, spans.get(number, ()))
        found = _COMMENT.search(masked)
        if found:
            alone = not masked[: found.start()].strip()
            yield number, " " * found.start() + line[found.start() :].rstrip(), alone
        elif not line.strip():
            yield number, BLANK, True


def _masked(line: str, spans: tuple[tuple[int, int], ...] | list[tuple[int, int]]) -> str:
    for start, end in spans:
        line = line[:start] + "x" * (end - start) + line[end:]
    return line


def _block_lines(node: Node) -> Iterator[int]:
    for scalar in _scalars(node):
        if scalar.style is ScalarStyle.BLOCK:
            text = scalar.snippet.text
            count = text.count("\n") + (bool(text) and not text.endswith("\n"))
            yield from range(scalar.place.line + 1, scalar.place.line + 1 + count)


def _spans(node: Node) -> dict[int, list[tuple[int, int]]]:
    """Where keys and values stand on their lines: a `#` there is no comment."""
    found: dict[int, list[tuple[int, int]]] = {}
    for place in (*_key_places(node), *(each.place for each in _scalars(node))):
        span = (place.column - 1, place.column - 1 + place.width)
        found.setdefault(place.line, []).append(span)
    return found


def _scalars(node: Node) -> Iterator[ScalarNode]:
    match node:
        case ScalarNode():
            yield node
        case MappingNode():
            for entry in node.entries:
                yield from _scalars(entry.value)
        case SequenceNode():
            for item in node.items:
                yield from _scalars(item)


def _key_places(node: Node) -> Iterator[Place]:
    match node:
        case MappingNode():
            for entry in node.entries:
                yield entry.key_place
                yield from _key_places(entry.value)
        case SequenceNode():
            for item in node.items:
                yield from _key_places(item)
        case ScalarNode():
            return
