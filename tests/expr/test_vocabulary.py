"""The vocabulary holds together: names, units, definitions, ranges, hashes."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from expr.sets import SET, parameter
from expr.trees import flags
from hypothesis import given, settings

from engine.errors import MandateError, Snippet
from engine.expr.check import Expectation, check
from engine.expr.facts import SIZE_FACTS, VOCABULARY, Regime
from engine.expr.grammar import parse
from engine.expr.nodes import Fact, Node, walk
from engine.expr.units import Unit, unit_of_name
from engine.expr.vocabulary import (
    Absence,
    FactScope,
    FactSpec,
    FactType,
    Vocabulary,
    fact_names,
)
from engine.model.orders import Intent, Mode, Side

SPECS = [VOCABULARY.specs[name] for name in VOCABULARY]
DERIVED = [spec for spec in SPECS if spec.derived]
HASH = re.compile(r"[0-9a-f]{64}")

# How narrow a scope is: what is at hand for an order is at hand for all that follow.
REACH = {
    FactScope.ORDER: set(FactScope),
    FactScope.SYMBOL: {FactScope.SYMBOL, FactScope.ACCOUNT, FactScope.VENUE},
    FactScope.GROUP: {FactScope.GROUP, FactScope.ACCOUNT, FactScope.VENUE},
    FactScope.STRATEGY: {FactScope.STRATEGY, FactScope.ACCOUNT, FactScope.VENUE},
    FactScope.ACCOUNT: {FactScope.ACCOUNT, FactScope.VENUE},
    FactScope.VENUE: {FactScope.VENUE},
}


def tree_of(text: str) -> Node:
    """The tree of a text that is known to be right."""
    tree = parse(Snippet.of(text)).tree
    assert tree is not None
    return tree


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
def test_each_fact_is_complete(spec: FactSpec) -> None:
    """A fact has a readable name, one sentence, and either a producer or a definition."""
    assert fact_names(tree_of(spec.name)) == {spec.name}
    assert spec.sentence
    assert not spec.sentence.endswith(".")
    assert bool(spec.producer) != spec.derived
    assert spec.modes


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
def test_each_unit_agrees_with_the_name(spec: FactSpec) -> None:
    """Every number has a unit, and a suffix never announces another one."""
    assert (spec.unit is not None) == (spec.type is FactType.NUMBER)
    assert unit_of_name(spec.name) in {None, spec.unit}


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
def test_each_first_value_is_possible(spec: FactSpec) -> None:
    """What stands for "never happened" has the fact's type and lies within its bounds."""
    assert (spec.first_value is not None) == (spec.absence is Absence.NEVER_HAPPENED)
    assert spec.absence is not Absence.SINCE_GENESIS or spec.unit is Unit.S
    if isinstance(spec.first_value, float):
        assert spec.low is None or spec.first_value >= spec.low
        assert spec.high is None or spec.first_value <= spec.high


@pytest.mark.parametrize("spec", DERIVED, ids=lambda spec: spec.name)
def test_each_definition_is_sound(spec: FactSpec) -> None:
    """A definition has the type and unit that its fact states, and uses only what is at hand."""
    tree = VOCABULARY.definition_tree(spec.name)
    assert tree is not None
    expect = Expectation(spec.type, spec.unit, frozenset(REACH[spec.scope]), spec.modes, rule=False)
    assert check(tree, Snippet.of(spec.definition or ""), VOCABULARY, expect=expect) == ()
    bases = [VOCABULARY.spec(name) for name in VOCABULARY.base_facts(tree)]
    assert all(base is not None and not base.derived for base in bases)


@pytest.mark.parametrize("text", VOCABULARY.invariants)
def test_each_invariant_is_a_rule(text: str) -> None:
    """An invariant is a well-typed question about facts that exist in every mode."""
    assert check(tree_of(text), Snippet.of(text), VOCABULARY, expect=Expectation()) == ()


