"""The tests that a new policy set begins with.

In: the account, and the shipped set. Out: two files: a healthy day spelled out, of an account of
this size, and a first few tests that show what a test can say. They pass on the set as it is
written, and `policy init` plays them before it writes anything.
"""

from __future__ import annotations

from decimal import ROUND_DOWN, Decimal
from typing import TYPE_CHECKING

from cli.policy_verbs.templates import point_to_schemas
from engine.model.numbers import canonical_number
from engine.policyset.reading.files import TESTS

if TYPE_CHECKING:
    from cli.policy_verbs.scaffold import Account
    from cli.policy_verbs.templates import Shipped

# An order of the largest account is no larger: what is tried is whether it leaves at all.
_ENOUGH_USD = Decimal(100)
HEALTHY = "healthy.yaml"
_FIRST = """\
# yaml-language-server: $schema=../schemas/policy-tests.schema.json
apiVersion: mandate/v1
kind: PolicyTests
metadata:
  name: first
  description: What this set does on a healthy day, and on a few others; `policy test` plays it.
spec:
  given: healthy
  facts: {regime.name: chop, engine.stage: full}
  tests:
    - name: on a healthy day a small entry leaves as it was asked
      expect: {verdict: allow, state: ACTIVE, tripped: []}
    - name: what nobody knows denies, and is named
      facts: {portfolio.equity_usd: _}
      expect: {verdict: deny, reasons: [max_position], missing: [portfolio.equity_usd]}
    - name: a day that is lost ends new risk, and the day after begins anew
      at: "2025-11-24T23:59:30Z"
      facts: {portfolio.pnl_day_pct: -50 0}
      checkpoints:
        - {cycle: 1, expect: {verdict: deny, reasons: [BREAKER_TRIPPED], tripped: [daily_stop]}}
      expect: {verdict: allow, tripped: []}
    - name: the kill switch stops everything
      facts: {engine.kill_switch: true}
      cases:
        - {order: {intent: entry}, expect: {verdict: deny, reasons: [HALTED], state: HALTED}}
        - {order: {intent: exit}, expect: {verdict: deny, reasons: [HALTED], state: HALTED}}
    - name: no doubt holds back a way out
      order: {intent: exit}
      matrix:
        portfolio.equity_usd: [1000, _]
        portfolio.pnl_day_pct: [0, -50, _]
      expect: {verdict: allow}
"""


def first_tests(account: Account, shipped: Shipped, share_pct: Decimal) -> dict[str, str]:
    """The files by their path in the new directory; the order is worth such a share of equity."""
    path = f"{TESTS}/{HEALTHY}"
    text = (shipped.root / "policies" / TESTS / HEALTHY).read_text(encoding="utf-8")
    for old, new in _own(account, share_pct).items():
        # INVARIANT: the shipped facts say each of these once; a test holds it.
        text = text.replace(old, new)
    return {path: point_to_schemas(path, text), f"{TESTS}/first.yaml": _FIRST}


def _own(account: Account, share_pct: Decimal) -> dict[str, str]:
    worth = _told(min(account.equity * share_pct / 100, _ENOUGH_USD))
    return {
        "of 10,000 USD": f"of {account.equity:,f} USD",
        "symbol: BTC-USD": f"symbol: BTC-{account.quote_currency}",
        "notional_usd: 90": f"notional_usd: {worth}",
        "equity_usd: 10000": f"equity_usd: {_told(account.equity)}",
        "cash_available_usd: 9000": f"cash_available_usd: {_told(account.equity)}",
    }


def _told(money: Decimal) -> str:
    return canonical_number(money.quantize(Decimal("0.01"), ROUND_DOWN))
