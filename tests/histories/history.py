"""One whole history from its seed: faults, then none; at the end ledger and venue are the same.

In: a seed. Out: `Outcome`: what was broken, if anything, the story, and the SHA-256 over ledger,
story and counts. Faults strike for some twenty to sixty cycles; then they stop, a person puts
right what only persons can, and trading has to come back by itself.
"""

from __future__ import annotations

import hashlib
import traceback
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from histories.chance import Chance
from histories.documents import Version, current_hash
from histories.invariants import QUARANTINE_S, Broken
from histories.plan import plan_of
from histories.process import Ending, Process
from histories.rest import at_rest
from histories.world import World

from engine.cycle.loop import unswept
from engine.ledger.chain import BrokenChain
from engine.model.decisions import ReasonCode
from engine.model.market import ProductStatus
from engine.model.orders import OrderStatus

if TYPE_CHECKING:
    from histories.plan import Plan

    from engine.cycle.desk import Desk, Round
    from engine.model.symbols import Symbol

_RESUMES_WITHIN = 3
# Two looks after the quarantine, the longest pause between looks, and a few cycles.
_SEARCH_S = 120.0
_MOST_PROCESSES = 60
_SETTLES_WITHIN = 12
_TIMED_S = 120.0
_BY_LIMIT = {
    ReasonCode.LIMIT_BREACHED,
    ReasonCode.NOTHING_LEFT,
    ReasonCode.BELOW_VENUE_MINIMUM,
    ReasonCode.EXIT_BELOW_MINIMUM,
    ReasonCode.ORDER_WORKING,
    ReasonCode.ALREADY_HELD,
    ReasonCode.GUARD_BREACHED,
}