def test_only_two_base_facts_vary_with_size() -> None:
    """What depends on size does so through quantity or notional, so sizing sees all of it."""
    assert {"order.quantity", "order.notional_usd"} == SIZE_FACTS
    assert all(not VOCABULARY.specs[name].derived for name in SIZE_FACTS)
    sized = {spec.name for spec in DERIVED if VOCABULARY.base_facts(Fact(spec.name)) & SIZE_FACTS}
    assert sized == {
        "order.signed_notional_usd",
        "order.size_pct",
        "order.depth_ratio",
        "order.cost_with_fee_usd",
        "position.value_after_usd",
        "position.pct_after",
        "portfolio.at_risk_after_usd",
        "portfolio.at_risk_pct_after",
        "portfolio.group_pct_after",
        "strategy.at_risk_pct_after",
    }


def test_enums_are_those_of_the_model() -> None:
    """The values of an enum are the model's own, or left to the set."""
    assert VOCABULARY.specs["order.side"].values == tuple(each.value for each in Side)
    assert VOCABULARY.specs["order.intent"].values == tuple(each.value for each in Intent)
    assert VOCABULARY.specs["engine.mode"].values == tuple(each.value for each in Mode)
    assert VOCABULARY.specs["regime.name"].values == tuple(each.value for each in Regime)
    open_ended = [spec.name for spec in SPECS if spec.type is FactType.ENUM and not spec.values]
    assert open_ended == ["order.tier", "asset.tier"]
    assert VOCABULARY.definition_tree("order.tier") == Fact("asset.tier")


def test_a_vocabulary_is_a_collection_of_names() -> None:
    """Names can be asked for, counted and listed; series calls are answered though not listed."""
    assert "quote.bid" in VOCABULARY
    assert 'ema(20, "1m")' in VOCABULARY
    assert "quote.bit" not in VOCABULARY
    assert 5 not in VOCABULARY
    assert len(VOCABULARY) == len(list(VOCABULARY)) == len(SPECS)


def test_series_facts_have_specs() -> None:
    """A series call is a fact of its symbol, with its unit and the history that it needs."""
    spec = VOCABULARY.spec('ema(20, "1m")')
    assert spec is not None
    assert (spec.unit, spec.scope, spec.window_s) == (Unit.PRICE, FactScope.SYMBOL, 1_200)
    assert (spec.producer, spec.group) == ("series.ema", "")
    ratio = VOCABULARY.spec('volume_ratio("1h", "24h")')
    assert ratio is not None
    assert (ratio.unit, ratio.window_s) == (Unit.RATIO, 86_400)
    assert VOCABULARY.spec('ema("20", "1m")') is None
    assert VOCABULARY.definition_tree('ema(20, "1m")') is None


def test_absence_follows_the_mode() -> None:
    """A fact that a mode does not have is absent in another way than one that is missing."""
    skew = VOCABULARY.specs["venue.clock_skew_ms"]
    assert skew.absence_in(Mode.LIVE) is Absence.UNKNOWN
    assert skew.absence_in(Mode.PAPER) is Absence.NOT_IN_MODE


def test_plausible_sizes_follow_the_unit() -> None:
    """A fact's own span of thresholds comes before that of its unit; texts have none."""
    assert VOCABULARY.specs["quote.age_s"].plausible == (0.05, 86_400.0)
    assert VOCABULARY.specs["position.pct"].plausible == (0.1, 10_000.0)
    assert VOCABULARY.specs["order.symbol"].plausible is None


def test_extending_adds_and_never_replaces() -> None:
    """A set adds facts under free names; a taken name is a programmer's mistake."""
    wider = VOCABULARY.extended([parameter("max_pct", "3")])
    assert "params.max_pct" in wider
    assert "params.max_pct" not in VOCABULARY
    with pytest.raises(ValueError, match=r"quote\.bid"):
        VOCABULARY.extended([VOCABULARY.specs["quote.bid"]])


