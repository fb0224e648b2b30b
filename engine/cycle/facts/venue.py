"""Facts of the venue as we meet it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.cycle.facts.pace import within
from engine.model.orders import OrderStatus
from engine.model.symbols import Symbol

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
    health = desk.health
    facts: dict[str, Value] = {
        "venue.reachable": health.failures_in_a_row == 0,
        "venue.orders_error_ratio_5m": health.error_ratio(now, orders=True),
        "venue.reads_error_ratio_5m": health.error_ratio(now, orders=False),
        "venue.errors_consecutive_count": float(health.failures_in_a_row),
        "venue.latency_p95_ms": health.latency_p95_ms(now),
        "venue.unknown_orders_count": float(unknown),
        "venue.reject_ratio_1h": _reject_ratio(desk, now),
        "venue.fee_maker_bps": float(fees.maker_bps),
        "venue.fee_taker_bps": float(fees.taker_bps),
    }
    if state.genesis is not None:
        # No venue of this release has ever told us to slow down: the age is the ledger's own.
        facts["venue.rate_limited_age_s"] = max(0.0, now.since_s(state.genesis))
    deviation = _stablecoin_deviation_pct(desk)
    if deviation is not None:
        facts["venue.stablecoin_deviation_pct"] = deviation
    return facts


def _stablecoin_deviation_pct(desk: Desk) -> float | None:
    """Over the currencies that a stated rate of 1 counts as the numeraire, where one is quoted."""
    deployment = desk.policy_set.deployment
    coins = [name for name, rate in deployment.rates.items() if rate.value == 1]
    symbols = (Symbol(coin, deployment.numeraire) for coin in coins)
    bids = [desk.market.last_bid[symbol] for symbol in symbols if symbol in desk.market.last_bid]
    return max((abs(float(bid) - 1) * 100 for bid in bids), default=None)


def _reject_ratio(desk: Desk, now: UtcTime) -> float:
    pace = desk.state.pace
    rejected = within(pace.rejected, now, _HOUR_S)
    taken = within(pace.acknowledged, now, _HOUR_S)
    total = rejected + taken
    # A ratio of too few events says nothing: it counts as none (vocabulary).
    return rejected / total if total >= _MINIMUM_SAMPLE else 0.0
