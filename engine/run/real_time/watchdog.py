"""A watchdog over a ledger: whose orders it may cancel, and where.

In: a ledger's directory, a silence, the way to the venue. Out: a `Watchdog` that runs until it is
stopped. Refuses (MandateError) a ledger without orders at a venue (M426), a silence shorter than a
loop's own pauses (M427), and what `approach_of` refuses. The ledger is read and never written.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.adapters.system.clock import SystemClock
from engine.adapters.system.rng import SystemRng
from engine.cycle.records.recovery import recover
from engine.cycle.watching.beat import read_beat
from engine.cycle.watching.watchdog import LEAST_SILENCE_S, Watchdog
from engine.errors import Diagnostic, MandateError
from engine.ledger.chain import BrokenChain, LedgerUnavailable
from engine.ledger.order_id import is_ours, order_id_prefix, stream_tag
from engine.model.orders import Mode
from engine.run.real_time.approach import approach_of
from engine.run.real_time.door import VenueDoor
from engine.run.settings import RunSettings

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.ledger.state import State
    from engine.model.times import UtcTime
    from engine.run.ledgers import LedgerView
    from engine.run.real_time.approach import Approach
    from engine.run.settings import VenueSettings

_BEFORE_S = 86_400.0
_LOG = logging.getLogger("mandate.alert")


@dataclass(slots=True)
class Watch:
    """A watchdog that is ready. `state` is the ledger as it was read last."""

    view: LedgerView
    approach: Approach
    silence_s: float
    state: State
    tell: Callable[[str], None]

    def run(self) -> None:
        """Watch until SIGTERM or SIGINT."""
        asyncio.run(self._until_stopped())

    async def _until_stopped(self) -> None:
        asked, loop = asyncio.Event(), asyncio.get_running_loop()
        for each in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(each, asked.set)
        clock = SystemClock()
        door = VenueDoor(self.approach.address, clock, SystemRng(), self.approach.key)
        try:
            watching = asyncio.create_task(self._watchdog(door, clock).run())
            stopping = asyncio.create_task(asked.wait())
            await asyncio.wait({watching, stopping}, return_when=asyncio.FIRST_COMPLETED)
            watching.cancel()
            stopping.cancel()
            if not asked.is_set():
                await watching
        finally:
            await door.close()

    def _watchdog(self, door: VenueDoor, clock: SystemClock) -> Watchdog:
        return Watchdog(
            beat=lambda: read_beat(self.view.disk),
            ours=self.ours,
            since=lambda: self.since(clock.now()),
            venue=door.exchange(),
            clock=clock,
            silence_s=self.silence_s,
            alert=self._alert,
        )

    async def _alert(self, words: str) -> None:
        self.tell(words)
        _LOG.warning("watchdog: %s", words)

    def ours(self, client_order_id: str) -> bool:
        """Whether the id shows a set that was ever active here, and this stream."""
        prefixes = {order_id_prefix(each) for each in self.state.activated}
        tag = stream_tag(Mode(self.state.mode), self.state.account)
        return is_ours(client_order_id, prefixes, tag)

    def since(self, now: UtcTime) -> UtcTime:
        """From when our orders can still be working, by the ledger as it is now.

        A ledger that cannot be read any more is taken as it was read last.
        """
        try:
            self.state = recover(self.view.records()).state
        except (BrokenChain, LedgerUnavailable):
            self.tell("the ledger cannot be read: orders are known by what it held before")
        working = [each.created for each in self.state.working.values()]
        return min([now, *working]).plus_s(-_BEFORE_S)


def watch_over(
    view: LedgerView, silence_s: float, venue: VenueSettings, tell: Callable[[str], None]
) -> Watch:
    """The watch over a ledger; raises MandateError with all that stands against it."""
    state = recover(view.records()).state
    mode = Mode(state.mode)
    found = [*_misfits(mode, silence_s, venue)]
    if found or view.path is None:
        raise MandateError(found)
    settings = RunSettings(view.path, view.path, venue=venue)
    return Watch(view, approach_of(settings, mode), silence_s, state, tell)


def _misfits(mode: Mode, silence_s: float, venue: VenueSettings) -> list[Diagnostic]:
    found = []
    if mode is Mode.DRY_RUN or (mode is Mode.PAPER and venue.url is None):
        mend = "name the venue that the loop trades at, `--venue URL`" if mode is Mode.PAPER else ""
        message = f"a ledger of mode {mode.value} has no orders at a venue"
        found.append(Diagnostic("M426", message, None, mend))
    if silence_s < LEAST_SILENCE_S:
        message = f"a silence of {silence_s:g} s is shorter than {LEAST_SILENCE_S:g} s"
        mend = "give more than a cycle of yours waits for the venue: `--silence 60s`"
        found.append(Diagnostic("M427", message, None, mend))
    return found
