"""The documents of a set by kind, for lints that speak of what no rule says."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.kinds.base import Document
    from engine.policyset.policyset import PolicySet


def documents_of(policy_set: PolicySet, kind: str) -> tuple[Document, ...]:
    """Every document of a kind, sorted by name."""
    return tuple(s.document for s in policy_set.sealed if s.document.kind == kind)


def only(policy_set: PolicySet, kind: str) -> Document:
    """The one document of a kind that a set has exactly once."""
    # INVARIANT: composition refused a set in which there is not exactly one.
    (document,) = documents_of(policy_set, kind)
    return document


def named(policy_set: PolicySet, document_id: str) -> Document:
    """The document of an id; raises StopIteration for one that the set does not have."""
    return next(s.document for s in policy_set.sealed if s.document.id == document_id)


def control_of(document: Document) -> str | None:
    """The control that a document says it carries; None when it names none."""
    metadata = document.plain.get("metadata")
    control = metadata.get("control") if isinstance(metadata, dict) else None
    return control if isinstance(control, str) else None
