"""The first records of a run: the genesis of a new ledger, and the set that is active from now on.

In: a stream, its desk, what a genesis says. Out: records, durable. A ledger that goes on with the
set that it had gets none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.cycle.orders.ceilings import ceilings_body
from engine.cycle.records.activation import activation_body
from engine.cycle.records.valuing import valued_before
from engine.cycle.tightening import ending
from engine.ledger.bodies import approval_body, written
from engine.ledger.folding.tightenings import tightened_body
from engine.ledger.records import RecordKind
from engine.run.assembly.restarting import change_since

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from decimal import Decimal

    from engine.cycle.desk import Desk
    from engine.ledger.bodies import Body
    from engine.model.times import UtcTime
    from engine.ports import Rng
    from engine.run.assembly.stream import Stream

_NONCE_BYTES = 32


def begin(stream: Stream, desk: Desk, first: UtcTime, genesis: Callable[[], Body]) -> None:
    """Genesis where the ledger is new, and the activation where the set is."""
    state, policy_set = desk.state, stream.policy_set
    time = state.last_cycle or first
    if state.genesis is None:
        desk.recorder.record(RecordKind.GENESIS, time, genesis())
    held = None if stream.ceilings is None else stream.ceilings.hash
    laid = () if stream.laid is None else tuple(stream.laid.held)
    in_force = (state.policy_set, state.ceilings, state.approval, state.tightenings.held)
    if in_force != (policy_set.hash, held, stream.approval, laid):
        body = {
            **activation_body(policy_set),
            **ceilings_body(stream.ceilings),
            **valued_before(state.deployment, policy_set.deployment),
            **approval_body(stream.approval),
            **_tightened(stream),
        }
        before = state.policy_set
        if before is not None:
            body["before"] = before
        if before is not None and before != policy_set.hash:
            body["comparison"] = change_since(stream.disk, before, policy_set).body()
        ending.tell_over(desk, time, laid)
        ending.latch_unfit(desk, time, () if stream.laid is None else stream.laid.unfit)
        desk.recorder.record(RecordKind.SET_ACTIVATED, time, body)
    desk.recorder.sync()


def _tightened(stream: Stream) -> Body:
    laid = stream.laid
    return {} if laid is None else tightened_body(laid.reviewed.hash, laid.held)


def genesis_body(stream: Stream, rng: Rng, cash: Mapping[str, Decimal]) -> Body:
    """What every genesis says: whose stream it is, its nonce, and what was held."""
    return {
        "mode": stream.mode.value,
        "account": stream.policy_set.deployment.account.name,
        "nonce": rng.token_bytes(_NONCE_BYTES).hex(),
        "cash": {name: written(units) for name, units in cash.items()},
    }


def settle_forgotten(desk: Desk, known: Collection[str]) -> None:
    """Orders that a process died over before an answer was in the ledger never existed.

    True of the paper venue in this process alone: what it remembers is what the ledger says that
    it answered. `known` are the client order ids of these.
    """
    for order in list(desk.state.working.values()):
        if order.client_order_id not in known:
            body: Body = {
                "intent": order.number,
                "client_order_id": order.client_order_id,
                "symbol": str(order.symbol),
                "reason": "the process ended before the paper venue had answered",
            }
            desk.recorder.record(RecordKind.NOT_SEEN, order.created, body)
    desk.recorder.sync()
