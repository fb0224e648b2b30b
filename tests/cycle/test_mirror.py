"""The mirrored market: log prices reflected around the first one, bid and ask exchanged.

What rose fell as far, so every signal of direction changes sign; spreads, ages, volumes and with
them the universe, guards and limits of an order of the same size stay what they are.
"""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING

import pytest
from cycle.trading_desk import BTC, START, Bench, mined
from hypothesis import given, settings
from hypothesis import strategies as st
from policyset.sets import shipped

from engine.cycle.facts.market import quote_facts
from engine.cycle.facts.series import series_facts
from engine.cycle.judging.programme import Programme
from engine.cycle.market import MarketView
from engine.cycle.orders import sending
from engine.cycle.steps import universe
from engine.kinds.rule import RuleRole
from engine.model.decisions import Outcome
from engine.model.market import Bar, Quote
from engine.model.orders import ExitPlan, Intent, Mode, OrderForm, OrderIntent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.expr.nodes import Value
    from engine.ledger.state import Membership

SET = shipped("paper")
PROGRAMME = Programme(SET, Mode.PAPER)
FIRST = 100.0
BARS = 300
UNDIRECTED = ("quote.age_s", "quote.crossed", "quote.one_sided")


def mirrored(prices: Sequence[float]) -> list[float]:
    """Reflected in the logarithm around the first price."""
    return [FIRST * FIRST / each for each in prices]


def path(steps: Sequence[float]) -> list[float]:
    """Prices from the first on, by relative steps; repeated until the longest window is full."""
    found = [FIRST]
    for at in range(BARS):
        found.append(found[-1] * (1 + steps[at % len(steps)]))
    return found


def facts(prices: Sequence[float], half_bps: int) -> Mapping[str, Value]:
    """What the snapshot says after these bars, with a quote around the last price."""
    market = MarketView(PROGRAMME.series, mined)
    for at, close in enumerate(prices):
        price = Decimal(repr(close))
        begin = START.plus_s(60 * (at - len(prices)))
        market.on_event(Bar(BTC, begin, 60, price, price, price, price, Decimal(10)))
    last, ratio = Decimal(repr(prices[-1])), 1 + Decimal(half_bps) / 10_000
    # Geometrically even, so that the mirrored quote is this quote mirrored.
    quote = Quote(BTC, START, last / ratio, last * ratio)
    return {**series_facts(market, BTC, START, Decimal(1)), **quote_facts(quote, START)}


def series(seen: Mapping[str, Value], function: str) -> dict[str, float]:
    """The values of one series function, by name."""
    return {
        name: value
        for name, value in seen.items()
        if name.startswith(f"{function}(") and isinstance(value, float)
    }


steps = st.lists(st.floats(-0.004, 0.004), min_size=20, max_size=120)


@pytest.mark.long
@settings(max_examples=40)
@given(steps, st.integers(1, 80))
def test_a_mirrored_market_mirrors_the_signals_and_nothing_else(
    moves: list[float], half_bps: int
) -> None:
    """Changes are each other's inverse, deviations change sign, strength adds up to 100."""
    way = path(moves)
    seen, other = facts(way, half_bps), facts(mirrored(way), half_bps)
    changes = series(seen, "change_pct")
    assert changes
    for name, value in changes.items():
        there = other[name]
        assert isinstance(there, float)
        assert (1 + value / 100) * (1 + there / 100) == pytest.approx(1, abs=1e-9), name
    # A market that all but stands still has no deviation, here or there, to be told.
    for name, value in _both(seen, other, "zscore"):
        assert not (value[0] > 1e-6 and value[1] > 1e-6), name
    for name, value in _both(seen, other, "rsi"):
        assert sum(value) == pytest.approx(100, abs=3), name
    for name, value in series(seen, "volume_ratio").items():
        assert other[name] == value, name
    for name in UNDIRECTED:
        assert other[name] == seen[name], name
    spreads = [
        (e["quote.ask"] - e["quote.bid"]) / (e["quote.ask"] + e["quote.bid"]) for e in (seen, other)
    ]  # type: ignore[operator]  # both are there
    assert spreads[0] == pytest.approx(spreads[1], rel=1e-9)


def _both(
    seen: Mapping[str, Value], other: Mapping[str, Value], function: str
) -> list[tuple[str, tuple[float, float]]]:
    here, there = series(seen, function), series(other, function)
    return [(name, (here[name], there[name])) for name in here.keys() & there.keys()]


@pytest.mark.long
@settings(max_examples=25)
@given(steps, st.integers(1, 80))
def test_no_shipped_signal_of_a_rise_holds_in_both_markets(
    moves: list[float], half_bps: int
) -> None:
    """For each rule of a strategy that asks for a rise: what holds here does not hold there."""
    way = path(moves)
    here, there = rises(facts(way, half_bps)), rises(facts(mirrored(way), half_bps))
    assert here.keys() == there.keys()
    assert len(here) >= 3
    assert not [name for name, held in here.items() if held and there[name]]


