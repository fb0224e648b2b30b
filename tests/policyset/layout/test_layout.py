"""One layout for every file, and no meaning changed by it."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from policyset.documents import GOOD, SHAPES, good_documents, marks
from policyset.rewriting import Writer

from engine.policyset.build import build
from engine.policyset.layout.layout import lay_out
from engine.policyset.loading import split_items
from engine.policyset.overlay import RawDocument
from engine.policyset.reader import read_yaml
from engine.policyset.reading.nodes import places, plain
from engine.policyset.reading.scan import MAX_LINE
from engine.policyset.sealing import seal_documents

if TYPE_CHECKING:
    from engine.kinds.base import Plain

ROOT = Path(__file__).parents[3]
POLICIES = ROOT / "policies"
# Tests beside the policies are no documents of a set, and have no layout.
SHIPPED = sorted(
    each
    for each in (*POLICIES.rglob("*.yaml"), *(ROOT / "strategies").glob("*.yaml"))
    if POLICIES / "tests" not in each.parents
)
ROWS = sorted((Path(__file__).parent / "rows").glob("*.before.yaml"))


def laid(text: str) -> str:
    """The text in the layout; it has to have one."""
    result = lay_out(text.encode(), "f.yaml")
    assert result.text is not None, result.diagnostics
    return result.text


def seals(text: str) -> list[tuple[str, str]]:
    """The hash of each document of a file; the data alone of a set's own."""
    root = read_yaml(text.encode(), "f.yaml").root
    assert root is not None
    data = plain(root)
    assert isinstance(data, dict)
    parts, _ = split_items(RawDocument(data, places(root)))
    built = [build(dict(each.plain), each.places).document for each in parts]
    sealed = seal_documents(each for each in built if each is not None)
    return [(each.document.id, each.hash) for each in sealed]


@pytest.mark.parametrize("path", ROWS, ids=lambda path: path.name.partition(".")[0])
def test_each_case_has_its_layout(path: Path) -> None:
    """What is written before becomes what stands beside it, and that stays as it is."""
    after = Path(str(path).replace(".before.", ".after.")).read_text(encoding="utf-8")
    assert laid(path.read_text(encoding="utf-8")) == after
    assert laid(after) == after


@pytest.mark.parametrize("path", [*GOOD, *SHIPPED], ids=lambda path: path.stem)
def test_documents_keep_their_hash(path: Path) -> None:
    """The seal of every document before is its seal after, and a second layout changes nothing."""
    text = path.read_text(encoding="utf-8")
    once = laid(text)
    assert seals(once) == seals(text)
    assert laid(once) == once


# By name: a failure shows its example, and a whole document with its places is no example.
DOCUMENTS = {f"{each.kind}/{each.name}": each for each in good_documents()}


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(sorted(DOCUMENTS)), st.integers(0, 2**32))
def test_however_it_was_written(name: str, seed: int) -> None:
    """A document written in any order and quoting keeps its seal and each of its comments."""
    document = dict(DOCUMENTS[name].plain)
    written = Writer(Random(seed)).document(document)  # noqa: S311 - a seeded test
    # A large document on one line is refused as it is read.
    assume(max(map(len, written.splitlines())) <= MAX_LINE)
    once = laid(written)
    assert seals(once) == seals(written)
    assert comments(once) == comments(written)
    assert laid(once) == once


def comments(text: str) -> list[str]:
    """The comments of a text in which nothing else has this form."""
    return sorted(re.findall(r"# (?:a comment, number \d+|said otherwise)", text))


WORDS = st.sampled_from(
    ["a", "on", "null", "5", "1.50", "a: b", "a #b", "- a", "it's", '"x"', "{a}", "2025-01-01",
     "@x", "a, b", "[a", "%", "true", "a:", "# a", "*a", "a ]", "`x`", "~", "é", "1_000", "\\", "'",
     "? a", "|", ">", "!a", "&a", "a  b", "=", "..", "---", "a\\nb"]
)  # fmt: skip
REASONS = st.lists(WORDS, min_size=1, max_size=4).map(" ".join)
DOCUMENT = """\
kind: Schedule
apiVersion: mandate/v1
metadata: {{name: rhythm, description: {0}}}
spec:
  interval: 60s
  jitter_pct: 10
  back_off: {{when_cycle_over_s: 30, factor: 2, max_interval: 10m}}
  skip_silence_over: 6h
"""


