"""Policy sets for tests: the shipped ones, and the conservative one with other documents in it."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import in_file_order
from engine.model.times import UtcTime
from engine.policyset.build import build
from engine.policyset.composing import compose
from engine.policyset.lint import lint
from engine.policyset.loading import load, split_items
from engine.policyset.overlay import RawDocument
from engine.policyset.reader import read_yaml
from engine.policyset.reading.nodes import places, plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.errors import Diagnostic
    from engine.kinds.base import Document
    from engine.policyset.policyset import PolicySet

ROOT = Path(__file__).parents[2]
POLICIES = ROOT / "policies"
SHIPPED = ("", "rehearsal", "paper", "live", "small", "recorded", "bars", "any_pair")
NOW = UtcTime.parse("2026-01-05T08:00:00Z")
ENVELOPE = "apiVersion: mandate/v1\n"


@cache
def documents(name: str = "") -> tuple[Document, ...]:
    """The effective documents of a shipped set."""
    loaded = load(POLICIES / name)
    assert not loaded.diagnostics
    return loaded.documents


@cache
def shipped(name: str = "") -> PolicySet:
    """A shipped set, composed."""
    return composed(documents(name))


def composed(parts: Sequence[Document]) -> PolicySet:
    """The set that these documents make."""
    result = compose(parts, "test")
    assert result.policy_set is not None, result.diagnostics
    return result.policy_set


def written(text: str, file: str = "new.yaml") -> list[Document]:
    """The documents of one file; its envelope may be left out."""
    whole = text if text.startswith(("#", "apiVersion")) else ENVELOPE + text
    result = read_yaml(whole.encode(), file)
    assert result.root is not None, result.diagnostics
    data = plain(result.root)
    assert isinstance(data, dict)
    parts, found = split_items(RawDocument(data, places(result.root)))
    assert not found
    built = [build(dict(each.plain), each.places) for each in parts]
    assert not [d for each in built for d in each.diagnostics], built
    return [each.document for each in built if each.document is not None]


def altered(parts: Sequence[Document], *texts: str) -> tuple[Document, ...]:
    """The documents with others in them; one of the same id takes its place."""
    new = [each for text in texts for each in written(text)]
    ids = {each.id for each in new}
    kept = [each for each in parts if each.id not in ids]
    return tuple(sorted((*kept, *new), key=lambda each: each.id))


def findings(parts: Sequence[Document], now: UtcTime = NOW) -> tuple[Diagnostic, ...]:
    """All that composing and linting have to say."""
    result = compose(parts, "test")
    if result.policy_set is None:
        return result.diagnostics
    return in_file_order((*result.diagnostics, *lint(result.policy_set, now=now)))


def codes(found: Sequence[Diagnostic]) -> list[str]:
    """The codes alone."""
    return [each.code for each in found]
