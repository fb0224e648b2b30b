"""Which facts carry which control: the table that `policy lint` and `policy controls` share.

A document may claim any control; it counts for one only when an enforced rule of it matches a row.
"""

from __future__ import annotations

from engine.policyset.controls.evidence import (
    LIMITS,
    OPENING,
    TIERS,
    TRIPS,
    Carrier,
    Statement,
)

_PRICE_SERIES = frozenset(
    {"mean(", "change_pct(", "highest(", "lowest(", "ema(", "zscore(", "asset.price_vs_mean20_pct"}
)

_OF_ORDERS: tuple[Carrier, ...] = (
    Carrier(
        "C01",
        "price collar",
        LIMITS,
        frozenset({"order.price_vs_mid_bps", "order.limit_price"}),
        "a RiskLimit such as `order.price_vs_mid_bps <= params.max_beyond_mid_bps`",
        upper=True,
        rail=True,
    ),
    Carrier(
        "C01",
        "price collar over a period",
        LIMITS,
        _PRICE_SERIES,
        'a RiskLimit such as `quote.mid <= mean("15m") * params.high_ratio`',
    ),
    Carrier(
        "C02",
        "maximum order value",
        LIMITS,
        frozenset({"order.notional_usd", "order.size_pct"}),
        "a RiskLimit such as `order.notional_usd <= params.max_order_usd`",
        upper=True,
        rail=True,
    ),
    Carrier(
        "C03",
        "maximum order quantity",
        LIMITS,
        frozenset({"order.quantity"}),
        "a RiskLimit such as `order.quantity <= params.max_btc_quantity`",
        upper=True,
    ),
    Carrier(
        "C04",
        "message throttle",
        LIMITS,
        frozenset({"pace.messages_1s_count", "pace.messages_1m_count"}),
        "a RiskLimit such as `pace.messages_1m_count < params.max_messages_count`",
        upper=True,
        rail=True,
    ),
    Carrier(
        "C06",
        "limit on executions until a person re-arms",
        LIMITS | TRIPS,
        frozenset({"strategy.executions_since_arm_count"}),
        "a rule such as `strategy.executions_since_arm_count < params.max_executions_count`",
    ),
    Carrier(
        "C11",
        "limit on repeated orders",
        LIMITS,
        frozenset({"order.duplicate_age_s"}),
        "a RiskLimit such as `order.duplicate_age_s >= params.min_age_s`",
        upper=False,
        rail=True,
    ),
    Carrier(
        "C12",
        "gate on the product's status",
        LIMITS,
        frozenset({"asset.status"}),
        'a guard such as `asset.status == "online"`',
    ),
    Carrier(
        "C18",
        "cap on the number of orders",
        LIMITS,
        frozenset({"pace.orders_*", "pace.entries_*"}),
        "a RiskLimit such as `pace.orders_24h_count < params.max_orders_count`",
        upper=True,
    ),
    Carrier(
        "C18",
        "cap on what the stage may put at risk",
        LIMITS,
        frozenset({"portfolio.at_risk_after_usd"}),
        "a RiskLimit such as `portfolio.at_risk_after_usd <= params.max_at_risk_usd`",
        upper=True,
        needed=False,
    ),
    Carrier(
        "C18",
        "pause between trades",
        LIMITS,
        frozenset({"portfolio.new_positions_cycle_count", "pace.last_*", "pace.symbol_last_*"}),
        "a RiskLimit such as `pace.last_trade_age_s >= params.min_gap_s`",
        intents=OPENING,
        needed=False,
    ),
    Carrier(
        "C25",
        "self-match prevention",
        LIMITS,
        frozenset({"order.self_match"}),
        "a RiskLimit with `require: not order.self_match`",
    ),
)

