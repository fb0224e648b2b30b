"""`policy fmt`: files in the one layout, hashes as they were, and nothing half done."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from engine.policyset.opening import load_policy_set

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def files(folder: Path) -> dict[Path, bytes]:
    """Every file below a folder."""
    return {each: each.read_bytes() for each in folder.rglob("*") if each.is_file()}


def test_a_set_is_laid_out_once(sample: Path, policy: Callable) -> None:
    """The files that change are named, the hash stays, and a second run has nothing to do."""
    before = load_policy_set(sample).required().hash
    first = policy("fmt")
    assert first.status == 0
    assert "policies/risk/orders.yaml" in first.out.splitlines()
    assert load_policy_set(sample).required().hash == before
    second = policy("fmt")
    assert (second.status, second.out) == (0, "")
    assert second.err == "policy fmt: 10 files looked at, 0 changed\n"
    assert policy("fmt", "--check").status == 0


def test_a_check_writes_nothing(sample: Path, policy: Callable) -> None:
    """`--check` names what would change, with status 1, and leaves every file alone."""
    before = files(sample)
    outcome = policy("fmt", "policies", "--check")
    assert outcome.status == 1
    assert outcome.out.splitlines() == sorted(outcome.out.splitlines())
    assert "would change" in outcome.err
    assert files(sample) == before


def test_a_file_may_be_named(sample: Path, policy: Callable) -> None:
    """Only the file that is named changes."""
    before = files(sample)
    assert policy("fmt", "policies/risk/orders.yaml").status == 0
    changed = [path.name for path, data in files(sample).items() if data != before[path]]
    assert changed == ["orders.yaml"]


def test_a_base_is_not_the_overlays(sample: Path, policy: Callable) -> None:
    """Of an overlay its own file is laid out, and not one of the set below it."""
    before = files(sample)
    outcome = policy("fmt", "policies/small")
    assert "policy fmt: 1 file looked at" in outcome.err
    changed = {path for path, data in files(sample).items() if data != before[path]}
    assert changed <= {sample / "small" / "policyset.yaml"}


def test_the_others_are_laid_out_all_the_same(sample: Path, policy: Callable) -> None:
    """A file that cannot be laid out is told with its place; the rest is done."""
    (sample / "schedule.yaml").write_text("kind: Schedule\nspec: {interval: }\n")
    outcome = policy("fmt")
    assert outcome.status == 1
    assert "policies/schedule.yaml:2:8: M123" in outcome.err
    assert "policies/risk/orders.yaml" in outcome.out
    assert (sample / "schedule.yaml").read_text() == "kind: Schedule\nspec: {interval: }\n"


@pytest.mark.usefixtures("sample")
def test_a_directory_without_a_set(policy: Callable, tmp_path: Path) -> None:
    """Where no set is, and where no file is, it is said, and nothing else happens."""
    (tmp_path / "empty").mkdir()
    for where, code in (("empty", "M140"), ("absent.yaml", "M141")):
        outcome = policy("fmt", where)
        assert (outcome.status, outcome.out) == (1, "")
        assert outcome.err.startswith(f"{code}: `{where}`")


def test_a_set_without_its_includes(sample: Path, policy: Callable) -> None:
    """A pattern that takes nothing is told with its place, also where another set is broken."""
    path = sample / "policyset.yaml"
    path.write_text(path.read_text().replace("risk/*", "risks/*"))
    (sample / "small" / "policyset.yaml").write_text("- a list\n")
    outcome = policy("fmt", "--check")
    assert outcome.status == 1
    assert "M143" in outcome.err
    assert "policies/small/policyset.yaml:1:1: M300" in outcome.err


def test_links_are_not_followed(sample: Path, policy: Callable, tmp_path: Path) -> None:
    """A link is refused before anything is written: its target is not the set's own file."""
    shutil.move(sample / "risk/orders.yaml", tmp_path / "elsewhere.yaml")
    (sample / "risk/orders.yaml").symlink_to(tmp_path / "elsewhere.yaml")
    before = files(sample)
    outcome = policy("fmt")
    assert (outcome.status, outcome.out) == (2, "")
    assert "policies/risk/orders.yaml is a link to another file" in outcome.err
    assert files(sample) == before


def test_a_file_that_cannot_be_written_stays_whole(sample: Path, policy: Callable) -> None:
    """Where a file cannot be replaced the reason is said, and nothing of it is lost."""
    (sample / "risk/.orders.yaml.draft").mkdir()
    before = (sample / "risk/orders.yaml").read_bytes()
    outcome = policy("fmt", "policies/risk/orders.yaml")
    assert outcome.status == 2
    assert "cannot write policies/risk/orders.yaml: is a directory" in outcome.err
    assert (sample / "risk/orders.yaml").read_bytes() == before
