"""The page of mutants."""

from __future__ import annotations

from cli.policy_verbs.mutation_page import mutation_page
from engine.checks.mutation.scoring import MutationReport, Survivor, Verdict
from engine.errors import Place

PLACE = Place("policies/risk/a.yaml", 7, 3)
SURVIVORS = (
    Survivor("RiskLimit/a: dropped", PLACE, Verdict.GAP, "- name: 'x'\n  order: none\n"),
    Survivor("RiskLimit/b: dropped", PLACE, Verdict.EQUIVALENT, "it answers alike"),
    Survivor("RiskLimit/c: dropped", PLACE, Verdict.OPEN, "too hard"),
)


def test_survivors_stand_by_what_is_known_of_them() -> None:
    """Gaps come first, each with its case to copy; the score leaves out what cannot be noticed."""
    page = mutation_page(MutationReport("f" * 64, 9, 10, 7, SURVIVORS, 0, ()))
    lines = page.splitlines()
    assert lines[0].endswith("each comes with a case that would: 1")
    assert "    - name: 'x'" in lines
    assert "  too hard" in lines
    assert "policies/risk/a.yaml:7:3: RiskLimit/b: dropped" in lines
    assert lines[-1] == f"{'f' * 64}: 10 mutants, 7 noticed, 1 equivalent: 77.8 %"


def test_all_of_nothing_is_all() -> None:
    """A set that has nothing to change has no gap."""
    assert MutationReport("f" * 64, 1, 0, 0, (), 0, ()).score_pct == 100
