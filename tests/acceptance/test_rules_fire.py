"""No rule of the shipped sets is dead without a reason: what the recordings never make fire.

The demo, four days of Coinbase, ticks, and the crash of May 2021 together. A rule that fired in
none of them stands below with the reason, and with the test that makes it fire where one does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from acceptance.conftest import POLICIES, ROOT, FinishedRun, run_into, told_in
from fakes.once import once

if TYPE_CHECKING:
    from pathlib import Path

TICKS = {
    "ticks_2024": "quotes/binance_spot_l1_ticks_2024-08-08.parquet",
    "ticks_2021": "quotes/coinbase_l1_ticks_2021-04-17.parquet",
}
FAILURE = "a failure of ours or the venue's; a recording has none: tests/cycle/steps, tests/run"
PERSON = "only a person does it: tests/cycle/steps/test_breakers.py"
STATED = "rates and fees of a recording are those that were stated: tests/cycle/steps"
LOSS = "no run lost so much: the daily stop comes first; tests/cycle/facts/test_windows.py"
EXPOSURE = "no recording adds up to it at the shipped sizes: tests/cycle/test_shipped_limits.py"
PACE = "other pauses and limits bind first: tests/cycle/test_shipped_limits.py"
MISTAKE = "catches a mistake of ours, which no run made: tests/cycle/test_shipped_limits.py"
ASLEEP = "the strategy is enabled in none of these sets"
MARKET = "the recordings do not show it at the moment of an order: tests/cycle/test_judge.py"
NEVER: dict[str, tuple[str, ...]] = {
    FAILURE: (
        "AlertRule/api_failing",
        "AlertRule/clock_away",
        "AlertRule/clock_off",
        "AlertRule/cycle_slow",
        "AlertRule/engine_failing",
        "AlertRule/ledger_behind",
        "AlertRule/ledger_not_durable",
        "AlertRule/message_storm_hit",
        "AlertRule/order_came_late",
        "AlertRule/order_collided",
        "AlertRule/orders_unknown",
        "AlertRule/product_closed",
        "AlertRule/reconcile_differs",
        "AlertRule/rejections_high",
        "AlertRule/venue_lost",
        "AlertRule/venue_slow",
        "AlertRule/venue_slowed_us",
        "CircuitBreaker/api_errors",
        "CircuitBreaker/clock_drift",
        "CircuitBreaker/failures",
        "CircuitBreaker/ledger",
        "CircuitBreaker/message_storm",
        "CircuitBreaker/product_down",
        "CircuitBreaker/rate_limited",
        "CircuitBreaker/reconcile_mismatch",
        "CircuitBreaker/rejections",
        "CircuitBreaker/unknown_orders",
        "CircuitBreaker/venue_down",
        "ExecutionPolicy/orders#product_status",
    ),
    PERSON: (
        "AlertRule/account_touched",
        "AlertRule/kill_switch_thrown",
        "AlertRule/policies_drifted",
        "AlertRule/policy_reload_failed",
        "AlertRule/trading_halted",
        "CircuitBreaker/kill_switch",
        "CircuitBreaker/policy_drift",
    ),
    STATED: (
        "AlertRule/coin_off_par",
        "AlertRule/fees_high",
        "CircuitBreaker/fees_above_assumed",
        "CircuitBreaker/stablecoin_off_par",
    ),
    LOSS: (
        "AlertRule/drawdown_hit",
        "AlertRule/drawdown_near",
        "AlertRule/weekly_stop_hit",
        "CircuitBreaker/drawdown_stop",
        "CircuitBreaker/weekly_stop",
    ),
    EXPOSURE: (
        "AlertRule/at_risk_full",
        "RiskLimit/cash_available",
        "RiskLimit/max_group",
        "RiskLimit/max_position",
        "RiskLimit/max_stage_at_risk",
        "RiskLimit/max_strategy",
        "RiskLimit/max_total_at_risk",
        "Strategy/mean_reversion#budget",
        "Strategy/tight_spread#budget",
    ),
    PACE: (
        "RiskLimit/max_executions",
        "RiskLimit/max_messages_1m",
        "RiskLimit/max_orders_1h",
        "RiskLimit/max_orders_24h",
    ),
    MISTAKE: (
        "RiskLimit/max_order_quantity",
        "RiskLimit/max_order_value",
        "RiskLimit/no_self_match",
        "RiskLimit/price_collar",
    ),
    ASLEEP: tuple(
        f"Strategy/{name}#{part}"
        for name, parts in {
            "price_move": "signal_affordable signal_going_on signal_move_15m signal_move_60m",
            "reversal": "signal_above_mean signal_fallen signal_no_free_fall signal_strength "
            "signal_turned signal_volume",
            "volume_spike": "signal_not_spent signal_rising signal_spike",
        }.items()
        for part in ("budget", "entry", *parts.split())
    ),
    MARKET: (
        "AlertRule/print_odd",
        "AlertRule/universe_empty",
        "CircuitBreaker/empty_universe",
        "CircuitBreaker/price_outlier",
        "ExecutionPolicy/orders#cost",
        "ExecutionPolicy/orders#dust",
        "ExecutionPolicy/orders#quote_age",
        "ExecutionPolicy/orders#two_sided",
    ),
}
REASONS = {rule: reason for reason, rules in NEVER.items() for rule in rules}


def run_others(folder: Path, recordings: Path) -> None:
    """The demo and the ticks."""
    run_into(folder / "demo", POLICIES / "paper", sorted((ROOT / "demo").glob("*.csv")))
    for name, file in TICKS.items():
        run_into(folder / name, POLICIES / "any_pair", [recordings / file])


@pytest.fixture(scope="module")
def counts(
    recorded_run: FinishedRun,
    crash: FinishedRun,
    recordings: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, int]:
    """How often each rule fired in all of the runs together."""
    folder = once(tmp_path_factory, "fired", lambda folder: run_others(folder, recordings))
    runs = [recorded_run, crash, *(told_in(folder / name) for name in ("demo", *TICKS))]
    found: dict[str, int] = {}
    for each in runs:
        for rule in each.rules:
            found[rule["rule"]] = found.get(rule["rule"], 0) + rule["fired"]
    return found


def test_no_rule_is_dead_without_a_reason(counts: dict[str, int]) -> None:
    """A rule that fired nowhere is named, with the reason; a rule that is new and dead fails."""
    dead = {rule for rule, fired in counts.items() if not fired}
    assert sorted(dead - REASONS.keys()) == []


def test_every_reason_is_of_a_rule_that_is_there(counts: dict[str, int]) -> None:
    """A rule that is gone takes its reason with it."""
    assert sorted(REASONS.keys() - counts.keys()) == []


def test_most_rules_fire(counts: dict[str, int]) -> None:
    """The check can fail: of the rules that a recording could meet, most do fire."""
    elsewhere = {FAILURE, PERSON, STATED, ASLEEP}
    met = {rule: times for rule, times in counts.items() if REASONS.get(rule) not in elsewhere}
    fired = [rule for rule, times in met.items() if times]
    assert len(fired) > len(met) / 2
