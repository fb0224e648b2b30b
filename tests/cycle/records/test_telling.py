"""Refusals in words: every reason has a sentence, and numbers have their units."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.cycle.records.telling import (
    compared_words,
    one_line,
    reason_of,
    reason_words,
    short_rule,
    value_shown,
)
from engine.expr.units import Unit
from engine.model.decisions import Comparison, Evaluation, Outcome, Reason, ReasonCode
from engine.policyset.opening import load_policy_set
from engine.policyset.policyset import PolicySet  # noqa: TC001 - of a fixture

POLICIES = Path(__file__).resolve().parents[2] / "cli" / "trader" / "policies"
EXPOSURE = "RiskLimit/max_exposure"
SPREAD = "ExecutionPolicy/execution#spread"

WORDS = [
    (
        "LIMIT_BREACHED rule=RiskLimit/max_exposure value=12.99374901 op=<= limit=9",
        "max_exposure: portfolio.at_risk_pct_after is 12.99 %, may be at most 9 %",
    ),
    (
        "LIMIT_BREACHED rule=RiskLimit/max_exposure value=9.000001 op=<= limit=9",
        "max_exposure: portfolio.at_risk_pct_after is 9.000001 %, may be at most 9 %",
    ),
    (
        "LIMIT_BREACHED rule=RiskLimit/max_exposure group=MEME value=5 op=<= limit=4",
        "max_exposure of group MEME: portfolio.at_risk_pct_after is 5 %, may be at most 4 %",
    ),
    (
        "GUARD_BREACHED rule=ExecutionPolicy/execution#spread value=113.1054832 op=<= limit=25",
        "spread: quote.spread_bps is 113.11 bps, may be at most 25 bps",
    ),
    (
        "LIMIT_BREACHED rule=RiskLimit/gone value=online op=> limit=halted",
        "gone: the value is online, must be above halted",
    ),
    (
        "GUARD_BREACHED rule=ExecutionPolicy/execution#spread",
        "spread is not satisfied: it asks quote.spread_bps <= policy.execution.max_spread_bps",
    ),
    ("GUARD_BREACHED rule=RiskLimit/gone", "gone is not satisfied"),
    (
        "LIMIT_UNDECIDED rule=RiskLimit/max_exposure missing=quote.ask,quote.bid",
        "max_exposure cannot be decided: quote.ask, quote.bid unknown",
    ),
    (
        "GUARD_UNDECIDED rule=ExecutionPolicy/execution#spread missing=",
        "spread cannot be decided: a fact unknown",
    ),
    (
        "NOTHING_LEFT limits=RiskLimit/max_exposure,RiskLimit/max_position",
        "no quantity is small enough for max_exposure, max_position",
    ),
    ("HALTED by=kill_switch why=fire (ann)", "halted by the kill switch: fire (ann)"),
    ("HALTED by=operator why=lunch a=b", "halted by an operator's halt: lunch a=b"),
    ("EXCLUDED why=delisted elsewhere", "the universe excludes it: delisted elsewhere"),
    (
        "HALTED breaker=drawdown since=2026-01-05T13:07:00Z rule=portfolio.drawdown_pct >= 10",
        "breaker drawdown halts trading since 2026-01-05T13:07:00Z: portfolio.drawdown_pct >= 10",
    ),
    (
        "BREAKER_TRIPPED breaker=daily_stop since=2026-01-05T13:07:00Z rule=a\n  <= b",
        "breaker daily_stop is tripped since 2026-01-05T13:07:00Z: a <= b",
    ),
    (
        "NOT_IN_UNIVERSE rule=UniverseFilter/spot#core_enter asks=quote.mid > 0",
        "not in the universe: spot core_enter asks quote.mid > 0",
    ),
    ("NOT_IN_UNIVERSE max_symbols=40", "not in the universe: it holds 40 products already"),
    (
        "NOT_IN_UNIVERSE quote_currency=EUR allowed=USD,USDC",
        "not in the universe: quoted in EUR, allowed are USD, USDC",
    ),
    ("NOT_IN_UNIVERSE", "not in the universe"),
    ("LIQUIDATING", "a person is selling all of it"),
    (
        "EXIT_BELOW_MINIMUM quantity=0.01 least_quantity=0.02 stop_pct=5",
        "0.01 units could not leave at a stop of 5 %: 0.02 are the least",
    ),
    (
        "NO_STRATEGY strategy=momentum tier=core",
        "strategy momentum does not trade tier core",
    ),
    ("NO_STRATEGY", "no strategy is enabled"),
    (
        "NO_SIGNAL strategy=momentum signals=rising:false busy:true",
        "strategy momentum sees no entry (rising:false busy:true)",
    ),
    (
        "UNIVERSE_UNDECIDED missing=quote.ask,quote.bid",
        "its place in the universe cannot be decided: quote.ask, quote.bid unknown",
    ),
]


@pytest.fixture(scope="module")
def policy_set() -> PolicySet:
    """A small set with a limit in percent and a guard in basis points."""
    return load_policy_set(POLICIES).required()


@pytest.mark.parametrize(("text", "words"), WORDS, ids=[text[:45] for text, _ in WORDS])
def test_words(text: str, words: str, policy_set: PolicySet) -> None:
    """A recorded reason is read back and told with its rule, its numbers and their units."""
    assert str(reason_of(text)) == text
    assert reason_words(reason_of(text), policy_set) == words


@pytest.mark.parametrize("code", ReasonCode, ids=lambda code: code.value)
def test_every_code_has_words(code: ReasonCode, policy_set: PolicySet) -> None:
    """No reason is without a sentence, even when its values are not there."""
    rule = (("rule", EXPOSURE), ("limits", EXPOSURE))
    told = reason_words(Reason(code, rule), policy_set)
    assert told
    assert "{" not in told
    assert told == one_line(told)


def test_without_the_set(policy_set: PolicySet) -> None:
    """Where the set cannot be had, the numbers are told without names and units."""
    breach = reason_of(WORDS[0][0])
    assert reason_words(breach, None) == "max_exposure: the value is 12.99, may be at most 9"
    compared = (Comparison(12.5, "<=", 9.0, -3.5),)
    evaluation = Evaluation(EXPOSURE, None, "enforce", Outcome.BREACH, compared, ())
    assert compared_words(evaluation, None) == ["12.5 <= 9, 3.5 beyond"]
    named = "portfolio.at_risk_pct_after 12.5 % <= 9 %, 3.5 % beyond"
    assert compared_words(evaluation, policy_set) == [named]


def test_a_rule_without_comparisons(policy_set: PolicySet) -> None:
    """A rule that compares no numbers is told by its text; one that is gone, by nothing."""
    text = "quote.spread_bps <= policy.execution.max_spread_bps"
    evaluation = Evaluation(SPREAD, None, "enforce", Outcome.PASS, (), ())
    assert compared_words(evaluation, policy_set) == [text]
    gone = Evaluation("RiskLimit/gone", None, "enforce", Outcome.PASS, (), ())
    assert compared_words(gone, policy_set) == []


def test_no_headroom_where_there_is_none(policy_set: PolicySet) -> None:
    """Texts and undecided sides have no headroom, and are shown as what they are."""
    compared = (Comparison("online", "==", None, None),)
    evaluation = Evaluation("RiskLimit/gone", None, "enforce", Outcome.UNDECIDED, compared, ())
    assert compared_words(evaluation, policy_set) == ["online == unknown"]


@pytest.mark.parametrize(
    ("rule", "short"),
    [
        (EXPOSURE, "max_exposure"),
        (SPREAD, "spread"),
        ("Strategy/momentum#budget", "momentum budget"),
    ],
)
def test_short_names(rule: str, short: str) -> None:
    """A rule goes by its document's name; a part of one by both, guards by their own."""
    assert short_rule(rule) == short


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (1234.5678, Unit.USD, "1,234.57 usd"),
        (0.012345, Unit.RATIO, "0.0123"),
        (0.00000123, None, "0.00000123"),
        (True, None, "true"),
        (False, None, "false"),
        (None, Unit.USD, "unknown"),
        ("core", None, "core"),
    ],
)
def test_values(value: float | str | bool | None, unit: Unit | None, shown: str) -> None:  # noqa: FBT001 - a table's column
    """A value is rounded for reading, and a small one keeps three digits that say something."""
    assert value_shown(value, unit) == shown


def test_an_unknown_code_is_refused() -> None:
    """A text that no release wrote is not made into a reason."""
    with pytest.raises(ValueError, match="NONSENSE"):
        reason_of("NONSENSE a=b")
