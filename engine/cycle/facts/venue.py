"""Facts of the venue as we meet it. The in-process venue answers always, and at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.model.orders import OrderStatus

if TYPE_CHECKING:
    from engine.cycle.desk import Desk
    from engine.expr.nodes import Value
    from engine.model.times import UtcTime

_MINIMUM_SAMPLE = 5
_HOUR_S = 3600


def venue_facts(desk: Desk, now: UtcTime) -> dict[str, Value]:
    """`venue.*`: unknown outcomes, the share of rejections, assumed fees."""
    state, fees = desk.state, desk.policy_set.deployment.fees
    unknown = sum(o.status is OrderStatus.UNKNOWN for o in state.working.values())
    return {
        "venue.reachable": True,
        "venue.unknown_orders_count": float(unknown),
        "venue.reject_ratio_1h": _reject_ratio(desk, now),
        "venue.fee_maker_bps": float(fees.maker_bps),
        "venue.fee_taker_bps": float(fees.taker_bps),
    }


def _reject_ratio(desk: Desk, now: UtcTime) -> float:
    pace = desk.state.pace
    rejected = sum(1 for each in pace.rejected if now.since_s(each) < _HOUR_S)
    taken = sum(1 for each in pace.acknowledged if now.since_s(each) < _HOUR_S)
    total = rejected + taken
    # A ratio of too few events says nothing: it counts as none (vocabulary).
    return rejected / total if total >= _MINIMUM_SAMPLE else 0.0
