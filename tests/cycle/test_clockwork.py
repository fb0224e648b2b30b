"""The clockwork and the operator's door: commands once, the switch seen, refusals in words."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from fakes.bench import BTC, Bench, buy, done, sell
from fakes.clock import START
from fakes.disk import WitnessDisk

from engine.adapters.system.memory_disk import MemoryDisk
from engine.cycle import clockwork, operator
from engine.cycle.clockwork import VERBS, Command
from engine.cycle.orders import tightening
from engine.cycle.records.recorder import Recorder
from engine.cycle.records.recovery import recover
from engine.ledger.journal import Journal
from engine.ledger.records import RecordKind
from engine.model.decisions import ReasonCode

WHO = ("anna", "a drill")


def outcome(bench: Bench, verb: str, target: str = "") -> object:
    """Order something, and tell what was recorded of it."""
    bench.tick(Command(verb, target, *WHO))
    body = bench.bodies(RecordKind.OPERATOR_COMMAND)[-1]
    assert (body["command"], body["target"], body["who"], body["why"]) == (verb, target, *WHO)
    return body["outcome"]


def trip(bench: Bench, breaker: str, *, text: str = "x > 1", rearm: str | None = None) -> None:
    """Trip a breaker by record."""
    body: dict[str, object] = {
        "breaker": breaker,
        "key": "",
        "scope": "account",
        "while_tripped": "reducing",
        "cancel": "none",
        "on_trip": "none",
        "text": text,
        "resets_at": None if rearm else str(START),
        "rearm_not_before": rearm,
    }
    bench.record(RecordKind.BREAKER_TRIPPED, body)  # type: ignore[arg-type] # values are JSON


def test_a_halt_cancels_and_denies_until_a_resume() -> None:
    """Everything that works is cancelled, nothing leaves, exits neither; then trading goes on."""
    bench = Bench()
    held = bench.hold()
    bench.place(sell(BTC, held))
    assert outcome(bench, "halt") == "halted"
    assert bench.venue.book["venue-2"].status.final
    bench.absorb()
    bench.wait(10)
    this = bench.round()
    for wish in (buy(), sell(BTC, held)):
        assert bench.place(wish, this).decision.reasons[0].code is ReasonCode.HALTED
    assert len(bench.venue.received) == 2
    assert outcome(bench, "resume") == "resumed"
    bench.wait(10)
    assert bench.place(sell(BTC, held)).outcome == "sent"


def test_a_resume_is_refused_while_the_switch_is_thrown() -> None:
    """And lets go of the switch's own latch once it is released, of no other."""
    bench = Bench()
    bench.killed = "fire"
    bench.cycle()
    assert ("kill_switch", "") in bench.state.latches
    trip(bench, "other", rearm="2025-11-23T10:00:00Z")
    assert outcome(bench, "resume") == "refused: the kill switch is still thrown (fire)"
    bench.killed = None
    bench.wait(1)
    bench.cycle()
    assert ("kill_switch", "") in bench.state.latches
    assert outcome(bench, "resume") == "resumed"
    assert [name for name, _ in bench.state.latches] == ["other"]
    assert bench.bodies(RecordKind.BREAKER_RESET)[0]["who"] == "anna"


def test_the_switch_cancels_at_the_next_tick() -> None:
    """Between cycles, not at the next one."""
    bench = Bench()
    bench.place(buy())
    bench.tick()
    assert "cancel" not in bench.deeds
    bench.killed = "fire"
    bench.tick()
    assert bench.venue.book["venue-1"].status.final


NEITHER = "not tripped, and has executed nothing since armed"


@pytest.mark.parametrize(
    ("target", "answer"),
    [
        ("nothing", f"refused: `nothing` is {NEITHER}"),
        ("stop:BTC-USD", f"refused: `stop:BTC-USD` is {NEITHER}"),
        ("timed", f"refused: `timed` resets by itself at {START}"),
        ("early", "refused: `early` may be re-armed from 2025-11-23T10:00:00Z"),
        ("due", "re-armed"),
    ],
)
def test_a_rearm_is_for_latches_that_wait_for_a_person(target: str, answer: str) -> None:
    """And not before the time that its document states."""
    bench = Bench()
    trip(bench, "timed")
    trip(bench, "early", rearm="2025-11-23T10:00:00Z")
    trip(bench, "due", rearm=str(START))
    assert outcome(bench, "rearm", target) == answer
    assert len(bench.state.latches) == (2 if answer == "re-armed" else 3)


def test_a_strategy_is_re_armed_by_its_name_and_alone() -> None:
    """Its executions count anew, also after a restart; another strategy's do not."""
    bench = Bench()
    bench.hold(BTC)
    bench.state.pace.executions_since_arm["other"] = 7
    assert outcome(bench, "rearm", "tight_spread") == "re-armed"
    assert bench.state.pace.executions_since_arm == {"other": 7}
    assert bench.replayed().pace.executions_since_arm == {}
    assert outcome(bench, "rearm", "tight_spread") == f"refused: `tight_spread` is {NEITHER}"


def test_cancel_all_asks_for_every_working_order() -> None:
    """And says how many there were."""
    bench = Bench()
    held = bench.hold()
    bench.place(sell(BTC, held))
    assert outcome(bench, "cancel-all") == "asked to cancel 1"
    assert bench.venue.book["venue-2"].status.final
    assert bench.bodies(RecordKind.CANCEL)[0]["reason"] == "a drill"