@settings(deadline=None, max_examples=80)
@given(REASONS)
def test_any_words_are_kept(words: str) -> None:
    """Text is quoted when it must be and not otherwise, in brackets and out of them."""
    quoted = "'" + words.replace("'", "''") + "'"
    text = DOCUMENT.format(quoted)
    assert described(laid(text)) == words
    in_lines = text.replace("metadata: {", "metadata:\n  ").replace(", desc", "\n  desc")
    assert described(laid(in_lines.replace("}\nspec", "\nspec", 1))) == words


def described(text: str) -> Plain:
    """The description that a file gives."""
    root = read_yaml(text.encode(), "f.yaml").root
    data = plain(root) if root else None
    assert isinstance(data, dict)
    metadata = data["metadata"]
    assert isinstance(metadata, dict)
    return metadata["description"]


@pytest.mark.parametrize("text", ["a\n", "a", "a\n\n\n", "\na\n\nb\n", "  a\n b\n", "a \n", " a"])
def test_text_in_lines_is_kept(text: str) -> None:
    """Text after `|` keeps its lines, its spaces, and how it ends."""
    mark = {False: "-", True: "+"}[text.endswith("\n")]
    body = "".join(
        f"    {line}\n" if line else "\n" for line in text.removesuffix("\n").split("\n")
    )
    document = DOCUMENT.format("x").replace("metadata: {name: rhythm, description: x}", "metadata:")
    whole = document.replace(
        "metadata:\n", f"metadata:\n  name: rhythm\n  description: |2{mark}\n{body}"
    )
    assert described(whole) == text
    assert described(laid(whole)) == text


@pytest.mark.parametrize("path", SHAPES, ids=lambda path: path.stem)
def test_what_has_no_form_has_no_layout(path: Path) -> None:
    """A document that its kind refuses is told with the findings of its kind, and left alone."""
    result = lay_out(path.read_bytes(), path.name)
    expected = path.with_suffix(".expected").read_text(encoding="utf-8").split()
    assert result.text is None
    assert set(marks(result.diagnostics)) <= set(expected)
    assert result.diagnostics


UNREADABLE = {
    "an expression that does not parse": ("a <= ", "M2"),
    "an assignment": ("a = 1", "M2"),
}


@pytest.mark.parametrize(("text", "code"), UNREADABLE.values(), ids=UNREADABLE)
def test_an_expression_that_does_not_parse_is_told(text: str, code: str) -> None:
    """The finding points into the expression, also in a patch, and nothing is laid out."""
    limit = (
        "apiVersion: mandate/v1\nkind: RiskLimit\nmetadata: {name: a, description: A.}\n"
        f"spec: {{scope: order, intents: [entry], require: '{text}', on_breach: deny, "
        "stage: enforce}\n"
    )
    patch = (
        "apiVersion: mandate/v1\nkind: PolicySet\nmetadata: {name: a, description: A.}\n"
        f"spec: {{base: .., patches: [{{target: RiskLimit/a, set: {{require: '{text}'}}, "
        "reason: A.}]}\n"
    )
    for document in (limit, patch):
        result = lay_out(document.encode(), "f.yaml")
        assert result.text is None
        assert [each.code[:2] for each in result.diagnostics] == [code]
        assert all(each.place is not None for each in result.diagnostics)


def test_numbers_are_plain() -> None:
    """The number that is written is the number that is sealed."""
    text = laid(DOCUMENT.format("x").replace("jitter_pct: 10", "jitter_pct: 10.500"))
    assert "jitter_pct: 10.5\n" in text
    assert Decimal("10.5") == Decimal("10.500")
