"""`policy rejudge`: a ledger's decisions under another set, told to a person and to a machine."""

from __future__ import annotations

import io
import json
import shutil
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import pytest

from cli.main import run
from cli.policy import POLICY
from engine.ledger.records import RecordKind
from engine.run.ledgers import LedgerView

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Told:
    """What the command left behind."""

    status: int
    out: str
    err: str


def policy(*words: str) -> Told:
    """Run the command in this process."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        status = run(POLICY, words)
    return Told(status, out.getvalue(), err.getvalue())


@pytest.fixture
def candidate(tmp_path: Path) -> Path:
    """A copy of the set that decided, to be changed."""
    return shutil.copytree(HERE / "policies", tmp_path / "candidate")


def change(candidate: Path, old: str, new: str) -> None:
    """Replace a text that occurs once in the set's limits."""
    file = candidate / "risk.yaml"
    text = file.read_text()
    assert text.count(old) == 1
    file.write_text(text.replace(old, new))


def test_the_set_that_decided_decides_the_same(candidate: Path, ledger: str) -> None:
    """Nothing comes out otherwise, every decision is counted, and the status says so."""
    told = policy("rejudge", str(candidate), "--ledger", ledger)
    decided = [r for r in LedgerView.open(ledger).records() if r.kind is RecordKind.DECISION]
    assert (told.status, told.err) == (0, "")
    assert told.out.startswith(f"judged again       {len(decided):,} decisions")


def test_a_tighter_limit_is_told_with_its_money(candidate: Path, ledger: str) -> None:
    """Direction, count, money, the rule, and the first decision in full: then, and now."""
    change(candidate, "max_position_pct: 4}", "max_position_pct: 1}")
    told = policy("rejudge", str(candidate), "--ledger", ledger)
    assert told.status == 1
    assert "smaller now" in told.out
    assert "x  RiskLimit/max_position\n" in told.out
    first = told.out.partition("\nthe first: record ")[2]
    assert "resized by RiskLimit/max_position" in first.partition("  now ")[2]


def test_the_json_has_the_same_numbers(candidate: Path, ledger: str) -> None:
    """One object: totals by turn as decimal text, and the first flip with both decisions."""
    change(candidate, "max_exposure_pct: 9}", "max_exposure_pct: 90}")
    told = policy("rejudge", str(candidate), "--ledger", ledger, "--format", "json")
    found = json.loads(told.out)
    assert told.status == 1
    allowed = found["flips"]["allowed"]
    assert allowed["looser"] is True
    assert allowed["count"] == found["turn_on"]["RiskLimit/max_exposure"] > 0
    assert found["first"]["recorded"]["verdict"] == "deny"
    assert found["first"]["judged"]["verdict"] != "deny"
    assert found["untold"] == 0


def test_a_fact_that_was_not_recorded_is_said(candidate: Path, ledger: str) -> None:
    """A new limit over a fact that nobody asked for then: untold, status 3, and the fact named."""
    change(
        candidate,
        "max_exposure_pct: 9}",
        "max_exposure_pct: 9}\n      on_breach: deny\n      stage: enforce\n  - metadata: "
        "{name: losses, description: Not after four losses.}\n    spec:\n      scope: portfolio\n"
        "      intents: [entry, add]\n      require: pace.losses_consecutive_count <= "
        "params.max_losses_count\n      params: {max_losses_count: 4}",
    )
    told = policy("rejudge", str(candidate), "--ledger", ledger)
    assert told.status == 3
    assert "cannot be told" in told.out
    assert "x  pace.losses_consecutive_count\n" in told.out


def test_no_ledger_is_a_finding(candidate: Path, tmp_path: Path) -> None:
    """A code and a mend, and no traceback."""
    told = policy("rejudge", str(candidate), "--ledger", str(tmp_path / "none"))
    assert told.status == 1
    assert told.err.startswith("M451")
