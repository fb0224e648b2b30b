"""Exit plans: written into the ledger at entry, and from then on the position's own.

In: the set's strategies and the open positions. Out: the plan of a new entry; and for positions
that are open under an older set, what the new one may change: it tightens field by field, and it
widens only where the document says `applies_to_open`, which the Deployment cannot say of adopted
coins. A strategy that is gone, and a Deployment that adopts no longer, change nothing.
"""

from __future__ import annotations

from dataclasses import fields
from decimal import Decimal
from typing import TYPE_CHECKING, TypeVar

from engine.cycle.steps.adoption import ADOPTED, plan_of_adopted
from engine.expr.printing import print_tree
from engine.expr.rewriting import map_facts
from engine.kinds.base import content_of
from engine.kinds.strategy.document import StrategyDocument
from engine.ledger import bodies
from engine.ledger.records import RecordKind
from engine.model.orders import ExitPlan

if TYPE_CHECKING:
    from engine.cycle.desk import Desk, Round
    from engine.expr.nodes import Fact, Node
    from engine.kinds.strategy.document import ExitPlanSpec
    from engine.ledger.bodies import Body
    from engine.model.portfolio import Position
    from engine.policyset.policyset import PolicySet

_N = TypeVar("_N", int, Decimal)


def run(desk: Desk, this: Round) -> None:
    """Bring the plans of open positions to what the set in force says of them."""
    for position in desk.state.held():
        plan = _adopted(desk, position) if position.strategy == ADOPTED else _own(desk, position)
        if plan != position.plan:
            desk.recorder.record(
                RecordKind.PLAN_CHANGED, this.now, _body(desk.policy_set, position, plan)
            )


def _own(desk: Desk, position: Position) -> ExitPlan:
    """The plan of what a strategy bought."""
    spec = exit_spec(desk.policy_set, position.strategy)
    if spec is None:
        return position.plan
    stated = _stated(desk, position.strategy, spec)
    return stated if spec.applies_to_open else tightened(position.plan, stated)


def _adopted(desk: Desk, position: Position) -> ExitPlan:
    """The plan of coins that were adopted: what the Deployment states now may only tighten it."""
    adoption = desk.policy_set.deployment.adopt
    if adoption is None:
        return position.plan
    return tightened(position.plan, plan_of_adopted(adoption.exit))


def plan_of(policy_set: PolicySet, strategy: str, spec: ExitPlanSpec) -> ExitPlan:
    """The plan that a strategy's document states, its parameters as numbers."""
    return ExitPlan(
        stop_pct=spec.stop_pct,
        blind_exit_after_s=spec.blind_exit_after,
        target_pct=spec.target_pct,
        trailing_pct=spec.trailing_pct,
        max_hold_s=spec.max_hold,
        when=condition_text(policy_set, strategy),
    )


def plan_under(policy_set: PolicySet, strategy: str, held: ExitPlan) -> ExitPlan:
    """The plan of an open position once this set is in force."""
    adoption = policy_set.deployment.adopt
    if strategy == ADOPTED:
        return held if adoption is None else tightened(held, plan_of_adopted(adoption.exit))
    spec = exit_spec(policy_set, strategy)
    if spec is None:
        return held
    stated = plan_of(policy_set, strategy, spec)
    return stated if spec.applies_to_open else tightened(held, stated)


def tightened(held: ExitPlan, stated: ExitPlan) -> ExitPlan:
    """The plan that leaves no later than either of the two.

    A condition is no number: the position keeps its own, and takes one only where it has none.
    """
    return ExitPlan(
        stop_pct=min(held.stop_pct, stated.stop_pct),
        blind_exit_after_s=min(held.blind_exit_after_s, stated.blind_exit_after_s),
        target_pct=_least(held.target_pct, stated.target_pct),
        trailing_pct=_least(held.trailing_pct, stated.trailing_pct),
        max_hold_s=_least(held.max_hold_s, stated.max_hold_s),
        when=stated.when if held.when is None else held.when,
    )


def _least(held: _N | None, stated: _N | None) -> _N | None:
    """The sooner way out of two; None is none at all."""
    if held is None or stated is None:
        return stated if held is None else held
    return min(held, stated)


def _stated(desk: Desk, strategy: str, spec: ExitPlanSpec) -> ExitPlan:
    key = (desk.policy_set.hash, strategy)
    if key not in desk.plans:
        desk.plans[key] = plan_of(desk.policy_set, strategy, spec)
    return desk.plans[key]


def exit_spec(policy_set: PolicySet, strategy: str) -> ExitPlanSpec | None:
    """What the document of a strategy says, whether it is enabled or not; None without one."""
    document = policy_set.document(f"{StrategyDocument.KIND}/{strategy}")
    return None if document is None else content_of(document, StrategyDocument).spec.exit


def condition_text(policy_set: PolicySet, strategy: str) -> str | None:
    """A strategy's exit condition as its plans state it, its parameters replaced by values."""
    rule = policy_set.rule(f"{StrategyDocument.KIND}/{strategy}#exit_when")
    if rule is None:
        return None
    vocabulary = policy_set.vocabulary

    def become(fact: Fact) -> Node:
        definition = vocabulary.definition_tree(fact.name)
        own = fact.name.startswith("policy.")
        return map_facts(definition, become) if own and definition is not None else fact

    return print_tree(map_facts(rule.tree, become))


def _body(policy_set: PolicySet, position: Position, plan: ExitPlan) -> Body:
    changed: Body = {
        each.name: [_told(getattr(position.plan, each.name)), _told(getattr(plan, each.name))]
        for each in fields(ExitPlan)
        if getattr(position.plan, each.name) != getattr(plan, each.name)
    }
    return {
        "symbol": str(position.symbol),
        "strategy": position.strategy,
        "policy_set": policy_set.hash,
        "plan": bodies.plan_body(plan),
        "changed": changed,
    }


def _told(value: object) -> str | None:
    return None if value is None else str(value)
