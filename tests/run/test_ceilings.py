"""A run under ceilings: its ledger says which, the wire keeps them, and re-judging agrees."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from run.conftest import records

from engine.cycle.rejudge import rejudge
from engine.errors import MandateError
from engine.ledger.records import RecordKind, decode_body
from engine.run import prepare

if TYPE_CHECKING:
    from pathlib import Path

    from run.conftest import Settings

    from engine.ledger.bodies import Body
    from engine.policyset.policyset import PolicySet
    from engine.run import RunSettings

pytestmark = pytest.mark.long

TEXT = """\
apiVersion: mandate/v1
kind: Ceilings
metadata: {name: account, description: What no set can raise.}
spec: {max_order_usd: 35, max_position_usd: 35, max_at_risk_usd: 35, max_orders_1h_count: 99}
"""


def run(settings: RunSettings, any_pair: PolicySet) -> list[Body]:
    """Run to the end; the bodies of all activations."""
    prepare(settings, any_pair).run(lambda _this: None)
    return bodies(settings, RecordKind.SET_ACTIVATED)


def bodies(settings: RunSettings, kind: RecordKind) -> list[Body]:
    """The bodies of the records of a kind."""
    return [decode_body(each.body) for each in records(settings.ledger) if each.kind is kind]  # type: ignore[misc] # decoded JSON is Json


def test_a_run_keeps_its_ceilings_and_records_them(
    settings: Settings, any_pair: PolicySet, tmp_path: Path
) -> None:
    """What the set would let through ends at the file; without the file nothing does."""
    file = tmp_path / "ceilings.yaml"
    file.write_text(TEXT)
    asked = settings(ceilings=file)
    (activated,) = run(asked, any_pair)
    told = activated["ceilings"]
    assert isinstance(told, dict)
    assert told["name"] == "account"
    assert told["most"]["max_at_risk_usd"] == "35"
    refused = [str(each["reason"]) for each in bodies(asked, RecordKind.CANCELLED)]
    beyond = [each for each in refused if each.startswith("ceiling ")]
    assert beyond
    assert all(Decimal(each.split()[2]) > 35 for each in beyond)
    assert rejudge(records(asked.ledger)).agrees
    free = replace(asked, ceilings=None, ledger=tmp_path / "free")
    (activated,) = run(free, any_pair)
    assert activated["ceilings"] is None
    assert not [e for e in bodies(free, RecordKind.CANCELLED) if "ceiling" in str(e["reason"])]


def test_other_ceilings_are_another_activation(
    settings: Settings, any_pair: PolicySet, tmp_path: Path
) -> None:
    """The same set under other ceilings, or under none, is recorded before anything is sent."""
    file = tmp_path / "ceilings.yaml"
    file.write_text(TEXT)
    run(settings(ceilings=file, cycles=2), any_pair)
    run(settings(ceilings=file, cycles=2), any_pair)
    file.write_text(TEXT.replace("at_risk_usd: 35", "at_risk_usd: 36"))
    activated = run(settings(cycles=2, ceilings=file), any_pair)
    assert len(activated) == 2
    assert len(run(settings(cycles=2), any_pair)) == 3


def test_a_run_without_the_ceilings_that_it_was_given_does_not_begin(
    settings: Settings, any_pair: PolicySet, tmp_path: Path
) -> None:
    """A file that is not there is a refusal before the first record, never a run without."""
    asked = settings(ceilings=tmp_path / "nowhere.yaml")
    with pytest.raises(MandateError) as caught:
        prepare(asked, any_pair)
    assert [each.code for each in caught.value.diagnostics] == ["M393"]
    assert not asked.ledger.exists() or not list(records(asked.ledger))
