"""Sending once more: what a person, and nobody else, may do with an order of unknown fate.

In: the number of an intent, who and why. Out: records, and the outcome in words. Refuses it unless
the probe showed that a repeated id never made a second order, and unless nothing stands in its way
that stops an order. The same approved order goes, under the same id; only its end by itself counts
from now. What the venue refuses this time proves nothing of the first time: it stays unknown.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from engine.cycle.desk import Round
from engine.cycle.facts.rules import ACCOUNT_KEY
from engine.cycle.judge import approved
from engine.cycle.orders import answers, sending
from engine.cycle.records.story import decision_of
from engine.cycle.steps import reconcile, snapshot
from engine.ledger.records import RecordKind
from engine.model.orders import NotSent, OrderStatus, Rejected

if TYPE_CHECKING:
    from engine.cycle.desk import Desk
    from engine.ledger.bodies import Body
    from engine.model.orders import ApprovedOrder
    from engine.model.portfolio import WorkingOrder
    from engine.model.times import UtcTime


async def resend(desk: Desk, now: UtcTime, target: str, *, who: str, why: str) -> str:
    """Send the order of this intent again, if it may be; what came of it."""
    order = _unknown(desk, target)
    if order is None:
        return f"refused: no order of intent `{target}` is of unknown fate"
    refused = _forbidden(desk, order)
    if refused is not None:
        return f"refused: {refused}"
    if not await reconcile.read(desk, now):
        return "refused: the venue could not be read first"
    if _unknown(desk, target) is None:
        return "nothing was sent: the venue shows what became of it"
    again = _approved(desk, now, order)
    this = Round(desk.state.cycle + 1, now, killed=desk.kill_switch())
    snapshot.take(desk, this)
    stopped = sending.wire_gate(desk, this, again)
    if stopped is not None:
        return f"refused: {stopped}"
    return await _post(desk, this, again, {"who": who, "why": why})


def _unknown(desk: Desk, target: str) -> WorkingOrder | None:
    order = desk.state.working.get(int(target)) if target.isdecimal() else None
    return order if order is not None and order.status is OrderStatus.UNKNOWN else None


def _forbidden(desk: Desk, order: WorkingOrder) -> str | None:
    """Why it must not be sent again, whatever the venue would say."""
    state = desk.state
    if state.probed is None:
        return "the venue was never probed: `trader doctor --probe-duplicate-id`"
    if not state.probed.findings.returns_old:
        return f"the probe of {state.probed.time} did not show that a repeated id is harmless"
    if state.halted is not None:
        return f"halted: {state.halted}"
    keys = {ACCOUNT_KEY, str(order.symbol)}
    latches = (each for each in state.latches.values() if each.key in keys)
    tripped = next((each.breaker for each in latches if each.while_tripped == "halted"), None)
    return None if tripped is None else f"breaker {tripped} is tripped"


def _approved(desk: Desk, now: UtcTime, order: WorkingOrder) -> ApprovedOrder:
    """The order as it was decided; the decision is read from the ledger and not made again."""
    records = (each for each in desk.recorder.records() if each.kind is RecordKind.DECISION)
    decided = next(
        each for each in map(decision_of, records) if each.client_order_id == order.client_order_id
    )
    return approved(
        decided.decision,
        decided.intent,
        client_order_id=order.client_order_id,
        policy_set=decided.policy_set,
        now=now,
    )


async def _post(desk: Desk, this: Round, order: ApprovedOrder, person: Body) -> str:
    identity: Body = {
        "intent": order.intent.number,
        "client_order_id": order.client_order_id,
        "symbol": str(order.symbol),
    }
    desk.recorder.record(RecordKind.SENT, this.now, {**identity, "again": person})
    desk.recorder.sync()
    outcome = await desk.exchange.submit(order, partial(sending.last_word, desk, this, order))
    if isinstance(outcome, NotSent | Rejected):
        return f"still unknown: this time it was not taken ({outcome.reason})"
    answered = max(this.now, desk.clock.now())
    return answers.record(desk, answered, identity, outcome)
