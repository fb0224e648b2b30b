"""Files of policy tests, read as strictly as policies are.

In: the folder of a policy set. Out: its test documents and the facts that they may begin with,
each with the places of its parts, and every finding of every file. Refuses what the reader of
policies refuses, kinds that are no tests, and two documents of one name.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.checks.document import DOCUMENTS, PolicyFactsDocument, PolicyTestsDocument
from engine.errors import Diagnostic, Place, in_file_order
from engine.policyset.build import typed
from engine.policyset.reader import read_yaml
from engine.policyset.reading.files import (
    TESTS,
    PolicyFile,
    leads_out,
    read_file,
    shown,
    top_of,
)
from engine.policyset.reading.nodes import places, plain
from engine.policyset.reading.scalars import quoted
from engine.policyset.shape import check_against

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from engine.kinds.base import Closed, Places, Plain

MAX_TEST_FILES = 500


@dataclass(frozen=True, slots=True)
class Suite:
    """One file of tests."""

    file: str
    document: PolicyTestsDocument
    places: Places


@dataclass(frozen=True, slots=True)
class Basis:
    """One file of facts that tests begin with."""

    file: str
    document: PolicyFactsDocument
    places: Places


@dataclass(frozen=True, slots=True)
class TestFiles:
    """All test files of a set, and what was found in them."""

    __test__ = False  # no test of ours, though pytest would think so by its name

    suites: tuple[Suite, ...]
    bases: dict[str, Basis]
    findings: tuple[Diagnostic, ...]


def read_tests(directory: Path) -> TestFiles:
    """Read every test file of the policy set in `directory`."""
    folder, top = directory / TESTS, top_of(directory)
    paths = sorted(p for p in folder.rglob("*.yaml") if p.is_file()) if folder.is_dir() else []
    if len(paths) > MAX_TEST_FILES:
        message = f"more than {MAX_TEST_FILES} files of tests"
        finding = Diagnostic("M722", message, Place(shown(folder), 1, 1), "put several in a file")
        return TestFiles((), {}, (finding,))
    found: list[Diagnostic] = []
    suites: list[Suite] = []
    bases: dict[str, Basis] = {}
    for path in paths:
        read = _linked(path) if leads_out(path, top) else _read(PolicyFile(shown(path), path))
        match read:
            case Suite():
                suites.append(read)
            case Basis():
                found += _twice(read, bases)
                bases.setdefault(read.document.metadata.name, read)
            case _:
                found += read
    return TestFiles(tuple(suites), bases, in_file_order(found))


def _linked(path: Path) -> list[Diagnostic]:
    message = f"{quoted(shown(path))} is a link that leads out of the repository"
    return [Diagnostic("M142", message, Place(shown(path), 1, 1), "put the file itself here")]


def _read(file: PolicyFile) -> Suite | Basis | list[Diagnostic]:
    data = read_file(file)
    if isinstance(data, OSError):
        message = f"{quoted(file.shown)} cannot be read: {(data.strerror or '').lower()}"
        mend = "check the file's permissions"
        return [Diagnostic("M141", message, Place(file.shown, 1, 1), mend)]
    read = read_yaml(data, file.shown)
    if read.root is None:
        return [*read.diagnostics]
    there, data_of = places(read.root), plain(read.root)
    kind = data_of.get("kind") if isinstance(data_of, dict) else None
    document = DOCUMENTS.get(kind) if isinstance(kind, str) else None
    if document is None:
        mend = "write `kind: PolicyTests`, or `kind: PolicyFacts` for facts that tests begin with"
        return [Diagnostic("M710", "this is no file of policy tests", there.of(("kind",)), mend)]
    return _document(file.shown, document, data_of, there)


def _document(
    file: str, document: type[Closed], data: Plain, there: Places
) -> Suite | Basis | list[Diagnostic]:
    misfits = check_against(document, data, there)
    if misfits:
        return misfits
    content = typed(document, data, there)
    match content:
        case PolicyTestsDocument():
            return Suite(file, content, there)
        case PolicyFactsDocument():
            return Basis(file, content, there)
        case tuple():
            return [*content]
        case _:
            raise TypeError(document)


def _twice(basis: Basis, known: dict[str, Basis]) -> Iterator[Diagnostic]:
    name = basis.document.metadata.name
    if name in known:
        at = ("metadata", "name")
        message = f"the name {quoted(name)} stands for two files of facts"
        related = ((known[name].places.of(at), "the first"),)
        yield Diagnostic("M719", message, basis.places.of(at), "rename one of the two", related)
