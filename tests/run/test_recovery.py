"""Stopping and going on: the ledger is enough, wherever a run was stopped.

Stopped between two cycles, the continued run is the uninterrupted one: the same decisions at the
same times with the same ids. Bytes may differ in one way only: the journal is synced once more
where the run stopped, which no record tells. So the records are equal, hash by hash. Killed inside
a cycle, that cycle is run again: its decisions may come twice, and its orders have other numbers.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from profiles import at_night
from run.conftest import POLICIES, cut, records

from engine.adapters.system.disk import DirectoryDisk
from engine.cycle.records.recovery import recover
from engine.cycle.rejudge import rejudge
from engine.ledger.records import RecordKind, decode_body
from engine.ledger.verify import verify
from engine.model.numbers import ZERO
from engine.run import prepare

if TYPE_CHECKING:
    from run.conftest import Settings

    from engine.cycle.desk import Round
    from engine.ledger.state import State
    from engine.policyset.policyset import PolicySet
    from engine.run import RunSettings

_RUN = """
import sys, pathlib
from engine.run import RunSettings, prepare

pytestmark = pytest.mark.long
settings = RunSettings(*map(pathlib.Path, sys.argv[1:3]), (pathlib.Path(sys.argv[3]),))
prepare(settings).run(lambda this: print(this.number, flush=True))
"""


def go(settings: RunSettings, policy_set: PolicySet) -> State:
    """Run to the end, and tell the state."""
    session = prepare(settings, policy_set)
    session.run(_quiet)
    return session.state


def _quiet(_this: Round) -> None:
    """Nobody listens."""


@pytest.fixture(scope="module")
def whole(
    recording: Path, any_pair: PolicySet, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, State]:
    """The uninterrupted run."""
    from engine.run import RunSettings

    ledger = tmp_path_factory.mktemp("whole") / "ledger"
    return ledger, go(RunSettings(POLICIES / "any_pair", ledger, (recording,)), any_pair)


def test_the_run_is_worth_stopping(whole: tuple[Path, State]) -> None:
    """It trades, or the other tests would prove nothing."""
    assert whole[1].orders_sent > 20
    assert whole[1].realised != ZERO


@pytest.mark.parametrize(
    "stops",
    [
        pytest.param((1,), marks=pytest.mark.nightly),
        pytest.param((40,), marks=pytest.mark.nightly),
        pytest.param((20, 35, 1, 9), marks=pytest.mark.long),
        (79,),
    ],
)
def test_a_run_that_was_stopped_goes_on_as_if_it_had_not(
    stops: tuple[int, ...], whole: tuple[Path, State], settings: Settings, any_pair: PolicySet
) -> None:
    """Stopped after any number of cycles, once or often: record by record the same history."""
    for cycles in stops:
        go(settings(cycles=cycles), any_pair)
    state = go(settings(), any_pair)
    assert state.cash == whole[1].cash
    assert state.positions == whole[1].positions
    ledger = settings().ledger
    assert [each.hash for each in records(ledger)] == [each.hash for each in records(whole[0])]


def test_a_finished_run_has_nothing_left(
    whole: tuple[Path, State], settings: Settings, any_pair: PolicySet, tmp_path: Path
) -> None:
    """Started again it runs no cycle and writes no record."""
    copy = tmp_path / "copy"
    cut(whole[0], copy, 10**9)
    session = prepare(settings(ledger=copy), any_pair)
    assert session.planned == 0
    assert session.run(_quiet) == 0
    assert len(records(copy)) == len(records(whole[0]))


def test_records_alone_give_the_state(whole: tuple[Path, State]) -> None:
    """What was folded while it ran is what a reader folds."""
    assert recover(records(whole[0])).state == whole[1]


def cuts(ledger: Path) -> list[int]:
    """After each record of the first orders, whatever its kind, and some further on."""
    found = records(ledger)
    first = next(n for n, each in enumerate(found, 1) if each.kind is RecordKind.INTENT)
    sells = [
        n
        for n, each in enumerate(found, 1)
        if each.kind is RecordKind.INTENT and b'"why":"exit"' in each.body
    ]
    return [2, *range(first, first + 4), *range(sells[0], sells[0] + 4)]


@pytest.mark.long
def test_a_run_that_lost_its_end_goes_on_without_a_hanging_order(
    whole: tuple[Path, State],
    settings: Settings,
    any_pair: PolicySet,
    tmp_path: Path,
) -> None:
    """Cut between any two records of an order: it goes on, sells what it holds, and adds up."""
    for lines in cuts(whole[0])[:: 1 if at_night() else 2]:
        ledger = tmp_path / str(lines)
        cut(whole[0], ledger, lines)
        state = go(settings(ledger=ledger, cycles=12 if at_night() else 6), any_pair)
        _adds_up(ledger, state)


def _adds_up(ledger: Path, state: State) -> None:
    assert verify(DirectoryDisk(ledger)).intact
    found = records(ledger)
    assert rejudge(found).agrees
    assert recover(found).state == state
    assert state.mismatches == 0
    assert state.halted is None
    # Nothing is left hanging from before: orders of this set live for seconds.
    assert all(
        each.created >= (state.last_cycle or each.created) for each in state.working.values()
    )
    for symbol, held in state.positions.items():
        assert Decimal(0) < held.quantity <= state.cash[symbol.base]


def test_an_immediate_order_does_not_begin_to_rest_by_a_crash(
    whole: tuple[Path, State], settings: Settings, any_pair: PolicySet
) -> None:
    """Cut after its acknowledgement: it meets the next sample as it would have, and ends there."""
    found = records(whole[0])
    taken = next(n for n, each in enumerate(found, 1) if each.kind is RecordKind.ACKNOWLEDGED)
    ledger = settings().ledger
    cut(whole[0], ledger, taken)
    go(settings(cycles=5), any_pair)
    again = records(ledger)[taken:]
    order_id = decode_body(found[taken - 1].body)["client_order_id"]
    ends, whole_ends = (
        [e.kind for e in some if decode_body(e.body).get("client_order_id") == order_id]
        for some in (again, found[taken:])
    )
    assert ends == whole_ends
    assert ends[-1] in {RecordKind.FILLED, RecordKind.CANCELLED}


def test_killed_at_any_moment_a_run_goes_on(
    recording: Path, settings: Settings, any_pair: PolicySet
) -> None:
    """Twice kill -9 at other moments: the chain is whole, and the rest is run."""
    ledger = settings().ledger
    for seconds in (0.0, 0.2):
        words = [sys.executable, "-c", _RUN, POLICIES / "any_pair", ledger, recording]
        with subprocess.Popen(  # noqa: S603 - our own interpreter and text
            words, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]
        ) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(seconds)
            process.send_signal(signal.SIGKILL)
        assert verify(DirectoryDisk(ledger)).intact
    state = go(settings(), any_pair)
    _adds_up(ledger, state)
    assert state.cycle == len(
        {each.time for each in records(ledger) if each.kind is RecordKind.CYCLE}
    )
