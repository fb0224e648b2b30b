"""A loop that people watch: what it recorded can be read at once, a quiet cycle too."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from engine.adapters.system.disk import DirectoryDisk
from engine.ledger.reader import JournalReader
from engine.ledger.records import RecordKind
from engine.policyset.opening import load_policy_set
from engine.run import prepare

if TYPE_CHECKING:
    from engine.cycle.desk import Round
    from tests.run.conftest import Settings

TINY = Path(__file__).parents[1] / "cli" / "trader" / "policies"


def test_each_cycle_can_be_read_when_it_is_over(settings: Settings) -> None:
    """In a run at people's pace nothing waits in memory for the next event."""
    chosen = settings(policies=TINY, pace=600.0, cycles=2)
    session = prepare(chosen, load_policy_set(TINY).required())
    follower = JournalReader(DirectoryDisk(chosen.ledger))
    seen: list[int] = []

    def tell(this: Round) -> None:
        kinds = [each.kind for each in follower.more()]
        assert kinds[-1] is RecordKind.CYCLE
        seen.append(this.number)

    session.run(tell)
    assert seen == [1, 2]
