"""The shipped breakers: each at its number, a hair before it, and in doubt."""

from __future__ import annotations

from functools import cache

import pytest
from policyset.sets import POLICIES

from engine.cycle.judging.programme import Programme
from engine.expr.nodes import Value
from engine.model.orders import Mode
from engine.policyset.opening import load_policy_set

Facts = dict[str, Value]
CALM: Facts = {"venue.orders_error_ratio_5m": 0.0, "venue.reads_error_ratio_5m": 0.0}
SLOWED: Facts = {"venue.rate_limited_5m_count": 1.0, "venue.rate_limited_left_s": 0.0}
JUMP, QUIET, WILD = 'change_pct("1m")', 'volatility_pct("1h")', 'volume_ratio("1m", "24h")'
ODD: Facts = {JUMP: -8.1, QUIET: 1.0, WILD: 0.9}

# What does not trip it yet, and what does.
EDGES: dict[str, tuple[Facts, Facts]] = {
    "api_errors": (
        {**CALM, "venue.errors_5m_count": 2.0, "venue.reads_error_ratio_5m": 0.1},
        {**CALM, "venue.errors_5m_count": 3.0},
    ),
    "clock_drift": ({"engine.clock_drift_ms": -150.0}, {"engine.clock_drift_ms": -150.1}),
    "clock_skew": ({"venue.clock_skew_ms": 1000.0}, {"venue.clock_skew_ms": 1000.1}),
    "crossed_book": ({"quote.crossed": False}, {"quote.crossed": True}),
    "daily_stop": ({"portfolio.pnl_day_pct": -2.99}, {"portfolio.pnl_day_pct": -3.0}),
    "drawdown_stop": ({"portfolio.drawdown_pct": 9.99}, {"portfolio.drawdown_pct": 10.0}),
    "empty_universe": (
        {"data.eligible_count": 1.0, "regime.name": "chop"},
        {"data.eligible_count": 0.0, "regime.name": "chop"},
    ),
    "failures": ({"engine.exceptions_10m_count": 2.0}, {"engine.exceptions_10m_count": 3.0}),
    "fees_above_assumed": (
        {"venue.fee_over_assumed_bps": 5.0},
        {"venue.fee_over_assumed_bps": 5.1},
    ),
    "kill_switch": ({"engine.kill_switch": False}, {"engine.kill_switch": True}),
    "ledger": ({"engine.ledger_ok": True}, {"engine.ledger_ok": False}),
    "losses_in_a_row": (
        {"pace.losses_consecutive_count": 3.0, "pace.last_loss_age_s": 3600.0},
        {"pace.losses_consecutive_count": 3.0, "pace.last_loss_age_s": 3599.0},
    ),
    "market_crash": ({"regime.name": "bear"}, {"regime.name": "crash"}),
    "message_storm": ({"pace.messages_1m_count": 240.0}, {"pace.messages_1m_count": 241.0}),
    "policy_drift": ({"engine.policy_drift": False}, {"engine.policy_drift": True}),
    "price_outlier": ({**ODD, JUMP: -8.0}, ODD),
    "product_down": ({"asset.status": "online"}, {"asset.status": "post_only"}),
    "rate_limited": (
        {**SLOWED, "venue.rate_limited_age_s": 60.0},
        {**SLOWED, "venue.rate_limited_age_s": 59.0},
    ),
    "reconcile_mismatch": (
        {"data.reconcile_mismatch_count": 0.0},
        {"data.reconcile_mismatch_count": 1.0},
    ),
    "rejections": ({"venue.reject_ratio_1h": 0.2}, {"venue.reject_ratio_1h": 0.21}),
    "stablecoin_off_par": (
        {"venue.stablecoin_deviation_pct": 1.0},
        {"venue.stablecoin_deviation_pct": 1.01},
    ),
    "stale_data": ({"quote.age_s": 120.0}, {"quote.age_s": 121.0}),
    "unknown_orders": ({"venue.unknown_orders_count": 0.0}, {"venue.unknown_orders_count": 1.0}),
    "venue_down": (
        {"venue.reachable": True, "venue.auth_ok": True},
        {"venue.reachable": True, "venue.auth_ok": False},
    ),
    "volatility_crash": ({'change_pct("15m")': -5.99}, {'change_pct("15m")': -6.0}),
    "weekly_stop": ({"portfolio.pnl_week_pct": -4.99}, {"portfolio.pnl_week_pct": -5.0}),
}


@cache
def live() -> Programme:
    """The set for real money: every breaker counts in it."""
    return Programme(load_policy_set(POLICIES / "live").required(), Mode.LIVE)


def verdict(name: str, facts: Facts) -> bool | None:
    """What one breaker says to these facts and no others."""
    for questions in (live().account_breakers, live().symbol_breakers):
        if name in questions.names:
            return questions.motor.evaluate(facts).verdicts[questions.names.index(name)]
    raise LookupError(name)


@pytest.mark.parametrize("name", EDGES)
def test_a_shipped_breaker_trips_at_its_number(name: str) -> None:
    """It lets the last value before its number pass, trips at it, and says nothing in doubt."""
    before, at = EDGES[name]
    assert (verdict(name, before), verdict(name, at), verdict(name, {})) == (False, True, None)


def test_every_shipped_breaker_has_its_edge_here() -> None:
    """A breaker that is added is added to the table."""
    names = {*live().account_breakers.names, *live().symbol_breakers.names}
    assert names == set(EDGES)
