"""Facts of the venue as we meet it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.cycle.facts.pace import within
from engine.cycle.health import WINDOW_S
from engine.cycle.orders.answers import COLLISION
from engine.model.orders import OrderStatus
from engine.model.symbols import Symbol

if TYPE_CHECKING:
    from engine.cycle.desk import Desk
    from engine.cycle.health import VenueHealth
    from engine.expr.nodes import Value
    from engine.model.times import UtcTime

_MINIMUM_SAMPLE = 5
_HOUR_S = 3600
_DAY_S = 86_400


def venue_facts(desk: Desk, now: UtcTime) -> dict[str, Value]:
    """`venue.*`: how it answers, what became of orders, what counts as money."""
    state = desk.state
    unknown = sum(o.status is OrderStatus.UNKNOWN for o in state.working.values())
    facts: dict[str, Value] = {
        **_answering(desk.health, now),
        "venue.unknown_orders_count": float(unknown),
        "venue.foreign_orders_count": float(
            sum(not o.status.final for o in state.foreign.values())
        ),
        "venue.collisions_count": float(sum(name == COLLISION for name, _ in state.latches)),
        "venue.trades_by_hand_24h_count": within(state.pace.by_hand, now, _DAY_S),
        "venue.late_orders_24h_count": within(state.pace.late, now, _DAY_S),
        "venue.reject_ratio_1h": _reject_ratio(desk, now),
    }
    limited = desk.health.rate_limited or state.genesis
    if limited is not None:
        facts["venue.rate_limited_age_s"] = max(0.0, now.since_s(limited))
    deviation = _stablecoin_deviation_pct(desk)
    if deviation is not None:
        facts["venue.stablecoin_deviation_pct"] = deviation
    return facts


def _answering(health: VenueHealth, now: UtcTime) -> dict[str, Value]:
    facts: dict[str, Value] = {
        "venue.reachable": health.reachable,
        "venue.auth_ok": health.auth_ok,
        "venue.orders_error_ratio_5m": health.error_ratio(now, orders=True),
        "venue.reads_error_ratio_5m": health.error_ratio(now, orders=False),
        "venue.errors_consecutive_count": float(health.failures_in_a_row),
        "venue.errors_5m_count": float(health.errors(now)),
        "venue.rate_limited_5m_count": float(health.limits(now)),
        "venue.rate_limited_left_s": _left_s(health.wait_until, now),
        "venue.latency_p95_ms": health.latency_p95_ms(now),
    }
    if health.skew is not None and now.since_s(health.skew.time) <= WINDOW_S:
        facts["venue.clock_skew_ms"] = health.skew.ms
    return facts


def _left_s(until: UtcTime | None, now: UtcTime) -> float:
    return 0.0 if until is None else max(0.0, until.since_s(now))


def _stablecoin_deviation_pct(desk: Desk) -> float | None:
    """Over the coins that a stated rate of 1 counts as the numeraire.

    0 where there are none; None where one that we hold or trade in has no bid: nobody can say.
    """
    deployment, state = desk.policy_set.deployment, desk.state
    coins = [name for name, rate in deployment.rates.items() if rate.value == 1]
    bids = {coin: desk.market.last_bid.get(Symbol(coin, deployment.numeraire)) for coin in coins}
    quoting = {symbol.quote for symbol in desk.market.symbols}
    if any(bid is None and (coin in quoting or state.cash.get(coin)) for coin, bid in bids.items()):
        return None
    return max((abs(float(bid) - 1) * 100 for bid in bids.values() if bid is not None), default=0.0)


def _reject_ratio(desk: Desk, now: UtcTime) -> float:
    pace = desk.state.pace
    rejected = within(pace.rejected, now, _HOUR_S)
    taken = within(pace.acknowledged, now, _HOUR_S)
    total = rejected + taken
    # A ratio of too few events says nothing: it counts as none (vocabulary).
    return rejected / total if total >= _MINIMUM_SAMPLE else 0.0