def rises(seen: Mapping[str, Value]) -> dict[str, bool]:
    """The shipped signals that ask for a rise, and whether each holds."""
    found = {}
    for each in PROGRAMME.strategies:
        verdicts = each.questions.motor.evaluate(seen).verdicts
        for rule, verdict in zip(each.questions.rules, verdicts, strict=True):
            if rule.id in asking_for_rises():
                found[rule.id] = verdict is True
    return found


@cache
def asking_for_rises() -> frozenset[str]:
    """Signals that a market at rest does not give, and one in which every change is +9 % does."""
    rest = dict(facts([FIRST] * (BARS + 1), 5))
    up = {name: 9.0 if name.startswith("change_pct(") else value for name, value in rest.items()}
    found = set()
    for each in PROGRAMME.strategies:
        answers = [each.questions.motor.evaluate(seen).verdicts for seen in (rest, up)]
        for rule, before, after in zip(each.questions.rules, *answers, strict=True):
            if rule.role is RuleRole.SIGNAL and before is False and after is True:
                found.add(rule.id)
    return frozenset(found)


def test_the_check_can_fail() -> None:
    """A change without its sign (the accident) is a rise in both markets."""
    way = path([-0.001] * 20)
    here, there = (rises(_without_sign(facts(each, 5))) for each in (way, mirrored(way)))
    assert [name for name, held in here.items() if held and there[name]]


def _without_sign(seen: Mapping[str, Value]) -> dict[str, Value]:
    return {
        name: abs(value) if name.startswith("change_pct(") and isinstance(value, float) else value
        for name, value in seen.items()
    }


# What an order meets: the universe, limits and guards, through the production's own steps. Not
# symmetric, and so left out by their facts: the regime, which is a direction, with every number
# that a table gives by it; and signals and breakers that ask for a fall. In a mirrored market the
# same dollars are other coins: the bars keep their volume in dollars, and the order its value.
DIRECTED = frozenset({"regime.name"})
WORTH = Decimal(20)


def met(prices: Sequence[float], half_bps: int) -> tuple[Membership | None, dict[str, Outcome]]:
    """BTC's tier, and what each limit and guard says of a small buy at the bid."""
    made = Bench(SET)
    for at, close in enumerate(prices):
        price = Decimal(repr(close))
        begin = START.plus_s(60 * (at - len(prices)))
        volume = 10_000_000 / price
        made.show(Bar(BTC, begin, 60, price, price, price, price, volume))
    last, ratio = Decimal(repr(prices[-1])), 1 + Decimal(half_bps) / 10_000
    deep = 5_000_000 / last
    made.show(Quote(BTC, START, last / ratio, last * ratio, deep, deep))
    this = made.round()
    # Five hours of bars do not cover the day of which the tiers ask; its value has no direction.
    this.tell(BTC, {'volume_usd("24h")': 5e8})
    universe.run(made.desk, this)
    intent = _buy(last / ratio, WORTH / last)
    decision = made.desk.judge.judge(intent, sending.situation_of(made.desk, this, intent))
    return this.universe.get(BTC), {each.rule: each.outcome for each in decision.evaluations}


def _buy(price: Decimal, quantity: Decimal) -> OrderIntent:
    return OrderIntent(
        number=1,
        symbol=BTC,
        intent=Intent.ENTRY,
        form=OrderForm.POST_ONLY,
        quantity=quantity,
        limit_price=price,
        reference_price=price,
        worst_price=price,
        strategy="momentum",
        reason="measured",
        conviction=0.8,
        plan=ExitPlan(stop_pct=Decimal(4), blind_exit_after_s=1800),
        time_to_live_s=120,
    )


@pytest.mark.long
@settings(max_examples=6)
@given(steps, st.integers(1, 80))
def test_a_mirrored_market_meets_the_same_universe_limits_and_guards(
    moves: list[float], half_bps: int
) -> None:
    """Who may be traded, and what an order of the same value meets, knows no direction."""
    way = path(moves)
    (tier, here), (other_tier, there) = met(way, half_bps), met(mirrored(way), half_bps)
    assert tier == other_tier
    assert here.keys() == there.keys()
    vocabulary = SET.vocabulary
    directed = {
        rule.id for rule in SET.rules if not DIRECTED.isdisjoint(vocabulary.base_facts(rule.tree))
    }
    compared = here.keys() - directed
    assert len(compared) >= 15
    assert {name: here[name] for name in compared} == {name: there[name] for name in compared}


def test_what_is_compared_is_not_the_same_everywhere() -> None:
    """A wide quote is no member and is refused, where a narrow one is in and passes."""
    (narrow, passing), (wide, refusing) = (met([FIRST] * (BARS + 1), bps) for bps in (2, 80))
    assert (narrow is not None, wide) == (True, None)
    assert passing["ExecutionPolicy/orders#spread"] is Outcome.PASS
    assert refusing["ExecutionPolicy/orders#spread"] is Outcome.BREACH
