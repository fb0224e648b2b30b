"""`policy lint` and `policy hash`: what they say of sets that load."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from engine.comparison.proving import solver
from engine.policyset.opening import load_policy_set

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[3]
SHIPPED = ROOT / "policies"
HEAVY = ("polars", "numba", "numpy", "z3", "httpx", "rich", "sqlite3", "asyncio")


def test_the_shipped_set_is_clean(policy: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lint has nothing to say of the set that we ship: one line with hash and size, status 0."""
    monkeypatch.chdir(ROOT)
    outcome = policy("lint")
    assert outcome.status == 0
    assert re.fullmatch(
        r"spot_conservative [0-9a-f]{64}: \d+ documents, \d+ rules, no findings\n", outcome.out
    )


@pytest.mark.usefixtures("sample")
def test_warnings_alone_refuse_nothing(policy: Callable, sample: Path) -> None:
    """A file that no include takes is a warning: shown, and no reason for status 1 by itself."""
    before = policy("lint")
    (sample / "stray.yml").write_text("kind: RiskLimit\n")
    after = policy("lint")
    assert "policies/stray.yml:1:1: M157: warning: no include takes this file" in after.out
    assert after.status == before.status


@pytest.mark.parametrize("form", ["json", "github", "sarif"])
def test_formats_for_programs_hold_findings_alone(
    sample: Path, policy: Callable, form: str
) -> None:
    """A program gets findings and no line for people, with the same status."""
    path = sample / "breaker.yaml"
    path.write_text(path.read_text().replace("loss_pct: 2", 'loss_pct: "2"'))
    outcome = policy("lint", "--format", form)
    assert outcome.status == 1
    assert "M311" in outcome.out
    assert "no usable" not in outcome.out + outcome.err
    if form != "github":
        assert json.loads(outcome.out)["version"]


@pytest.mark.usefixtures("sample")
def test_hash_stands_alone_on_its_line(policy: Callable, sample: Path) -> None:
    """The hash is 64 hex digits alone on the line, and the same that the engine knows."""
    policy_set = load_policy_set(sample).required()
    assert policy("hash").out == f"{policy_set.hash}\n"
    assert re.fullmatch(r"[0-9a-f]{64}", policy_set.hash)


@pytest.mark.usefixtures("sample")
def test_hash_of_documents(policy: Callable, sample: Path) -> None:
    """With `--documents`, each document follows on a line of its own, sorted by its id."""
    sealed = load_policy_set(sample).required().sealed
    _, *lines = policy("hash", "--documents").out.splitlines()
    assert lines == [f"{each.hash}  {each.document.id}" for each in sealed]
    assert lines == sorted(lines, key=lambda line: line.split()[1])


def test_hash_of_a_set_that_does_not_load(sample: Path, policy: Callable) -> None:
    """Where there is no set there is no hash: stdout stays empty, so that no script goes on."""
    (sample / "schedule.yaml").write_text("kind: Schedule\n")
    outcome = policy("hash")
    assert (outcome.status, outcome.out) == (1, "")
    assert "policies/schedule.yaml:1:1: M304" in outcome.err


def test_lint_imports_nothing_heavy() -> None:
    """A whole lint of the shipped set runs without the libraries that simulation or live need."""
    program = (
        "import json, sys; sys.argv = ['policy', 'lint', 'policies']\n"
        "from cli.policy import main\n"
        "try: main()\n"
        "except SystemExit as stop: status = stop.code\n"
        f"print(json.dumps([status, [name for name in {HEAVY} if name in sys.modules]]))"
    )
    finished = subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert finished.stderr == ""
    assert json.loads(finished.stdout.splitlines()[-1]) == [0, []]


def test_lint_at_an_equity(policy: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    """With `--equity` sizes are looked for there: at 255 USD the conservative set has none."""
    monkeypatch.chdir(ROOT)
    outcome = policy("lint", "--equity", "255")
    assert outcome.status == 1
    assert "M353: at 255 USD of equity no order" in outcome.out
    assert policy("lint", "policies/small", "--equity", "255").status == 0
    assert policy("lint", "--equity", "-1").status == 2


@pytest.mark.long
@pytest.mark.usefixtures("sample")
def test_proofs_are_asked_for_and_their_absence_is_a_status(
    policy: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proof is a finding like any other; one that did not come to an end is status 3."""
    plain = policy("lint")
    assert "M748" not in plain.out
    proved = policy("lint", "--prove")
    assert proved.status == plain.status
    monkeypatch.setattr(solver, "EFFORT", 1)
    undecided = policy("lint", "--prove")
    assert "M748: warning: whether" in undecided.out
    assert undecided.status == (plain.status or 3)
