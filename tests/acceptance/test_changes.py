"""One limit changed, one document broken: what a user sees of it."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from acceptance.conftest import POLICIES, ROOT, FinishedRun, finished, ran, run_words

if TYPE_CHECKING:
    from pathlib import Path

TICKS = "quotes/coinbase_l1_ticks_2021-04-17.parquet"
OVERLAY = """\
apiVersion: mandate/v1
kind: PolicySet
metadata: {{name: changed, description: One limit with another value.}}
spec:
  base: ../any_pair
  patches:
    - {{target: RiskLimit/max_total_at_risk, set: {{params.max_at_risk_pct: {0}}}, reason: test}}
"""


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped documents, to be changed."""
    folder = tmp_path_factory.mktemp("policies")
    for name in ("policies", "strategies"):
        shutil.copytree(ROOT / name, folder / name)
    return folder / "policies"


def changed(copied: Path, limit_pct: str) -> Path:
    """An overlay with this limit."""
    folder = copied / f"limit_{limit_pct.replace('.', '_')}"
    folder.mkdir()
    (folder / "policyset.yaml").write_text(OVERLAY.format(limit_pct))
    return folder


def run_of(policies: Path, quotes: Path, ledger: Path) -> FinishedRun:
    """A short run."""
    done = ran("trader", *run_words(policies, ledger, [quotes], "--cycles", "12"))
    assert done.returncode == 0, done.stderr
    return finished(ledger, done.stdout)


def notional(run: FinishedRun) -> float:
    """What was bought, in units of each quote currency summed up."""
    buys = [each for each in run.told("orders") if each["side"] == "BUY"]
    return sum(float(each["quantity"]) * float(each["limit_price"]) for each in buys)


def test_one_limit_changes_the_hash_and_what_is_denied(
    copied: Path, recordings: Path, tmp_path: Path
) -> None:
    """A tighter limit denies or shrinks more, the same one nothing; each order says under which."""
    quotes = recordings / TICKS
    tight, base = (
        run_of(policies, quotes, tmp_path / policies.name)
        for policies in (changed(copied, "0.05"), POLICIES / "any_pair")
    )
    hashes = [{each["policy_set"] for each in run.told("denied")} for run in (tight, base)]
    assert [len(each) for each in hashes] == [1, 1]
    assert hashes[0] != hashes[1]
    assert notional(tight) < notional(base)
    reasons = {
        reason["rule"]
        for each in tight.told("denied")
        for reason in each["reasons"]
        if "rule" in reason
    }
    resized = {rule for each in tight.told("orders") for rule in each["resized_by"]}
    assert "RiskLimit/max_total_at_risk" in reasons | resized
    untouched = {
        reason.get("rule") for each in base.told("denied") for reason in each["reasons"]
    } | {rule for each in base.told("orders") for rule in each["resized_by"]}
    assert "RiskLimit/max_total_at_risk" not in untouched


def test_the_same_value_written_otherwise_is_the_same_set(copied: Path) -> None:
    """An overlay that changes nothing has the hash of its base."""
    same = ran("policy", "hash", changed(copied, "15.0")).stdout
    assert same == ran("policy", "hash", POLICIES / "any_pair").stdout
    assert ran("policy", "hash", changed(copied, "14")).stdout != same


def test_a_broken_document_is_refused_at_its_place(
    copied: Path, recordings: Path, tmp_path: Path
) -> None:
    """A code, file, line and column, exit 1, no traceback, and no ledger is begun."""
    broken = copied / "risk" / "max_position.yaml"
    text = broken.read_text()
    line = next(n for n, each in enumerate(text.splitlines(), 1) if "require:" in each)
    broken.write_text(text.replace("position.pct_after <=", "position.pct_aftr <="))
    try:
        linted = ran("policy", "lint", copied)
        run = ran("trader", *run_words(copied, tmp_path / "none", [recordings / TICKS]))
    finally:
        broken.write_text(text)
    for each in (linted, run):
        told = each.stdout + each.stderr
        assert each.returncode == 1, told
        assert f"max_position.yaml:{line}:12: M2" in told
        assert "Traceback" not in told
    assert not (tmp_path / "none").exists()
