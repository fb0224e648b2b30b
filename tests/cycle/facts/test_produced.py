"""Every fact has its producer, every producer its facts, and every value of an enum an origin."""

from __future__ import annotations

import importlib
import math
from collections import defaultdict
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from cycle.cases import wish
from cycle.small_sets import DEPLOYMENT, STRATEGY, breaker, guards, limit, set_of
from cycle.trading_desk import BTC, ETH, START, Bench, bench, product

from engine.cycle.facts.clock import clock_facts
from engine.cycle.facts.engine import data_facts, engine_facts
from engine.cycle.facts.fees import fee_facts
from engine.cycle.facts.ledger import ledger_facts
from engine.cycle.facts.market import depth_for, quote_facts, total_depth
from engine.cycle.facts.order import order_facts, size_facts
from engine.cycle.facts.pace import pace_facts, symbol_pace_facts
from engine.cycle.facts.portfolio import group_facts, portfolio_facts, strategy_facts
from engine.cycle.facts.position import Holdings, position_facts
from engine.cycle.facts.product import age_facts, product_facts
from engine.cycle.facts.regime import SERIES, regime_facts
from engine.cycle.facts.rules import account_rule_facts, symbol_rule_facts
from engine.cycle.facts.series import series_facts
from engine.cycle.facts.universe import universe_facts
from engine.cycle.facts.venue import venue_facts
from engine.cycle.facts.waivers import account_waiver_facts, order_waiver_facts
from engine.cycle.health import Skew
from engine.cycle.orders.sending import situation_of
from engine.cycle.steps import snapshot
from engine.expr.backends.closure import compile_value
from engine.expr.facts import SIZE_FACTS, VOCABULARY
from engine.expr.facts.data import STAGES
from engine.expr.functions import series_call
from engine.expr.nodes import Fact
from engine.expr.vocabulary import FactType
from engine.ledger.state import Membership
from engine.model.market import ProductStatus
from engine.model.orders import Intent, Mode, OrderForm
from engine.model.symbols import Symbol

if TYPE_CHECKING:
    from engine.cycle.desk import Round
    from engine.expr.nodes import Value

HOUR_S = 3600
WEEK_H = 7 * 24
USDC = Symbol("USDC", "USD")
WAIVERS = """
kind: Waiver
metadata: {name: everywhere, description: An exception for all.}
spec:
  rule: RiskLimit/volume
  scope: {}
  instead: {params: {least_usd: 5}}
  reason: a test
  approved_by: A. Person
  from: "2026-03-01T00:00:00Z"
  until: "2026-03-03T00:00:00Z"
  at_end: hold
"""
WAIVER_FOR_ONE = WAIVERS.replace("everywhere", "for_btc").replace(
    "scope: {}", "scope: {symbols: [BTC-USD]}"
)
WAIVER_FOR_ONE = WAIVER_FOR_ONE.replace("volume", "calm").replace("least_usd: 5", "most_pct: 60")
SET = set_of(
    STRATEGY,
    breaker("spread", "quote.spread_bps > 500", scope="symbol"),
    breaker("fall", "regime.trend_7d_pct < -30 or regime.volatility_pct > 50"),
    limit("volume", "asset.volume_24h_usd >= params.least_usd", params="{least_usd: 10}"),
    limit("calm", "asset.atr_pct <= params.most_pct", params="{most_pct: 50}"),
    limit("theme", "portfolio.group_pct_after <= 50", scope="group"),
    guards(
        "{name: near, intents: [entry], require: asset.price_vs_mean20_pct <= 50,"
        " on_breach: deny, stage: enforce}"
    ),
    WAIVERS,
    WAIVER_FOR_ONE,
)
ENTRY = replace(wish(Intent.ENTRY), strategy="follower")
LIVE_ONLY = {name for name in VOCABULARY if Mode.PAPER not in VOCABULARY.specs[name].modes}


