"""A run that is ready: what a person wants to know of it, and running it.

In: an assembled loop. Out: how many cycles ran; the ledger tells the rest. A failure outside the
exit path is noted and ends its step; any other halts, with its reason in the ledger.
"""

from __future__ import annotations

import asyncio
import gc
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.adapters.system.paced_clock import PacedClock
from engine.adapters.system.virtual_clock import VirtualClock
from engine.errors import Diagnostic, MandateError
from engine.ledger.records import RecordKind
from engine.observe.failing import place_of
from engine.run.stopping import Stopping

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    from engine.adapters.recorded import Recording
    from engine.cycle.desk import Desk, Round
    from engine.cycle.loop import Loop
    from engine.cycle.timetable import RecordedTimetable, Silence
    from engine.ledger.bodies import Body
    from engine.ledger.state import State
    from engine.model.orders import Mode
    from engine.model.symbols import Symbol
    from engine.policyset.policyset import PolicySet
    from engine.ports import Clock
    from engine.run.alerting import Posting
    from engine.run.assembly.sharing import SharedLease
    from engine.run.assembly.stream import Lease
    from engine.run.settings import RunSettings


async def _nothing_open() -> None:
    """A run that holds no connection."""


@dataclass(frozen=True, slots=True)
class RecordedMarket:
    """The market of a run over a recording, and when its cycles are.

    `waits` says whether an order at the venue waits for what the market shows next.
    """

    recording: Recording
    timetable: RecordedTimetable
    waits: Callable[[], bool]


@dataclass(slots=True)
class Session:
    """One run; `findings` are what opening the ledger had to say.

    `planned` counts the cycles to come, None where only a stop ends them. `recorded` is None in
    real time; `close` gives back what the run had opened. `hidden` must appear in no output.
    `watchers` hear of each round before it is told; `posting` delivers alerts, in real time.
    """

    settings: RunSettings
    mode: Mode
    desk: Desk
    planned: int | None
    findings: tuple[Diagnostic, ...]
    loop: Loop
    clock: Clock
    lease: Lease
    symbols: Sequence[Symbol]
    market: str
    recorded: RecordedMarket | None = None
    close: Callable[[], Coroutine[object, object, None]] = _nothing_open
    hidden: tuple[str, ...] = field(default=(), repr=False)
    shared: SharedLease | None = None
    posting: Posting | None = None
    watchers: list[Callable[[Round], None]] = field(default_factory=list)

    @property
    def policy_set(self) -> PolicySet:
        """The set in force: another one after a reload."""
        return self.desk.policy_set

    @property
    def left_over(self) -> tuple[Diagnostic, ...]:
        """What there is to say of a shared ledger, once the run is over."""
        return () if self.shared is None else self.shared.findings

    @property
    def state(self) -> State:
        """The ledger's state, as it is now."""
        return self.desk.state

    @property
    def skipped(self) -> Sequence[Silence]:
        """Silences of the recording that no cycle was run for, so far."""
        return () if self.recorded is None else self.recorded.timetable.skipped

    def run(self, tell: Callable[[Round], None]) -> int:
        """Run to the end and give the lease back; how many cycles were run.

        Raises MandateError (M444 and what the ledger raises) when the loop had to stop.
        """
        self.loop.tell = self._told_to(tell)
        # What was assembled lives as long as the run: a collector that walks it again and again
        # finds nothing there, and its longest walk would be a cycle's longest pause.
        gc.collect()
        gc.freeze()
        try:
            if isinstance(self.clock, VirtualClock):
                return self.clock.run(self._halting(self.loop.run(self.settings.cycles)))
            if isinstance(self.clock, PacedClock):
                self.clock.begin()
            return asyncio.run(self._real())
        finally:
            # A process may simulate many a run: what this one held is garbage soon.
            gc.unfreeze()
            self.lease.release()

    def _told_to(self, tell: Callable[[Round], None]) -> Callable[[Round], None]:
        # People look at a loop that runs in their time: a quiet hour must not look like a hang.
        shown = not isinstance(self.clock, VirtualClock)

        def all_of_them(this: Round) -> None:
            if shown:
                self.desk.recorder.show()
            for each in (*self.watchers, tell):
                each(this)

        return all_of_them

    async def _real(self) -> int:
        """In real time signals are heard, and connections closed."""
        self.loop.beside += (Stopping(self.loop).watch,)
        failure: str | None = None
        try:
            return await self._halting(self.loop.run(self.settings.cycles))
        except MandateError as error:
            failure = error.diagnostics[0].message if error.diagnostics else "a failure of ours"
            raise
        finally:
            if self.posting is not None:
                await self.posting.delivery.last_act(failure)
                await self.posting.routes.close()
            await self.close()

    async def _halting(self, main: Coroutine[object, object, int]) -> int:
        try:
            ran = await main
            self.desk.recorder.sync()
        except ExceptionGroup as group:
            first = _first_of(group)
            if isinstance(first, MandateError):
                raise first from group
            raise self._halt(first) from first
        return ran

    def _halt(self, error: Exception) -> MandateError:
        """Put the reason into the ledger, and tell it: a failure is a halt, not a warning."""
        where = place_of(error)
        body: Body = {"reason": f"{type(error).__name__} in {where}", "who": "engine"}
        self.desk.recorder.record(RecordKind.HALT, self.desk.clock.now(), body)
        self.desk.recorder.sync()
        message = f"halted: {type(error).__name__} in {where}"
        mend = "this is a fault of ours; exits stop too until `trader resume`"
        return MandateError([Diagnostic("M444", message, None, mend)])


async def guarded(
    desk: Desk, step: str, this: Round, work: Coroutine[object, object, None]
) -> None:
    """Run a step that must not take the exits with it: a failure ends it, noted and counted."""
    try:
        await work
    except MandateError:
        # The ledger, or another failure that already has its words: it stops the loop.
        raise
    except Exception as error:  # noqa: BLE001 - the one frame that turns a failure into a record
        desk.failures.append(this.now)
        this.notes.append(f"step {step} failed: {type(error).__name__} in {place_of(error)}")


def _first_of(group: ExceptionGroup[Exception]) -> Exception:
    """The task group's wrapping taken off: the first failure is what happened."""
    first = group.exceptions[0]
    return _first_of(first) if isinstance(first, ExceptionGroup) else first
