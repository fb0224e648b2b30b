"""Cases played through the steps and the judge of the cycle."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from checks.suites import FACTS, folder, one, sample

from engine.checks.running import run_policy_tests

if TYPE_CHECKING:
    from engine.checks.report import CaseResult

# What is stated beside the healthy facts, and what must come of it.
COMES_OUT = {
    "a healthy entry is allowed": ({}, "{verdict: allow, quantity: 0.05, exact: true}"),
    "a wide spread is denied by the guard": (
        {"facts": "{quote.ask: 2020}"},
        "{verdict: deny, reasons: [execution#spread], quantity: 0, exact: true}",
    ),
    "what nobody stated denies and is named": (
        {"facts": "{portfolio.equity_usd: _}"},
        "{verdict: deny, reasons: [max_position], missing: [portfolio.equity_usd]}",
    ),
    "a table by an enum decides the size": (
        {"facts": "{regime.name: bear}", "order": "{notional_usd: 400}"},
        "{verdict: resize, quantity: 0.09, resized_by: [max_position]}",
    ),
    "a breaker trips and stays for the day": (
        {"facts": "{portfolio.pnl_day_pct: '-4 0x2'}"},
        "{verdict: deny, reasons: [BREAKER_TRIPPED], tripped: [daily_stop], state: REDUCING}",
    ),
    "a breaker lets go at midnight": (
        {"at": '"2025-11-24T23:59:00Z"', "facts": "{portfolio.pnl_day_pct: '-4 0x2'}"},
        "{verdict: allow, tripped: [], state: ACTIVE}",
    ),
    "a breaker that was tripped before is": (
        {"tripped": "[daily_stop]"},
        "{verdict: deny, reasons: [BREAKER_TRIPPED]}",
    ),
    "a breaker that nobody can decide stops entries": (
        {"facts": "{portfolio.pnl_day_pct: _}"},
        "{reasons: [BREAKER_UNDECIDED], missing: [portfolio.pnl_day_pct], tripped: []}",
    ),
    "an exit is not denied by doubt": (
        {"facts": "{portfolio.pnl_day_pct: _, portfolio.equity_usd: _}", "order": "{intent: exit}"},
        "{verdict: allow}",
    ),
    "the kill switch denies exits too": (
        {"facts": "{engine.kill_switch: true}", "order": "{intent: exit}"},
        "{verdict: deny, reasons: [HALTED]}",
    ),
    "a recorded halt denies until it is ended": (
        {"facts": "{engine.halted: [true, true, false]}"},
        "{verdict: allow, state: ACTIVE}",
    ),
    "a ledger that is not durable denies": (
        {"facts": "{engine.ledger_ok: false}"},
        "{verdict: deny, reasons: [LEDGER_NOT_DURABLE]}",
    ),
    "a product that is closed cannot be traded": (
        {"facts": "{asset.status: halted}"},
        "{verdict: deny, reasons: [PRODUCT_NOT_TRADABLE]}",
    ),
    "a product whose status nobody told is not bought": (
        {"facts": "{asset.status: _}"},
        "{verdict: deny, reasons: [PRODUCT_UNCONFIRMED]}",
    ),
    "without a quote there is no price": (
        {"facts": "{quote.bid: _, quote.ask: _}"},
        "{verdict: deny, reasons: [NO_PRICE]}",
    ),
    "a quote of one side has no spread": (
        {"facts": "{quote.ask: _}", "order": "{limit_price: 2000, type: post_only}"},
        "{verdict: deny, missing: [quote.ask]}",
    ),
    "a currency without a rate is no money": (
        {"order": "{symbol: ETH-CHF}"},
        "{verdict: deny, reasons: [NO_RATE]}",
    ),
    "a product outside of the universe is not entered": (
        {"facts": "{asset.volume_24h_usd: 1000}"},
        "{verdict: deny, reasons: [NOT_IN_UNIVERSE], tier: none}",
    ),
    "a member stays at less than it entered with": (
        {"facts": "{asset.volume_24h_usd: 45000000}", "member_of": "core"},
        "{verdict: allow, tier: core}",
    ),
    "a tier that is stated is the tier": (
        {"facts": "{asset.volume_24h_usd: 1000, asset.tier: core}"},
        "{verdict: allow, tier: core}",
    ),
    "a waiver counts for its product in its time": (
        {"order": "{symbol: BTC-USD, notional_usd: 500}", "facts": "{quote.age_s: 1}"},
        "{verdict: allow}",
    ),
    "before its time a waiver is inert": (
        {"at": '"2025-11-21T10:00:00Z"', "order": "{symbol: BTC-USD, notional_usd: 500}"},
        "{verdict: resize, resized_by: [max_position]}",
    ),
    "the reference tells the regime where nobody states it": (
        {"facts": "{regime.name: _, regime.trend_7d_pct: -20}", "order": "{symbol: BTC-USD}"},
        "{verdict: allow, regime: crash}",
    ),
    "a limit price is judged as it is stated": (
        {"order": "{type: limit_ioc, limit_price: 2100, quantity: 0.2}"},
        "{verdict: resize, quantity: 0.1428}",
    ),
    "a market order counts at the mid": (
        {"order": "{type: market_ioc, notional_usd: 200.05}"},
        "{verdict: allow, quantity: 0.1}",
    ),
    "a single rule answers for itself": (
        {"order": "none"},
        "{rules: {account#crash: undecided, universe#core_enter: true, daily_stop: false}}",
    ),
}


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, CaseResult]:
    """All of them in one file, played once."""
    rows = (one(expect, name, **parts) for name, (parts, expect) in COMES_OUT.items())
    where = folder(tmp_path_factory.mktemp("set"), "  tests:\n" + "".join(rows), facts=FACTS)
    report = run_policy_tests(sample(), where)
    assert [f"{each} {each.help}" for each in report.findings] == []
    return {each.name: each for each in report.cases}


@pytest.mark.parametrize("name", COMES_OUT)
def test_it_comes_out(name: str, results: dict[str, CaseResult]) -> None:
    """What the policies say of these facts is what the cycle does with them."""
    assert [str(each) for each in results[name].mismatches] == []
