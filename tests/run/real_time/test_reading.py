"""A reading without a loop takes in the flows that wait, once, and nothing else that waits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from fakes.bench import Bench, done

from engine.cycle import operator
from engine.cycle.clockwork import Command
from engine.ledger.records import RecordKind
from engine.run.real_time.reading import _take_flows

if TYPE_CHECKING:
    from engine.ports import Disk
    from engine.run.ledgers import LedgerView

READ = Command("reconcile", "", "ann", "after the weekend")


@dataclass
class Seen:
    """As much of a view as a reading asks for."""

    disk: Disk


def left(bench: Bench, verb: str, target: str) -> str:
    """A command that somebody left for a loop; its file's name."""
    return operator.drop_command(bench.disk, Command(verb, target, "bob", "pay"), bench.clock.now())


def taken(bench: Bench) -> tuple[str, ...]:
    """What a reading takes in."""
    return done(_take_flows(cast("LedgerView", Seen(bench.disk)), bench.desk, READ))


def test_without_a_flow_nothing_is_read() -> None:
    """A halt that waits is left to a loop, and the venue is not asked for its sake."""
    bench = Bench()
    name = left(bench, "halt", "")
    bench.clock.passes(1)
    before = len(bench.kinds())
    assert taken(bench) == ()
    assert len(bench.kinds()) == before
    assert list(bench.disk.names("commands/")) == [name]


def test_each_flow_is_booked_as_far_as_the_venue_shows_it() -> None:
    """The account is read first; what it does not show is refused, and both are on record."""
    bench = Bench()
    bench.venue.pay("250")
    left(bench, "flow", "250 USD")
    left(bench, "flow", "9 USD")
    first, second = taken(bench)
    assert first == "flow 250 USD by bob (pay): booked"
    assert second.startswith("flow 9 USD by bob (pay): refused: the venue shows ")
    (booked,) = bench.bodies(RecordKind.CASH_FLOW)
    assert booked["amount"] == "250"
    assert len(bench.bodies(RecordKind.OPERATOR_COMMAND)) == 2
    assert list(bench.disk.names("commands/")) == []


def test_a_flow_that_a_process_died_over_is_not_booked_twice() -> None:
    """It is on record under its id, and its file is all that was left to take away."""
    bench = Bench()
    bench.venue.pay("250")
    left(bench, "flow", "250 USD")
    (command,) = [each for each, _ in zip(operator.take_commands(bench.disk), "a", strict=False)]
    bench.tick(command)
    records = len(bench.bodies(RecordKind.OPERATOR_COMMAND))
    assert taken(bench) == ()
    assert len(bench.bodies(RecordKind.OPERATOR_COMMAND)) == records
    assert list(bench.disk.names("commands/")) == []
