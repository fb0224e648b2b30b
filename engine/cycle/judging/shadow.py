"""A second policy set beside the one that trades: what it would have decided about the same orders.

In: an order, its situation, and what was decided. Out: the other verdict where it differs, as a
record and in words. It sends nothing and changes nothing. It answers with its limits, guards,
budgets and waivers; what is wanted, which products there are and which breakers are tripped are
those of the set that trades.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from engine.cycle.facts.waivers import account_waiver_facts, order_waiver_facts
from engine.cycle.judge import Judge
from engine.cycle.judging.programme import Programme
from engine.ledger import bodies
from engine.model.numbers import canonical_number

if TYPE_CHECKING:
    from engine.cycle.judge import Ruling
    from engine.cycle.judging.situation import Situation
    from engine.ledger.bodies import Body
    from engine.model.decisions import Decision
    from engine.model.orders import Mode, OrderIntent
    from engine.model.times import UtcTime
    from engine.policyset.policyset import PolicySet

_TIER = "order.tier"


@dataclass(frozen=True, slots=True)
class Difference:
    """What the second set would have decided; `words` are for a person."""

    body: Body
    words: str


class Shadow:
    """The judge of the second set, in the mode of the run; `series` are those that it names."""

    def __init__(self, policy_set: PolicySet, mode: Mode) -> None:
        self.policy_set = policy_set
        self.series = Programme(policy_set, mode).series
        self._judge = Judge(policy_set, mode)

    def judged(self, intent: OrderIntent, situation: Situation, now: UtcTime) -> Decision:
        """What this set decides, with the waivers that hold at this time."""
        return self.ruling(intent, situation, now).decision()

    def ruling(self, intent: OrderIntent, situation: Situation, now: UtcTime) -> Ruling:
        """The same, not yet written down."""
        return self._judge.ruling(intent, self._waived(intent, situation, now))

    def _waived(self, intent: OrderIntent, situation: Situation, now: UtcTime) -> Situation:
        if not self.policy_set.waivers:
            return situation
        tier = str(situation.facts.get(_TIER, ""))
        own = {
            **account_waiver_facts(self.policy_set, now),
            **order_waiver_facts(self.policy_set, intent.symbol, tier, intent.strategy, now),
        }
        return replace(situation, facts={**situation.facts, **own})

    def differs(
        self, intent: OrderIntent, situation: Situation, decision: Decision, now: UtcTime
    ) -> Difference | None:
        """The other decision where verdict or size is another; None where both agree."""
        other = self.judged(intent, situation, now)
        if (other.verdict, other.quantity) == (decision.verdict, decision.quantity):
            return None
        return Difference(self._body(other), self._words(intent, other, decision))

    def _body(self, other: Decision) -> Body:
        return {
            "policy_set": self.policy_set.hash,
            "verdict": other.verdict.value,
            "quantity": bodies.written(other.quantity),
            "reasons": [str(each) for each in other.reasons],
            "resized_by": [*other.resized_by],
        }

    def _words(self, intent: OrderIntent, other: Decision, decision: Decision) -> str:
        why = "".join(f": {each}" for each in other.reasons[:1])
        return (
            f"shadow {self.policy_set.name}: {intent.intent.value} {intent.symbol} "
            f"{_short(other)} and not {_short(decision)}{why}"
        )


def _short(decision: Decision) -> str:
    return f"{decision.verdict.value} {canonical_number(decision.quantity)}"
