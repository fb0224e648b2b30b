"""Loading: a directory becomes the effective documents of its policy set.

In: a directory with a `policyset.yaml`. Out: `LoadResult`, the built documents (patches of every
layer applied) and all findings of all files, in file order. Refuses a set that cannot be read
as a whole: one unread file is one rule that nobody keeps.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.errors import Diagnostic, Place, Severity, in_file_order
from engine.kinds.policy_set.document import PolicySetDocument
from engine.kinds.registry import KINDS
from engine.policyset.build import build
from engine.policyset.overlay import Layer, RawDocument, lay_over
from engine.policyset.reader import read_yaml
from engine.policyset.reading.files import (
    MAX_FILES,
    SET_FILE,
    PolicyFile,
    check_path,
    leads_out,
    look_alikes,
    matching,
    read_file,
    shown,
    strays,
    top_of,
)
from engine.policyset.reading.nodes import places, plain
from engine.policyset.reading.scalars import quoted
from engine.policyset.reading.sources import with_source
from engine.policyset.shape import check_envelope, check_shape, kind_of
from engine.policyset.shaping.schemas import LISTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from engine.kinds.base import Document, Plain
    from engine.policyset.reading.nodes import DocumentPlaces

MAX_DOCUMENTS = 500
MAX_SET_BYTES = 4 * 1024 * 1024
MAX_BASES = 8


@dataclass(frozen=True, slots=True)
class LoadResult:
    """A policy set as documents; it may be used only when `refused` is false."""

    name: str
    documents: tuple[Document, ...]
    diagnostics: tuple[Diagnostic, ...]

    @property
    def refused(self) -> bool:
        """Whether a finding is an error."""
        return any(each.severity is Severity.ERROR for each in self.diagnostics)


def load(
    directory: Path, *, top: Path | None = None, drafts: Mapping[Path, bytes] | None = None
) -> LoadResult:
    """Load the policy set in `directory`; nothing is read from outside `top`.

    `top` is the repository around the directory where none is given (`files.top_of`). `drafts`
    are files, by resolved path, as they would be: an edit is checked before it is written.
    """
    loader = _Loader(top.resolve() if top else top_of(directory), drafts or {})
    start = Place(shown(directory / SET_FILE), 1, 1)
    name, raw = loader.load(directory, start, ())
    loader.found += _duplicates(raw)
    documents = [loader.built(each) for each in raw]
    return LoadResult(
        name,
        tuple(sorted((each for each in documents if each), key=lambda each: each.id)),
        in_file_order(loader.found),
    )


def split_items(raw: RawDocument) -> tuple[list[RawDocument], list[Diagnostic]]:
    """The documents of one file: itself, or those of a list, each with the head they share."""
    kind = kind_of(dict(raw.plain), raw.places, (*KINDS, *LISTS))
    if isinstance(kind, Diagnostic):
        return [], [kind]
    if kind not in LISTS:
        return [raw], []
    found = check_envelope(kind, dict(raw.plain), raw.places)
    return ([] if found else list(_split(kind, raw))), found


def _duplicates(raw: Sequence[RawDocument]) -> Iterator[Diagnostic]:
    first: dict[str, RawDocument] = {}
    for each in raw:
        other = first.setdefault(each.name, each) if each.name else each
        if other is not each:
            at = ("metadata", "name")
            message = f"the name {quoted(each.name)} stands for two documents"
            related = ((other.places.of(at), "the first"),)
            mend = "a name is unique in the whole set: rename one of the two"
            yield Diagnostic("M145", message, each.places.of(at), mend, related)


class _Loader:
    """Reads the layers of one set, counting what it reads and collecting what it finds."""

    def __init__(self, top: Path, drafts: Mapping[Path, bytes]) -> None:
        self.found: list[Diagnostic] = []
        self._top = top
        self._drafts = drafts
        self._bytes = 0

    def load(
        self, directory: Path, asked: Place, chain: tuple[Path, ...]
    ) -> tuple[str, list[RawDocument]]:
        """The name and the effective documents of the set in `directory`; `asked` named it."""
        layer = self._layer(directory, asked)
        if layer is None:
            return "", []
        spec = layer.content.spec
        own = self._included(directory, layer)
        base: list[RawDocument] = []
        if spec.base is not None:
            base = self._base(directory, spec.base, layer, (*chain, directory.resolve()))
        else:
            self.found += _needs_a_base(layer)
        return layer.content.metadata.name, [*base, *own]

    def built(self, raw: RawDocument) -> Document | None:
        """The typed document, with the source that it names."""
        result = build(dict(raw.plain), raw.places)
        self.found += result.diagnostics
        if result.document is None:
            return None
        document, found = with_source(result.document, self._top, self._drafts)
        self.found += found
        # Without its source nobody knows what it wants: it is missing, as if it had not been built.
        return None if found else document

    def _layer(self, directory: Path, asked: Place) -> Layer | None:
        path = directory / SET_FILE
        if not path.is_file():
            self.found.append(_no_set(directory, asked))
            return None
        if leads_out(path, self._top):
            message = f"{quoted(shown(path))} is a link that leads out of the repository"
            self.found.append(Diagnostic("M142", message, asked, "put the file itself here"))
            return None
        raw = self._read(PolicyFile(shown(path), path), asked)
        return self._typed(raw) if raw else None

    def _typed(self, raw: RawDocument) -> Layer | None:
        if raw.kind and raw.kind != "PolicySet":
            place = raw.places.of(("kind",))
            message = f"{SET_FILE} is of kind PolicySet, not {quoted(raw.kind)}"
            self.found.append(Diagnostic("M302", message, place, "write `kind: PolicySet`"))
            return None
        result = build(dict(raw.plain), raw.places)
        self.found += result.diagnostics
        content = result.document.content if result.document else None
        if not isinstance(content, PolicySetDocument):
            return None
        self.found += _engine_findings(content, raw)
        return Layer(content, raw)

    def _base(
        self, directory: Path, base: str, layer: Layer, chain: tuple[Path, ...]
    ) -> list[RawDocument]:
        place = layer.raw.places.of(("spec", "base"))
        below = directory / base
        refused = check_path(base, directory, self._top, place) or _circle(below, place, chain)
        if refused:
            self.found.append(refused)
            return []
        before = len(self.found)
        _, documents = self.load(below, place, chain)
        patched, found = lay_over(documents, layer)
        # What a base that could not be read has or has not, nobody knows.
        unread = any(each.severity is Severity.ERROR for each in self.found[before:])
        self.found += [] if unread else found
        return patched

    def _included(self, directory: Path, layer: Layer) -> list[RawDocument]:
        files: set[PolicyFile] = set()
        asked: dict[PolicyFile, Place] = {}
        for index, pattern in enumerate(layer.content.spec.include):
            place = layer.raw.places.of(("spec", "include", index))
            taken, found = matching(pattern, directory, self._top, place)
            self.found += found
            files |= set(taken)
            asked = dict.fromkeys(taken, place) | asked
        self.found += look_alikes(sorted(files))
        self.found += strays(directory, files)
        if len(files) > MAX_FILES:
            self._too_many(layer.raw.places.of_key(("spec", "include")))
            return []
        read = (self._documents(each, asked[each]) for each in sorted(files))
        documents = [each for documents in read for each in documents]
        if len(documents) > MAX_DOCUMENTS:
            self._too_many(layer.raw.places.of_key(("spec", "include")))
        return documents

    def _too_many(self, place: Place) -> None:
        message = f"more than {MAX_DOCUMENTS} documents in one set"
        self.found.append(Diagnostic("M146", message, place, "split the set by account"))

    def _documents(self, file: PolicyFile, asked: Place) -> list[RawDocument]:
        raw = self._read(file, asked)
        if raw is None:
            return []
        if raw.kind == "PolicySet":
            place = raw.places.of(("kind",))
            mend = "name it as `base`, or narrow the pattern that takes it"
            message = "a policy set cannot be included"
            self.found.append(Diagnostic("M153", message, place, mend))
            return []
        documents, found = split_items(raw)
        self.found += found
        return documents

    def _read(self, file: PolicyFile, asked: Place) -> RawDocument | None:
        draft = self._drafts.get(file.path.resolve()) if self._drafts else None
        data = read_file(file) if draft is None else draft
        if isinstance(data, OSError):
            message = f"{quoted(file.shown)} cannot be read: {(data.strerror or '').lower()}"
            self.found.append(Diagnostic("M141", message, asked, "check the file's permissions"))
            return None
        self._bytes += len(data)
        if self._bytes > MAX_SET_BYTES:
            self._set_too_large(asked)
            return None
        result = read_yaml(data, file.shown)
        self.found += result.diagnostics
        return self._mapping(plain(result.root), places(result.root)) if result.root else None

    def _mapping(self, data: Plain, there: DocumentPlaces) -> RawDocument | None:
        if isinstance(data, dict):
            return RawDocument(data, there)
        self.found += check_shape(data, there)
        return None

    def _set_too_large(self, place: Place) -> None:
        message = f"more than {MAX_SET_BYTES // 1024**2} MiB of policies in one set"
        if not any(each.code == "M147" for each in self.found):
            self.found.append(Diagnostic("M147", message, place, "split the set by account"))


def _engine_findings(content: PolicySetDocument, raw: RawDocument) -> Iterator[Diagnostic]:
    """Whether this engine is one that the set can run on; only a set that asks pays for it."""
    wanted = content.spec.requires_engine
    if wanted is not None:
        from engine.policyset.engine_range import (  # noqa: PLC0415 - see above
            check_engine,
            engine_version,
        )

        refused = check_engine(wanted, raw.places.of(("spec", "requires_engine")), engine_version())
        if refused:
            yield refused


def _no_set(directory: Path, asked: Place) -> Diagnostic:
    message = f"{quoted(shown(directory))} has no `{SET_FILE}`"
    if not directory.is_dir():
        return Diagnostic("M140", f"{quoted(shown(directory))} is no directory", asked, "name one")
    near = (each.name for each in sorted(directory.iterdir()) if _nearly_set_file(each.name))
    other = next(near, None)
    mend = f"rename {quoted(other)}" if other else "`policy init` writes one"
    return Diagnostic("M140", message, asked, mend)


def _nearly_set_file(name: str) -> bool:
    stem, _, ending = name.casefold().rpartition(".")
    return stem.replace("_", "").replace("-", "") == "policyset" and ending in ("yaml", "yml")


def _circle(base: Path, place: Place, chain: tuple[Path, ...]) -> Diagnostic | None:
    if base.resolve() in chain:
        message = f"{quoted(shown(base))} is laid over itself"
        return Diagnostic("M148", message, place, "name another base, or none")
    if len(chain) > MAX_BASES:
        message = f"more than {MAX_BASES} sets laid over each other"
        return Diagnostic("M149", message, place, "lay this set over a lower base")
    return None


def _needs_a_base(layer: Layer) -> Iterator[Diagnostic]:
    spec, there = layer.content.spec, layer.raw.places
    if spec.patches:
        place = there.of_key(("spec", "patches"))
        mend = "name a `base`, or edit the documents themselves"
        yield Diagnostic("M152", "patches of nothing: the set has no base", place, mend)
    if not spec.include and not spec.patches:
        mend = "name files under `include`, or a `base`"
        yield Diagnostic("M154", "the set has no documents", there.of_key(("spec",)), mend)


def _split(kind: str, raw: RawDocument) -> Iterator[RawDocument]:
    items = raw.plain["items"]
    head: dict[str, Plain] = {"apiVersion": raw.plain["apiVersion"], "kind": LISTS[kind]}
    for index, item in enumerate(items if isinstance(items, list) else ()):
        there = raw.places.below(("items", index))
        for key in head:
            there = there.with_part((key,), raw.places.below((key,)))
        yield RawDocument(head | item if isinstance(item, dict) else head, there)