def lively() -> Bench:
    """A desk with a week of bars, a position, orders on both sides, results, and a latch."""
    made = Bench(SET, base_s=HOUR_S)
    made.wait(2 * HOUR_S)
    made.bars([100 + math.sin(each) for each in range(WEEK_H + 30)])
    made.quote()
    made.quote(USDC, "0.999", "1.001")
    made.hold(BTC, "2", "100")
    made.hold(BTC, "1", "99", filled="0")
    made.hold(BTC, "1", "101", intent="exit", filled="0")
    made.close(equity="10000")
    made.desk.cycle_durations.append(0.5)
    made.wait(60)
    made.quote()
    return made


def facts_of_a_cycle(made: Bench) -> tuple[Round, dict[str, Value]]:
    """All facts that an order of this cycle can be judged by."""
    this = made.round()
    this.universe[BTC] = Membership("core")
    around = situation_of(made.desk, this, ENTRY)
    sizes = size_facts(ENTRY, ENTRY.quantity, around.rate)
    return this, {**around.facts, **around.groups[0], **sizes}


def by_producer(made: Bench) -> dict[str, dict[str, Value]]:
    """What each module of producers says, asked by itself."""
    desk, now, state, valuation = made.desk, made.now, made.state, made.desk.valuation
    market, one = desk.market, Decimal(1)
    quote = market.quotes[BTC]
    series = series_facts(market, BTC, now, one)
    this = made.round()
    return {
        "cycle.facts.clock": clock_facts(now),
        "cycle.facts.engine": {
            **engine_facts(desk, now, killed=False),
            **data_facts(desk, now, eligible=1),
        },
        "cycle.facts.fees": fee_facts(desk, now),
        "cycle.facts.ledger": ledger_facts(state, ENTRY, now),
        "cycle.facts.market": {
            **quote_facts(quote, now),
            **total_depth(market, BTC, one),
            **depth_for(market, BTC, ENTRY.side, one),
        },
        "cycle.facts.order": {
            **order_facts(state, valuation, ENTRY, quote, dust=set()),
            **size_facts(ENTRY, ENTRY.quantity, one),
        },
        "cycle.facts.pace": {**pace_facts(state, now), **symbol_pace_facts(state, BTC, now)},
        "cycle.facts.portfolio": {
            **portfolio_facts(state, valuation, now, new_positions=0, dust=set()),
            **group_facts(state, valuation, SET.universe, "majors"),
            **strategy_facts(state, valuation, "follower", orders=0),
        },
        "cycle.facts.position": position_facts(state, valuation, BTC, now),
        "cycle.facts.product": {
            **product_facts(BTC, product(), one),
            **age_facts(START, now),
        },
        "cycle.facts.regime": regime_facts(desk.programme.regime, series),
        "cycle.facts.rules": {
            **account_rule_facts(SET, state),
            **symbol_rule_facts(SET, state, BTC),
        },
        "cycle.facts.universe": universe_facts(SET.universe, None, BTC, now),
        "cycle.facts.venue": venue_facts(desk, now),
        "cycle.facts.waivers": {
            **account_waiver_facts(SET, now),
            **order_waiver_facts(SET, BTC, "core", "follower", now),
        },
        "cycle.steps.snapshot": {"data.bars_age_s": this.symbols[BTC]["data.bars_age_s"]},
    }


def declared(name: str) -> bool:
    """Whether a fact is one that a producer must supply on paper."""
    spec = SET.vocabulary.specs[name]
    return not spec.derived and name not in LIVE_ONLY


def test_a_cycle_produces_every_fact_that_the_vocabulary_declares() -> None:
    """Nothing is declared that no cycle produces, and nothing produced that is not declared."""
    _, facts = facts_of_a_cycle(lively())
    produced = {name for name in facts if series_call(name) is None}
    wanted = {name for name in SET.vocabulary if declared(name)}
    # The one derived fact that a situation states by itself, from this cycle's universe.
    assert produced - {"order.tier"} == wanted
    assert {"venue.clock_skew_ms", "engine.secret_age_d"} == LIVE_ONLY


def test_each_fact_comes_from_the_module_that_it_names() -> None:
    """A fact's producer is a module that exists, and it is the one that says the fact."""
    produced = by_producer(lively())
    named: dict[str, set[str]] = defaultdict(set)
    for name in filter(declared, SET.vocabulary):
        named[SET.vocabulary.specs[name].producer].add(name)
    assert {module: set(facts) for module, facts in produced.items()} == dict(named)
    for module in named:
        importlib.import_module(f"engine.{module}")


