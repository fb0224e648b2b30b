"""Which waivers an order rests on: those without which it would have been denied, or smaller.

In: the judge, an order with its situation, and what was decided. Out: bodies of waiver_used, each
with what would have been decided without that one waiver.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from engine.ledger import bodies

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.cycle.judge import Judge
    from engine.cycle.judging.situation import Situation
    from engine.ledger.bodies import Body
    from engine.model.decisions import Decision
    from engine.model.orders import OrderIntent


def used(
    judge: Judge, intent: OrderIntent, situation: Situation, decision: Decision
) -> Iterator[Body]:
    """Each waiver that decided, by name."""
    if not decision.verdict.allowed:
        return
    for name, waiver in judge.policy_set.waivers:
        active = f"waiver.{name}.active"
        if situation.facts.get(active) is not True:
            continue
        around = replace(situation, facts={**situation.facts, active: False})
        without = judge.judge(intent, around)
        if without.quantity < decision.quantity:
            yield {
                "waiver": name,
                "rule": waiver.rule,
                "approved_by": waiver.approved_by,
                "until": str(waiver.until),
                "quantity": bodies.written(decision.quantity),
                "without": without.verdict.value,
                "quantity_without": bodies.written(without.quantity),
            }
