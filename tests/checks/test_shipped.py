"""The tests that the shipped policies come with."""

from __future__ import annotations

import pytest
from checks.suites import POLICIES, shipped

from cli.policy_verbs.mutating import prover_for
from engine.checks.mutation.scoring import Verdict, mutate
from engine.checks.running import run_covered

# The breaker trips on the same fact in the same cycle, so the alert's own look never decides.
MASKED = {"AlertRule/kill_switch_thrown"}


@pytest.mark.long
def test_they_pass_and_leave_no_rule_untried() -> None:
    """Every rule comes out both ways and undecided, and every condition has decided alone."""
    report, coverage = run_covered(shipped(), POLICIES)
    assert [str(each) for each in report.diagnostics] == []
    assert {each.rule: each.missing for each in coverage.rules if each.missing} == {}
    bare = {rule.rule for rule in coverage.rules for each in rule.conditions if not each.covered}
    assert bare == MASKED


@pytest.mark.nightly
def test_they_notice_every_small_change() -> None:
    """Nine of ten mutants at least are noticed, and what is left is proved to answer alike."""
    report = mutate(shipped(), POLICIES, prover_for(shipped()))
    assert report.failing == 0
    assert report.score_pct >= 90
    assert [each for each in report.survivors if each.verdict is not Verdict.EQUIVALENT] == []
