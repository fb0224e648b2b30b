"""Overlays: the values of patches laid over the documents of a base.

In: the documents of a base as plain data, and the PolicySet document with its patches. Out:
the effective documents, each patched value with its place in the patch, and findings.
Refuses targets and paths that are not there, and two patches of one field: a patch that would
change nothing, or only by its order, is a mistake. Whether a new value fits its field is not
asked here; the effective document is checked like any other.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from engine.errors import Diagnostic
from engine.policyset.reading.scalars import quoted
from engine.policyset.shaping.misfits import found_name, names_hint
from engine.policyset.shaping.schemas import keys_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from engine.errors import Place
    from engine.kinds.base import Path, Plain
    from engine.kinds.policy_set.document import PolicySetDocument
    from engine.policyset.reading.nodes import DocumentPlaces


@dataclass(frozen=True, slots=True)
class RawDocument:
    """One document of a known kind, before anything else of its shape is known."""

    plain: Mapping[str, Plain]
    places: DocumentPlaces

    @property
    def kind(self) -> str:
        """The kind that it names; empty when it names none."""
        return _text(self.plain.get("kind"))

    @property
    def name(self) -> str:
        """The name that it gives itself; empty when it gives none."""
        metadata = self.plain.get("metadata")
        return _text(metadata.get("name")) if isinstance(metadata, dict) else ""

    @property
    def id(self) -> str:
        """`Kind/name`."""
        return f"{self.kind}/{self.name}"


@dataclass(frozen=True, slots=True)
class Layer:
    """One PolicySet document, typed and with its plain data and places."""

    content: PolicySetDocument
    raw: RawDocument


def lay_over(
    base: Sequence[RawDocument], layer: Layer
) -> tuple[list[RawDocument], list[Diagnostic]]:
    """Apply the patches of `layer` to the documents of its base."""
    found: list[Diagnostic] = []
    documents = {each.id: each for each in base}
    done: dict[tuple[str, Path], Place] = {}
    for patch in _patches(layer):
        document = documents.get(patch.target)
        if document is None:
            found.append(_unknown_target(patch, documents))
            continue
        path = resolve(patch, document)
        if isinstance(path, Diagnostic):
            found.append(path)
            continue
        found += _collisions(patch, path, done)
        documents[patch.target] = _patched(document, path, patch)
    return [documents[each.id] for each in base], found


@dataclass(frozen=True, slots=True)
class NewValue:
    """One new value: of which document, at which dotted path, and where the user wrote it."""

    target: str
    target_place: Place
    dotted: str
    value: Plain
    places: DocumentPlaces

    @property
    def place(self) -> Place:
        """Where the user wrote it."""
        return self.places.of_key(())


def _patches(layer: Layer) -> Iterator[NewValue]:
    for index, patch in enumerate(layer.content.spec.patches):
        at: Path = ("spec", "patches", index)
        where = layer.raw.places
        for dotted, value in patch.set.items():
            there = where.below((*at, "set", dotted))
            yield NewValue(patch.target, where.of((*at, "target")), dotted, value, there)


def _unknown_target(edit: NewValue, known: Mapping[str, RawDocument]) -> Diagnostic:
    mend = names_hint(edit.target, known, "the base has")
    message = f"the base has no document {quoted(edit.target)}"
    return Diagnostic("M150", message, edit.target_place, mend)


def resolve(edit: NewValue, document: RawDocument) -> Path | Diagnostic:
    """The path inside the document, or why the document has no such field."""
    path: Path = ("spec",)
    value = document.plain.get("spec", {})
    for step in edit.dotted.split("."):
        match value:
            case list() if step.isdecimal() and int(step) < len(value):
                path, value = (*path, int(step)), value[int(step)]
            case dict() if step in value:
                path, value = (*path, step), value[step]
            case dict() if step in keys_at(document.kind, path):
                path, value = (*path, step), {}
            case _:
                return _unknown_path(edit, step, document.kind, path, value)
    return path


def _unknown_path(edit: NewValue, step: str, kind: str, path: Path, value: Plain) -> Diagnostic:
    around = ".".join(str(each) for each in path)
    if isinstance(value, dict):
        mend = names_hint(step, value.keys() | keys_at(kind, path), "it has")
    elif isinstance(value, list):
        mend = f"write the number of an entry, from 0 to {len(value) - 1}"
    else:
        mend = f"set {quoted('.'.join(str(each) for each in path[1:]))} as a whole"
    message = f"`{around}` of {quoted(edit.target)} is {found_name(value)} without {quoted(step)}"
    return Diagnostic("M151", message, edit.place, mend)


def _collisions(
    edit: NewValue, path: Path, done: dict[tuple[str, Path], Place]
) -> Iterator[Diagnostic]:
    for (target, other), place in done.items():
        shorter = min(len(path), len(other))
        if target == edit.target and path[:shorter] == other[:shorter]:
            message = f"{quoted(edit.dotted)} of {quoted(edit.target)} is patched twice"
            related = ((place, "also here"),)
            yield Diagnostic("M155", message, edit.place, "keep one of the two", related)
    done[edit.target, path] = edit.place


def _patched(document: RawDocument, path: Path, edit: NewValue) -> RawDocument:
    plain = put_in(dict(document.plain), path, edit.value)
    return replace(
        document,
        plain=plain if isinstance(plain, dict) else document.plain,
        places=document.places.with_part(path, edit.places),
    )


def put_in(value: Plain, path: Path, new: Plain) -> Plain:
    """`value` with `new` at `path`; the original is shared with other sets, and stays."""
    if not path:
        return new
    step, rest = path[0], path[1:]
    if isinstance(value, list):
        return [
            put_in(each, rest, new) if index == step else each for index, each in enumerate(value)
        ]
    below = value if isinstance(value, dict) else {}
    return below | {str(step): put_in(below.get(str(step), {}), rest, new)}


def _text(value: Plain) -> str:
    return value if isinstance(value, str) else ""
