"""Sealing documents, and building them again from what was sealed.

In: typed documents. Out: `SealedDocument`s and the set's hash; from canonical bytes, documents
equal in meaning, whose places are lines of their own canonical text. The PolicySet document is
not sealed: by which way a document came in does not matter.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from engine.errors import Place, Snippet
from engine.kinds.base import Document, SourceText
from engine.kinds.registry import KINDS
from engine.policyset.policyset import LANGUAGE_VERSION, SealedDocument
from engine.policyset.seal import (
    canonical_bytes,
    document_hash,
    plain_from_canonical,
    set_hash,
)
from engine.series import producers_hash

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from engine.expr.vocabulary import Vocabulary
    from engine.kinds.base import Path, Plain


def seal_documents(documents: Iterable[Document]) -> tuple[SealedDocument, ...]:
    """Seal each document, sorted by `Kind/name`; the PolicySet document is left out."""
    return tuple(
        _sealed(each)
        for each in sorted(documents, key=lambda document: document.id)
        if each.kind != "PolicySet"
    )


def _sealed(document: Document) -> SealedDocument:
    canonical = canonical_bytes(effective_plain(document))
    return SealedDocument(
        document, canonical, document_hash(document.kind, document.name, canonical)
    )


def effective_plain(document: Document) -> Plain:
    """The typed document as plain data: expressions canonical, durations in one spelling."""
    return _plain(document.content.model_dump(by_alias=True, exclude_unset=True))


def full_plain(document: Document) -> Plain:
    """The same with the defaults of what the document does not say; this is not what is sealed."""
    return _plain(document.content.model_dump(by_alias=True))


def _plain(value: object) -> Plain:
    match value:
        case None | bool() | str() | Decimal():
            return value
        case int():
            return Decimal(value)
        case dict():
            return {str(key): _plain(each) for key, each in value.items()}
        case list() | tuple():
            return [_plain(each) for each in value]
        case _:
            raise TypeError(type(value).__name__)


def seal_set(sealed: Sequence[SealedDocument], vocabulary: Vocabulary, names: Iterable[str]) -> str:
    """The set's hash: documents, language, and what the facts that they name mean.

    A fact that no rule names does not take part, so a release that only adds facts changes no
    hash. Neither do the set's own facts (parameters, breakers): the documents say those.
    """
    return set_hash(
        ((each.document.id, each.hash) for each in sealed),
        language_version=LANGUAGE_VERSION,
        vocabulary_hash=vocabulary.hash_of(names),
        producers_hash=producers_hash(),
        strategy_sources=sources_of(sealed),
    )


def sources_of(sealed: Iterable[SealedDocument]) -> dict[str, bytes]:
    """The source of each Python strategy, by its name."""
    return {
        each.document.name: each.document.source.text.encode("utf-8")
        for each in sealed
        if each.document.source is not None
    }


@dataclass(frozen=True, slots=True)
class CanonicalPlaces:
    """Places of a document that was built from canonical bytes: it has no file any more."""

    label: str
    plain: Plain

    def of(self, path: Path) -> Place:
        """A place that names the document and the path."""
        return Place(f"<{self.label}:{'.'.join(map(str, path))}>", 1, 1)

    def of_key(self, path: Path) -> Place:
        """The same as the value's."""
        return self.of(path)

    def snippet(self, path: Path) -> Snippet:
        """The text at `path`; raises KeyError where there is none."""
        value = self.plain
        for step in path:
            match value, step:
                case dict(), str():
                    value = value[step]
                case list(), int():
                    value = value[step]
                case _:
                    raise KeyError(path)
        if not isinstance(value, str):
            raise KeyError(path)
        return Snippet.of(value, self.of(path).file)


def document_from_canonical(canonical: bytes, source: str | None = None) -> Document:
    """Build a document from sealed bytes; raises ValueError on bytes that no seal wrote.

    `source` is that of a Python strategy, which is sealed beside its document.
    """
    plain = plain_from_canonical(canonical)
    if not isinstance(plain, dict):
        message = "a document is a mapping"
        raise ValueError(message)  # noqa: TRY004 - bad data, not a bad call
    kind = str(plain["kind"])
    metadata = plain["metadata"]
    name = str(metadata["name"]) if isinstance(metadata, dict) else ""
    content = KINDS[kind].document.model_validate(plain)
    label = f"{kind}/{name}"
    told = None if source is None else SourceText(f"<{label} source>", source)
    return Document(kind, name, content, plain, CanonicalPlaces(label, plain), told)
