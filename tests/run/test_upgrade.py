"""`policy upgrade --check`: nothing changed, and each way in which something can have."""

from __future__ import annotations

import io
import shutil
from contextlib import redirect_stderr, redirect_stdout
from typing import TYPE_CHECKING

import pytest
from run.conftest import POLICIES

from cli.main import run
from cli.policy import POLICY
from engine.run import prepare

if TYPE_CHECKING:
    from pathlib import Path

    from run.conftest import Settings

    from engine.policyset.policyset import PolicySet


def upgrade(*words: str | Path) -> tuple[int, str]:
    """How it ends, and what it says."""
    out = io.StringIO()
    with redirect_stdout(out), redirect_stderr(out):
        status = run(POLICY, ("upgrade", *map(str, words)))
    return status, out.getvalue()


@pytest.mark.long
def test_the_same_engine_changes_nothing(
    settings: Settings, any_pair: PolicySet, tmp_path: Path
) -> None:
    """A ledger and a bundle of this engine are as they were, by hash, edits and decisions."""
    asked = settings()
    prepare(asked, any_pair).run(lambda _this: None)
    bundle = tmp_path / "x.bundle"
    words = ("--purpose", "paper", "--sequence", "1", "--expires", "9d", "--out", str(bundle))
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        assert run(POLICY, ("bundle", str(POLICIES / "any_pair"), *words)) == 0
    own = ("--check", POLICIES / "any_pair", "--ledger", asked.ledger, "--bundle", bundle)
    status, told = upgrade(*own)
    assert (status, "changed   nothing" in told, " 0 otherwise" in told) == (0, True, True), told
    other = tmp_path / "repo"
    shutil.copytree(POLICIES, other / "policies")
    shutil.copytree(POLICIES.parent / "strategies", other / "strategies")
    file = other / "policies/any_pair/strategies/tight_spread.yaml"
    file.write_text(file.read_text().replace("stop_pct: 0.5", "stop_pct: 0.6"))
    status, told = upgrade("--check", other / "policies/any_pair", "--bundle", bundle)
    assert (status, any_pair.hash in told, "0.5 -> 0.6" in told) == (1, True, True), told


def test_what_is_known_from_before_must_be_named() -> None:
    """Without a ledger or a bundle there is nothing to compare with; without `--check` no deed."""
    assert upgrade("--check", POLICIES)[0] == 2
    assert upgrade(POLICIES)[0] == 2
