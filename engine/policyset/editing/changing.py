"""Changing a value of a set: where it has to be written, and the text with it.

In: a set with drafts, the name of a document, a path inside its `spec`, a value. Out: `Changed`:
one file's new text. A value is changed in the file that states it; one that stands in a base is
changed by a patch of the overlay, since other sets have the same base.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import TYPE_CHECKING

from engine.errors import Place
from engine.expr.checking.suggest import sure
from engine.policyset.editing.putting import appended, put
from engine.policyset.editing.replacing import Refused
from engine.policyset.layout import spelling
from engine.policyset.loading import load
from engine.policyset.reader import read_yaml
from engine.policyset.reading.files import SET_FILE, shown
from engine.policyset.reading.nodes import (
    MappingNode,
    ScalarNode,
    SequenceNode,
    plain,
)
from engine.policyset.shaping.schemas import key_order

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from engine.kinds.base import Document, Path, Plain
    from engine.policyset.reading.nodes import Node


@dataclass(frozen=True, slots=True)
class Change:
    """A value as typed, for a path inside a document's `spec`; `reason` is for a new patch."""

    dotted: str
    typed: str
    reason: str


@dataclass(frozen=True, slots=True)
class Changed:
    """The file that changes, its new text, and where the value is."""

    path: FilePath
    text: str
    place: Place
    dotted: str
    typed: str


@dataclass(frozen=True, slots=True)
class NotThere:
    """Nothing of that name can be changed; `known` are the names that could be meant."""

    reason: str
    name: str
    known: tuple[str, ...]


def change(
    directory: FilePath, drafts: Mapping[FilePath, bytes], name: str, wanted: Change
) -> Changed | Refused | NotThere:
    """One change to the set in `directory`, as it is with the drafts."""
    documents = load(directory, drafts=drafts).documents
    document = next((each for each in documents if name in (each.name, each.id)), None)
    if document is None:
        names = tuple(each.name for each in documents)
        return NotThere(f"no document `{name}` in the set", name, names)
    path = _path_of(document, wanted.dotted)
    if path is None:
        known = tuple(_dotted(document.plain.get("spec", {}), ()))
        reason = f"`{document.id}` does not have `{wanted.dotted}`"
        return NotThere(reason, wanted.dotted, known)
    base = _base_of(directory, drafts)
    if base is not None and _is_of(document, path, base):
        return _patched(directory / SET_FILE, drafts, document, wanted)
    return _written(document, path, drafts, wanted)


def _path_of(document: Document, dotted: str) -> Path | None:
    """The path from the document's root; None where its kind has no such key."""
    value: Plain = document.plain.get("spec", {})
    path: Path = ("spec",)
    for step in dotted.split("."):
        declared = key_order(document.kind, path)
        match value:
            case list() if step.isdecimal() and int(step) < len(value):
                path, value = (*path, int(step)), value[int(step)]
            case dict() if step in value:
                path, value = (*path, step), value[step]
            case dict() if step in declared or _is_new(step, declared, value):
                path, value = (*path, step), {}
            case _:
                return None
    return path


def _is_new(step: str, declared: tuple[str, ...], known: Iterable[str]) -> bool:
    """Whether a free mapping may get the key: not when it looks like one that is there."""
    return bool(step) and not declared and sure(step, known) is None


def _dotted(value: Plain, path: tuple[str, ...]) -> Iterator[str]:
    match value:
        case dict():
            for key, each in value.items():
                yield from _dotted(each, (*path, key))
        case _:
            yield ".".join(path)


def _base_of(directory: FilePath, drafts: Mapping[FilePath, bytes]) -> FilePath | None:
    # INVARIANT: the set has been loaded, so its file can be read and has this shape.
    root = read_yaml(_text(directory / SET_FILE, drafts).encode(), "").root
    match plain(root) if root else None:
        case {"spec": {"base": str(base)}}:
            return FilePath(os.path.normpath(directory / base))
        case _:
            return None


def _is_of(document: Document, path: Path, base: FilePath) -> bool:
    """Whether what is at the path, or around it, is written in the base or in one of its bases."""
    file = document.places.of(path).file
    files = {each.places.of(()).file for each in load(base).documents}
    sets = {shown(base / SET_FILE)}
    deeper = _base_of(base, {})
    return file in files | sets or (deeper is not None and _is_of(document, path, deeper))


def _written(
    document: Document, path: Path, drafts: Mapping[FilePath, bytes], wanted: Change
) -> Changed | Refused:
    """The value in the file that states it, or where its nearest part is stated."""
    there = document.places.of(path)
    file = FilePath(there.file)
    text = _text(file, drafts)
    root = read_yaml(text.encode(), there.file).root
    at = _path_in_file(root, document, path) if root else None
    if root is None or at is None:
        return Refused(f"{there}: it cannot be found in its file: edit it by hand")
    return _put(file, text, at, wanted)