def test_a_command_is_durable_when_it_has_been_obeyed() -> None:
    """A crash after a command does not forget it."""
    bench = Bench()
    outcome(bench, "halt")
    bench.disk.crash()
    assert bench.replayed().halted == "a drill"


def test_commands_come_once_in_the_order_in_which_they_were_dropped() -> None:
    """A file is gone once the next command is asked for: by then its own was carried out."""
    disk = MemoryDisk()
    dropped = [Command(verb, "x", *WHO) for verb in sorted(VERBS)]
    for seconds, command in enumerate(dropped):
        operator.drop_command(disk, command, START.plus_s(seconds))
    taken = operator.take_commands(disk)
    assert next(taken) == dropped[0]
    assert len(disk.names("commands/")) == len(dropped)
    assert next(taken) == dropped[1]
    assert len(disk.names("commands/")) == len(dropped) - 1
    assert [*taken] == dropped[2:]
    assert disk.names("commands/") == []
    assert [*operator.take_commands(disk)] == []


class Died(Exception):  # noqa: N818 - reads as what it tells
    """The process is gone."""


def ticks(bench: Bench, dies: str | None = None) -> None:
    """One tick that takes the command files in; the process may die at a deed of the disk."""
    if dies is not None:

        def die(*_words: object) -> None:
            raise Died

        setattr(bench.disk, dies, die)
    with suppress(Died):
        done(clockwork.run(bench.desk, bench.clock.now(), operator.take_commands(bench.disk)))
    if dies is not None:
        delattr(bench.disk, dies)


@pytest.mark.parametrize("dies", ["append", "sync", "remove"])
@pytest.mark.parametrize("verb", ["liquidate", "halt", "tighten"])
def test_a_command_outlives_the_process_that_dies_over_it(verb: str, dies: str) -> None:
    """It is carried out by the next one; what is on record already is not carried out twice."""
    bench = Bench()
    bench.hold()
    target = tightening.target_of("", 3600) if verb == "tighten" else ""
    operator.drop_command(bench.disk, Command(verb, target, *WHO), bench.clock.now())
    ticks(bench, dies)
    assert bench.disk.names("commands/") != []
    bench.disk.crash()
    journal = Journal.open(bench.disk)
    bench.desk.recorder = Recorder(journal, recover(journal.records()).state)
    assert (verb == "liquidate" and dies == "remove") is bool(bench.state.liquidating)
    ticks(bench)
    assert bench.disk.names("commands/") == []
    told = [each["command"] for each in bench.bodies(RecordKind.OPERATOR_COMMAND)]
    assert told == [verb]
    assert bool(bench.state.liquidating) is (verb == "liquidate")
    assert bench.replayed() == bench.state


def test_the_same_words_twice_are_two_commands() -> None:
    """Each has its own file, and so its own id, whatever the clock says."""
    bench = Bench()
    for _ in range(2):
        operator.drop_command(bench.disk, Command("cancel-all", "", *WHO), bench.clock.now())
    ticks(bench)
    told = [each["id"] for each in bench.bodies(RecordKind.OPERATOR_COMMAND)]
    assert len(set(told)) == 2
    assert [*bench.state.commands] == told


GOOD = {"verb": "halt", "target": "", "who": "anna", "why": "drill"}
BAD: dict[str, bytes] = {
    "no JSON": b"halt!",
    "no text": b"\xff\xfe",
    "no mapping": b"[1]",
    "nested without end": b"[" * 100_000,
    "a field too many": json.dumps({**GOOD, "force": "yes"}).encode(),
    "a field too few": json.dumps({"verb": "halt"}).encode(),
    "no text in a field": json.dumps({**GOOD, "why": 3}).encode(),
    "an unknown verb": json.dumps({**GOOD, "verb": "buy"}).encode(),
}


@pytest.mark.parametrize("name", BAD)
def test_a_command_file_that_is_none_is_set_aside(name: str) -> None:
    """Nothing is guessed, nothing is lost, and the commands behind it are still taken."""
    disk = MemoryDisk()
    disk.replace("commands/1.json", BAD[name])
    disk.replace("commands/2.json", json.dumps(GOOD).encode())
    assert [*operator.take_commands(disk)] == [Command(**GOOD)]
    assert disk.read("commands-refused/1.json") == BAD[name]
    assert disk.names("commands/") == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"fire (anna)\nmore", "fire (anna)"),
        (b"", "the file is there"),
        (b" \n", "the file is there"),
        (b"\xff", "\ufffd"),
    ],
)
def test_the_switch_is_a_file_that_is_there(text: bytes, told: str) -> None:
    """Whatever it says."""
    disk = MemoryDisk()
    disk.replace(operator.KILL_SWITCH, text)
    assert operator.read_kill_switch(disk) == told


def test_a_switch_is_thrown_and_released() -> None:
    """With who and why; no file is no switch."""
    disk = MemoryDisk()
    assert operator.read_kill_switch(disk) is None
    operator.throw_kill_switch(disk, "anna", "fire", START)
    assert operator.read_kill_switch(disk) == f"fire (anna, {START})"
    operator.release_kill_switch(disk)
    assert operator.read_kill_switch(disk) is None


def test_a_switch_that_cannot_be_read_counts_as_thrown() -> None:
    """Doubt never trades."""
    disk = WitnessDisk()
    disk.refused.add("read")
    assert "cannot be read" in str(operator.read_kill_switch(disk))
