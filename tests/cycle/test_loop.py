"""The loop: three tasks over one desk, in real time and in virtual time."""

from __future__ import annotations

import asyncio
import gc
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from fakes.bench import BTC, EAGER, ETH, Bench, buy, sell
from fakes.clock import START
from fakes.exchange import Answer, FakeExchange

from engine.adapters.system.paced_clock import PacedClock
from engine.cycle import operator
from engine.cycle.clockwork import Command
from engine.cycle.loop import Loop, unswept
from engine.ledger.records import RecordKind
from engine.model.orders import Side
from engine.ports import UnreachableError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence

    from engine.cycle.desk import Round
    from engine.model.market import MarketEvent
    from engine.model.orders import ApprovedOrder, Fill, SubmitOutcome
    from engine.model.times import UtcTime
    from engine.ports import VenueError


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
        tick_s=0.2 / pace,
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


class Silent(FakeExchange):
    """A venue that does not answer a reading of the account until it is told to."""

    asked: asyncio.Event
    answers_now: asyncio.Event
    cancelled: asyncio.Event

    async def fills(self, since: UtcTime) -> Sequence[Fill]:
        """Wait, where a test has made it wait."""
        self.asked.set()
        await self.answers_now.wait()
        return await super().fills(since)

    async def cancel(self, venue_order_ids: Sequence[str]) -> Mapping[str, bool]:
        """Cancel, and tell the test."""
        self.cancelled.set()
        return await super().cancel(venue_order_ids)


async def _stuck(bench: Bench) -> tuple[Silent, asyncio.Task[int], list[Round]]:
    """A loop whose cycle waits for the venue in the middle of reconciling."""
    told: list[Round] = []
    loop = loop_of(bench, told.append)
    venue = bench.venue
    assert isinstance(venue, Silent)
    venue.asked, venue.answers_now, venue.cancelled = (asyncio.Event() for _ in range(3))
    running = asyncio.create_task(loop.run(2))
    await asyncio.wait_for(venue.asked.wait(), 10)
    return venue, running, told


def silent_bench() -> Bench:
    """An entry rests at a venue that falls silent."""
    bench = Bench((EAGER,))
    bench.place(buy())
    bench.venue.__class__ = Silent
    return bench


def test_the_switch_calls_orders_back_while_a_cycle_waits() -> None:
    """An answer that does not come keeps no cancel waiting, and nothing is sent after it."""
    bench = silent_bench()

    async def history() -> None:
        venue, running, told = await _stuck(bench)
        operator.throw_kill_switch(bench.disk, "anna", "fire", bench.clock.now())
        await asyncio.wait_for(venue.cancelled.wait(), 10)
        assert told == []
        assert not running.done()
        venue.answers_now.set()
        await running

    asyncio.run(history())
    assert bench.venue.deeds.count("submit") == 1
    assert len(bench.bodies(RecordKind.CANCEL)) == 1
    assert bench.replayed() == bench.state


def test_a_wall_clock_that_is_set_back_does_not_hold_up_the_switch() -> None:
    """The switch is looked at by a clock that nobody sets."""
    bench = silent_bench()

    async def history() -> None:
        venue, running, _ = await _stuck(bench)
        bench.desk.clock.now = lambda: START.plus_s(-86_400)  # type: ignore[method-assign] # as a time server would
        operator.throw_kill_switch(bench.disk, "anna", "fire", bench.clock.now())
        await asyncio.wait_for(venue.cancelled.wait(), 10)
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running

    asyncio.run(history())


@pytest.mark.parametrize("failure", [None, UnreachableError("down")])
def test_a_loop_that_fails_calls_its_entries_back(failure: VenueError | None) -> None:
    """Nobody is left to watch them; ways out stay, and a venue that is down changes nothing."""
    bench = Bench()
    held = bench.hold()
    bench.wait(61)
    for wish in (buy(ETH), sell(BTC, held)):
        assert bench.place(wish).outcome == "sent"
    assert [each.status.final for each in bench.venue.book.values()] == [True, False, False]
    if failure is not None:
        bench.venue.failing["cancel"] = failure

    def fail(_this: Round) -> None:
        bench.disk.refused = {"append", "sync"}
        raise ZeroDivisionError

    with pytest.raises(ExceptionGroup):
        asyncio.run(loop_of(bench, fail).run(1))
    left = [each.side for each in bench.venue.book.values() if not each.status.final]
    assert left == ([Side.SELL] if failure is None else [Side.BUY, Side.SELL])


@pytest.mark.parametrize("swept", [True, False])
def test_decisions_do_not_wait_for_the_search_for_garbage(*, swept: bool) -> None:
    """Within a cycle nobody looks for garbage, and after it whoever did before, failed or not."""
    before = gc.isenabled()
    (gc.enable if swept else gc.disable)()
    try:
        with suppress(LookupError), unswept():
            assert not gc.isenabled()
            raise LookupError
        assert gc.isenabled() is swept
    finally:
        (gc.enable if before else gc.disable)()
