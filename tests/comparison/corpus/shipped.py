"""The shipped set with texts of its documents another, composed anew.

In: edits, each a document's id and a text of its file with what stands there instead. Out: the
policy set. Only the edited files are read again, so that hundreds of pairs are a matter of seconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from engine.policyset.build import build
from engine.policyset.composing import compose
from engine.policyset.loading import load, split_items
from engine.policyset.overlay import RawDocument
from engine.policyset.reader import read_yaml
from engine.policyset.reading.nodes import places, plain

if TYPE_CHECKING:
    from engine.kinds.base import Document
    from engine.policyset.policyset import PolicySet

ROOT = Path(__file__).resolve().parents[3]
CLOSED, OPEN = "read_only: true", "read_only: false"


@dataclass(frozen=True, slots=True)
class Edit:
    """One text of a document's file; a `new` of None takes the whole document out."""

    document: str
    old: str = ""
    new: str | None = None


@cache
def documents() -> dict[str, Document]:
    """The shipped set's documents, by id; its orders may leave, else none could be looser."""
    account = ROOT / "policies" / "deployment.yaml"
    text = account.read_text()
    assert text.count(CLOSED) == 1
    loaded = load(ROOT / "policies", drafts={account: text.replace(CLOSED, OPEN).encode()})
    assert not loaded.refused, loaded.diagnostics
    return {each.id: each for each in loaded.documents}


@cache
def text_of(document: str) -> str:
    """The file that a document stands in."""
    return _file(document).read_text().replace(CLOSED, OPEN)


def _file(document: str) -> Path:
    shown = Path(documents()[document].places.of(("kind",)).file)
    return shown if shown.is_absolute() else ROOT / shown


@cache
def shipped() -> PolicySet:
    """The shipped set."""
    return with_edits()


def with_edits(*edits: Edit) -> PolicySet:
    """The shipped set with these edits; AssertionError where it does not compose."""
    found = dict(documents())
    for each in edits:
        if each.new is None:
            del found[each.document]
        else:
            found[each.document] = _edited(each.document, each.old, each.new)
    composed = compose([found[key] for key in sorted(found)], "shipped")
    assert composed.policy_set is not None, [str(each) for each in composed.diagnostics]
    return composed.policy_set


def _edited(document: str, old: str, new: str) -> Document:
    before = text_of(document)
    assert before.count(old) == 1, (document, old, before.count(old))
    result = read_yaml(before.replace(old, new).encode(), str(_file(document)))
    assert result.root is not None, result.diagnostics
    data = plain(result.root)
    assert isinstance(data, dict)
    (raw,), findings = split_items(RawDocument(data, places(result.root)))
    assert not findings, findings
    built = build(dict(raw.plain), raw.places)
    assert built.document is not None, built.diagnostics
    return built.document
