"""Adopted coins over real runs: taken once, held under their plan, sold like our own."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from run.conftest import POLICIES, quotes, records

from engine.adapters.recorded.files.writing import write_recording
from engine.ledger.records import RecordKind
from engine.model.symbols import Symbol
from engine.policyset.opening import load_policy_set
from engine.run import RunSettings, prepare

if TYPE_CHECKING:
    from pathlib import Path

    from engine.policyset.policyset import PolicySet

pytestmark = pytest.mark.long

ADOPTING = """
apiVersion: mandate/v1
kind: PolicySet
metadata: {name: adopting, description: The set for any pair with coins of before it.}
spec:
  base: ../any_pair
  patches:
    - target: Deployment/account
      set:
        holdings_not_ours: adopt
        adopt: {exit: {stop_pct: 5, trailing_pct: 1, blind_exit_after: 30m}}
        paper.cash: {USD: 10000, ETH: 2}
      reason: a test
"""


def adopting(home: Path) -> PolicySet:
    """The set, from a copy of the shipped documents."""
    shutil.copytree(POLICIES, home / "policies")
    shutil.copytree(POLICIES.parent / "strategies", home / "strategies")
    (home / "policies" / "adopting").mkdir()
    (home / "policies" / "adopting" / "policyset.yaml").write_text(ADOPTING)
    return load_policy_set(home / "policies" / "adopting").required()


def test_coins_of_before_are_adopted_once_and_leave_by_their_stop(tmp_path: Path) -> None:
    """Over three processes: one adoption, and a sale of exactly what was adopted."""
    policy_set = adopting(tmp_path)
    market = tmp_path / "quotes.csv"
    dollars = [replace(each, symbol=Symbol(each.symbol.base, "USD")) for each in quotes()]
    assert write_recording(market, dollars) == ()
    own = RunSettings(tmp_path / "policies" / "adopting", tmp_path / "ledger", (market,))
    for cycles in (3, 20, None):
        prepare(replace(own, cycles=cycles), policy_set).run(lambda _this: None)
    told = records(tmp_path / "ledger")
    adopted = [json.loads(each.body) for each in told if each.kind is RecordKind.ORDER_ADOPTED]
    assert [(each["symbol"], each["quantity"]) for each in adopted] == [("ETH-USD", "2")]
    intents = [json.loads(each.body) for each in told if each.kind is RecordKind.INTENT]
    sold = next(e for e in intents if e["symbol"] == "ETH-USD" and e["strategy"] == "adopted coins")
    assert (sold["why"], sold["ladder"]) == ("exit", "exit_stop")
    assert Decimal(sold["quantity"]) == 2
    assert [each.kind for each in told].count(RecordKind.HALT) == 0
