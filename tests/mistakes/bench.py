"""A shipped set with one file in other words, and all that lint says of it.

Files that no edit touches are read and built once, so that a hundred mistakes take seconds. A
test holds the findings equal to those of the real path, for a sample of the mistakes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import Severity, in_file_order
from engine.kinds.policy_set.document import PolicySetDocument
from engine.model.times import UtcTime
from engine.policyset.build import BuildResult, build
from engine.policyset.composing import compose
from engine.policyset.lint import lint
from engine.policyset.loading import split_items
from engine.policyset.opening import load_policy_set
from engine.policyset.overlay import Layer, RawDocument, lay_over
from engine.policyset.reader import read_yaml
from engine.policyset.reading.nodes import places, plain

if TYPE_CHECKING:
    from engine.errors import Diagnostic

ROOT = Path(__file__).parents[2]
POLICIES = ROOT / "policies"
NOW = UtcTime.parse("2026-01-05T08:00:00Z")


@dataclass(frozen=True)
class Draft:
    """One file, by its path from the root, as it would be; the file may be a new one."""

    file: str
    text: str


@dataclass(frozen=True)
class Read:
    """The documents of one file, or what forbids to read them."""

    documents: tuple[RawDocument, ...]
    found: tuple[Diagnostic, ...]


def said_of(base: str, draft: Draft) -> tuple[Diagnostic, ...]:
    """What loading, composing and linting say of the set `policies/BASE` with a draft in it."""
    found: list[Diagnostic] = []
    raw = _documents(POLICIES / base, draft, found)
    if _errors(found):
        return in_file_order(found)
    built = [_built(each) for each in raw]
    found += [finding for each in built for finding in each.diagnostics]
    documents = sorted((e.document for e in built if e.document), key=lambda each: each.id)
    if _errors(found):
        return in_file_order(found)
    result = compose(documents, "test")
    found += result.diagnostics
    if result.policy_set is not None:
        found += lint(result.policy_set, now=NOW)
    return in_file_order(found)


def really_said_of(base: str, draft: Draft) -> tuple[Diagnostic, ...]:
    """The same by the path that `policy lint` takes; the file must be one that is there."""
    loaded = load_policy_set(POLICIES / base, drafts={ROOT / draft.file: draft.text.encode()})
    lints = lint(loaded.policy_set, now=NOW) if loaded.policy_set else ()
    return in_file_order((*loaded.diagnostics, *lints))


@cache
def text_of(file: str) -> str:
    """A shipped file; "" for one that is not there."""
    path = ROOT / file
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def _documents(directory: Path, draft: Draft, found: list[Diagnostic]) -> list[RawDocument]:
    """The effective documents of the set in a directory, before they are built."""
    directory = directory.resolve()
    (raw,) = _taken(str((directory / "policyset.yaml").relative_to(ROOT)), draft, found) or (None,)
    content = _built(raw).document.content if raw and _built(raw).document else None
    if raw is None or not isinstance(content, PolicySetDocument):
        found += _built(raw).diagnostics if raw else ()
        return []
    names = set(_included(directory, tuple(content.spec.include)))
    if content.spec.base is None and not (ROOT / draft.file).exists():
        names.add(draft.file)
    own = [each for name in sorted(names) for each in _taken(name, draft, found)]
    if content.spec.base is None:
        return own
    below = _documents(directory / content.spec.base, draft, found)
    patched, patches = lay_over(below, Layer(content, raw))
    found += patches
    return [*patched, *own]


@cache
def _included(directory: Path, patterns: tuple[str, ...]) -> frozenset[str]:
    """The files of a folder that its set takes in, by their paths from the root."""
    files = {path.resolve() for each in patterns for path in directory.glob(each)}
    return frozenset(str(path.relative_to(ROOT)) for path in files)


def _taken(file: str, draft: Draft, found: list[Diagnostic]) -> tuple[RawDocument, ...]:
    read = _read_anew(file, draft.text) if file == draft.file else _read(file)
    found += read.found
    return read.documents


@cache
def _read(file: str) -> Read:
    return _read_anew(file, text_of(file))


def _read_anew(file: str, text: str) -> Read:
    result = read_yaml(text.encode(), file)
    data = plain(result.root) if result.root else None
    if result.root is None or not isinstance(data, dict):
        return Read((), result.diagnostics)
    raw = RawDocument(data, places(result.root))
    if file.endswith("policyset.yaml"):
        return Read((raw,), result.diagnostics)
    documents, found = split_items(raw)
    return Read(tuple(documents), (*result.diagnostics, *found))


_BUILT: dict[int, tuple[RawDocument, BuildResult]] = {}


def _built(raw: RawDocument) -> BuildResult:
    """The built document; what no edit and no patch touched is the same object, and built once."""
    if id(raw) not in _BUILT:
        _BUILT[id(raw)] = (raw, build(dict(raw.plain), raw.places))
    return _BUILT[id(raw)][1]


def _errors(found: list[Diagnostic]) -> bool:
    return any(each.severity is Severity.ERROR for each in found)


def lines_with(text: str, mark: str) -> set[int]:
    """The numbers of the lines that hold one of the marks, which `|` separates; `+1`: the next."""
    words, _, further = mark.partition("+")
    return {
        number + int(further or 0)
        for number, line in enumerate(text.split("\n"), start=1)
        if any(each in line for each in words.split("|"))
    }