def test_a_set_names_the_values_of_its_enums() -> None:
    """The tiers of a set become the values of the tier facts."""
    wider = VOCABULARY.with_values({"asset.tier": ("core", "rest")})
    spec = wider.spec("asset.tier")
    assert spec is not None
    assert spec.values == ("core", "rest")


def test_base_facts_go_through_definitions() -> None:
    """A rule depends on the base facts of what it names; unknown names stand for themselves."""
    tree = tree_of("position.pct_after <= params.max_pct or my.own")
    assert SET.base_facts(tree) == {
        "position.value_usd",
        "position.pending_buy_usd",
        "order.notional_usd",
        "order.side",
        "portfolio.equity_usd",
        "regime.name",
        "my.own",
    }
    assert SET.base_facts(tree_of("1 < 2")) == frozenset()


@settings(deadline=None, max_examples=50)
@given(flags())
def test_names_are_those_in_the_tree(tree: Node) -> None:
    """The names of a tree are those of its fact nodes, and base facts cover the base ones."""
    names = fact_names(tree)
    assert names == {node.name for node in walk(tree) if isinstance(node, Fact)}
    plain = {name for name in names if VOCABULARY.definition_tree(name) is None}
    assert plain <= VOCABULARY.base_facts(tree)


def test_a_broken_definition_is_told_as_a_finding() -> None:
    """A definition that does not parse is a user's finding, since sets write definitions too."""
    broken = VOCABULARY.extended([parameter("x", "1 +")])
    with pytest.raises(MandateError, match="M210"):
        broken.definition_tree("params.x")


def _with(name: str, **changes: object) -> Vocabulary:
    specs = dict(VOCABULARY.specs)
    specs[name] = replace(specs[name], **changes)  # type: ignore[arg-type]  # by the table below
    return Vocabulary.of(specs.values(), VOCABULARY.invariants)


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("quote.bid", {"low": 1.0}),
        ("quote.bid", {"unit": Unit.USD}),
        ("quote.bid", {"scope": FactScope.VENUE}),
        ("quote.bid", {"modes": frozenset({Mode.LIVE})}),
        ("order.side", {"values": ("SELL", "BUY")}),
        ("pace.orders_1m_count", {"first_value": 1.0}),
        ("quote.mid", {"definition": "(quote.ask + quote.bid) / 2"}),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_change_of_meaning_changes_the_hash(name: str, changes: dict[str, object]) -> None:
    """Whatever changes what a fact means changes the vocabulary's hash."""
    assert _with(name, **changes).hash != VOCABULARY.hash


def test_wording_does_not_change_the_hash() -> None:
    """Neither a sentence, a producer's name, the layout of a definition nor the order count."""
    assert HASH.fullmatch(VOCABULARY.hash)
    assert _with("quote.bid", sentence="other words").hash == VOCABULARY.hash
    assert _with("quote.bid", producer="cycle.facts.other").hash == VOCABULARY.hash
    assert _with("quote.mid", definition="(quote.bid+quote.ask)/2.0").hash == VOCABULARY.hash
    turned = Vocabulary.of(reversed(SPECS), tuple(reversed(VOCABULARY.invariants)))
    assert turned.hash == VOCABULARY.hash


def test_a_hash_of_names_covers_what_they_rest_on() -> None:
    """The hash of the facts in use ignores other facts and follows definitions and invariants."""
    names = {"quote.spread_bps"}
    assert VOCABULARY.hash_of(names) == SET.hash_of(names)
    assert _with("order.side", values=("BUY",)).hash_of(names) == VOCABULARY.hash_of(names)
    assert _with("quote.bid", low=1.0).hash_of(names) != VOCABULARY.hash_of(names)
    loose = Vocabulary.of(SPECS)
    assert loose.hash_of(names) != VOCABULARY.hash_of(names)
    assert HASH.fullmatch(VOCABULARY.hash_of({'ema(20, "1m")', "my.own"}))
