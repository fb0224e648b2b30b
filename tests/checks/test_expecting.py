"""What does not come out is told: what was expected, what came, and where it was written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from checks.suites import folder, one, sample

from engine.checks.running import run_policy_tests

if TYPE_CHECKING:
    from pathlib import Path

    from engine.checks.report import CaseResult

SPREAD = "ExecutionPolicy/execution#spread"
NUMBERS = "value=99.50248756 op=<= limit=25"
# The rest of a test, its expectation, and all that is told of it.
TOLD = {
    "another verdict": ({}, "{verdict: deny}", ["verdict: expected deny, got allow"]),
    "another quantity": ({}, "{quantity: 1}", ["quantity: expected 1, got 0.05"]),
    "a reason that is none": (
        {},
        "{reasons: [max_order]}",
        ["reasons: expected RiskLimit/max_order, got nothing"],
    ),
    "more reasons than said": (
        {"facts": "{quote.ask: 2020, engine.kill_switch: true}"},
        "{reasons: [HALTED], exact: true}",
        ["reasons: expected no more than HALTED, got ExecutionPolicy/execution#spread"],
    ),
    "a reason where none was said": (
        {"facts": "{quote.ask: 2020}"},
        "{verdict: deny, exact: true}",
        ["reasons: expected no more than nothing, got ExecutionPolicy/execution#spread"],
    ),
    "why it was denied": (
        {"facts": "{quote.ask: 2020}"},
        "{verdict: allow}",
        [
            f"verdict: expected allow, got deny: GUARD_BREACHED rule={SPREAD} {NUMBERS}",
        ],
    ),
    "how it was resized": (
        {"order": "{notional_usd: 400}"},
        "{verdict: allow, resized_by: []}",
        [
            "verdict: expected allow, got resize to 0.15 by RiskLimit/max_position",
            "resized_by: expected no more than nothing, got RiskLimit/max_position",
        ],
    ),
    "another headroom": (
        {},
        "{headroom: {max_order: 1}}",
        ["headroom of max_order: expected 1, got 400"],
    ),
    "no headroom": (
        {"facts": "{portfolio.equity_usd: _}"},
        "{headroom: {max_position: 1}}",
        ["headroom of max_position: expected 1, got nothing"],
    ),
    "a breaker that is not tripped": (
        {},
        "{tripped: [daily_stop]}",
        ["tripped: expected daily_stop, got nothing"],
    ),
    "a breaker that is": (
        {"facts": "{portfolio.pnl_day_pct: -9}"},
        "{tripped: []}",
        ["tripped: expected no more than nothing, got daily_stop"],
    ),
    "another state, tier and regime": (
        {},
        "{state: HALTED, tier: none, regime: bull}",
        [
            "state: expected HALTED, got ACTIVE",
            "tier: expected none, got core",
            "regime: expected bull, got chop",
        ],
    ),
    "another answer of one rule": (
        {},
        "{rules: {max_order: false}}",
        ["rule max_order: expected false, got true"],
    ),
    "a cycle before the last": (
        {"facts": "{quote.age_s: 1x1}", "checkpoints": "[{cycle: 1, expect: {verdict: deny}}]"},
        "{verdict: allow}",
        ["verdict after cycle 1: expected deny, got allow"],
    ),
}


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, CaseResult]:
    """All of them in one file, played once."""
    rows = (one(expect, name, **parts) for name, (parts, expect, _) in TOLD.items())
    where = folder(tmp_path_factory.mktemp("set"), "  tests:\n" + "".join(rows))
    report = run_policy_tests(sample(), where)
    assert report.findings == ()
    assert len(report.diagnostics) == sum(len(each.mismatches) for each in report.failed)
    return {each.name: each for each in report.cases}


@pytest.mark.parametrize("name", TOLD)
def test_it_is_told(name: str, results: dict[str, CaseResult]) -> None:
    """Each difference by itself, in words, and all of them at once."""
    result = results[name]
    assert [str(each) for each in result.mismatches] == TOLD[name][2]
    assert all(each.place.file == result.file for each in result.mismatches)


def test_facts_that_contradict_each_other_are_told(tmp_path: Path) -> None:
    """What breaks an invariant is believed by nobody, here as in a run; the report says so."""
    wrong = one("{verdict: deny}", facts="{position.value_usd: 9000}")
    (result,) = run_policy_tests(sample(), folder(tmp_path, "  tests:\n" + wrong)).cases
    assert result.details == (
        "not believed, since it does not hold: position.value_usd <= portfolio.gross_usd",
        "not believed, since it does not hold: position.value_usd <= portfolio.at_risk_usd",
    )
