"""Signatures hold for every set that a run takes, as they do for its first."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from fakes.bench import Bench
from fakes.people import Person

from engine.cycle.reloading.candidate import Candidate, Order, Refusal, Unchanged
from engine.ledger.state import State
from engine.model.approvals import Approval
from engine.model.orders import Mode
from engine.model.symbols import Symbol
from engine.model.times import UtcTime
from engine.policyset.opening import load_policy_set
from engine.provenance.bundle import Terms, bundled
from engine.provenance.verified import Trust
from engine.run import ReloadWhen, RunSettings
from engine.run.reloading.checking import Run, reloads_of
from engine.run.reloading.refusals import reload_refusals

if TYPE_CHECKING:
    from engine.cycle.reloading.candidate import Outcome
    from engine.cycle.reloading.reloads import Check
    from engine.policyset.policyset import PolicySet

BRISK = Path(__file__).parents[1] / "real_time" / "policies"
FAR = UtcTime.parse("2199-01-01T00:00:00Z")
ORDER = Order("anna", "reviewed")


@pytest.fixture(scope="module")
def sets(tmp_path_factory: pytest.TempPathFactory) -> tuple[PolicySet, PolicySet]:
    """The small set, and a tighter one."""
    folder = shutil.copytree(BRISK, tmp_path_factory.mktemp("sets") / "other")
    rules = folder / "rules.yaml"
    rules.write_text(rules.read_text().replace("max_exposure_pct: 20", "max_exposure_pct: 15"))
    return load_policy_set(BRISK).required(), load_policy_set(folder).required()


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> tuple[Person, Person]:
    """Alice is known to the host, Mallory to nobody."""
    keys = tmp_path_factory.mktemp("keys")
    return Person.with_key(keys, "alice"), Person.with_key(keys, "mallory")


class Host:
    """A host that demands Alice's signature, and the place where bundles are put."""

    def __init__(self, folder: Path, alice: Person) -> None:
        self.policies, self.allowed = folder / "set.bundle", folder / "allowed_signers"
        self.allowed.write_text(f"{alice.name} {alice.public}\n")
        self.state = State()

    def put(self, policy_set: PolicySet, by: Person | None, sequence: int = 1) -> None:
        """Lay a bundle there."""
        made = bundled(policy_set, Terms(Mode.PAPER, sequence, FAR, "c" * 40), {})
        signed = made if by is None else made.signed(by.sign(made.envelope.to_sign()))
        self.policies.write_bytes(signed.data())

    def check(self, running: PolicySet) -> Outcome:
        """What a check comes to."""
        settings = RunSettings(
            self.policies, self.policies.parent / "ledger", trust=Trust(self.allowed, 1, None)
        )
        run = Run(settings, Mode.PAPER, frozenset({Symbol("BTC", "USD")}), 60, shared=False)
        desk = Bench().desk
        desk.policy_set = running
        desk.recorder.state = self.state
        check: Check = reloads_of(run, desk, running).check
        return asyncio.run(_awaited(check, running))


async def _awaited(check: Check, running: PolicySet) -> Outcome:
    return await check(ORDER, running)


@pytest.fixture
def host(tmp_path: Path, people: tuple[Person, Person]) -> Host:
    """The host."""
    return Host(tmp_path, people[0])


def test_what_the_host_s_people_signed_is_taken(
    host: Host, sets: tuple[PolicySet, PolicySet], people: tuple[Person, Person]
) -> None:
    """With who they were, for the record."""
    host.put(sets[1], people[0], 3)
    found = host.check(sets[0])
    assert isinstance(found, Candidate), found
    assert found.policy_set.hash == sets[1].hash
    approval = found.provenance.approval
    assert isinstance(approval, Approval)
    assert (approval.sequence, approval.signers[0].principal) == (3, "alice@example.com")
    host.state.approval = approval
    assert host.check(sets[1]) == Unchanged()
    host.put(sets[1], people[0], 4)
    renewed = host.check(sets[1])
    assert isinstance(renewed, Candidate), "another approval of the same set is an activation"


REFUSED = {
    "unsigned": (None, 3, "M751"),
    "signed by nobody known": (1, 3, "M753"),
    "rolled back": (0, 1, "M757"),
}


@pytest.mark.parametrize(("by", "sequence", "code"), REFUSED.values(), ids=REFUSED)
def test_what_nobody_approved_is_not_taken(
    *,
    host: Host,
    sets: tuple[PolicySet, PolicySet],
    people: tuple[Person, Person],
    by: int | None,
    sequence: int,
    code: str,
) -> None:
    """Each with its own code, and the running set goes on."""
    host.state.sequence, host.state.sequenced = 2, sets[0].hash
    host.put(sets[1], None if by is None else people[by], sequence)
    found = host.check(sets[0])
    assert isinstance(found, Refusal)
    assert [each.code for each in found.diagnostics] == [code]


def test_a_bundle_that_is_half_written_is_none(
    host: Host, sets: tuple[PolicySet, PolicySet], people: tuple[Person, Person]
) -> None:
    """Wherever the copy stands when it is read."""
    host.put(sets[1], people[0])
    whole = host.policies.read_bytes()
    for size in range(0, len(whole), len(whole) // 7):
        host.policies.write_bytes(whole[:size])
        assert isinstance(host.check(sets[0]), Refusal), size


def test_signed_sets_may_be_followed(host: Host, tmp_path: Path) -> None:
    """A signature says that a set is whole and reviewed: also for real money, without a commit."""
    plain = RunSettings(BRISK, tmp_path, reload=ReloadWhen.COMMITTED)
    assert [e.code for e in reload_refusals(plain, Mode.LIVE)] == ["M785"]
    bare = RunSettings(tmp_path, tmp_path, reload=ReloadWhen.COMMITTED)
    assert [e.code for e in reload_refusals(bare, Mode.PAPER)] == ["M784"]
    trust = Trust(host.allowed, 1, None)
    signed = RunSettings(host.policies, tmp_path, trust=trust, reload=ReloadWhen.COMMITTED)
    assert [*reload_refusals(signed, Mode.LIVE)] == []
    ordered = RunSettings(tmp_path, tmp_path)
    assert [*reload_refusals(ordered, Mode.LIVE)] == []
