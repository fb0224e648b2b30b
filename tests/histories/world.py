"""The world of one history: true time, the venue, the market, the disk, and what strikes where.

In: a plan. Out: everything outside of the process. The world goes on while no process runs; it
moves in the order of true time, and only when somebody passes one of the points.
"""

from __future__ import annotations

import heapq
import math
from itertools import count
from typing import TYPE_CHECKING

from histories.chance import Chance
from histories.clock import Killed, ProcessClock
from histories.disk import Sickness, SimulatedDisk
from histories.documents import Version, ordered
from histories.faults import OF_PRODUCTS, Fault
from histories.invariants import Broken, Watch
from histories.market import TICK_S, Market
from histories.plan import Point
from histories.venue.book import Book, Listing
from histories.venue.door import Door

from engine.cycle import operator
from engine.cycle.clockwork import Command
from engine.model.times import UtcTime

if TYPE_CHECKING:
    from collections.abc import Callable

    from histories.plan import Plan, Strike

START = UtcTime.parse("2026-03-02T09:00:00Z")
_SECOND = 10**9
_PRODUCT_EVERY_S = 97.0
_MOST_PASSINGS = 20_000
_LONGEST_JUMP_S, _LONGEST_PAUSE_S = 900.0, 60.0
_ON_THE_WAY = {Point.SYNC, Point.ORDER_CONNECTS, Point.GATE_LOOK}
_ORDERED_RATIO = 0.8
_COMMANDS = ("halt", "cancel-all", "liquidate", "rearm", "resume")


