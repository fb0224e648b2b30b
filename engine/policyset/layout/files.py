"""The files that belong to a directory: those of the set in it, and of every set below it.

In: a directory. Out: policy files in the order of their names, and findings. What a set takes from
its base is not its own; what its patterns take from beside it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import Diagnostic
from engine.policyset.reader import read_yaml
from engine.policyset.reading.files import (
    SET_FILE,
    PolicyFile,
    matching,
    read_file,
    shown,
    top_of,
)
from engine.policyset.reading.nodes import MappingNode, places, plain
from engine.policyset.reading.scalars import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from engine.errors import Place
    from engine.policyset.reading.nodes import DocumentPlaces


def own_files(directory: Path) -> tuple[list[PolicyFile], list[Diagnostic]]:
    """The files of the sets at and below `directory`; a set that cannot be read has but its own."""
    found: list[Diagnostic] = []
    files: dict[Path, PolicyFile] = {}
    for path in _set_files(directory):
        taken, wrong = _included(path)
        found += wrong
        for each in (PolicyFile(shown(path), path), *taken):
            files.setdefault(each.path.resolve(), each)
    if not files:
        message = f"{quoted(shown(directory))} holds no `{SET_FILE}`, here or below"
        found.append(Diagnostic("M140", message, None, "name a set, or files"))
    return sorted(files.values()), found


def _set_files(directory: Path) -> list[Path]:
    found = sorted(directory.rglob(SET_FILE))
    return [each for each in found if not _is_hidden(each, directory)]


def _is_hidden(path: Path, directory: Path) -> bool:
    return any(step.startswith(".") for step in path.relative_to(directory).parts)


def _included(path: Path) -> tuple[list[PolicyFile], list[Diagnostic]]:
    """What the patterns of one set file take; its own faults are told when it is laid out."""
    data = read_file(PolicyFile(shown(path), path))
    root = None if isinstance(data, OSError) else read_yaml(data, shown(path)).root
    if not isinstance(root, MappingNode):
        return [], []
    taken: list[PolicyFile] = []
    found: list[Diagnostic] = []
    there = places(root)
    for index, pattern in _patterns(root):
        more, wrong = matching(pattern, path.parent, top_of(path.parent), _place(there, index))
        taken += more
        found += wrong
    return taken, found


def _patterns(root: MappingNode) -> Iterator[tuple[int, str]]:
    match plain(root):
        case {"spec": {"include": list(patterns)}}:
            yield from ((i, each) for i, each in enumerate(patterns) if isinstance(each, str))
        case _:
            return


def _place(there: DocumentPlaces, index: int) -> Place:
    return there.of(("spec", "include", index))
