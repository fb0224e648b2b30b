"""What the venue answered to one order, as the ledger keeps it.

In: the outcome of a submit. Out: a record, and the words for it. Unknown is a state of its own:
such an order counts in full until the venue shows what became of it. Another order under our id
stops its product until a person has looked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.ledger.records import RecordKind
from engine.model.orders import Acknowledged, Collision, NotSent, Rejected, Unknown
from engine.observe.hush import kept_words

if TYPE_CHECKING:
    from engine.cycle.desk import Desk
    from engine.ledger.bodies import Body
    from engine.model.orders import SubmitOutcome
    from engine.model.times import UtcTime

COLLISION = "collision"
"""The name of the latch that a collision sets; `trader rearm collision:SYMBOL` takes it away."""


def record(desk: Desk, now: UtcTime, identity: Body, outcome: SubmitOutcome) -> str:
    """Record what became of the order that `identity` names; returns it in words."""
    reason = "" if isinstance(outcome, Acknowledged) else kept_words(outcome.reason)
    match outcome:
        case Acknowledged(venue_order_id=venue_id):
            body = {**identity, "venue_order_id": venue_id}
            desk.recorder.record(RecordKind.ACKNOWLEDGED, now, body)
            return "sent"
        case Rejected(would_cross=crossing):
            body = {**identity, "reason": reason, "would_cross": crossing}
            desk.recorder.record(RecordKind.REJECTED, now, body)
            return f"rejected: {reason}"
        case Unknown():
            desk.recorder.record(RecordKind.UNKNOWN, now, {**identity, "reason": reason})
            return f"unknown: {reason}"
        case NotSent():
            ended = {**identity, "reason": reason, "sent": False}
            desk.recorder.record(RecordKind.CANCELLED, now, ended)
            return f"not sent: {reason}"
        case Collision(venue_order_id=venue_id):
            _collided(desk, now, identity, f"order {venue_id} of the venue: {reason}")
            return f"collision: {reason}"


def _collided(desk: Desk, now: UtcTime, identity: Body, reason: str) -> None:
    """Ours may or may not exist beside the other one: it is unknown, and its product halts."""
    desk.recorder.record(RecordKind.UNKNOWN, now, {**identity, "reason": reason})
    latch: Body = {
        "breaker": COLLISION,
        "key": identity["symbol"],
        "scope": "symbol",
        "while_tripped": "halted",
        "cancel": "entries",
        "on_trip": "none",
        "text": f"{reason}. {_mend(identity)}",
        "rearm_not_before": str(now),
        "high_water_mark": "keep",
    }
    desk.recorder.record(RecordKind.BREAKER_TRIPPED, now, latch)


def _mend(identity: Body) -> str:
    """What a person does about it: nobody else can tell which of the two orders was meant."""
    return (
        f"Look at the venue for {identity['client_order_id']}, cancel what is not wanted, "
        f"then `trader rearm {COLLISION}:{identity['symbol']}`"
    )
