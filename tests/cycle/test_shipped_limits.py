"""Every limit of the shipped set: it blocks beyond, lets pass at the limit, lets a way out through.

The rows of `limit_edges` are held against the set: a limit that ships without one fails here, and
one that is gone leaves no row behind.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from cycle.limit_edges import EDGES, PLENTY, ROWS, Edge, decide
from policyset.sets import shipped

from engine.kinds.rule import OnBreach, RuleRole
from engine.model.decisions import Outcome, Verdict
from engine.model.orders import Intent

if TYPE_CHECKING:
    from engine.model.decisions import Decision

REDUCING = (Intent.EXIT, Intent.TRIM, Intent.PURGE)


def answer(decision: Decision, rule: str) -> Outcome:
    """What one rule said."""
    (found,) = (each.outcome for each in decision.evaluations if each.rule == rule)
    return found


def test_every_shipped_limit_has_a_row() -> None:
    """Limits, guards and budgets of the set, and the rows of this table, are the same."""
    roles = {RuleRole.LIMIT, RuleRole.GUARD}
    assert {rule.id for rule in shipped().rules if rule.role in roles} == set(EDGES)


@pytest.mark.parametrize(("rule", "edge"), ROWS.values(), ids=ROWS)
def test_at_the_limit_an_order_passes(rule: str, edge: Edge) -> None:
    """Exactly at the limit the order leaves as it was asked for."""
    decision = decide(edge, beyond=False)
    assert (decision.verdict, decision.reasons) == (Verdict.ALLOW, ())
    assert answer(decision, rule) is Outcome.PASS


@pytest.mark.parametrize(("rule", "edge"), ROWS.values(), ids=ROWS)
def test_beyond_the_limit_it_is_denied_or_made_smaller(rule: str, edge: Edge) -> None:
    """A step beyond, the limit says so by its name: denied, or cut back to the limit."""
    decision = decide(edge, beyond=True)
    (found,) = (each for each in shipped().rules if each.id == rule)
    if found.on_breach is OnBreach.RESIZE:
        assert decision.verdict is Verdict.RESIZE
        assert rule in decision.resized_by
        assert decision.quantity == Decimal(edge.units[0])
    else:
        assert decision.verdict is Verdict.DENY
        assert rule in {dict(each.values).get("rule") for each in decision.reasons}


@pytest.mark.parametrize("intent", REDUCING, ids=lambda each: each.value)
@pytest.mark.parametrize(("rule", "edge"), ROWS.values(), ids=ROWS)
def test_beyond_the_limit_a_way_out_stays_open(rule: str, edge: Edge, intent: Intent) -> None:
    """No shipped limit or guard binds an order that reduces risk: none is even asked about it."""
    decision = decide(edge, beyond=True, intent=intent)
    assert decision.verdict is Verdict.ALLOW
    assert rule not in {each.rule for each in decision.evaluations}


@pytest.mark.parametrize("rule", EDGES)
def test_a_limit_that_cannot_be_decided_denies_and_names_the_fact(rule: str) -> None:
    """Each base fact of a rule taken away: denied, or the rule did not need it; never allowed more.

    What is missing is named in the reason.
    """
    (found,) = (each for each in shipped().rules if each.id == rule)
    names = shipped().vocabulary.base_facts(found.tree) & set(PLENTY)
    edge = EDGES[rule]
    for name in names:
        decision = decide(edge, beyond=False, without=name)
        if answer(decision, rule) is Outcome.UNDECIDED:
            assert decision.verdict is Verdict.DENY
            told = [dict(each.values) for each in decision.reasons]
            assert any(name in each.get("missing", "") for each in told if each["rule"] == rule)


CONTINUING = (
    "max_new_positions",
    "max_orders_1h",
    "max_orders_24h",
    "min_symbol_gap",
    "min_trade_gap",
    "no_duplicates",
    "cooldown_after_fill",
)


@pytest.mark.parametrize("name", CONTINUING)
def test_the_rest_of_an_entry_does_not_wait_for_itself(name: str) -> None:
    """A rung that goes on with an entry passes the pace that its own first part has used up."""
    edge = EDGES[f"RiskLimit/{name}"]
    going_on = Edge(edge.at, {**edge.beyond, "order.continues": True})
    assert decide(going_on, beyond=True).verdict is Verdict.ALLOW
