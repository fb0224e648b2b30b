"""What the tests of this folder share: files of good and bad documents, read and split."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from engine.policyset.loading import split_items
from engine.policyset.overlay import RawDocument
from engine.policyset.reader import read_yaml
from engine.policyset.reading.nodes import places, plain

if TYPE_CHECKING:
    from collections.abc import Iterable

    from engine.errors import Diagnostic
    from engine.kinds.base import Plain
    from engine.policyset.reading.nodes import DocumentPlaces

DOCUMENTS = Path(__file__).parents[1] / "documents"
GOOD = sorted((DOCUMENTS / "good").glob("*.yaml"))
SHAPES = sorted((DOCUMENTS / "shapes").glob("*.yaml"))


def parsed(data: bytes, file: str = "f.yaml") -> tuple[Plain, DocumentPlaces]:
    """The data of one readable file, and its places."""
    result = read_yaml(data, file)
    assert result.root is not None, result.diagnostics
    return plain(result.root), places(result.root)


def raw_of(path: Path) -> RawDocument:
    """One file that holds a mapping."""
    data, there = parsed(path.read_bytes(), path.name)
    assert isinstance(data, dict)
    return RawDocument(data, there)


def good_documents() -> list[RawDocument]:
    """Every good document, those of lists one by one."""
    return [each for path in GOOD for each in split_items(raw_of(path))[0]]


def marks(diagnostics: Iterable[Diagnostic]) -> list[str]:
    """Findings as the `.expected` files write them."""
    return [f"{d.code}:{d.place.line}:{d.place.column}" for d in diagnostics if d.place]
