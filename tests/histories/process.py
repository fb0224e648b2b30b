"""One process of a history: the production loop, from opening the ledger to however it ends.

In: a world. Out: how it ended. Everything is put together as for a live run: the chain verified
and folded, the set loaded by its loader, the exchange over the real REST client. Only the ports
are the world's.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from functools import partial
from typing import TYPE_CHECKING

from histories.chance import Chance
from histories.clock import Killed
from histories.documents import MODE, Ready, checked, current_hash, ready
from histories.invariants import BURST, RATE_PER_S, WATCH_S
from histories.market import TICK_S
from histories.secret import CREDENTIALS
from histories.venue.book import CASH

from engine.adapters.coinbase.exchange import CoinbaseExchange
from engine.adapters.coinbase.pacing import TokenBucket
from engine.adapters.coinbase.rest import Rest
from engine.adapters.coinbase.stream.events import EventReader
from engine.adapters.coinbase.stream.messages import Message
from engine.adapters.coinbase.wire import WireError
from engine.adapters.system.memory_disk import MemoryDisk
from engine.cycle import operator
from engine.cycle.desk import Desk
from engine.cycle.health import VenueHealth, WatchedExchange
from engine.cycle.loop import Loop
from engine.cycle.market import MarketView
from engine.cycle.orders.searches import Lookups
from engine.cycle.policy_watch import PolicyWatch
from engine.cycle.records.recorder import Recorder
from engine.cycle.records.recovery import recover
from engine.cycle.reloading.reloads import Reloads
from engine.cycle.timetable import LiveTimetable
from engine.cycle.valuation import Valuation
from engine.errors import MandateError
from engine.ledger.journal import Journal
from engine.model.times import UtcTime
from engine.run.assembly.beginning import begin, genesis_body
from engine.run.session import guarded
from engine.series import BarSource

if TYPE_CHECKING:
    import asyncio
    from collections.abc import AsyncIterator, Callable

    from histories.clock import ProcessClock
    from histories.world import World

    from engine.cycle.desk import Round
    from engine.cycle.reloading.candidate import Order, Outcome
    from engine.model.market import MarketEvent
    from engine.model.orders import Mode
    from engine.model.symbols import Symbol
    from engine.policyset.policyset import PolicySet

_LONG_S = 1e6
# A tenth of a second, as live, would make a history mostly of looks.
_LOOK_S = 2.5
_BASE_URL = "https://api.simulated.invalid"


class Ending(Enum):
    """How a process ended."""

    DONE = "done"
    KILLED = "killed"
    REFUSED = "refused to go on"
    NO_SET = "no set to start with"


@dataclass(slots=True)
class Process:
    """One process; `tell` hears of every round, and `done` says whether it is to end."""

    world: World
    tell: Callable[[Desk, Round], None]
    done: Callable[[], bool]
    desk: Desk | None = None

    def run(self) -> Ending:
        """Start, run and end."""
        ending = self.start()
        while ending is None:
            ending = self.step(_LONG_S)
        return ending

    def start(self) -> Ending | None:
        """Begin; how it ended where it did not even get so far."""
        clock = self.world.new_clock()
        loaded = ready(self.world.folder)
        if loaded is None:
            self.world.tell(f"no process starts: {self.world.folder.value}")
            return Ending.NO_SET
        try:
            self.desk = self._desk(clock, loaded)
        except (Killed, MandateError) as end:
            return self._ended(end)
        clock.begin(self._halting(self._loop(self.desk).run()))
        return None

    def step(self, seconds: float) -> Ending | None:
        """Run for so long; how it ended, if it did."""
        try:
            if not self.world.clock.step(seconds):
                return None
        except (Killed, MandateError) as end:
            return self._ended(end)
        self.world.watch.died(self.world.disk.durable())
        return Ending.DONE

    def _ended(self, end: Killed | MandateError) -> Ending:
        if isinstance(end, Killed):
            self.world.tell("the process is killed")
            return Ending.KILLED
        words = end.diagnostics[0].message if end.diagnostics else "the disk fails"
        self.world.tell(f"the process ends: {words}")
        self.world.watch.died(self.world.disk.durable())
        return Ending.REFUSED

    def _desk(self, clock: ProcessClock, loaded: Ready) -> Desk:
        world = self.world
        journal = Journal.open(world.disk)
        state = recover(journal.records()).state
        world.watch.started(loaded.policy_set.hash, world.disk.journal(), state)
        recorder = Recorder(journal, state)
        recorder.hearers.append(world.watch.recorded)
        market = MarketView(
            loaded.programme.series, lambda _symbol: BarSource.QUOTES, steady=clock.monotonic_s
        )
        health = VenueHealth()
        desk = Desk(
            policy_set=loaded.policy_set,
            programme=loaded.programme,
            judge=loaded.judge,
            mode=MODE,
            recorder=recorder,
            market=market,
            valuation=Valuation(loaded.policy_set.deployment, market),
            exchange=WatchedExchange(self._exchange(clock), clock, health),
            health=health,
            drift_from=(clock.now(), clock.monotonic_s()),
            clock=clock,
            guarded=guarded,  # bound to the desk below
            kill_switch=partial(operator.read_kill_switch, world.disk),
            lease_held=lambda: True,
            products={},
            lookups=Lookups(self._chance("lookups")),
        )
        desk.guarded = partial(guarded, desk)
        self._begin(desk, clock.now())
        return desk

    def _exchange(self, clock: ProcessClock) -> CoinbaseExchange:
        rest = Rest(
            http=self.world.door,
            base_url=_BASE_URL,
            clock=clock,
            rng=self._chance("rest"),
            bucket=TokenBucket(clock, RATE_PER_S, BURST),
            credentials=CREDENTIALS if self.world.plan.keyed else None,
        )
        return CoinbaseExchange(rest)

    def _chance(self, purpose: str) -> Chance:
        """Another stream for every process of the history."""
        return Chance(self.world.plan.seed, f"{purpose} {self.world.now_ns()}")

    def _begin(self, desk: Desk, now: UtcTime) -> None:
        """Genesis where the ledger is new, and the activation where the set is."""
        stream, chance = _Stream(desk.policy_set), self._chance("nonce")
        begin(stream, desk, now, lambda: genesis_body(stream, chance, {"USD": CASH}))

    def _loop(self, desk: Desk) -> Loop:
        world = self.world
        folder = _Folder(world)
        watch = PolicyWatch(folder, desk.policy_set.hash, desk.clock, WATCH_S)
        desk.policy_drifted = lambda: watch.drifted
        timetable = self._timetable(desk)

        async def check(order: Order, running: PolicySet) -> Outcome:
            await desk.clock.sleep_until(desk.clock.now().plus_s(world.plan.check_s))
            return checked(world.folder, order.named, running)

        reloads = desk.reloads = Reloads(desk.policy_set, check)
        reloads.followers += [watch.follow, lambda taken: timetable.follow(taken.schedule)]
        watch.told = reloads
        return Loop(
            desk=desk,
            feed=_Feed(world, desk.clock),
            instants=_Instants(world, timetable, self.done),
            tick_s=world.plan.tick_s,
            commands=lambda: operator.take_commands(world.disk),
            sinks=(desk.market.on_event,),
            tell=lambda this: self.tell(desk, this),
            beside=(watch.run, reloads.run),
            look_s=_LOOK_S,
        )

    def _timetable(self, desk: Desk) -> LiveTimetable:
        return LiveTimetable(
            schedule=desk.policy_set.schedule,
            clock=desk.clock,
            rng=self._chance("jitter"),
            start=desk.clock.now().plus_s(1.0),
            last_cycle_s=lambda: desk.cycle_durations[-1] if desk.cycle_durations else 0.0,
        )

    async def _halting(self, main: asyncio.Future[int]) -> None:
        """As a live session does: the ledger's refusal ends the process, anything else is ours."""
        try:
            await main
            assert self.desk is not None
            self.desk.recorder.sync()
        except ExceptionGroup as group:
            first = _first_of(group)
            if isinstance(first, MandateError):
                raise first from group
            if isinstance(first, OSError) and self.world.disk.sick is not None:
                refusal = MandateError([])
                raise refusal from first
            raise


