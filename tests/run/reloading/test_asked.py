"""Policy tests at a reload: those beside the policies, or in their bundle, and none at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from checks.suites import FACTS, HEAD, folder, one, sample

from engine.adapters.environment.bundles import laid_out
from engine.model.orders import Mode
from engine.model.times import UtcTime
from engine.provenance.bundle import Terms, bundled
from engine.run.reloading.asked import Played, policy_tests

if TYPE_CHECKING:
    from pathlib import Path

GOOD = "  tests:\n" + one("{verdict: allow}")
BAD = "  tests:\n" + one("{verdict: deny}")


def test_a_set_without_tests_passes(tmp_path: Path) -> None:
    """It says of nothing that it was tested."""
    assert policy_tests(tmp_path, sample()) == Played(None)


def test_tests_beside_the_policies_are_played(tmp_path: Path) -> None:
    """Each failure is a finding, with its place."""
    good = policy_tests(folder(tmp_path / "good", GOOD), sample())
    assert (good.cases, good.findings) == (1, ())
    bad = policy_tests(folder(tmp_path / "bad", BAD), sample())
    assert bad.cases == 1
    assert bad.findings[0].code == "M721"


def test_tests_of_a_bundle_are_played(tmp_path: Path) -> None:
    """They were signed with the set, and need no folder."""
    files = {"healthy.yaml": FACTS.encode(), "tried.yaml": (HEAD + BAD).encode()}
    terms = Terms(Mode.PAPER, 1, UtcTime.parse("2199-01-01T00:00:00Z"), "c" * 40)
    file = tmp_path / "set.bundle"
    file.write_bytes(bundled(sample(), terms, files).data())
    told = policy_tests(file, sample())
    assert told.cases == 1
    assert [each.code for each in told.findings] == ["M721"]
    file.write_bytes(bundled(sample(), terms, {}).data())
    assert policy_tests(file, sample()) == Played(None)


@pytest.mark.parametrize("name", ["../evil.yaml", "a/../../evil.yaml"])
def test_no_file_leaves_its_folder(tmp_path: Path, name: str) -> None:
    """Names of a bundle are held to it a second time, where they become files."""
    with pytest.raises(ValueError, match="no name inside"), laid_out({name: b""}, str(tmp_path)):
        raise AssertionError
    assert not [*tmp_path.parent.rglob("evil.yaml")]
