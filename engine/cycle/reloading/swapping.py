"""The swap: the one place where a desk comes to another set, in one step.

In: a desk between two cycles, a candidate. Out: the activation, durable, and then the desk of the
new set. What is about the account and not about documents stays: latches, pauses, positions with
their plans, pending alerts, orders of unknown fate, ceilings, the shadow set.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.cycle.orders.ceilings import ceilings_body
from engine.cycle.records.activation import activation_body
from engine.cycle.records.valuing import valued_before
from engine.cycle.valuation import Valuation
from engine.ledger.folding.tightenings import tightened_body
from engine.ledger.records import RecordKind

if TYPE_CHECKING:
    from engine.cycle.desk import Desk
    from engine.cycle.reloading.candidate import Candidate, Order
    from engine.ledger.bodies import Body
    from engine.model.times import UtcTime


def swap(desk: Desk, candidate: Candidate, order: Order, now: UtcTime) -> None:
    """Take the candidate; raises LedgerUnavailable, and then nothing of it is in force.

    INVARIANT: no await in here, and the caller holds the loop's lock: no step sees a mix.
    """
    _record(desk, candidate, order, now)
    new = candidate.policy_set
    series = candidate.programme.series
    desk.market.use(series | (desk.shadow.series if desk.shadow else frozenset()))
    desk.policy_set, desk.programme, desk.judge = new, candidate.programme, candidate.judge
    desk.valuation = Valuation(new.deployment, desk.market)
    # They were worked out under the old set; the new one says anew what it says of open positions.
    desk.plans.clear()


def _record(desk: Desk, candidate: Candidate, order: Order, now: UtcTime) -> None:
    new = candidate.policy_set
    body: Body = {
        **activation_body(new),
        **ceilings_body(desk.ceilings),
        **valued_before(desk.state.deployment, new.deployment),
        **candidate.provenance.body(desk.policy_set.hash),
        **tightened_body(candidate.reviewed.hash, candidate.held),
        "ordered": order.body(),
    }
    desk.recorder.record(RecordKind.SET_ACTIVATED, now, body)
    # Durable before it counts: after a crash the ledger knows every set that anything was done by.
    desk.recorder.sync()
