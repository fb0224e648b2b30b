"""The page of each kind: its example is a good document, and its table tells every field."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from policyset.sets import altered, composed, documents, written

from engine.kinds.registry import KINDS

FOLDER = Path(__file__).parents[2] / "engine" / "kinds"


def folder(kind: str) -> Path:
    """`RiskLimit` lives in `risk_limit`."""
    return FOLDER / re.sub(r"(?<=[a-z])(?=[A-Z])", "_", kind).lower()


@pytest.mark.parametrize("kind", KINDS)
def test_the_example_is_a_document_of_its_kind(kind: str) -> None:
    """What a reader copies loads as it stands."""
    (document,) = written((folder(kind) / "example.yaml").read_text())
    assert document.kind == kind


@pytest.mark.parametrize(
    "kind", [kind for kind in KINDS if kind not in {"PolicySet", "Deployment"}]
)
def test_the_example_means_something_in_a_set(kind: str) -> None:
    """The example's expressions are good under the vocabulary of the conservative set."""
    (document,) = written((folder(kind) / "example.yaml").read_text())
    single = KINDS[kind].single
    kept = tuple(each for each in documents() if not (single and each.kind == kind))
    if kind == "UniverseFilter":
        # Its groups and tiers are fewer than those that the shipped limits speak of.
        kept = tuple(e for e in kept if e.name not in {"max_group", "orders"})
        kept = altered(kept, (folder("ExecutionPolicy") / "example.yaml").read_text())
    policy_set = composed(altered(kept, (folder(kind) / "example.yaml").read_text()))
    assert any(sealed.document.id == document.id for sealed in policy_set.sealed)


@pytest.mark.parametrize("kind", KINDS)
def test_the_example_names_its_schema(kind: str) -> None:
    """An editor that opens the example finds the schema of the kind."""
    first = (folder(kind) / "example.yaml").read_text().partition("\n")[0]
    name = folder(kind).name.replace("_", "-")
    assert first == f"# yaml-language-server: $schema=../../../schemas/{name}.schema.json"


@pytest.mark.parametrize("kind", KINDS)
def test_the_page_tells_every_field(kind: str) -> None:
    """Each field of the spec stands in the table of the kind's README."""
    page = (folder(kind) / "README.md").read_text()
    told = set(re.findall(r"[a-z_]+", " ".join(re.findall(r"^\| (`[^|]*) \|", page, re.MULTILINE))))
    model = KINDS[kind].document.model_fields["spec"].annotation
    assert model is not None
    fields = {field.alias or name for name, field in model.model_fields.items()}
    assert fields - told == set()
    assert "**Lowers to.**" in page