class World:
    """All that a process meets."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.story: list[str] = []
        self.dropped: list[str] = []
        self.healed = False
        self.wall_jumped = False
        self.dead = True
        self.folder, self.folder_changed_ns = Version.FIRST, 0
        self.chance = Chance(plan.seed, "surroundings")
        self.passed = dict.fromkeys(Point, 0)
        self._before = Point.SLEEP
        self._strikes = {(each.point, each.passing): each for each in plan.strikes}
        self._events: list[tuple[int, int, Callable[[], None]]] = []
        self._order = count()
        self._began_ns = START.ns
        self._at_ns: int | None = None
        self._wall_off_ns = 0
        self.clock = ProcessClock(START, self.point)
        self.market = Market(plan, Chance(plan.seed, "market"))
        self.watch = Watch(self)
        self.disk = SimulatedDisk(self.point, self.watch.synced)
        self.book = Book(
            plan,
            self.market,
            Chance(plan.seed, "venue"),
            self.now_ns,
            self.tell,
            self.watch.entered,
        )
        self.door = Door(self, self.book, Chance(plan.seed, "door"))
        self._every(TICK_S, self._market_moves)
        if plan.faults & set(OF_PRODUCTS):
            self._every(_PRODUCT_EVERY_S, self._product_changes)

    # Time

    def now_ns(self) -> int:
        """True time: the venue's, and everybody's but the process's own."""
        return self._at_ns if self._at_ns is not None else self._began_ns + self.clock.ran_ns

    def venue_ns(self) -> int:
        """What the venue's clock says."""
        return self.now_ns() + round(self.plan.skew_s * _SECOND)

    def seconds(self) -> float:
        """True seconds since the history began."""
        return (self.now_ns() - START.ns) / _SECOND

    def new_clock(self) -> ProcessClock:
        """The clocks of a process that starts now."""
        now_ns = self.now_ns()
        self._began_ns = now_ns
        self.clock = ProcessClock(UtcTime(now_ns + self._wall_off_ns), self.point)
        self.dead = False
        return self.clock

    def idle(self, seconds: float) -> None:
        """Time passes while no process runs."""
        self.clock.advance(seconds)
        self.catch_up()

    def later(self, seconds: float, event: Callable[[], None]) -> None:
        """Let something happen in so many true seconds."""
        due_ns = self.now_ns() + round(seconds * _SECOND)
        heapq.heappush(self._events, (due_ns, next(self._order), event))

    def catch_up(self) -> None:
        """Let everything happen that is due by now, each at its own time."""
        if self._at_ns is not None:
            return
        now_ns = self.now_ns()
        while self._events and self._events[0][0] <= now_ns:
            due_ns, _, event = heapq.heappop(self._events)
            self._at_ns = due_ns
            event()
        self._at_ns = None

    def _every(self, seconds: float, event: Callable[[], None]) -> None:
        def again() -> None:
            event()
            self.later(seconds, again)

        self.later(seconds, again)

    # What happens

    def tell(self, what: str) -> None:
        """Write one line of the story."""
        self.story.append(f"{self.seconds():9.3f} {what}")

    def point(self, point: Point) -> None:
        """A process passes a point where it can be interrupted."""
        if self.dead:
            raise Killed
        self.catch_up()
        if point is Point.SWITCH_LOOK and self._before in _ON_THE_WAY:
            point = Point.GATE_LOOK
        self._before = point
        self.passed[point] += 1
        if self.passed[point] > _MOST_PASSINGS:
            name, words = "I10", f"it does not get beyond `{point.value}`"
            raise Broken(name, words)
        if self.healed:
            return
        strike = self._strikes.get((point, self.passed[point]))
        if strike is not None:
            self.tell(f"strikes at {point.value}: {strike.fault.value}")
            _STRIKES[strike.fault](self, strike)

    def aim(self, strike: Strike) -> None:
        """Let something strike where its point is passed so many times from now on."""
        self._strikes[strike.point, self.passed[strike.point] + strike.passing] = strike

    def _market_moves(self) -> None:
        self.market.step()
        self.watch.moved()
        self.book.step()

    def _product_changes(self) -> None:
        symbol = self.chance.choice(list(self.book.listings))
        old = self.book.listings[symbol]
        if self.healed:
            self.book.listings[symbol] = Listing(symbol, old.base_increment, old.price_increment)
            return
        if Fault.PRODUCT_HALTED in self.plan.faults:
            self.book.listings[symbol] = Listing(
                symbol, old.base_increment, old.price_increment, halted=not old.halted
            )
        else:
            usual = Listing(symbol)
            coarse = usual.base_increment * self.chance.choice((1, 1, 10))
            step = usual.price_increment * self.chance.choice((1, 5, 25))
            self.book.listings[symbol] = Listing(symbol, coarse, step)
        self.tell(f"product {self.book.listings[symbol]}")

    def _kill(self, _strike: Strike) -> None:
        self._dies(lambda _name, unsynced: unsynced)

    def _lose_power(self, strike: Strike) -> None:
        self._dies(lambda _name, unsynced: int(unsynced * strike.size))

    def _dies(self, kept: Callable[[str, int], int]) -> None:
        self.dead = True
        self.watch.died(self.disk.durable())
        self.disk.crash(kept)
        raise Killed

    def _wall_jumps(self, strike: Strike) -> None:
        way = 2 * strike.size - 1
        # A half of them is below a minute, and one in ten below a tenth of a second.
        seconds = round(math.copysign(_LONGEST_JUMP_S * way**4, way), 3)
        self.wall_jumped = True
        self._wall_off_ns += round(seconds * _SECOND)
        self.clock.step_wall(seconds)
        self.tell(f"wall clock {seconds:+} s")

    def _stands_still(self, strike: Strike) -> None:
        self.clock.advance(_LONGEST_PAUSE_S * strike.size)
        self.catch_up()

    def _sickens(self, strike: Strike) -> None:
        self.disk.sick = _SICKNESS[strike.fault]

    def _folder_changes(self, strike: Strike) -> None:
        self.put_folder(list(Version)[int(strike.size * len(Version))])
        self.tell(f"policy directory: {self.folder.value}")
        # Some edit the directory and forget about the run.
        if strike.size * len(Version) % 1 < _ORDERED_RATIO:
            self.command("reload", ordered(self.folder))

    def _switch(self, strike: Strike) -> None:
        self.throw_switch()
        if strike.size > 0.3:  # else it stays until the end
            self.later(strike.size * 120.0, self.release_switch)

    def _commands(self, strike: Strike) -> None:
        verb = _COMMANDS[int(strike.size * len(_COMMANDS))]
        self.command(verb, "kill_switch" if verb == "rearm" else "")
        if verb in {"halt", "liquidate"}:
            self.later(60.0, lambda: self.command("resume", ""))

    # What people do

    def throw_switch(self) -> None:
        """The file is there from now on."""
        self.disk.put(operator.KILL_SWITCH, b"stop (simulated)\n")
        self.tell("kill switch thrown")

    def release_switch(self) -> None:
        """The file is gone."""
        self.disk.take(operator.KILL_SWITCH)
        self.tell("kill switch released")

    def command(self, verb: str, target: str) -> None:
        """Drop a command file, as the command-line does."""
        self.tell(f"operator: {verb} {target}")
        file = operator.drop_command(
            _Outside(self.disk),
            Command(verb, target, "simulated", "why not"),
            UtcTime(self.now_ns()),
        )
        self.dropped.append(file)

    def put_folder(self, version: Version) -> None:
        """Somebody changes the policy directory."""
        if version is not self.folder:
            self.folder, self.folder_changed_ns = version, self.now_ns()

    def mend(self) -> None:
        """Nothing goes wrong any more, and what did is put right."""
        self.tell("faults stop")
        self.healed = True
        self.market.healed = True
        self.disk.sick = None
        if self.folder is not Version.SECOND:
            self.put_folder(Version.FIRST)
        self.release_switch()
        for symbol, each in self.book.listings.items():
            self.book.listings[symbol] = Listing(symbol, each.base_increment, each.price_increment)

    @property
    def wall_is_wrong(self) -> bool:
        """Whether the wall clock was set."""
        return self._wall_off_ns != 0

    def set_wall_right(self) -> None:
        """A time server has its way before the next process starts."""
        self._wall_off_ns = 0


class _Outside:
    """The disk as another process writes it."""

    def __init__(self, disk: SimulatedDisk) -> None:
        self.names = disk.listed
        self.replace = disk.put


_SICKNESS = {
    Fault.DISK_FULL: Sickness.FULL,
    Fault.DISK_ERROR: Sickness.FAILING,
    Fault.SHORT_WRITE: Sickness.SHORT,
}
_STRIKES: dict[Fault, Callable[[World, Strike], None]] = {
    Fault.WALL_JUMP: World._wall_jumps,
    Fault.PAUSE: World._stands_still,
    Fault.DISK_FULL: World._sickens,
    Fault.DISK_ERROR: World._sickens,
    Fault.SHORT_WRITE: World._sickens,
    Fault.KILLED: World._kill,
    Fault.POWER_LOSS: World._lose_power,
    Fault.POLICY_CHANGED: World._folder_changes,
    Fault.KILL_SWITCH: World._switch,
    Fault.COMMANDS: World._commands,
}
