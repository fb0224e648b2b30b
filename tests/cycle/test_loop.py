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
    from engine.model.orders import ApprovedOrder, SubmitOutcome
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


def test_a_stop_lets_the_step_that_runs_finish_and_begins_no_other() -> None:
    """A person's stop falls between two steps: the cycle that runs ends, its orders answered."""
    bench = Bench((EAGER,))
    rounds: list[Round] = []
    loop = loop_of(bench, rounds.append)
    asked, left = asyncio.Event(), asyncio.Event()
    submit = bench.venue.submit

    async def slow(*words: ApprovedOrder) -> SubmitOutcome:
        asked.set()
        await asyncio.sleep(0.05)
        left.set()
        return await submit(*words)

    async def stopper() -> None:
        await asked.wait()
        await loop.stop()

    bench.venue.submit = slow  # type: ignore[method-assign] # a venue that takes its time
    loop.beside = (stopper,)
    assert asyncio.run(loop.run()) == len(rounds) == 1
    assert left.is_set()
    assert bench.kinds().count("sent") == bench.kinds().count("acknowledged") > 0
    assert bench.replayed() == bench.state


def test_a_stop_while_nothing_runs_ends_the_wait() -> None:
    """The next cycle is an hour away: nobody waits for it."""
    bench = Bench()
    loop = loop_of(bench, lambda _this: None)

    class InAnHour(EverySecond):
        """No cycle soon."""

        async def instants(self) -> AsyncIterator[UtcTime]:
            """One, in an hour."""
            await self.clock.sleep_until(self.clock.now().plus_s(3600))
            yield self.clock.now()

    assert isinstance(loop.desk.clock, PacedClock)
    loop.instants = InAnHour(loop.desk.clock)
    loop.beside = (loop.stop,)
    assert asyncio.run(loop.run()) == 0


def test_whoever_cancels_the_loop_from_outside_is_heard() -> None:
    """Only its own stop is an ordinary end."""
    bench = Bench()

    async def main() -> None:
        task = asyncio.create_task(loop_of(bench, lambda _this: None).run())
        await asyncio.sleep(0)
        task.cancel()
        await task

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(main())


def test_a_step_between_meets_no_cycle() -> None:
    """News of the venue are taken in where neither a cycle nor a tick runs."""
    bench = Bench((EAGER,))
    loop = loop_of(bench, lambda _this: None)
    cycles: list[tuple[int, int]] = []

    async def step() -> None:
        before = bench.state.cycle
        await asyncio.sleep(0.1)
        cycles.append((before, bench.state.cycle))

    async def news() -> None:
        while True:
            await loop.between(step)
            await asyncio.sleep(0)

    loop.beside = (news,)
    assert asyncio.run(loop.run(3)) == 3
    assert cycles
    assert all(before == after for before, after in cycles)


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

    loop.beside = (watch,)
    asyncio.run(loop.run(4))
    assert len(looked) > 1
    told = [each.account["engine.policy_drift"] for each in rounds]
    assert (told[0], told[-1]) == (False, True)