@dataclass(frozen=True, slots=True)
class _Stream:
    """What the beginning of a run asks of its stream.

    Its disk is empty, so that nobody compares one set with the other, here or at a reload: a
    solver's answer takes seconds and decides nothing.
    """

    policy_set: PolicySet
    disk: MemoryDisk = field(default_factory=MemoryDisk)
    mode: Mode = MODE
    ceilings: None = None
    approval: None = None
    laid: None = None


@dataclass(slots=True)
class _Folder:
    """The policy directory, as the watch looks at it."""

    world: World

    async def current_hash(self) -> str | None:
        """The hash of what lies there now."""
        return current_hash(self.world.folder)

    async def commit(self) -> str | None:
        """No repository: nobody follows it."""
        return None


@dataclass(slots=True)
class _Instants:
    """The timetable, until the history is over."""

    world: World
    timetable: LiveTimetable
    done: Callable[[], bool]

    async def instants(self) -> AsyncIterator[UtcTime]:
        """Each instant."""
        async for moment in self.timetable.instants():
            if self.done():
                return
            self.world.watch.cycle_began_ns = self.world.now_ns()
            yield moment


@dataclass(slots=True)
class _Feed:
    """The venue's stream, read by the adapter's own reader; what it cannot read is lost."""

    world: World
    clock: ProcessClock

    async def events(self) -> AsyncIterator[MarketEvent]:
        """Each event at its time of receipt."""
        reader, number = EventReader(), 0
        while True:
            for symbol, levels in self.world.market.heard():
                number += 1
                try:
                    found = list(
                        reader.read(self._message(symbol, levels, number), self.clock.now())
                    )
                except WireError:
                    continue
                self.world.watch.heard_ns[symbol] = self.world.now_ns()
                for event in found:
                    yield event
            await self.clock.sleep_until(self.clock.now().plus_s(TICK_S))

    def _message(self, symbol: Symbol, levels: list[tuple[str, str, str]], number: int) -> Message:
        updates = [
            {"side": side, "price_level": price, "new_quantity": size}
            for side, price, size in levels
        ]
        event = {"type": "snapshot", "product_id": str(symbol), "updates": updates}
        return Message("l2_data", UtcTime(self.world.venue_ns()), number, [event])


def _first_of(group: ExceptionGroup[Exception]) -> Exception:
    first = group.exceptions[0]
    return _first_of(first) if isinstance(first, ExceptionGroup) else first