def test_what_only_live_has_is_produced_live() -> None:
    """The venue's clock and the age of a secret are known where a venue and a secret are."""
    made = Bench(SET, mode=Mode.LIVE)
    made.desk.health.skew = Skew(made.now, 12.0)
    made.desk.secret_created = lambda: START.plus_s(-HOUR_S)
    told = made.round().account
    assert set(told) >= LIVE_ONLY
    assert told["venue.clock_skew_ms"] == 12.0
    assert told["engine.secret_age_d"] == pytest.approx(1 / 24)


def test_every_derived_fact_has_a_value_in_some_cycle() -> None:
    """A definition that no market could ever decide would be a fact that nothing produces."""
    by_minute = Bench(set_of(STRATEGY, limit("jump", "quote.jump_sigma_60s <= 50")))
    by_minute.bars([100 + math.sin(each) for each in range(90)])
    by_minute.quote()
    told = [facts_of_a_cycle(each)[1] for each in (lively(), by_minute)]
    built_in = {spec.name for spec in VOCABULARY.specs.values() if spec.derived}
    assert len(built_in) > 10
    asked = {name: compile_value(Fact(name), SET.vocabulary) for name in built_in - {"order.tier"}}
    known = {name for name, value in asked.items() if any(value(f) is not None for f in told)}
    assert known == built_in - {"order.tier"}


def test_every_series_that_the_set_names_is_produced() -> None:
    """A week of bars is enough for each series of the set, those behind regime facts included."""
    made = lively()
    _, facts = facts_of_a_cycle(made)
    assert set(SERIES.values()) <= made.desk.programme.series
    assert made.desk.programme.series <= set(facts)


TYPES: dict[FactType, type | tuple[type, ...]] = {
    FactType.NUMBER: float,
    FactType.TEXT: str,
    FactType.ENUM: str,
    FactType.FLAG: bool,
    FactType.TEXT_SET: frozenset,
}


def test_each_fact_has_its_type_and_lies_within_its_bounds() -> None:
    """A number is a finite float within what is certain of it, an enum one of its values."""
    _, facts = facts_of_a_cycle(lively())
    wrong = {}
    for name, value in facts.items():
        spec = SET.vocabulary.spec(name)
        assert spec is not None, name
        right = type(value) is TYPES[spec.type]
        if isinstance(value, float):
            low = -math.inf if spec.low is None else spec.low
            high = math.inf if spec.high is None else spec.high
            right = right and math.isfinite(value) and low <= value <= high
        if spec.type is FactType.ENUM:
            right = right and value in spec.values
        if not right:
            wrong[name] = value
    assert wrong == {}


def _emitted_by_orders(made: Bench) -> dict[str, set[Value]]:
    """The enums of orders, over every intent and form."""
    found: dict[str, set[Value]] = defaultdict(set)
    for intent in Intent:
        for form in OrderForm:
            order = replace(wish(intent), form=form)
            facts = order_facts(made.state, made.desk.valuation, order, None, dust=set())
            for name in ("order.side", "order.intent", "order.type"):
                found[name].add(facts[name])
    return found


REGIMES = {
    "crash": ({'change_pct("60m")': -8.0, 'change_pct("24h")': 50.0}, "crash"),
    "crash before bear": ({'change_pct("60m")': -9.0, 'change_pct("24h")': -20.0}, "crash"),
    "bear": ({'change_pct("60m")': -7.9, 'change_pct("24h")': -4.0}, "bear"),
    "chop": ({'change_pct("60m")': 0.0, 'change_pct("24h")': 3.9}, "chop"),
    "bull": ({'change_pct("60m")': 9.0, 'change_pct("24h")': 4.0}, "bull"),
    "a missing fact may have been the crash": ({'change_pct("24h")': 9.0}, "unknown"),
    "a missing fact may have been the bear": ({'change_pct("60m")': 1.0}, "unknown"),
    "a crash is decided though the rest is not": ({'change_pct("60m")': -9.0}, "crash"),
    "nothing is known": ({}, "unknown"),
}


