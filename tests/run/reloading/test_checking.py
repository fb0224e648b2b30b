"""Checking another set: what is taken, and everything that refuses it, before anything changes."""

from __future__ import annotations

import asyncio
import shutil
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from fakes.clock import ManualClock

from engine.adapters.environment.policies import PolicyDirectory
from engine.cycle.reloading.candidate import Candidate, Compared, Order, Refusal, Unchanged
from engine.errors import Diagnostic, MandateError, Severity
from engine.ledger.state import State
from engine.model.orders import Mode
from engine.model.symbols import Symbol
from engine.policyset.opening import load_policy_set
from engine.run import RunSettings
from engine.run.reloading.asked import Played, compared
from engine.run.reloading.checking import Checking, Run

if TYPE_CHECKING:
    from engine.cycle.reloading.candidate import Outcome
    from engine.policyset.policyset import PolicySet

BRISK = Path(__file__).parents[1] / "real_time" / "policies"
BTC = Symbol("BTC", "USD")
ORDER = Order("anna", "reviewed")
Edit = Callable[[str], str]


def to(old: str, new: str) -> Edit:
    """Put one text in the place of another that is there."""

    def edit(text: str) -> str:
        assert old in text, old
        return text.replace(old, new)

    return edit


EXPIRED = """
apiVersion: mandate/v1
kind: Waiver
metadata: {name: over, description: Was needed once.}
spec:
  rule: RiskLimit/max_exposure
  scope: {symbols: [BTC-USD]}
  instead: {params: {max_exposure_pct: 30}}
  reason: a rotation
  approved_by: anna
  from: "2020-01-01T00:00:00Z"
  until: "2020-01-02T00:00:00Z"
  at_end: hold
"""


@pytest.fixture
def policies(tmp_path: Path) -> Path:
    """A copy of a small set."""
    return shutil.copytree(BRISK, tmp_path / "policies")


class Bench:
    """A run under the small set, and what its checks come to."""

    def __init__(self, policies: Path) -> None:
        self.policies = policies
        self.running = load_policy_set(policies).required()
        clock = ManualClock()
        settings = RunSettings(policies, policies.parent / "ledger")
        self.checking = Checking(
            run=Run(settings, Mode.PAPER, frozenset({BTC}), 60, shared=False),
            clock=clock,
            state=State,
            read=partial(PolicyDirectory(policies).reading, clock),
            tested=lambda _other: Played(None),
            compared=lambda _running, _other: Compared("UNKNOWN", "UNKNOWN", "not asked"),
        )

    def edit(self, file: str, edit: Edit) -> None:
        """Change a file."""
        path = self.policies / file
        path.write_text(edit(path.read_text()))

    def check(self, **changes: object) -> Outcome:
        """What a check comes to."""
        checking = replace(self.checking, **changes)  # type: ignore[arg-type]  # checked by the dataclass
        return asyncio.run(checking(ORDER, self.running))


def codes(outcome: Outcome) -> list[str]:
    """Why it was refused."""
    assert isinstance(outcome, Refusal), outcome
    assert all(each.severity is Severity.ERROR for each in outcome.diagnostics)
    return [each.code for each in outcome.diagnostics]


def test_a_good_set_comes_with_all_that_its_first_cycle_needs(policies: Path) -> None:
    """Compiled, tested, compared, and by nobody else's leave."""
    bench = Bench(policies)
    bench.edit("rules.yaml", to("max_exposure_pct: 20", "max_exposure_pct: 15"))
    seen: list[tuple[str, str]] = []

    def compare(running: PolicySet, other: PolicySet) -> Compared:
        seen.append((running.hash, other.hash))
        return Compared("NOT_LOOSER", "SAME")

    found = bench.check(compared=compare, tested=lambda _other: Played(7))
    assert isinstance(found, Candidate)
    assert found.policy_set.hash == load_policy_set(policies).required().hash
    assert found.judge.policy_set is found.policy_set
    assert (found.provenance.tests, found.provenance.commit) == (7, None)
    assert seen == [(bench.running.hash, found.policy_set.hash)]


def test_another_spelling_is_no_other_set(policies: Path) -> None:
    """Nothing is asked of what means the same."""
    bench = Bench(policies)
    bench.edit("rules.yaml", lambda text: text + "# reviewed again\n")
    assert bench.check(tested=lambda _other: 1 / 0) == Unchanged()


