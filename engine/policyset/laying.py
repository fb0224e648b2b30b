"""One value laid over a sealed set, as an overlay would: the same documents, and the set they make.

In: a set, a document of it, a path inside its `spec`, a value as typed in YAML. Out: `Loaded`. The
set that comes of it has the hash of an overlay with that patch, since the way in which a value came
in is no part of a seal. Refuses what an overlay refuses, in the same words.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from engine.errors import Diagnostic
from engine.policyset.build import build
from engine.policyset.composing import compose
from engine.policyset.opening import Loaded
from engine.policyset.overlay import NewValue, RawDocument, put_in, resolve
from engine.policyset.reader import read_yaml
from engine.policyset.reading.nodes import places, plain
from engine.policyset.reading.scalars import quoted
from engine.policyset.seal import plain_from_canonical
from engine.policyset.sealing import CanonicalPlaces
from engine.policyset.shaping.misfits import names_hint

if TYPE_CHECKING:
    from engine.kinds.base import Document, Plain
    from engine.policyset.policyset import PolicySet, SealedDocument

_TYPED = "<value>"


def laid_over(base: PolicySet, name: str, dotted: str, typed: str) -> Loaded:
    """The set with one value as typed; `name` is a document as `Kind/name`, or its name alone."""
    sealed = sealed_document(base, name)
    if sealed is None:
        return Loaded(None, (_no_document(base, name),))
    read = read_yaml(typed.encode(), _TYPED)
    if read.root is None:
        return Loaded(None, read.diagnostics)
    there, data = places(read.root), _plain(sealed)
    value = NewValue(sealed.document.id, there.of(()), dotted, plain(read.root), there)
    path = resolve(value, RawDocument(data, there))
    if isinstance(path, Diagnostic):
        return Loaded(None, (path,))
    patched = put_in(data, path, value.value)
    built = build(patched, CanonicalPlaces(sealed.document.id, patched))
    if built.document is None:
        return Loaded(None, built.diagnostics)
    composed = compose([*_others(base, sealed), _sourced(built.document, sealed)], base.name)
    return Loaded(composed.policy_set, composed.diagnostics)


def sealed_document(base: PolicySet, name: str) -> SealedDocument | None:
    """A document by `Kind/name`, or by its name alone, which is unique in the whole set."""
    found = (e for e in base.sealed if name in {e.document.id, e.document.name})
    return next(found, None)


def _plain(sealed: SealedDocument) -> dict[str, Plain]:
    data = plain_from_canonical(sealed.canonical)
    # INVARIANT: what was sealed is a document, and a document is a mapping.
    assert isinstance(data, dict)  # noqa: S101 - narrows the type
    return data


def _others(base: PolicySet, sealed: SealedDocument) -> list[Document]:
    return [each.document for each in base.sealed if each is not sealed]


def _sourced(document: Document, sealed: SealedDocument) -> Document:
    """A Python strategy keeps its source, which is a file of its own."""
    return replace(document, source=sealed.document.source)


def _no_document(base: PolicySet, name: str) -> Diagnostic:
    known = [each.document.id for each in base.sealed]
    message = f"the set has no document {quoted(name)}"
    return Diagnostic("M150", message, None, names_hint(name, known, "it has"))
