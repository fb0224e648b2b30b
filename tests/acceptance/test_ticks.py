"""Ticks of any pair: many intents are judged, nothing escapes, and defects are counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from acceptance.conftest import POLICIES

from engine.adapters.recorded.report import CorrectionKind
from engine.adapters.system.disk import DirectoryDisk
from engine.cycle.rejudge import rejudge
from engine.ledger.verify import verify
from engine.run import RunSettings, prepare

if TYPE_CHECKING:
    from pathlib import Path

    from engine.cycle.desk import Round

# Rows of each, and the defects that are really in it.
TICKS: dict[str, tuple[int, dict[CorrectionKind, int]]] = {
    "binance_spot_l1_ticks_2024-08-08": (52_117, {}),
    "coinbase_l1_ticks_2021-04-17": (1_778, {CorrectionKind.VENUE_AHEAD: 1_623}),
}


@pytest.mark.parametrize("name", TICKS)
def test_a_hundred_intents_are_judged_on_every_tick_recording(
    name: str, recordings: Path, tmp_path: Path
) -> None:
    """No step fails, no position hangs in an unknown order, and the chain is whole."""
    settings = RunSettings(
        policies=POLICIES / "any_pair",
        ledger=tmp_path,
        quotes=(recordings / "quotes" / f"{name}.parquet",),
    )
    session = prepare(settings)
    rounds: list[Round] = []
    assert session.run(rounds.append) == session.planned
    state = session.state
    assert state.decisions >= 100
    assert state.orders_sent > 0
    assert [note for each in rounds for note in each.notes] == []
    assert session.desk.failures == []
    assert state.halted is None
    assert state.mismatches == 0
    assert session.recorded is not None
    report = session.recorded.recording.report
    assert (report.rows, {each.kind: each.count for each in report.corrections}) == TICKS[name]
    disk = DirectoryDisk(tmp_path)
    assert verify(disk).intact
    assert rejudge(session.desk.recorder._journal.records()).agrees
