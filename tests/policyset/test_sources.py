"""Sources of Python strategies: read beside their documents, brought to one form, sealed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cycle.python_sets import NAME, python_set
from cycle.small_sets import documents
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.cycle.records.activation import activated_set, activation_body
from engine.errors import MandateError
from engine.policyset.composing import compose
from engine.policyset.loading import load
from engine.policyset.opening import load_policy_set
from engine.policyset.reading.sources import source_text

if TYPE_CHECKING:
    from engine.policyset.policyset import PolicySet

SOURCE = """# Wants everything.
from engine.model.proposals import Proposal


def propose(context):
    size_pct = context.params["size_pct"]
    return [Proposal(c.symbol, 1.0, size_pct, "é") for c in context.candidates]
"""
DOCUMENT = """apiVersion: mandate/v1
kind: Strategy
metadata: {name: everything, description: Wants everything.}
spec:
  tiers: [core]
  python: {file: all.py, facts: [], max_steps: 1000}
  min_conviction: 0.5
  params: {size_pct: 2}
  exit: {stop_pct: 5, blind_exit_after: 30m}
  budget: {at_risk_pct: 20}
"""
SET = """apiVersion: mandate/v1
kind: PolicySet
metadata: {name: small, description: One strategy.}
spec: {include: [strategies/*.yaml]}
"""


def folder(tmp_path: Path, source: bytes | None, document: str = DOCUMENT) -> Path:
    """A set of one document, and the file that it names."""
    directory = tmp_path / "policies"
    (directory / "strategies").mkdir(parents=True)
    (directory / "policyset.yaml").write_text(SET)
    (directory / "strategies" / "everything.yaml").write_text(document)
    if source is not None:
        (directory / "strategies" / "all.py").write_bytes(source)
    return directory


def composed(source: str, file: str = "asked.py") -> PolicySet:
    """The base set with one Python strategy of this source."""
    return python_set(source, python=f"{{file: {file}, facts: [], max_steps: 1000}}")


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_a_source_is_read_beside_its_document(tmp_path: Path, newline: str) -> None:
    """Its text comes with the document, in one form whatever ends its lines."""
    directory = folder(tmp_path, SOURCE.replace("\n", newline).encode())
    (document,) = load(directory).documents
    assert document.source is not None
    assert document.source.text == SOURCE
    assert document.source.file.endswith("policies/strategies/all.py")


REFUSED: dict[str, tuple[bytes | None, str]] = {
    "missing": (None, "everything.yaml:6:18 M381"),
    "not UTF-8": (b"x = 1\n\xff", "all.py:2:1 M381"),
    "too large": (b"#" * 70_000, "all.py:1:1 M381"),
    "a character that nobody sees": ("x = 1\n#\u202e y".encode(), "all.py:2:2 M381"),
    "a bell": (b"x = '\x07'", "all.py:1:6 M381"),
}


@pytest.mark.parametrize(("source", "expected"), REFUSED.values(), ids=REFUSED)
def test_a_source_that_nobody_can_review_is_refused(
    tmp_path: Path, source: bytes | None, expected: str
) -> None:
    """It is told with its place, and once, and there is no set."""
    loaded = load_policy_set(folder(tmp_path, source))
    assert loaded.policy_set is None
    places = [
        f"{Path(d.place.file).name}:{d.place.line}:{d.place.column} {d.code}"
        for d in loaded.diagnostics
        if d.place is not None
    ]
    assert places == [expected]


def test_a_link_is_no_source(tmp_path: Path) -> None:
    """A link could show a reviewer one text and the engine another."""
    directory = folder(tmp_path, None)
    (tmp_path / "real.py").write_text(SOURCE)
    (directory / "strategies" / "all.py").symlink_to(tmp_path / "real.py")
    (found,) = load_policy_set(directory).diagnostics
    assert (found.code, "is a link" in found.message) == ("M381", True)


def test_a_source_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    """What the system refuses, here a directory of that name, is told in its words."""
    directory = folder(tmp_path, None)
    (directory / "strategies" / "all.py").mkdir()
    (found,) = load_policy_set(directory).diagnostics
    assert (found.code, "is a directory" in found.message) == ("M381", True)


def test_a_source_outside_is_no_source(tmp_path: Path) -> None:
    """The name has no way out of the document's directory: it is a name and no path."""
    directory = folder(tmp_path, None, DOCUMENT.replace("all.py", "../all.py"))
    codes = [each.code for each in load_policy_set(directory).diagnostics]
    assert codes == ["M307"]


FORMS = {
    "neither expressions nor a source": (DOCUMENT.replace("  python:", "  # "), "needs `signals`"),
    "both": (DOCUMENT + "  entry: quote.crossed\n", "no meaning beside `python`"),
    "additions": (
        DOCUMENT + "  add: {when: quote.crossed, size_pct: '1', max_adds_count: 1}\n",
        "`add` has no meaning beside",
    ),
}


@pytest.mark.parametrize(("document", "told"), FORMS.values(), ids=FORMS)
def test_a_strategy_is_written_in_one_way(tmp_path: Path, document: str, told: str) -> None:
    """Expressions, or a source: what stands beside it would be a knob without a wire."""
    found = load(folder(tmp_path, SOURCE.encode(), document)).diagnostics
    assert [each.code for each in found] == ["M312"]
    assert told in found[0].message


def test_a_draft_is_checked_before_it_is_written(tmp_path: Path) -> None:
    """An edit of a source is read in place of the file."""
    directory = folder(tmp_path, SOURCE.encode())
    path = (directory / "strategies" / "all.py").resolve()
    (document,) = load(directory, drafts={path: b"x = 1"}).documents
    assert document.source is not None
    assert document.source.text == "x = 1\n"


@settings(deadline=None)
@given(st.text(max_size=60))
def test_the_form_of_a_source_is_a_fixed_point(text: str) -> None:
    """What was brought to the one form stays as it is, and ends with one line feed."""
    once = source_text(text.encode("utf-8", "replace"), "s.py")
    if isinstance(once, str):
        assert source_text(once.encode(), "s.py") == once
        assert once.endswith("\n")
        assert not once.endswith("\n\n") or once == "\n"


SEALS = {
    "another name of the file": ((SOURCE, "other.py"), True),
    "another comment": ((SOURCE.replace("everything.", "all."), "all.py"), False),
    "another size": ((SOURCE.replace("1.0", "0.9"), "all.py"), False),
}


@pytest.mark.parametrize(("other", "same"), SEALS.values(), ids=SEALS)
def test_the_seal_covers_the_source(other: tuple[str, str], *, same: bool) -> None:
    """Any change of the text is another set, comments too; the file's name is not."""
    assert (composed(SOURCE).hash == composed(*other).hash) is same


def test_the_ledger_holds_the_source() -> None:
    """A set with a source is built again from its activation, to the same hash; or not at all."""
    policy_set = composed(SOURCE)
    body = activation_body(policy_set)
    assert body["sources"] == {NAME: SOURCE}
    again = activated_set(body)
    assert again.hash == policy_set.hash
    assert again.source(NAME).text == SOURCE
    with pytest.raises(MandateError, match="M440"):
        activated_set({**body, "sources": {NAME: SOURCE + "#"}})
    with pytest.raises(KeyError):
        policy_set.source("nobody")


def test_a_set_without_sources_records_none() -> None:
    """The record of a set that is written in YAML alone is as it always was."""
    result = compose(documents(), "test")
    assert result.policy_set is not None
    assert "sources" not in activation_body(result.policy_set)