REFUSED: dict[str, tuple[str, Edit, list[str]]] = {
    "half a file": ("rules.yaml", lambda text: text[: len(text) // 2], []),
    "an unknown fact": ("rules.yaml", to("position.pct_after", "position.pct_befor"), ["M203"]),
    "another account": ("deployment.yaml", to("name: brisk", "name: other"), ["M780"]),
    "a portfolio": (
        "deployment.yaml",
        to("{name: brisk}", "{name: brisk, portfolio_id: 12345678-1234-1234-1234-123456789012}"),
        ["M780"],
    ),
    "less than paper": ("deployment.yaml", to("mode: paper", "mode: dry_run"), ["M780"]),
    "another lease": ("deployment.yaml", to("  paper:\n", "  lease: 9s\n  paper:\n"), ["M780"]),
    "a watchdog": (
        "deployment.yaml",
        to("  paper:\n", "  watchdog: {silence: 9s}\n  paper:\n"),
        ["M780"],
    ),
    "nothing lent any more": (
        "deployment.yaml",
        to("  paper:\n    cash: {USD: 10000}\n", ""),
        ["M312"],
    ),
    "a reference that is not heard": (
        "deployment.yaml",
        to("reference: BTC-USD", "reference: ETH-USD"),
        ["M787"],
    ),
}


@pytest.mark.parametrize(("file", "edit", "found"), REFUSED.values(), ids=REFUSED)
def test_what_refuses_a_set(policies: Path, file: str, edit: Edit, found: list[str]) -> None:
    """Each fault by its code, and nothing is tested of a set that has one."""
    bench = Bench(policies)
    bench.edit(file, edit)
    told = codes(bench.check(tested=lambda _other: 1 / 0))
    assert told
    assert set(found) <= set(told), told


def test_all_faults_are_told_at_once(policies: Path) -> None:
    """An account, a mode and an error of lint: three mends in one go."""
    bench = Bench(policies)
    bench.edit("deployment.yaml", to("name: brisk", "name: other"))
    bench.edit("deployment.yaml", to("mode: paper", "mode: live"))
    (policies / "waiver.yaml").write_text(EXPIRED)
    bench.edit("policyset.yaml", to('"rules.yaml"', '"rules.yaml", "waiver.yaml"'))
    told = codes(bench.check())
    assert told.count("M780") == 2
    assert {each for each in told if each.startswith("M3")}, "lint's errors too"


def test_failing_tests_refuse(policies: Path) -> None:
    """Warnings of theirs do not."""
    bench = Bench(policies)
    bench.edit("rules.yaml", to("max_exposure_pct: 20", "max_exposure_pct: 15"))
    failed = Diagnostic("M721", "`an order above the limit`: expected denied")
    warned = replace(failed, severity=Severity.WARNING)
    assert codes(bench.check(tested=lambda _other: Played(3, (warned, failed)))) == ["M721"]
    assert isinstance(bench.check(tested=lambda _other: Played(3, (warned,))), Candidate)


def test_series_that_no_bar_can_make_refuse(policies: Path) -> None:
    """As at the start of a run."""
    bench = Bench(policies)
    bench.edit("rules.yaml", to("max_exposure_pct: 20", "max_exposure_pct: 15"))
    hourly = replace(bench.checking.run, bar_s=3600)
    with pytest.raises(MandateError) as caught:
        bench.check(run=hourly)
    assert {each.code for each in caught.value.diagnostics} == {"M449"}


def test_a_shared_ledger_needs_a_word_about_its_outage(policies: Path) -> None:
    """A reviewed document must say what an outage means, and a lease, in the new set too."""
    bench = Bench(policies)
    bench.edit("rules.yaml", to("max_exposure_pct: 20", "max_exposure_pct: 15"))
    assert codes(bench.check(run=replace(bench.checking.run, shared=True))) == ["M475", "M475"]


def test_a_set_that_was_named_is_not_another(policies: Path) -> None:
    """The order's hash reaches the directory."""
    bench = Bench(policies)
    bench.edit("rules.yaml", to("max_exposure_pct: 20", "max_exposure_pct: 15"))
    named = replace(ORDER, named=bench.running.hash)
    found = asyncio.run(bench.checking(named, bench.running))
    assert codes(found) == ["M781"]
    assert isinstance(found, Refusal)
    assert found.policy_set == load_policy_set(policies).required().hash


def test_the_change_is_compared_by_the_solver(policies: Path) -> None:
    """In the words of `policy diff`; where it cannot be, it is unknown and says why."""
    bench = Bench(policies)
    tighter = to("max_exposure_pct: 20", "max_exposure_pct: 15")
    bench.edit("rules.yaml", tighter)
    other = load_policy_set(policies).required()
    assert compared(bench.running, other) == Compared("NOT_LOOSER", "SAME")
    assert compared(other, bench.running).permission == "LOOSER"


def test_without_a_solver_the_verdict_is_unknown(
    policies: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is no reason to refuse: whoever ordered the set has reviewed it."""
    bench = Bench(policies)
    monkeypatch.setitem(sys.modules, "z3", None)
    bench.edit("rules.yaml", to("max_exposure_pct: 20", "max_exposure_pct: 15"))
    other = load_policy_set(policies).required()
    told = compared(bench.running, other)
    assert (told.permission, told.protection) == ("UNKNOWN", "UNKNOWN")
    assert "z3, which is not installed" in told.why
