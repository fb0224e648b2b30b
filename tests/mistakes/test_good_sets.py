"""No false alarm: twenty sets that are in order earn nothing, not even a warning."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from mistakes.mistake import alert, breaker, more, waiver
from policyset.sets import NOW, altered, codes, composed, documents, findings

from engine.policyset.lint import lint

if TYPE_CHECKING:
    from engine.kinds.base import Document

_OVERLAY = """
kind: RiskLimit
metadata: {name: max_position, description: A cap in one number.}
spec:
  scope: symbol
  intents: [entry, add]
  require: position.pct_after <= params.max_position_pct
  params: {max_position_pct: 2.5}
  on_breach: resize
  stage: enforce
""".lstrip()
_TABLE = (
    "a_pct: {by: order.tier, major: 2.9, middle: 2, minor: 1, none: 1}, "
    "b_pct: {by: regime.name, bull: 3, chop: 3, bear: 2, crash: 1, unknown: 2}"
)
_STRATEGY = """
kind: Strategy
metadata: {name: idea, description: One more idea.}
spec:
  enabled: true
  tiers: [major]
  signals: {tight: quote.spread_bps <= params.a_bps, up: 'change_pct("1h") >= params.up_pct'}
  entry: signals.tight and signals.up
  conviction: clamp(1 - quote.spread_bps / params.a_bps, 0, 1)
  min_conviction: 0.2
  size_pct: params.size_pct
  params: {a_bps: 10, up_pct: 1, size_pct: 1.5}
  exit: {stop_pct: 3, target_pct: 6, blind_exit_after: 30m}
  budget: {at_risk_pct: 6}
""".lstrip()

# What a set may say without a word from lint: the shipped ones, then these over the conservative.
SETS: dict[str, tuple[str, tuple[str, ...]]] = {
    "the conservative set": ("", ()),
    "the set for paper": ("paper", ()),
    "the set for live trading": ("live", ()),
    "the rehearsal": ("rehearsal", ()),
    "the small set": ("small", ()),
    "the set for recordings": ("recorded", ()),
    "the set for bars": ("bars", ()),
    "a waiver for three weeks": (
        "",
        (waiver("RiskLimit/max_position", "max_position_pct: 4", until="2026-01-22"),),
    ),
    "a waiver of a guard": (
        "",
        (waiver("ExecutionPolicy/orders", "max_spread_bps: 80", until="2026-01-22"),),
    ),
    "a limit in shadow beside the enforced": (
        "",
        (
            more("trial", "order.size_pct <= params.a_pct", "a_pct: 1").replace(
                "stage: enforce", "stage: shadow"
            ),
        ),
    ),
    "tables over two enums": (
        "",
        (more("both", "order.size_pct <= min(params.a_pct, params.b_pct)", _TABLE),),
    ),
    "a limit on one coin": (
        "",
        (more("coin", 'order.base != "BTC" or order.size_pct <= params.a_pct', "a_pct: 1"),),
    ),
    "a limit on one group": (
        "",
        (more("meme", 'not "MEME" in asset.groups or order.size_pct <= params.a_pct', "a_pct: 1"),),
    ),
    "a quiet hour": (
        "",
        (more("night", "clock.hour_utc >= params.a_count", "a_count: 4"),),
    ),
    "a limit of live trading alone": (
        "",
        (
            more("skew", "venue.clock_skew_ms <= params.a_ms", "a_ms: 500").replace(
                "  on_breach", "  modes: [live]\n  on_breach"
            ),
        ),
    ),
    "a breaker that escalates": (
        "",
        (
            breaker("portfolio.drawdown_pct >= params.a_pct", "a_pct: 15")
            .replace("while_tripped: reducing", "while_tripped: halted")
            .replace("{after: 1h}", "{rearm: {not_before: 1h, high_water_mark: keep}}"),
        ),
    ),
    "an alert before the stop": (
        "",
        (
            alert(
                "portfolio.pnl_week_pct <= policy.weekly_stop.pnl_pct * params.near_ratio",
                "near_ratio: 0.8",
            ),
        ),
    ),
    "an alert on a measure of its own": (
        "",
        (alert("venue.latency_p95_ms > params.a_ms", "a_ms: 2000"),),
    ),
    "a cap in one number": ("", (_OVERLAY,)),
    "one more strategy, enabled": ("paper", (_STRATEGY,)),
    "two changes over an overlay of an overlay": ("small", (_STRATEGY.replace("1.5", "6", 1),)),
}


def the_set(name: str) -> tuple[Document, ...]:
    """The documents of one of the sets."""
    base, texts = SETS[name]
    return altered(documents(base), *texts)


@pytest.mark.parametrize("name", SETS)
def test_a_set_that_is_in_order_earns_nothing(name: str) -> None:
    """Neither an error nor a warning is said of it."""
    assert findings(the_set(name)) == ()


def test_there_are_twenty_of_them() -> None:
    """So many sets, of every kind of document, are held against false alarms."""
    assert len(SETS) >= 20


@pytest.mark.parametrize("equity", ["5000", "12000", "50000"])
def test_the_conservative_set_has_sizes_all_over_its_plan(equity: str) -> None:
    """At both ends of its planned equity and between them, every case has a possible size."""
    from decimal import Decimal

    found = lint(composed(documents()), now=NOW, equity_usd=Decimal(equity))
    assert codes(found) == []