_OF_EXPOSURE: tuple[Carrier, ...] = (
    Carrier(
        "C07",
        "limit on the total at risk",
        LIMITS,
        frozenset({"portfolio.at_risk_pct_after", "portfolio.at_risk_after_usd"}),
        "a RiskLimit such as `portfolio.at_risk_pct_after <= params.max_at_risk_pct`",
        upper=True,
    ),
    Carrier(
        "C07",
        "daily stop",
        TRIPS,
        frozenset({"portfolio.pnl_day_pct"}),
        "a CircuitBreaker such as `portfolio.pnl_day_pct <= params.pnl_pct`",
        rail=True,
    ),
    Carrier(
        "C07",
        "stop on the week's loss or on the drawdown",
        TRIPS,
        frozenset({"portfolio.pnl_week_pct", "portfolio.drawdown_pct"}),
        "a CircuitBreaker such as `portfolio.drawdown_pct >= params.max_drawdown_pct`",
    ),
    Carrier(
        "C07",
        "no more than the cash that there is",
        LIMITS,
        frozenset({"order.cost_with_fee_usd", "order.notional_usd"}),
        "a RiskLimit such as `order.cost_with_fee_usd <= portfolio.cash_available_usd`",
        beside=frozenset({"portfolio.cash_available_usd"}),
        needed=False,
    ),
    Carrier(
        "C07",
        "stop in a market, or with money, that is not what the limits count with",
        TRIPS,
        frozenset({"regime.name", "venue.stablecoin_deviation_pct", "venue.fee_over_assumed_bps"}),
        'a CircuitBreaker such as `regime.name == "crash"`',
        needed=False,
    ),
    Carrier(
        "C07",
        "pause after losses in a row",
        LIMITS | TRIPS,
        frozenset({"pace.losses_consecutive_count"}),
        "a CircuitBreaker such as `pace.losses_consecutive_count >= params.max_losses_count`",
        needed=False,
    ),
    Carrier(
        "C08",
        "universe of what may be traded",
        TIERS,
        frozenset(),
        "a tier with `require` in the UniverseFilter",
    ),
    Carrier(
        "C08",
        "stop when nothing may be traded",
        TRIPS,
        frozenset({"data.eligible_count"}),
        "a CircuitBreaker such as `data.eligible_count < params.min_eligible_count`",
        needed=False,
    ),
    Carrier(
        "C09",
        "limit by group",
        LIMITS,
        frozenset({"portfolio.group_pct_after", "portfolio.group_at_risk_usd"}),
        "a RiskLimit such as `portfolio.group_pct_after <= params.max_group_pct`",
        upper=True,
    ),
    Carrier(
        "C09",
        "limit by strategy",
        LIMITS,
        frozenset({"strategy.at_risk_pct_after", "strategy.at_risk_usd"}),
        "a RiskLimit such as `strategy.at_risk_pct_after <= params.max_strategy_pct`",
        upper=True,
    ),
    Carrier(
        "C09",
        "limit on the number of positions",
        LIMITS,
        frozenset({"portfolio.open_positions_count"}),
        "a RiskLimit such as `portfolio.open_positions_count < params.max_positions_count`",
        intents=OPENING,
    ),
    Carrier(
        "C28",
        "position limit that counts working orders",
        LIMITS,
        frozenset({"position.pct_after", "position.value_after_usd"}),
        "a RiskLimit such as `position.pct_after <= params.max_position_pct`",
        upper=True,
        rail=True,
    ),
)

_OF_STATES: tuple[Carrier, ...] = (
    Carrier(
        "C13",
        "kill switch",
        TRIPS,
        frozenset({"engine.kill_switch"}),
        "a CircuitBreaker with `trip_when: engine.kill_switch`",
        rail=True,
    ),
    Carrier(
        "C16",
        "stop on a difference between ledger and venue",
        TRIPS,
        frozenset({"data.reconcile_mismatch_count"}),
        "a CircuitBreaker such as `data.reconcile_mismatch_count > params.max_mismatch_count`",
        rail=True,
    ),
    Carrier(
        "C16",
        "stop on what the venue or the engine could not do",
        TRIPS,
        frozenset(
            {
                "venue.unknown_orders_count",
                "venue.reject_ratio_1h",
                "venue.errors_consecutive_count",
                "venue.orders_error_ratio_5m",
                "venue.reads_error_ratio_5m",
                "venue.errors_5m_count",
                "venue.rate_limited_5m_count",
                "venue.rate_limited_age_s",
                "venue.reachable",
                "venue.auth_ok",
                "asset.status",
                "engine.exceptions_10m_count",
            }
        ),
        "a CircuitBreaker such as `venue.unknown_orders_count > params.max_unknown_count`",
        needed=False,
    ),
    Carrier(
        "C23",
        "stop without a durable ledger",
        TRIPS,
        frozenset({"engine.ledger_ok"}),
        "a CircuitBreaker with `trip_when: not engine.ledger_ok`",
    ),
    Carrier(
        "C24",
        "stop on a clock that is off",
        TRIPS,
        frozenset({"engine.clock_drift_ms", "venue.clock_skew_ms"}),
        "a CircuitBreaker such as `abs(engine.clock_drift_ms) > params.max_drift_ms`",
    ),
    Carrier(
        "C27",
        "guard against stale data",
        LIMITS | TRIPS,
        frozenset({"quote.age_s"}),
        "a guard such as `quote.age_s <= params.max_quote_age_s`",
        rail=True,
    ),
    Carrier(
        "C27",
        "guard against a crossed book",
        LIMITS | TRIPS,
        frozenset({"quote.crossed"}),
        "a guard such as `not quote.crossed`",
    ),
    Carrier(
        "C27",
        "guard against an outlier",
        LIMITS | TRIPS,
        frozenset({"quote.jump_sigma_60s"}) | _PRICE_SERIES,
        "a CircuitBreaker such as `quote.jump_sigma_60s > params.max_jump_ratio`",
    ),
)

_OF_DATA: tuple[Carrier, ...] = (
    Carrier(
        "C29",
        "stop on a set that nobody reviewed",
        TRIPS,
        frozenset({"engine.policy_drift"}),
        "a CircuitBreaker with `trip_when: engine.policy_drift`",
        needed=False,
    ),
    Carrier(
        "C27",
        "stop on bars that stay away",
        LIMITS | TRIPS,
        frozenset({"data.bars_age_s", "data.account_age_s"}),
        "a CircuitBreaker such as `data.bars_age_s > params.max_age_s`",
        needed=False,
    ),
)

CARRIERS: tuple[Carrier, ...] = tuple(
    sorted((*_OF_ORDERS, *_OF_EXPOSURE, *_OF_STATES, *_OF_DATA), key=lambda each: each.control)
)

STATEMENTS: tuple[Statement, ...] = (
    Statement("C18", "the stage that the deployment has reached", "Deployment", ("spec", "stage")),
)
