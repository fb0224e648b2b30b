"""The loop: three tasks over one desk, in real time and in virtual time."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from fakes.bench import BTC, EAGER, Bench, buy
from fakes.clock import START
from fakes.exchange import Answer

from engine.adapters.system.paced_clock import PacedClock
from engine.cycle import operator
from engine.cycle.clockwork import Command
from engine.cycle.loop import Loop
from engine.ledger.records import RecordKind

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from engine.cycle.desk import Round
    from engine.model.market import MarketEvent
    from engine.model.times import UtcTime


class Market:
    """A feed that shows what a bench shows, again and again, on its clock."""

    def __init__(self, bench: Bench, clock: PacedClock) -> None:
        self.bench = bench
        self.clock = clock
        self.shown = 0

    async def events(self) -> AsyncIterator[MarketEvent]:
        """The same quotes, fresh, ten times a recorded second."""
        while True:
            await self.clock.sleep_until(self.clock.now().plus_s(0.1))
            for quote in list(self.bench.desk.market.quotes.values()):
                self.shown += 1
                yield type(quote)(
                    quote.symbol,
                    self.clock.now(),
                    quote.bid,
                    quote.ask,
                    quote.bid_size,
                    quote.ask_size,
                )


class EverySecond:
    """Cycles each recorded second."""

    def __init__(self, clock: PacedClock) -> None:
        self.clock = clock

    async def instants(self) -> AsyncIterator[UtcTime]:
        """For ever."""
        while True:
            await self.clock.sleep_until(self.clock.now().plus_s(1))
            yield self.clock.now()


def loop_of(bench: Bench, tell: Callable[[Round], None], pace: float = 25) -> Loop:
    """A bench made live: `pace` recorded seconds a real one."""
    clock = PacedClock(bench.clock.now(), pace)
    bench.desk.clock = bench.venue.clock = clock
    bench.desk.drift_from = (clock.now(), clock.monotonic_s())
    bench.desk.kill_switch = lambda: operator.read_kill_switch(bench.disk)
    return Loop(
        desk=bench.desk,
        feed=Market(bench, clock),
        instants=EverySecond(clock),
        tick_s=0.2,
        commands=lambda: operator.take_commands(bench.disk),
        sinks=(bench.desk.market.on_event,),
        tell=tell,
    )


def test_the_switch_thrown_in_mid_run_stops_every_order() -> None:
    """Orders rest; the file appears; the next tick cancels them, and nothing is sent any more."""
    bench = Bench((EAGER,))
    sent: list[int] = []

    def tell(this: Round) -> None:
        if len(sent) == 2:
            operator.throw_kill_switch(bench.disk, "anna", "fire", this.now)
        sent.append(len(bench.venue.received))

    assert asyncio.run(loop_of(bench, tell).run(6)) == 6
    assert sent[2] > 0
    assert sent[2:] == [sent[2]] * 4
    assert all(each.status.final for each in bench.venue.book.values())
    assert ("kill_switch", "") in bench.state.latches
    assert bench.replayed() == bench.state


def test_commands_are_taken_in_between_cycles() -> None:
    """Each once, with its answer; a broken file is set aside and stops nothing."""
    bench = Bench()
    dropped = [
        Command("halt", "", "anna", "a drill"),
        Command("rearm", "nothing", "anna", "a try"),
        Command("cancel-all", "", "anna", "a drill"),
        Command("resume", "", "anna", "over"),
    ]

    def tell(this: Round) -> None:
        if this.number == 3:
            bench.disk.replace("commands/0.json", b"{")
            for seconds, command in enumerate(dropped):
                operator.drop_command(bench.disk, command, START.plus_s(seconds))

    asyncio.run(loop_of(bench, tell).run(4))
    answers = [
        (each["command"], each["outcome"]) for each in bench.bodies(RecordKind.OPERATOR_COMMAND)
    ]
    assert answers == [
        ("halt", "halted"),
        ("rearm", "refused: `nothing` is not tripped, and has executed nothing since armed"),
        ("cancel-all", "asked to cancel 0"),
        ("resume", "resumed"),
    ]
    assert bench.disk.names("commands") == ["commands-refused/0.json"]
    assert bench.state.halted is None


def test_a_time_to_live_ends_without_a_cycle() -> None:
    """The clockwork ticks while no cycle is due."""
    bench = Bench()
    bench.place(buy())
    loop = loop_of(bench, lambda _this: None, pace=200)

    class Late(EverySecond):
        """The first cycle comes after the order's time."""

        async def instants(self) -> AsyncIterator[UtcTime]:
            """One."""
            await self.clock.sleep_until(self.clock.now().plus_s(63))
            assert bench.deeds.count("cancel") > 0
            yield self.clock.now()

    assert isinstance(loop.desk.clock, PacedClock)
    loop.instants = Late(loop.desk.clock)
    assert asyncio.run(loop.run()) == 1
    assert bench.venue.book["venue-1"].status.final


def test_no_cycle_is_run_where_none_is_wanted() -> None:
    """A number of zero is a number."""
    bench = Bench()
    assert asyncio.run(loop_of(bench, lambda _this: None).run(0)) == 0
    assert bench.kinds() == []


def test_a_failure_ends_all_three_tasks() -> None:
    """What the exit path raises leaves the loop, and nothing goes on behind it."""
    bench = Bench()
    bench.hold()
    bench.quote(BTC, "19000", "19004")
    bench.venue.answers = [Answer.BREAK]
    with pytest.raises(ExceptionGroup) as caught:
        asyncio.run(loop_of(bench, lambda _this: None).run(3))
    assert caught.group_contains(ConnectionError)


def test_what_goes_on_beside_the_cycles_ends_with_them() -> None:
    """A watch runs for as long as the loop does, and its word reaches the facts of a cycle."""
    bench = Bench((EAGER,))
    looked: list[int] = []
    bench.desk.policy_drifted = lambda: len(looked) > 1
    rounds: list[Round] = []
    loop = loop_of(bench, rounds.append)

    async def watch() -> None:
        while True:
            looked.append(len(rounds))
            await bench.desk.clock.sleep_until(bench.desk.clock.now().plus_s(1.5))

    loop.watch = watch
    asyncio.run(loop.run(4))
    assert len(looked) > 1
    told = [each.account["engine.policy_drift"] for each in rounds]
    assert (told[0], told[-1]) == (False, True)
