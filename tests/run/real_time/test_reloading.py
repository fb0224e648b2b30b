"""Another set taken by a run in real time, at a venue: whole, at a boundary, and on the record."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from run.conftest import records

from engine.adapters.system.disk import DirectoryDisk
from engine.cycle import operator
from engine.cycle.clockwork import Command
from engine.cycle.rejudge import rejudge
from engine.errors import MandateError
from engine.ledger.records import RecordKind
from engine.model.orders import Mode
from engine.model.times import UtcTime
from engine.policyset.opening import load_policy_set
from engine.run import ReloadWhen, prepare
from engine.run.ledgers import LedgerView
from engine.run.status import status_of

if TYPE_CHECKING:
    from pathlib import Path

    from run.real_time.conftest import Site

    from engine.cycle.desk import Round
    from engine.ledger.bodies import Body
    from engine.run import Session

OLD, NEW = "max_exposure_pct: 20", "max_exposure_pct: 15"


@dataclass
class Played:
    """A run at a site in whose second cycle somebody edits the documents and orders a reload.

    It ends when two cycles have passed since the order was settled.
    """

    site: Site
    policies: Path
    edit: tuple[str, str]
    mode: Mode | None = None
    sets: list[str] = field(default_factory=list)
    settled: int = 0

    def go(self) -> Session:
        """Run."""
        asked = self.site.asked(policies=self.policies, mode=self.mode, cycles=40)
        self.session = prepare(asked)
        self.session.run(self._tell)
        return self.session

    def _tell(self, this: Round) -> None:
        self.sets.append(self.session.policy_set.hash)
        if len(self.sets) == 2:
            self._change()
        reload = self.session.state.reload
        done = reload.refused is not None or len(set(self.sets)) > 1
        self.settled += done
        if self.settled == 2:
            self.session.loop.ran = 39  # the next cycle is the last
        assert this.number < 40

    def _change(self) -> None:
        rules = self.policies / "rules.yaml"
        rules.write_text(rules.read_text().replace(*self.edit))
        found = load_policy_set(self.policies).policy_set
        named = "" if found is None else found.hash
        command = Command("reload", named, "anna", "reviewed")
        disk = DirectoryDisk(self.site.settings.ledger)
        operator.drop_command(disk, command, UtcTime.parse("2026-01-01T00:00:00Z"))

    def told(self, *kinds: RecordKind) -> list[Body]:
        """What the ledger says."""
        return [e.fields() for e in records(self.site.settings.ledger) if e.kind in kinds]


@pytest.fixture
def policies(site: Site, tmp_path: Path) -> Path:
    """A copy of the set of the runs."""
    return shutil.copytree(site.settings.policies, tmp_path / "policies")


@pytest.mark.long
@pytest.mark.parametrize(
    "mode",
    [
        pytest.param(None, id="at the venue"),
        pytest.param(Mode.DRY_RUN, id="a dry run", marks=pytest.mark.nightly),
    ],
)
def test_a_run_goes_on_under_another_set(site: Site, policies: Path, mode: Mode | None) -> None:
    """One set before the boundary and one after it, each order with its own, judged again alike."""
    played = Played(site, policies, (OLD, NEW), mode)
    session = played.go()
    old, new = site.policy_set.hash, load_policy_set(policies).required().hash
    assert dict.fromkeys(played.sets) == {old: None, new: None}
    cycles = [each["policy_set"] for each in played.told(RecordKind.CYCLE)]
    assert cycles == played.sets
    activated = played.told(RecordKind.SET_ACTIVATED)[-1]
    assert (activated["before"], activated["policy_set"]) == (old, new)
    assert activated["comparison"] == {"permission": "NOT_LOOSER", "protection": "SAME", "why": ""}
    stamped = {each["policy_set"] for each in played.told(RecordKind.DECISION)}
    assert stamped == {old, new}
    assert rejudge(records(site.settings.ledger)).agrees
    assert session.state.reload.refused is None
    view = LedgerView.open(str(site.settings.ledger))
    status = status_of(view)
    assert status.named is not None
    assert (status.named.hash, status.state.reload.since) == (new, session.state.reload.since)


def test_a_bad_set_keeps_the_last_good_one(site: Site, policies: Path) -> None:
    """It is named in the status with its findings, is a fact, and trading goes on."""
    played = Played(site, policies, ("position.pct_after", "position.pct_befor"))
    session = played.go()
    assert set(played.sets) == {site.policy_set.hash}
    refused = session.state.reload.refused
    assert refused is not None
    assert any("M203: unknown fact `position.pct_befor`" in each for each in refused.findings)
    assert len(played.told(RecordKind.SET_ACTIVATED)) == 1
    assert rejudge(records(site.settings.ledger)).agrees


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, "M784"),
        ({"quotes": ("recording.csv",)}, "M784"),
    ],
    ids=["no repository", "a recording"],
)
def test_commits_are_followed_only_where_there_are_some(
    site: Site, policies: Path, changes: dict[str, object], code: str
) -> None:
    """A run that takes sets by itself is refused where nothing says when one is whole."""
    asked = site.asked(policies=policies, reload=ReloadWhen.COMMITTED, **changes)
    with pytest.raises(MandateError) as caught:
        prepare(asked)
    assert code in [each.code for each in caught.value.diagnostics]