def _put(file: FilePath, text: str, at: Path, wanted: Change) -> Changed | Refused:
    result = put(text, str(file), at, wanted.typed)
    if isinstance(result, Refused):
        where = _place_of(text, str(file), at)
        return Refused(f"{where}: {result.reason}", result.diagnostics)
    place = _place_of(result, str(file), at)
    return Changed(file, result, place, wanted.dotted, wanted.typed)


def _path_in_file(root: Node, document: Document, path: Path) -> Path | None:
    """The same part in the data of its file: in an item of a list, or in a patch."""
    for size in range(len(path), 0, -1):
        place = document.places.of(path[:size])
        key = document.places.of_key(path[:size])
        found = [at for at, value, own in _places(root, ()) if value == place and own == key]
        if found and _is_written(document, path[:size]):
            return (*found[-1], *path[size:])
    return None


def _is_written(document: Document, path: Path) -> bool:
    """Whether the path has a place of its own, and not that of what is around it."""
    around = document.places.of(path[:-1])
    return document.places.of_key(path) != document.places.of_key(path[:-1]) or (
        document.places.of(path) != around
    )


def _places(node: Node, path: Path) -> Iterator[tuple[Path, Place, Place]]:
    match node:
        case MappingNode():
            for entry in node.entries:
                below = (*path, entry.key)
                yield below, entry.value.place, entry.key_place
                yield from _places(entry.value, below)
        case SequenceNode():
            for index, item in enumerate(node.items):
                yield (*path, index), item.place, item.place
                yield from _places(item, (*path, index))
        case ScalarNode():
            return


def _place_of(text: str, file: str, path: Path) -> Place:
    """Where a path, or what is around it, stands in a text."""
    root = read_yaml(text.encode(), file).root
    known = {at: value for at, value, _ in _places(root, ())} if root else {}
    while path and path not in known:
        path = path[:-1]
    return known.get(path, Place(file, 1, 1))


def _patched(
    file: FilePath, drafts: Mapping[FilePath, bytes], document: Document, wanted: Change
) -> Changed | Refused:
    """A patch of the overlay: its own entry for the document where it has one, or a new one."""
    text = _text(file, drafts)
    root = read_yaml(text.encode(), str(file)).root
    patches = _patches(plain(root) if root else None)
    own = next((i for i, each in enumerate(patches) if _target(each) == document.id), None)
    if own is not None:
        return _put(file, text, ("spec", "patches", own, "set", wanted.dotted), wanted)
    return _new_patch(file, text, document, wanted, is_first=not patches)


def _new_patch(
    file: FilePath, text: str, document: Document, wanted: Change, *, is_first: bool
) -> Changed | Refused:
    key = spelling.text(wanted.dotted, in_brackets=False)
    lines = [f"- target: {document.id}", "  set:", f"    {key}: null"]
    if wanted.reason:
        lines.append(f"  reason: {spelling.text(wanted.reason, in_brackets=False)}")
    number = 0 if is_first else len(_patches(_data(text)))
    if is_first:
        first = put(text, str(file), ("spec", "patches"), "[]")
        longer = first if isinstance(first, Refused) else _in_lines(first, lines)
    else:
        longer = appended(text, str(file), ("spec", "patches"), lines)
    if isinstance(longer, Refused):
        return Refused(f"{file}: {longer.reason}", longer.diagnostics)
    return _put(file, longer, ("spec", "patches", number, "set", wanted.dotted), wanted)


def _in_lines(text: str, lines: list[str]) -> str:
    """The empty list of patches as a list of one."""
    head = next(each for each in text.split("\n") if each.strip() == "patches: []")
    indent = head[: head.index("p")]
    below = "\n".join(f"{indent}  {line}" for line in lines)
    return text.replace(head, f"{indent}patches:\n{below}", 1)


def _data(text: str) -> Plain:
    root = read_yaml(text.encode(), "").root
    return plain(root) if root else None


def _patches(data: Plain) -> list[Plain]:
    match data:
        case {"spec": {"patches": list(patches)}}:
            return patches
        case _:
            return []


def _target(patch: Plain) -> str:
    return str(patch.get("target")) if isinstance(patch, dict) else ""


def _text(file: FilePath, drafts: Mapping[FilePath, bytes]) -> str:
    draft = drafts.get(file.resolve())
    return (file.read_bytes() if draft is None else draft).decode("utf-8")
