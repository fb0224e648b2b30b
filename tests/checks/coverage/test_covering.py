"""What tests cover: outcomes that came, and conditions that decided alone."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from checks.suites import folder, one, sample
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.checks.coverage.shapes import shape_of
from engine.checks.running import run_covered
from engine.errors import Snippet
from engine.expr.backends.interpret import interpret
from engine.expr.facts import VOCABULARY
from engine.expr.grammar import parse

if TYPE_CHECKING:
    from pathlib import Path

    from engine.checks.coverage.covering import Coverage, RuleCoverage

KILL, LEDGER, DRIFT = "engine.kill_switch", "engine.ledger_ok", "engine.policy_drift"
FLAGS = (KILL, LEDGER, DRIFT)


def _text(depth: int) -> st.SearchStrategy[str]:
    if depth == 0:
        return st.sampled_from(FLAGS)
    below = _text(depth - 1)
    return st.one_of(
        below,
        st.builds("(not {})".format, below),
        st.builds("({} and {})".format, below, below),
        st.builds("({} or {})".format, below, below),
        st.builds("({} if {} else {})".format, below, below, below),
        st.builds("at_least(2, {}, {}, {})".format, below, below, below),
    )


@settings(deadline=None, max_examples=60)
@given(_text(2))
def test_a_shape_answers_as_the_rule_does(text: str) -> None:
    """Whatever the conditions say, known or not, their join says what the reference says."""
    tree = parse(Snippet.of(text)).tree
    assert tree is not None
    shape = shape_of(tree, VOCABULARY)
    for values in product((True, False, None), repeat=len(FLAGS)):
        facts = {n: v for n, v in zip(FLAGS, values, strict=True) if v is not None}
        answers = [interpret(each, facts, VOCABULARY) for each in shape.conditions]
        assert shape.answer(answers) == interpret(tree, facts, VOCABULARY)


def _covered(where: Path, *tests: str) -> Coverage:
    report, coverage = run_covered(sample(), folder(where, "  tests:\n" + "".join(tests)))
    assert report.passed, report.diagnostics
    return coverage


def _rule(coverage: Coverage, name: str) -> RuleCoverage:
    return next(each for each in coverage.rules if each.rule == name)


def test_one_side_of_a_limit_is_half_of_it(tmp_path: Path) -> None:
    """A rule that never objected is told of, with the answer that its condition never gave."""
    rule = _rule(_covered(tmp_path, one("{verdict: allow}")), "RiskLimit/max_position")
    assert rule.outcomes == (("allowed", 1), ("resized", 0), ("denied", 0), ("undecided", 0))
    assert [each.why for each in rule.conditions] == [("it was never false",)]


def test_every_outcome_that_came_is_counted(tmp_path: Path) -> None:
    """Allowed, resized, nothing left, and undecided: each by what became of the order."""
    held = "portfolio.at_risk_usd: 1000, position.value_usd"
    coverage = _covered(
        tmp_path,
        one("{verdict: allow}", "a"),
        one("{verdict: resize}", "b", facts=f"{{{held}: 250}}"),
        one("{verdict: deny}", "c", facts=f"{{{held}: 300}}"),
        one("{verdict: deny}", "d", facts="{position.value_usd: _}"),
    )
    rule = _rule(coverage, "RiskLimit/max_position")
    assert rule.missing == ()
    assert rule.conditions[0].covered


def test_a_rule_that_no_test_asks_is_named(tmp_path: Path) -> None:
    """A breaker is asked in every cycle; a limit of orders only where one is proposed."""
    coverage = _covered(tmp_path, one("{tripped: []}", order="none"))
    assert not _rule(coverage, "RiskLimit/max_order").asked
    assert _rule(coverage, "CircuitBreaker/daily_stop").asked
    assert coverage.by_rule.covered == 0


def test_a_rule_that_is_asked_by_name_counts(tmp_path: Path) -> None:
    """What an expectation asks of one rule is a question like any other."""
    coverage = _covered(tmp_path, one("{rules: {account#bull: undecided}}", order="none"))
    assert dict(_rule(coverage, "Deployment/account#bull").outcomes)["undecided"] == 1
