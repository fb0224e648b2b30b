"""`policy schema`, and the schemas that are committed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from jsonschema import Draft202012Validator

from cli.policy_verbs.schema import FACTS_FILE, STALE, file_name, generated
from engine.checks.document import DOCUMENTS
from engine.expr.facts import VOCABULARY
from engine.kinds.registry import KINDS
from engine.policyset.shaping.schemas import LISTS, schema_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).resolve().parents[3]
ALL = (*KINDS, *LISTS, *DOCUMENTS)


def test_committed_schemas_are_fresh(policy: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is committed under `schemas` is what the document classes and the vocabulary say."""
    monkeypatch.chdir(ROOT)
    assert policy("schema", "--check").err == ""


def test_write_then_check(tmp_path: Path, policy: Callable) -> None:
    """What `--write` wrote is fresh, a second time byte for byte the same, and nothing else."""
    folder = tmp_path / "new" / "schemas"
    assert policy("schema", "--write", "--in", str(folder)).status == 0
    first = {path.name: path.read_bytes() for path in folder.iterdir()}
    (folder / "gone.schema.json").write_text("{}")
    assert policy("schema", "--write", "--in", str(folder)).status == 0
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == first
    assert set(first) == set(generated())
    assert policy("schema", "--check", "--in", str(folder)).status == 0


@pytest.mark.parametrize("damage", ["changed", "missing", "of no kind", "not UTF-8"])
def test_stale_schemas(tmp_path: Path, policy: Callable, damage: str) -> None:
    """A file that was changed, is missing, or is of no kind any more is stale: status 1."""
    policy("schema", "--write", "--in", str(tmp_path))
    path = tmp_path / "risk-limit.schema.json"
    match damage:
        case "changed":
            path.write_text(path.read_text().replace("RiskLimit", "RiskLimits"))
        case "missing":
            path.unlink()
        case "not UTF-8":
            path.write_bytes(b"\xff")
        case _:
            (tmp_path / "gone.schema.json").write_text("{}")
    outcome = policy("schema", "--check", "--in", str(tmp_path))
    assert outcome.status == 1
    assert outcome.err.endswith(f"{STALE}\n")
    assert len(outcome.err.splitlines()) == 2


def test_a_folder_that_is_a_file(tmp_path: Path, policy: Callable) -> None:
    """A folder that cannot be made is misuse, not a trace."""
    (tmp_path / "file").write_text("")
    outcome = policy("schema", "--write", "--in", str(tmp_path / "file"))
    assert outcome.status == 2
    assert "cannot write to" in outcome.err


@pytest.mark.parametrize("spelling", ["RiskLimit", "risk-limit", "risklimit"])
def test_one_kind(policy: Callable, spelling: str) -> None:
    """A kind's schema is printed for any spelling of its name."""
    assert json.loads(policy("schema", spelling).out) == schema_of("RiskLimit")


def test_list_of_kinds(policy: Callable) -> None:
    """Without a word, each kind is listed with its file."""
    rows = [line.split() for line in policy("schema").out.splitlines()]
    assert rows == [[kind, file_name(kind)] for kind in ALL]
    assert ["RiskLimit", "risk-limit.schema.json"] in rows


@pytest.mark.parametrize("kind", ALL)
def test_each_schema_is_valid_and_helps(kind: str) -> None:
    """Each schema is one of its dialect, named for its kind, and says what every key is for."""
    schema = json.loads(generated()[file_name(kind)])
    Draft202012Validator.check_schema(schema)
    assert (schema["title"], bool(schema["description"])) == (kind, True)
    silent = [path for path, part in _keys(schema, "") if not _said(part, schema)]
    assert silent == []


def test_facts_are_the_vocabulary() -> None:
    """The file of facts names every fact of the vocabulary."""
    facts = json.loads(generated()[FACTS_FILE])
    assert {each["name"] for each in facts} == set(VOCABULARY)


def _keys(part: object, path: str) -> Iterator[tuple[str, dict[str, object]]]:
    if isinstance(part, dict):
        properties = part.get("properties")
        yield from ((f"{path}.{n}", p) for n, p in (properties or {}).items() if path != "/items")
        for key, value in part.items():
            yield from _keys(value, f"{path}/{key}")
    elif isinstance(part, list):
        for value in part:
            yield from _keys(value, path)


def _said(part: dict, schema: dict) -> bool:
    name = str(part.get("$ref", "")).rpartition("/")[2]
    return bool(part.get("description") or schema["$defs"].get(name, {}).get("description"))
