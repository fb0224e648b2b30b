"""What each kind lowers to: the rules with their circumstances, and the facts that it declares."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from policyset.sets import altered, composed, documents, shipped

from engine.expr.printing import print_tree
from engine.expr.vocabulary import FactScope, FactType
from engine.kinds.rule import OnBreach, RuleRole, Scope, Stage
from engine.model.orders import Intent, Mode

if TYPE_CHECKING:
    from engine.kinds.rule import Rule

ADDING = frozenset({Intent.ENTRY, Intent.ADD})


def rule(rule_id: str, name: str = "") -> Rule:
    """A rule of a shipped set."""
    found = shipped(name).rule(rule_id)
    assert found is not None
    return found


RULES = (
    ("RiskLimit/max_position", RuleRole.LIMIT, Scope.SYMBOL, OnBreach.RESIZE),
    ("RiskLimit/max_group", RuleRole.LIMIT, Scope.GROUP, OnBreach.RESIZE),
    ("RiskLimit/max_strategy", RuleRole.LIMIT, Scope.STRATEGY, OnBreach.RESIZE),
    ("RiskLimit/max_order_value", RuleRole.LIMIT, Scope.ORDER, OnBreach.DENY),
    ("CircuitBreaker/daily_stop", RuleRole.TRIP, Scope.ACCOUNT, OnBreach.DENY),
    ("CircuitBreaker/stale_data", RuleRole.TRIP, Scope.SYMBOL, OnBreach.DENY),
    ("AlertRule/kill_switch_thrown", RuleRole.ALERT, Scope.ACCOUNT, OnBreach.DENY),
    ("AlertRule/stop_loss_hit", RuleRole.ALERT, Scope.SYMBOL, OnBreach.DENY),
    ("ExecutionPolicy/orders#spread", RuleRole.GUARD, Scope.ORDER, OnBreach.DENY),
    ("UniverseFilter/spot#major_enter", RuleRole.TIER_ENTER, Scope.SYMBOL, OnBreach.DENY),
    ("UniverseFilter/spot#major_stay", RuleRole.TIER_STAY, Scope.SYMBOL, OnBreach.DENY),
    ("Deployment/account#crash", RuleRole.REGIME, Scope.ACCOUNT, OnBreach.DENY),
    ("Strategy/momentum#signal_volume", RuleRole.SIGNAL, Scope.SYMBOL, OnBreach.DENY),
    ("Strategy/momentum#entry", RuleRole.ENTRY, Scope.SYMBOL, OnBreach.DENY),
    ("Strategy/mean_reversion#exit_when", RuleRole.EXIT_WHEN, Scope.SYMBOL, OnBreach.DENY),
    ("Strategy/momentum#budget", RuleRole.LIMIT, Scope.STRATEGY, OnBreach.RESIZE),
)


@pytest.mark.parametrize(("rule_id", "role", "scope", "on_breach"), RULES)
def test_rules_have_the_circumstances_of_their_documents(
    rule_id: str, role: RuleRole, scope: Scope, on_breach: OnBreach
) -> None:
    """Each part of a document is a rule with a stable id, its role, scope and consequence."""
    found = rule(rule_id)
    assert (found.role, found.scope, found.on_breach) == (role, scope, on_breach)
    assert found.stage is Stage.ENFORCE
    assert found.modes == frozenset(Mode)
    assert found.document == rule_id.partition("#")[0]


TEXTS = (
    ("RiskLimit/max_order_value", "order.notional_usd <= policy.max_order_value.max_order_usd"),
    ("CircuitBreaker/kill_switch", "engine.kill_switch"),
    (
        "ExecutionPolicy/orders#quote_age",
        "quote.age_s <= policy.orders.max_quote_age_s",
    ),
    (
        "Strategy/momentum#budget",
        (
            'order.strategy != "momentum"'
            " or strategy.at_risk_pct_after <= policy.momentum.budget_at_risk_pct"
        ),
    ),
    (
        "UniverseFilter/spot#middle_enter",
        (
            "asset.volume_24h_usd >= policy.spot.middle.enter_volume_usd"
            " and quote.spread_bps <= policy.spot.middle.max_spread_bps"
            " and book.depth_total_usd >= policy.spot.middle.min_depth_usd"
        ),
    ),
)


@pytest.mark.parametrize(("rule_id", "text"), TEXTS)
def test_parameters_become_facts_of_the_set(rule_id: str, text: str) -> None:
    """A rule names its parameters set-wide, so that waivers and diffs can see through them."""
    assert rule(rule_id).text == text
    assert print_tree(rule(rule_id).tree) == text


def test_signals_stand_in_the_entry_as_what_they_ask() -> None:
    """An entry asks its signals' own questions; a trace needs no other document."""
    text = print_tree(rule("Strategy/breakout#entry").tree)
    assert "signals." not in text
    assert 'quote.bid > highest("4h")' in text