class Phase(Enum):
    """Where a history stands."""

    FAULTS = "faults strike"
    HEALING = "faults have stopped"
    RESUMING = "nothing stands in the way"
    SETTLING = "no more entries"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one history; `broken` names the invariant, `words` tell how."""

    seed: int
    broken: str | None
    words: str
    digest: str
    story: tuple[str, ...]
    cycles: int
    orders: int

    @property
    def by(self) -> str:
        """What broke, in one line; of a traceback its end."""
        lines = [each.strip(" |+-") for each in self.words.splitlines()]
        last = next((each for each in reversed(lines) if each), "")
        return f"I0: {last}" if self.broken == "I0" else last


class History:
    """One history while it is played."""

    def __init__(self, plan: Plan) -> None:
        self.seed = plan.seed
        self.world = World(plan)
        self.chance = Chance(plan.seed, "downtime")
        self.phase = Phase.FAULTS
        self.cycles = 0
        self._since_s = 0.0
        self._in_phase = 0
        self._ahead_s = 0.0
        self._restart = False
        self._sent: set[Symbol] = set()

    def play(self) -> Outcome:
        """Play it to the end."""
        broken, words = None, ""
        try:
            self.to_the_end()
            at_rest(self.world)
        except Broken as found:
            broken, words = found.name, str(found)
        except BrokenChain as found:
            broken, words = "I6", str(found)
        except Exception as error:  # noqa: BLE001 - whatever escapes from the engine is a finding
            broken, words = "I0", "".join(traceback.format_exception(error))
        return self._outcome(broken, words)

    def to_the_end(self) -> None:
        """Play process after process until nothing is left to happen."""
        for _ in range(_MOST_PROCESSES):
            ending = self.process().run()
            if self.phase is Phase.OVER:
                return
            self.between(ending)
        name, words = "I10", "it never comes to an end"
        raise Broken(name, words)

    def process(self) -> Process:
        """A process that is to be started."""
        return Process(self.world, self._told, self._done)

    def mend(self, *, restart: bool) -> None:
        """Faults stop here."""
        self.world.mend()
        self._restart = restart
        self._enter(Phase.HEALING)

    def between(self, ending: Ending) -> None:
        """Somebody starts it again, with a disk that works and, in the end, a set that loads."""
        world = self.world
        world.dead = True
        if ending is not Ending.DONE:
            world.idle(self.chance.between(0.5, 40.0))
        if ending is Ending.NO_SET:
            world.put_folder(self.chance.choice((Version.FIRST, Version.SECOND)))
        world.disk.sick = None
        if self._restart:
            world.set_wall_right()
            self._restart = False
        if self.phase is Phase.HEALING:
            self._since_s = world.seconds()
        world.tell("a process starts")

    def _done(self) -> bool:
        return self._restart or self.phase is Phase.OVER

    # After every cycle

    def _told(self, desk: Desk, this: Round) -> None:
        self.cycles += 1
        self._in_phase += 1
        self.world.watch.cycled(desk, this)
        _AFTER[self.phase](self, desk, this)

    def _enter(self, phase: Phase) -> None:
        self.world.tell(phase.value)
        self.phase, self._in_phase, self._since_s = phase, 0, self.world.seconds()

    def _striking(self, desk: Desk, _this: Round) -> None:
        if self._in_phase >= self.world.plan.cycles:
            in_place = self.world.plan.heals_in_place and not self.world.wall_is_wrong
            self.mend(restart=not in_place)
            # Whoever ran under documents that were put back has to start under these.
            self._restart |= current_hash(self.world.folder) != desk.policy_set.hash

    def _healing(self, desk: Desk, this: Round) -> None:
        state = desk.state
        unknown = [o for o in state.working.values() if o.status is OrderStatus.UNKNOWN]
        unlisted = desk.unconfirmed or any(
            each.status is not ProductStatus.ONLINE for each in desk.products.values()
        )
        stopped = state.latches or state.halted or this.killed
        # The limit on the venue's clock denies entries until somebody could ask for its time again.
        untimed = desk.health.skew is None or this.now.since_s(desk.health.skew.time) > _TIMED_S
        if not (stopped or unknown or desk.unread or unlisted or untimed):
            self._enter(Phase.RESUMING)
            return
        last = desk.recorder.last
        if last is not None:
            # What a wrong clock has dated ahead counts from then: no latch is taken away sooner.
            self._ahead_s = max(self._ahead_s, last.time.since_s(this.now))
        if self.world.seconds() - self._since_s > QUARANTINE_S + _SEARCH_S + self._ahead_s:
            words = (
                f"still {[*state.latches]}, {state.halted}, unknown {[o.number for o in unknown]}"
            )
            self._broken("I10", f"{words}, {desk.unread}")
        if state.halted:
            self.world.command("resume", "")
        for name, key in state.latches:
            self.world.command("rearm", f"{name}:{key}")

    def _resuming(self, desk: Desk, this: Round) -> None:
        self._sent |= {each.intent.symbol for each in this.orders if each.outcome == "sent"}
        if self._in_phase < _RESUMES_WITHIN:
            return
        for symbol in self.world.market.touches:
            active = symbol in desk.state.positions or desk.state.working_for(symbol)
            reason = this.blockers.get(symbol)
            if (
                not active
                and symbol not in self._sent
                and (reason is None or reason.code not in _BY_LIMIT)
            ):
                self._broken("I10", f"{symbol} is not traded again: {reason}")
        self.world.command("halt", "")
        self._enter(Phase.SETTLING)

    def _settling(self, desk: Desk, _this: Round) -> None:
        if not desk.state.working and not self.world.book.working:
            self._enter(Phase.OVER)
        elif self._in_phase > _SETTLES_WITHIN:
            self._broken("I3", f"still working: {desk.state.working} {self.world.book.working}")

    def _broken(self, name: str, words: str) -> None:
        self.world.tell(f"BROKEN {name}: {words}")
        raise Broken(name, words)

    def _outcome(self, broken: str | None, words: str) -> Outcome:
        world, digest = self.world, hashlib.sha256()
        counts = sorted((point.name, passed) for point, passed in world.passed.items())
        digest.update(world.disk.journal())
        digest.update("\n".join(world.story).encode())
        digest.update(repr((counts, self.cycles, words if broken != "I0" else "")).encode())
        return Outcome(
            seed=self.seed,
            broken=broken,
            words=words,
            digest=digest.hexdigest(),
            story=tuple(world.story),
            cycles=self.cycles,
            orders=len(world.watch.posted),
        )


_AFTER = {
    Phase.FAULTS: History._striking,
    Phase.HEALING: History._healing,
    Phase.RESUMING: History._resuming,
    Phase.SETTLING: History._settling,
}


def play(seed: int) -> Outcome:
    """Play the history of this seed."""
    with unswept():
        return History(plan_of(seed)).play()