@pytest.mark.parametrize(("facts", "name"), REGIMES.values(), ids=REGIMES)
def test_the_regime_is_asked_crash_first(facts: dict[str, float], name: str) -> None:
    """Crash is asked before bear before bull; the first that nobody can decide is unknown."""
    questions = Bench(set_of()).desk.programme.regime
    assert regime_facts(questions, {**facts}) == {"regime.name": name}


def test_a_regime_may_be_told_by_the_trend_of_the_week() -> None:
    """Conditions of the regime may name its trend: it is the reference's own series."""
    text = _deployment_by_trend()
    made = Bench(set_of(text), base_s=HOUR_S)
    made.bars([100 - each / 4 for each in range(WEEK_H + 30)])
    made.quote()
    account = made.round().account
    assert account["regime.name"] == "crash"
    assert account["regime.trend_7d_pct"] == pytest.approx(-45.3, abs=0.1)


def _deployment_by_trend() -> str:
    return (
        DEPLOYMENT.replace('change_pct("60m") <= -8', "regime.trend_7d_pct <= -15")
        .replace('change_pct("24h") <= -4', "regime.trend_7d_pct <= -5")
        .replace('change_pct("24h") >= 4', "regime.volatility_pct >= 4")
    )


def test_every_value_of_every_enum_is_emitted_by_something() -> None:
    """No case of a table is dead: each value of each enum comes from some producer."""
    made = lively()
    emitted = _emitted_by_orders(made)
    for status in ProductStatus:
        facts = product_facts(BTC, product(status=status), None)
        emitted["asset.status"].add(facts["asset.status"])
    tiers = [None, *(Membership(tier.name) for tier in SET.universe.tiers)]
    for member in tiers:
        facts = universe_facts(SET.universe, member, BTC, START)
        emitted["asset.tier"].add(facts["asset.tier"])
        this = made.round()
        this.universe = {BTC: member} if member else {}
        emitted["order.tier"].add(situation_of(made.desk, this, ENTRY).facts["order.tier"])
    for mode in Mode:
        desk = Bench(SET, mode=mode).desk
        emitted["engine.mode"].add(engine_facts(desk, START, killed=False)["engine.mode"])
    for stage in STAGES:
        desk = bench(DEPLOYMENT.replace("stage: supervised", f"stage: {stage}")).desk
        emitted["engine.stage"].add(engine_facts(desk, START, killed=False)["engine.stage"])
    questions = made.desk.programme.regime
    for shown, _ in REGIMES.values():
        emitted["regime.name"].add(regime_facts(questions, {**shown})["regime.name"])
    vocabulary = SET.vocabulary.specs.values()
    wanted = {spec.name: set(spec.values) for spec in vocabulary if spec.type is FactType.ENUM}
    assert dict(emitted) == wanted


def test_only_size_facts_vary_with_size() -> None:
    """Sizing may vary quantity and notional alone: no other fact of an order asks its size."""
    _, facts = facts_of_a_cycle(lively())
    assert set(facts) >= SIZE_FACTS
    small, large = (size_facts(ENTRY, Decimal(each), Decimal(2)) for each in ("1", "3"))
    assert set(small) == set(large) == set(SIZE_FACTS)
    assert large["order.notional_usd"] == 600.0
    assert set(size_facts(ENTRY, Decimal(1), None)) == {"order.quantity"}


def test_a_product_that_shows_nothing_has_only_what_is_certain() -> None:
    """Without a quote nothing is invented: no price, no depth, no value."""
    made = Bench(SET)
    made.quote(ETH, None, None, size=None)
    this = made.round()
    facts = this.symbols[ETH]
    assert facts["quote.one_sided"] is True
    unknown = {"quote.bid", "quote.ask", "quote.crossed", "book.depth_total_usd"}
    assert not unknown & set(facts)
    holdings = Holdings(made.state, made.desk.valuation, this.now)
    assert snapshot.symbol_facts(made.desk, this, ETH, holdings) == facts
    assert product_facts(ETH, None, None) == {"asset.symbol": "ETH-USD"}
    assert "asset.min_notional_usd" not in product_facts(ETH, product(), None)