def test_a_strategy_has_two_numbers() -> None:
    """Conviction and size are trees of their own, with signals in place."""
    values = {name for name in shipped().values if name.startswith("Strategy/momentum")}
    assert values == {"Strategy/momentum#conviction", "Strategy/momentum#size_pct"}


def test_limits_bind_the_intents_that_they_name() -> None:
    """A limit for entries leaves exits alone, and a tier without words stays as it enters."""
    assert rule("RiskLimit/max_position").intents == ADDING
    assert rule("RiskLimit/max_open_positions").intents == frozenset({Intent.ENTRY})
    assert rule("Strategy/momentum#budget").intents == ADDING
    enter, stay = (rule(f"UniverseFilter/spot#recorded_{p}", "recorded") for p in ("enter", "stay"))
    assert enter.tree == stay.tree


DECLARED = (
    ("breaker.daily_stop.tripped", FactType.FLAG, FactScope.ACCOUNT),
    ("breaker.stale_data.tripped", FactType.FLAG, FactScope.SYMBOL),
    ("limit.max_order_value.used_pct", FactType.NUMBER, FactScope.ORDER),
    ("policy.max_order_value.max_order_usd", FactType.NUMBER, FactScope.ACCOUNT),
    ("policy.max_group.max_group_pct", FactType.NUMBER, FactScope.GROUP),
    ("policy.momentum.budget_at_risk_pct", FactType.NUMBER, FactScope.ACCOUNT),
    ("policy.account.bear_24h_pct", FactType.NUMBER, FactScope.ACCOUNT),
    ("policy.spot.minor.max_spread_bps", FactType.NUMBER, FactScope.ACCOUNT),
)


@pytest.mark.parametrize(("name", "kind", "scope"), DECLARED)
def test_documents_declare_facts(name: str, kind: FactType, scope: FactScope) -> None:
    """What a set says of itself is a fact of its vocabulary, where it can be known."""
    spec = shipped().vocabulary.spec(name)
    assert spec is not None
    assert (spec.type, spec.scope) == (kind, scope)


def test_stages_and_modes_reach_the_rules() -> None:
    """A guard in shadow for live alone lowers to just that, and `unlimited` to no rule."""
    text = """
kind: RiskLimits
items:
  - metadata: {name: tried, description: In shadow.}
    spec:
      scope: order
      intents: [entry]
      modes: [live]
      require: quote.spread_bps <= params.max_bps
      params: {max_bps: 10}
      on_breach: deny
      stage: shadow
  - metadata: {name: none_wanted, description: In words.}
    spec:
      scope: order
      intents: [entry]
      on_breach: deny
      stage: enforce
      unlimited: true
      reason: for a test
"""
    policy_set = composed(altered(documents(), text.lstrip()))
    tried = policy_set.rule("RiskLimit/tried")
    assert tried is not None
    assert (tried.stage, tried.modes) == (Stage.SHADOW, frozenset({Mode.LIVE}))
    assert policy_set.rule("RiskLimit/none_wanted") is None
    assert "limit.none_wanted.used_pct" not in policy_set.vocabulary
