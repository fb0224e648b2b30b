"""A value tightened on a run in real time, at a venue: taken, stamped, and kept over a restart."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from run.conftest import records

from engine.adapters.system.disk import DirectoryDisk
from engine.cycle import operator
from engine.cycle.clockwork import Command
from engine.cycle.rejudge import rejudge
from engine.ledger.records import RecordKind
from engine.ledger.tightenings import Wanted
from engine.model.times import UtcTime
from engine.run import prepare
from engine.run.tightening import tightened

if TYPE_CHECKING:
    from run.real_time.conftest import Site

    from engine.cycle.desk import Round
    from engine.ledger.bodies import Body
    from engine.run import Session

LESS = Wanted("RiskLimit/max_exposure", "params.max_exposure_pct", "15", 3600)


@dataclass
class Night:
    """A run at a site in whose second cycle somebody tightens a value; it ends two cycles later."""

    site: Site
    wanted: Wanted | None
    sets: list[str] = field(default_factory=list)

    def go(self) -> Session:
        """Run."""
        self.session = prepare(self.site.asked(cycles=60))
        self.session.run(self._tell)
        return self.session

    def _tell(self, _this: Round) -> None:
        self.sets.append(self.session.policy_set.hash)
        if len(self.sets) == 2 and self.wanted is not None:
            command = Command("tighten", self.wanted.text, "anna", "thin books")
            disk = DirectoryDisk(self.site.settings.ledger)
            operator.drop_command(disk, command, UtcTime.parse("2026-01-01T00:00:00Z"))
        if self.sets[-3:-1].count(self.sets[-1]) == 2 and (self.settled or self.wanted is None):
            self.session.loop.ran = 59  # the next cycle is the last

    @property
    def settled(self) -> bool:
        """Whether what was ordered is in force, or came to nothing."""
        own = self.session.state.tightenings
        return not own.asked and bool(own.held or own.refused)

    def told(self, *kinds: RecordKind) -> list[Body]:
        """What the ledger says."""
        return [e.fields() for e in records(self.site.settings.ledger) if e.kind in kinds]


@pytest.mark.long
def test_a_value_is_tightened_at_a_venue_and_stays_over_a_restart(site: Site) -> None:
    """One process takes it, the next begins with it; every decision is judged again alike."""
    night = Night(site, LESS)
    night.go()
    reviewed, tight = site.policy_set.hash, tightened(site.policy_set, LESS).hash
    assert dict.fromkeys(night.sets) == {reviewed: None, tight: None}
    activated = night.told(RecordKind.SET_ACTIVATED)[-1]
    assert (activated["policy_set"], activated["reviewed"]) == (tight, reviewed)
    again = Night(site, None)
    session = again.go()
    assert dict.fromkeys(again.sets) == {tight: None}
    assert [each.number for each in session.state.tightenings.held] == [1]
    assert len(night.told(RecordKind.SET_ACTIVATED)) == 2, "nothing changed, so nothing is said"
    assert not session.desk.policy_drifted(), "the documents are those that people reviewed"
    assert rejudge(records(site.settings.ledger)).agrees
    assert {each["policy_set"] for each in night.told(RecordKind.DECISION)} <= {reviewed, tight}
