"""A run with a second set beside it: the same orders, and in their records what else there was."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from run.conftest import POLICIES, records

from engine.cycle.rejudge import rejudge
from engine.ledger.records import RecordKind, decode_body
from engine.run import prepare

if TYPE_CHECKING:
    from pathlib import Path

    from run.conftest import Settings

    from engine.ledger.bodies import Body
    from engine.policyset.policyset import PolicySet
    from engine.run import RunSettings

pytestmark = pytest.mark.long

TIGHTER = """\
apiVersion: mandate/v1
kind: PolicySet
metadata: {name: tighter, description: Half of what is allowed.}
spec:
  base: ../any_pair
  patches:
    - target: RiskLimit/max_order_value
      set: {params.max_order_usd: 3}
      reason: a test
"""


def run(settings: RunSettings, any_pair: PolicySet) -> dict[RecordKind, list[Body]]:
    """Run to the end; the bodies of decisions and sent orders."""
    prepare(settings, any_pair).run(lambda _this: None)
    found: dict[RecordKind, list[Body]] = {RecordKind.DECISION: [], RecordKind.SENT: []}
    for each in records(settings.ledger):
        if each.kind in found:
            found[each.kind].append(decode_body(each.body))  # type: ignore[arg-type] # decoded JSON is Json
    return found


def test_a_shadow_sees_the_same_and_moves_nothing(
    settings: Settings, any_pair: PolicySet, tmp_path: Path
) -> None:
    """The same ids are sent with and without it; each decision that differs says so."""
    alone = run(settings(cycles=20), any_pair)
    itself = replace(settings(cycles=20), ledger=tmp_path / "two", shadow=POLICIES / "any_pair")
    beside = run(itself, any_pair)
    assert alone[RecordKind.SENT] == beside[RecordKind.SENT] != []
    assert not [each for each in beside[RecordKind.DECISION] if "shadow" in each]
    assert rejudge(records(itself.ledger)).agrees


def test_a_tighter_shadow_tells_what_it_would_have_denied(
    settings: Settings, any_pair: PolicySet, tmp_path: Path
) -> None:
    """An order that leaves under the set is told as denied under the other, by its limit."""
    for name in ("policies", "strategies"):
        shutil.copytree(POLICIES.parent / name, tmp_path / name)
    folder = tmp_path / "policies" / "tighter"
    folder.mkdir()
    (folder / "policyset.yaml").write_text(TIGHTER)
    asked = replace(settings(cycles=20), ledger=tmp_path / "three", shadow=folder)
    found = run(asked, any_pair)
    entries = [each for each in found[RecordKind.DECISION] if each["verdict"] != "deny"]
    told = [each["shadow"] for each in entries if "shadow" in each]
    assert told
    for each in told:
        assert isinstance(each, dict)
        assert each["verdict"] == "deny"
        assert "RiskLimit/max_order_value" in str(each["reasons"])
    assert rejudge(records(asked.ledger)).agrees
