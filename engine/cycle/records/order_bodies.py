"""Orders and decisions as record bodies, and orders read back.

In: values of the trade. Out: bodies; for re-judging, the `OrderIntent` that a decision was about.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.cycle.judging.situation import situation_body
from engine.ledger import bodies
from engine.model.orders import Intent, OrderForm, OrderIntent
from engine.model.symbols import Symbol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.cycle.judging.situation import Situation
    from engine.ledger.bodies import Body, Json
    from engine.model.decisions import Decision, Evaluation, Reason
    from engine.model.orders import ApprovedOrder


def wish_body(intent: OrderIntent) -> Body:
    """What was asked for."""
    return {
        "symbol": str(intent.symbol),
        "why": intent.intent.value,
        "form": intent.form.value,
        "quantity": bodies.written(intent.quantity),
        "limit_price": bodies.written(intent.limit_price),
        "reference_price": bodies.written(intent.reference_price),
        "worst_price": bodies.written(intent.worst_price),
        "strategy": intent.strategy,
        "reason": intent.reason,
        "conviction": intent.conviction,
        "plan": None if intent.plan is None else bodies.plan_body(intent.plan),
        "time_to_live_s": intent.time_to_live_s,
        "parent": intent.parent,
        "ladder": intent.ladder,
        "rung": intent.rung,
    }


def wish_of(body: Mapping[str, Json], number: int) -> OrderIntent:
    """The wish that `wish_body` wrote."""
    plan, conviction = body.get("plan"), body.get("conviction")
    return OrderIntent(
        number=number,
        symbol=Symbol.parse(bodies.text(body, "symbol")),
        intent=Intent(bodies.text(body, "why")),
        form=OrderForm(bodies.text(body, "form")),
        quantity=bodies.number(body, "quantity"),
        limit_price=bodies.optional_number(body, "limit_price"),
        reference_price=bodies.number(body, "reference_price"),
        worst_price=bodies.number(body, "worst_price"),
        strategy=bodies.text(body, "strategy"),
        reason=bodies.text(body, "reason"),
        conviction=conviction if isinstance(conviction, float) else None,
        plan=bodies.plan_of(plan) if isinstance(plan, dict) else None,
        time_to_live_s=_optional_whole(body, "time_to_live_s"),
        parent=_optional_whole(body, "parent"),
        ladder=bodies.text(body, "ladder"),
        rung=bodies.whole(body, "rung"),
    )


def _optional_whole(body: Mapping[str, Json], name: str) -> int | None:
    return None if body.get(name) is None else bodies.whole(body, name)


def intent_body(order: ApprovedOrder, policy_set: str) -> Body:
    """What the ledger holds before anything is sent."""
    return {
        **wish_body(order.intent),
        "intent": order.intent.number,
        "client_order_id": order.client_order_id,
        "policy_set": policy_set,
        "quantity": bodies.written(order.quantity),
        "expires": None if order.expires is None else str(order.expires),
    }


def decision_body(
    wish: OrderIntent, situation: Situation, decision: Decision, names: frozenset[str]
) -> Body:
    """Everything that was decided, and everything that it was decided from."""
    return {
        "wish": wish_body(wish),
        "situation": situation_body(situation, names),
        **verdict_body(decision),
    }


def verdict_body(decision: Decision) -> Body:
    """The part of a decision that re-judging must reproduce, byte for byte."""
    return {
        "verdict": decision.verdict.value,
        "asked": bodies.written(decision.asked),
        "quantity": bodies.written(decision.quantity),
        "reasons": reason_bodies(decision),
        "resized_by": [*decision.resized_by],
        "rules": [_evaluation_body(each) for each in decision.evaluations],
    }


def reason_bodies(decision: Decision) -> list[Json]:
    """Why a decision refuses, as a record keeps it."""
    return [_reason_body(each) for each in decision.reasons]


def _reason_body(reason: Reason) -> list[Json]:
    pairs: list[Json] = [[name, value] for name, value in reason.values]
    return [reason.code.value, *pairs]


def _evaluation_body(evaluation: Evaluation) -> Body:
    body: Body = {
        "rule": evaluation.rule,
        "outcome": evaluation.outcome.value,
        "stage": evaluation.stage,
        "compared": [[*each] for each in evaluation.comparisons],
    }
    if evaluation.group is not None:
        body["group"] = evaluation.group
    if evaluation.missing:
        body["missing"] = [*evaluation.missing]
    return body
