"""Editing: one scalar of a file gets another value, and nothing else changes.

In: the text of a file, the place of a scalar in it, and the new value as typed. Out: the text
with that stretch of one line replaced, so comments, layout and every other place stay; or the
reason why not. Refuses whatever would change more than the one value: the new text is read
again and compared.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.policyset.reader import read_yaml
from engine.policyset.reading.nodes import (
    ScalarKind,
    ScalarNode,
    ScalarStyle,
    plain,
    scalars,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.errors import Diagnostic, Place
    from engine.kinds.base import Path, Plain
    from engine.policyset.reading.nodes import Node


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a value cannot be edited in its place; `diagnostics` when the new text is at fault."""

    reason: str
    diagnostics: tuple[Diagnostic, ...] = ()


def replace_scalar(text: str, place: Place, typed: str) -> str | Refused:
    """The text with `typed` as the value of the scalar at `place`.

    `typed` is what YAML would say, without quotes: they are added where the value needs them.
    """
    root = read_yaml(text.encode(), place.file).root
    found = next(((p, n) for p, n in scalars(root, ()) if n.place == place), None) if root else None
    if root is None or found is None:
        return Refused("it is no single value: edit it by hand")
    path, node = found
    if node.style is ScalarStyle.BLOCK:
        return Refused("it is written over several lines: edit it by hand")
    wanted = plain(root)
    refused = Refused("the new value does not fit on its line")
    for spelling in _spellings(node, typed):
        edited = _spliced(text, node.place, spelling)
        result = read_yaml(edited.encode(), place.file)
        if result.root is not None and _only_changed(wanted, result.root, path, typed):
            return edited
        if result.diagnostics and not refused.diagnostics:
            refused = Refused("the new value cannot be read", result.diagnostics)
    return refused


def _spellings(node: ScalarNode, typed: str) -> Iterator[str]:
    """How the value may be written, the way that the old one was written first."""
    quoted = "'" + typed.replace("'", "''") + "'"
    if node.style is ScalarStyle.QUOTED:
        yield f'"{typed}"' if node.place.source_line[node.place.column - 1] == '"' else quoted
    else:
        yield typed
    # A number does not become text because its new spelling is refused.
    if node.kind is ScalarKind.TEXT:
        yield quoted


def _spliced(text: str, place: Place, spelling: str) -> str:
    lines = text.split("\n")
    line = lines[place.line - 1]
    start, end = place.column - 1, place.column - 1 + place.width
    lines[place.line - 1] = line[:start] + spelling + line[end:]
    return "\n".join(lines)


def _only_changed(before: Plain, after: Node, path: Path, typed: str) -> bool:
    """Whether `after` says `typed` at `path`, and all that `before` says elsewhere."""
    node = dict(scalars(after, ())).get(path)
    if node is None or node.snippet.text != typed:
        return False
    return _with(before, path, plain(node)) == plain(after)


def _with(value: Plain, path: Path, new: Plain) -> Plain:
    match value:
        case dict() if path:
            return value | {str(path[0]): _with(value[str(path[0])], path[1:], new)}
        case list() if path:
            return [
                _with(each, path[1:], new) if index == path[0] else each
                for index, each in enumerate(value)
            ]
        case _:
            return new
