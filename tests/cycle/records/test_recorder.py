"""The recorder and the desk: small parts that much leans on."""

from __future__ import annotations

import pytest
from fakes.bench import BTC, ETH, Bench, buy, product
from fakes.exchange import Answer

from engine.ledger.chain import LedgerUnavailable
from engine.ledger.records import RecordKind
from engine.model.decisions import Reason, ReasonCode


def test_listeners_hear_of_a_record_after_the_state_has_moved() -> None:
    """What people read follows the ledger, never runs ahead."""
    bench = Bench()
    heard: list[tuple[int, str | None]] = []
    bench.desk.recorder.hearers.append(
        lambda record, body: heard.append(
            (record.sequence, str(body["reason"]) if bench.state.halted else None)
        )
    )
    bench.record(RecordKind.HALT, {"reason": "fire"})
    last = bench.desk.recorder.last
    assert last is not None
    assert heard == [(last.sequence, "fire")]


def test_a_clock_set_back_does_not_set_the_ledger_back() -> None:
    """The record has the time of the one before it, and so has the state."""
    bench = Bench()
    bench.record(RecordKind.HALT, {"reason": "fire"})
    before = bench.desk.recorder.last
    bench.clock.time = bench.clock.time.plus_s(-7200)
    bench.record(RecordKind.CYCLE, {"cycle": 9, "equity_usd": None, "universe": {}, "marks": {}})
    assert before is not None
    assert bench.state.last_cycle == before.time
    assert bench.replayed().last_cycle == before.time


def test_an_unhealthy_recorder_stays_so() -> None:
    """One failed sync, and every further record is refused; the state has not moved on."""
    bench = Bench()
    bench.disk.refused.add("sync")
    bench.record(RecordKind.HALT, {"reason": "fire"})
    with pytest.raises(LedgerUnavailable):
        bench.desk.recorder.sync()
    bench.disk.refused.clear()
    with pytest.raises(LedgerUnavailable):
        bench.record(RecordKind.RESUME, {})
    assert bench.state.halted == "fire"
    assert not bench.desk.recorder.healthy


def test_the_first_blocker_is_kept() -> None:
    """`why` tells what stood in the way first."""
    this = Bench().round()
    for code in (ReasonCode.NO_PRICE, ReasonCode.HALTED):
        this.block(BTC, Reason(code))
    assert this.blockers[BTC].code is ReasonCode.NO_PRICE


def test_dust_is_what_cannot_be_sold() -> None:
    """By the product's own minimums at the last bid; of unknown products nothing is said."""
    bench = Bench()
    held = bench.hold()
    assert bench.desk.dust() == set()
    bench.desk.products[BTC] = product(BTC, least=str(held * 2))
    assert bench.desk.dust() == {BTC}
    del bench.desk.products[BTC]
    assert bench.desk.dust() == set()


def test_a_wall_clock_that_was_stepped_shows_as_drift() -> None:
    """Time that passes on both clocks does not."""
    bench = Bench()
    assert bench.desk.clock_drift_ms() == pytest.approx(0, abs=1e-3)
    bench.clock.time = bench.clock.time.plus_s(2.5)
    assert bench.desk.clock_drift_ms() == pytest.approx(2500, abs=1e-3)


def test_a_cycle_that_fails_outside_the_exit_path_is_noted() -> None:
    """Entries end with a note and a count; the cycle goes on, and is recorded."""
    bench = Bench()
    bench.place(buy(ETH))
    bench.venue.end("venue-1")
    bench.wait(10)
    bench.venue.answers = [Answer.BREAK]
    this = bench.cycle()
    (note,) = this.notes
    assert note.startswith("step entries failed: ConnectionError in ")
    assert len(bench.desk.failures) == 1
    assert bench.kinds()[-1] == "cycle"
    assert bench.bodies(RecordKind.CYCLE)[-1]["notes"] == [note]


def test_a_failure_on_the_exit_path_is_not_swallowed() -> None:
    """It leaves the cycle; whoever runs the loop halts."""
    bench = Bench()
    bench.hold()
    bench.quote(BTC, "19000", "19004")
    bench.venue.answers = [Answer.BREAK]
    with pytest.raises(ConnectionError):
        bench.cycle()


def test_quiet_cycles_are_made_durable_now_and_then() -> None:
    """An eventful cycle at once; of quiet ones at most sixty are lost."""
    bench = Bench()
    for _ in range(120):
        bench.wait(60)
        bench.cycle()
    assert bench.deeds.count("sync") == 2
    assert len(bench.desk.cycle_durations) == 100
