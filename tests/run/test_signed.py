"""A run that demands signatures: what is signed runs, and the ledger says who signed it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from fakes.people import Person
from run.conftest import POLICIES, records

from engine.errors import MandateError
from engine.ledger.bodies import of_record
from engine.ledger.records import RecordKind
from engine.model.orders import Mode
from engine.model.times import UtcTime
from engine.provenance.bundle import Terms, bundled
from engine.provenance.verified import Trust
from engine.run import RunSettings, prepare
from engine.run.assembly.sources import sourced

if TYPE_CHECKING:
    from pathlib import Path

    from run.conftest import Settings

    from engine.ledger.bodies import Body
    from engine.policyset.policyset import PolicySet

pytestmark = pytest.mark.long

FAR = UtcTime.parse("2199-01-01T00:00:00Z")
CEILINGS = """\
apiVersion: mandate/v1
kind: Ceilings
metadata: {name: account, description: What no set can raise.}
spec: {max_order_usd: 35, max_position_usd: 35, max_at_risk_usd: 35, max_orders_1h_count: 99}
"""


@pytest.fixture(scope="module")
def alice(tmp_path_factory: pytest.TempPathFactory) -> Person:
    """Somebody whom the host knows."""
    return Person.with_key(tmp_path_factory.mktemp("keys"), "alice")


@pytest.fixture
def trust(alice: Person, tmp_path: Path) -> Trust:
    """The host's file."""
    file = tmp_path / "allowed_signers"
    file.write_text(f"{alice.name} {alice.public}\n")
    return Trust(file, 1, None)


def bundle(policy_set: PolicySet, alice: Person, folder: Path, sequence: int) -> Path:
    """A signed bundle."""
    made = bundled(policy_set, Terms(Mode.PAPER, sequence, FAR, "c" * 40), {})
    file = folder / f"{policy_set.name}-{sequence}.bundle"
    file.write_bytes(made.signed(alice.sign(made.envelope.to_sign())).data())
    return file


def activations(settings: RunSettings) -> list[Body]:
    """What the ledger says of activations."""
    found = records(settings.ledger)
    return [of_record(each) for each in found if each.kind is RecordKind.SET_ACTIVATED]


def test_who_signed_is_in_the_ledger(
    settings: Settings, any_pair: PolicySet, alice: Person, trust: Trust, tmp_path: Path
) -> None:
    """The activation holds the set, the one before it, commit, signers, sequence and terms."""
    first = settings(policies=bundle(any_pair, alice, tmp_path, 1), trust=trust, cycles=1)
    second = replace(first, policies=bundle(any_pair, alice, tmp_path, 2))
    for each in (first, second, second):
        prepare(each).run(lambda _this: None)
    old, new = activations(first)
    assert (old["policy_set"], old["sequence"], "before" in old) == (any_pair.hash, 1, False)
    assert (new["before"], new["sequence"], new["commit"]) == (any_pair.hash, 2, "c" * 40)
    assert (new["purpose"], new["expires"]) == ("paper", str(FAR))
    (signer,) = new["signers"] if isinstance(new["signers"], list) else ()
    assert str(signer).startswith("alice@example.com SHA256:")


def test_nothing_goes_back_but_under_a_higher_sequence(
    settings: Settings, any_pair: PolicySet, alice: Person, trust: Trust, tmp_path: Path
) -> None:
    """An old bundle is refused, also after an unsigned run; the same set approved anew is not."""
    old = settings(policies=bundle(any_pair, alice, tmp_path, 1), trust=trust, cycles=1)
    newer = replace(old, policies=bundle(any_pair, alice, tmp_path, 2))
    unsigned = replace(old, policies=POLICIES / "any_pair", trust=None)
    for each in (old, newer, unsigned):
        prepare(each, any_pair).run(lambda _this: None)
    with pytest.raises(MandateError, match="M757"):
        prepare(old)
    again = replace(old, policies=bundle(any_pair, alice, tmp_path, 3))
    prepare(again).run(lambda _this: None)
    assert [each.get("sequence") for each in activations(old)] == [1, 2, None, 3]


def test_a_set_in_hand_is_not_believed(
    settings: Settings, any_pair: PolicySet, trust: Trust
) -> None:
    """Where signatures are demanded, a set that was loaded before does not go round them."""
    with pytest.raises(MandateError, match="M75"):
        prepare(settings(policies=POLICIES / "any_pair", trust=trust), any_pair)


def test_a_bundle_is_never_run_unverified(
    any_pair: PolicySet, alice: Person, tmp_path: Path
) -> None:
    """A bundle without a demand for signatures is refused."""
    with pytest.raises(MandateError, match="M769"):
        sourced(bundle(any_pair, alice, tmp_path, 1), None)


def test_ceilings_hold_over_a_bundle(
    settings: Settings, any_pair: PolicySet, alice: Person, trust: Trust, tmp_path: Path
) -> None:
    """What people signed is still bounded by what the host allows."""
    file = tmp_path / "ceilings.yaml"
    file.write_text(CEILINGS)
    asked = settings(policies=bundle(any_pair, alice, tmp_path, 1), trust=trust, ceilings=file)
    prepare(asked).run(lambda _this: None)
    (activated,) = activations(asked)
    assert isinstance(activated["ceilings"], dict)
    refused = [
        of_record(each)["reason"]
        for each in records(asked.ledger)
        if each.kind is RecordKind.CANCELLED
    ]
    assert any(str(each).startswith("ceiling ") for each in refused)
