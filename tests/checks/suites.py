"""Test files in a folder of their own, over a small policy set or the shipped one."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from engine.checks.running import run_policy_tests
from engine.policyset.opening import load_policy_set

if TYPE_CHECKING:
    from engine.checks.report import TestReport
    from engine.policyset.policyset import PolicySet

ROOT = Path(__file__).parents[2]
POLICIES = ROOT / "policies"
SAMPLE = ROOT / "tests" / "cli" / "policy" / "sample"
HEAD = """apiVersion: mandate/v1
kind: PolicyTests
metadata: {name: tried, description: tried}
spec:
  given: healthy
"""
FACTS = """apiVersion: mandate/v1
kind: PolicyFacts
metadata: {name: healthy, description: All that the small set asks for.}
spec:
  at: "2025-11-24T10:00:00Z"
  every: 30s
  product: {base_increment: 0.0001, price_increment: 0.01, base_min_size: 0.0001, quote_min_size: 1}
  order: {symbol: ETH-USD, intent: entry, strategy: any, notional_usd: 100}
  facts:
    quote.bid: 2000
    quote.ask: 2001
    quote.age_s: 1
    asset.status: online
    asset.volume_24h_usd: 90000000
    regime.name: chop
    portfolio.equity_usd: 10000
    portfolio.gross_usd: 1000
    portfolio.at_risk_usd: 1000
    portfolio.pnl_day_pct: 0
    position.value_usd: 0
    position.pending_buy_usd: 0
    order.opens_position: true
"""


@cache
def shipped() -> PolicySet:
    """The shipped set."""
    return load_policy_set(POLICIES).required()


@cache
def sample() -> PolicySet:
    """The small set."""
    return load_policy_set(SAMPLE).required()


def folder(where: Path, text: str, *, head: str = HEAD, facts: str = FACTS) -> Path:
    """The directory with one file of tests in it, and the facts that they begin with."""
    tests = where / "tests"
    tests.mkdir(parents=True)
    (tests / "healthy.yaml").write_text(facts, encoding="utf-8")
    (tests / "tried.yaml").write_text(head + text, encoding="utf-8")
    return where


def tried(where: Path, text: str, *, head: str = HEAD) -> TestReport:
    """What comes of the tests in `text`, which is the rest of a file, over the small set."""
    return run_policy_tests(sample(), folder(where, text, head=head))


def one(expect: str, name: str = "tried", **parts: str) -> str:
    """A test; `parts` are its other keys, as YAML in one line."""
    lines = [f"    {key}: {value}" for key, value in parts.items()]
    return "\n".join([f"  - name: {name}", *lines, f"    expect: {expect}", ""])
