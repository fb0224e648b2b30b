"""The strategies that are shipped: off, clean, sized by the regime, and able to want something."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import pytest
from policyset.sets import NOW, ROOT, altered, composed, documents

from engine.cycle.judging.programme import Programme
from engine.errors import in_file_order
from engine.expr.backends.closure import compile_value
from engine.kinds.base import Table
from engine.model.orders import Mode
from engine.policyset.lint import lint

if TYPE_CHECKING:
    from engine.expr.nodes import Value
    from engine.policyset.policyset import PolicySet

FILES = {path.stem: path for path in sorted((ROOT / "strategies").glob("*.yaml"))}
REGIMES = {"bull": 1.2, "chop": 1.0, "bear": 0.6, "crash": 0.0}

# Facts on which each strategy enters, then one that takes the entry away again.
MARKETS: dict[str, tuple[dict[str, Value], dict[str, Value]]] = {
    "price_move": (
        {
            'change_pct("5m")': 0.5,
            'change_pct("15m")': 2.0,
            'change_pct("60m")': 2.0,
            "quote.bid": 100.0,
            "quote.ask": 100.05,
        },
        {'change_pct("5m")': -0.5},
    ),
    "volume_spike": (
        {'change_pct("15m")': 1.0, 'change_pct("60m")': 2.0, 'volume_ratio("15m", "24h")': 5.0},
        {'change_pct("60m")': 20.0},
    ),
    "breakout": (
        {
            "quote.bid": 101.0,
            'highest("4h")': 100.0,
            'volume_ratio("15m", "4h")': 2.0,
            'change_pct("4h")': 3.0,
        },
        {"quote.bid": 99.0},
    ),
    "reversal": (
        {
            'change_pct("4h")': -6.0,
            'change_pct("60m")': -1.0,
            'change_pct("15m")': 1.0,
            "quote.bid": 100.0,
            "quote.ask": 100.05,
            'ema(12, "5m")': 99.0,
            'rsi(14, "5m")': 50.0,
            'volume_ratio("15m", "4h")': 1.0,
        },
        {'rsi(14, "5m")': 30.0},
    ),
    "momentum": (
        {'change_pct("60m")': 3.0, 'change_pct("15m")': 1.0, 'volume_ratio("15m", "4h")': 1.0},
        {'change_pct("60m")': -3.0},
    ),
    "mean_reversion": (
        {
            'zscore(20, "5m")': -3.0,
            'rsi(14, "5m")': 20.0,
            'change_pct("5m")': 0.5,
            'change_pct("60m")': -2.0,
            "quote.bid": 100.0,
            "quote.ask": 100.05,
        },
        {'change_pct("60m")': -9.0},
    ),
}


@cache
def enabled(name: str) -> PolicySet:
    """The paper set with one shipped strategy switched on."""
    text = FILES[name].read_text().replace("enabled: false", "enabled: true")
    return composed(altered(documents("paper"), text))


def test_every_idea_of_the_list_is_shipped() -> None:
    """Price move, volume spike, breakout, reversal, momentum, mean reversion: each has a file."""
    assert set(FILES) == set(MARKETS)


@pytest.mark.parametrize("name", MARKETS)
def test_a_shipped_strategy_is_off(name: str) -> None:
    """Nothing is traded that an overlay did not switch on."""
    assert name not in dict(composed(documents()).strategies)


@pytest.mark.parametrize("name", MARKETS)
def test_switched_on_it_has_no_findings(name: str) -> None:
    """Its sizes fit between the minimums and the caps, and its numbers are in its parameters."""
    assert in_file_order(lint(enabled(name), now=NOW)) == ()


@pytest.mark.parametrize("name", MARKETS)
def test_its_size_follows_the_regime(name: str) -> None:
    """A bull market asks for more, a bear market for less, a crash for nothing."""
    policy_set = enabled(name)
    table = dict(policy_set.strategies)[name].params["regime_ratio"]
    assert isinstance(table, Table)
    assert {case: float(table.cases[case]) for case in REGIMES} == REGIMES
    size = compile_value(policy_set.values[f"Strategy/{name}#size_pct"], policy_set.vocabulary)
    asked = {case: size({"regime.name": case}) for case in REGIMES}
    chop = asked["chop"]
    assert isinstance(chop, float)
    assert asked == {case: pytest.approx(ratio * chop) for case, ratio in REGIMES.items()}


@pytest.mark.parametrize("name", MARKETS)
def test_it_enters_its_market_and_no_other(name: str) -> None:
    """On facts of its kind it enters, convinced enough; one of them changed, and it does not."""
    wanted, spoilt = MARKETS[name]
    programme = Programme(enabled(name), Mode.PAPER)
    strategy = next(each for each in programme.strategies if each.name == name)
    missing = strategy.questions.motor.evaluate(wanted).missing(len(strategy.signals))
    assert strategy.questions.motor.evaluate(wanted).verdicts[-1] is True, missing
    conviction = strategy.conviction(wanted)
    assert isinstance(conviction, float)
    assert float(strategy.spec.min_conviction) <= conviction <= 1.0
    assert strategy.questions.motor.evaluate({**wanted, **spoilt}).verdicts[-1] is False


@pytest.mark.parametrize("name", MARKETS)
def test_it_asks_nothing_of_what_it_cannot_know(name: str) -> None:
    """Without facts there is no entry, neither yes nor no."""
    programme = Programme(enabled(name), Mode.PAPER)
    strategy = next(each for each in programme.strategies if each.name == name)
    assert strategy.questions.motor.evaluate({}).verdicts[-1] is None
