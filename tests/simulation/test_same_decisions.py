"""A simulation decides what a run decides."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from engine import RunSettings, Terms, prepare, simulate
from engine.ledger.records import RecordKind
from engine.model.orders import Mode
from engine.run.ledgers import LedgerView
from engine.run.simulating import UNWATCHED, Watching
from engine.simulation.collecting import stream_line

if TYPE_CHECKING:
    from engine.ledger.bodies import Body
    from engine.ledger.records import Record
    from engine.policyset.policyset import PolicySet

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared/data"
BEFORE = {RecordKind.GENESIS, RecordKind.SET_ACTIVATED, RecordKind.CYCLE}
DEMO = tuple(ROOT / f"demo/synthetic_{name}.csv" for name in ("quotes", "bars", "history"))
MARKETS = {
    "the first hours of the demo": (DEMO, 240),
    "ticks of a venue": ((SHARED / "quotes/coinbase_l1_ticks_2021-04-17.parquet",), None),
    "a day of a venue": ((SHARED / "quotes/coinbase_l1_1m_2017-12_2018-04.parquet",), 200),
}


@pytest.mark.long
@pytest.mark.parametrize(("quotes", "cycles"), MARKETS.values(), ids=MARKETS)
def test_a_simulation_writes_what_a_run_writes(
    quotes: tuple[Path, ...], cycles: int | None, paper: PolicySet, tmp_path: Path
) -> None:
    """The decision stream of `simulate` and of `trader run --quotes` are the same bytes."""
    if not all(each.exists() for each in quotes):
        pytest.skip(f"no recorded data at {SHARED}")
    heard: list[bytes] = []

    def hear(record: Record, _body: Body) -> None:
        if record.kind is not RecordKind.CYCLE:
            heard.append(stream_line(record))

    watching = Watching(UNWATCHED.round, hear, UNWATCHED.planned)
    settings = RunSettings(
        ROOT / "policies/paper", tmp_path, quotes=quotes, mode=Mode.PAPER, cycles=cycles
    )
    session = prepare(settings, paper)
    ran = session.run(lambda _this: None)
    terms = Terms(until=session.state.last_cycle)
    simulated = simulate(paper, quotes, terms, watching=watching)
    records = LedgerView.open(str(tmp_path)).records()
    assert heard == [stream_line(each) for each in records if each.kind not in BEFORE]
    assert simulated.cycles == simulated.stepped == ran
    assert heard or quotes != DEMO
