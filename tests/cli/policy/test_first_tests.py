"""The tests that a new policy set begins with."""

from __future__ import annotations

from decimal import Decimal

from cli.policy_verbs.first_tests import _own, first_tests
from cli.policy_verbs.scaffold import Account
from cli.policy_verbs.templates import shipped
from engine.policyset.reader import read_yaml


def test_what_is_the_account_s_own_stands_once_in_the_shipped_facts() -> None:
    """Equity, cash, product and order are replaced, each in the one place where it is said."""
    ours, account = shipped(), Account(Decimal(2500), "USDC", "coinbase")
    text = (ours.root / "policies" / "tests" / "healthy.yaml").read_text(encoding="utf-8")
    assert {old: text.count(old) for old in _own(account, Decimal(2))} == dict.fromkeys(
        _own(account, Decimal(2)), 1
    )
    files = first_tests(account, ours, Decimal(2))
    healthy = files["tests/healthy.yaml"]
    assert "$schema=../schemas/policy-facts.schema.json" in healthy
    assert "symbol: BTC-USDC, intent: entry, strategy: momentum, notional_usd: 50}" in healthy
    assert "portfolio.equity_usd: 2500" in healthy
    assert all(read_yaml(text.encode(), name).root for name, text in files.items())


def test_the_order_of_a_large_account_is_a_small_one() -> None:
    """What is tried is whether an order leaves at all, not how large it may be."""
    account = Account(Decimal(10**9), "USD", "coinbase")
    assert "notional_usd: 100}" in first_tests(account, shipped(), Decimal(2))["tests/healthy.yaml"]
