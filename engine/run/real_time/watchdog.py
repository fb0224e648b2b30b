"""A watchdog over a ledger: whose orders it may cancel, and where.

In: a ledger's directory and the set in force in it, the way to the venue, perhaps a shorter silence
than the set's. Out: a `Watchdog` that runs until it is stopped. Refuses (MandateError) a ledger
without orders at a venue (M426), a silence shorter than a loop's own pauses (M427) or one that no
document allows (M428), and what `approach_of` refuses. The ledger is read and never written.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.adapters.environment import secret_sources
from engine.adapters.system.clock import SystemClock
from engine.adapters.system.rng import SystemRng
from engine.cycle.records.activation import activated_set
from engine.cycle.records.recovery import recover
from engine.cycle.watching.beat import read_beat
from engine.cycle.watching.watchdog import LEAST_SILENCE_S, Watchdog
from engine.errors import Diagnostic, MandateError
from engine.ledger import bodies
from engine.ledger.chain import BrokenChain, LedgerUnavailable
from engine.ledger.order_id import is_ours, order_id_prefix, stream_tag
from engine.ledger.records import RecordKind
from engine.model.orders import Mode
from engine.run.alerting import caller_of
from engine.run.real_time.approach import approach_of
from engine.run.real_time.door import VenueDoor
from engine.run.settings import RunSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from engine.ledger.state import State
    from engine.model.times import UtcTime
    from engine.policyset.policyset import PolicySet
    from engine.run.alerting import Caller
    from engine.run.ledgers import LedgerView
    from engine.run.real_time.approach import Approach
    from engine.run.settings import VenueSettings

_BEFORE_S = 86_400.0
_LAST_CALL_S = 5.0
_LOG = logging.getLogger("mandate.alert")


@dataclass(slots=True)
class Watch:
    """A watchdog that is ready. `state` is the ledger as it was read last."""

    view: LedgerView
    approach: Approach
    silence_s: float
    state: State
    tell: Callable[[str], None]
    caller: Caller | None = None
    _calls: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def hidden(self) -> tuple[str, ...]:
        """What must appear in no output."""
        key = () if self.approach.key is None else self.approach.key.hidden
        return key if self.caller is None else (*key, *self.caller.routes.hidden)

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
            await self._hang_up()

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
        if self.caller is not None:
            # Beside the watch: a route that does not answer must not keep a cancel waiting.
            call = asyncio.create_task(self._call(self.caller, words))
            self._calls.add(call)
            call.add_done_callback(self._calls.discard)

    async def _call(self, caller: Caller, words: str) -> None:
        for route, refused in (await caller.call("watchdog", words)).items():
            if refused is not None:
                self.tell(f"nobody was told on the route `{route}`: {refused}")

    async def _hang_up(self) -> None:
        """Give what is being told a moment to arrive."""
        if self._calls:
            await asyncio.wait(self._calls, timeout=_LAST_CALL_S)
        if self.caller is not None:
            await self.caller.routes.close()

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
    view: LedgerView, asked_s: float | None, venue: VenueSettings, tell: Callable[[str], None]
) -> Watch:
    """The watch over a ledger; raises MandateError with all that stands against it.

    `asked_s` is a shorter silence than the one of the set in force there; None takes the set's.
    """
    # A ledger that is not on this machine has no beat to listen to, and says so here.
    read_beat(view.disk)
    state = recover(view.records()).state
    mode, policy_set = Mode(state.mode), _in_force(view)
    reviewed_s = _reviewed_s(policy_set)
    silence_s = reviewed_s if asked_s is None else asked_s
    found = [*_nowhere(mode, venue), *_unreviewed(asked_s, reviewed_s), *_too_short(silence_s)]
    if found or view.path is None or silence_s is None:
        raise MandateError(found)
    settings = RunSettings(view.path, view.path, venue=venue)
    caller = None
    if policy_set is not None:
        caller = caller_of(policy_set, mode, secret_sources(venue.secrets))
    return Watch(view, approach_of(settings, mode), silence_s, state, tell, caller)


def _in_force(view: LedgerView) -> PolicySet | None:
    """The set of the newest activation; raises MandateError (M440) where it cannot be built."""
    activations = [each for each in view.records() if each.kind is RecordKind.SET_ACTIVATED]
    return activated_set(bodies.of_record(activations[-1])) if activations else None


def _reviewed_s(policy_set: PolicySet | None) -> float | None:
    """How long a silence the set says."""
    watchdog = None if policy_set is None else policy_set.deployment.watchdog
    return None if watchdog is None else float(watchdog.silence)


def _nowhere(mode: Mode, venue: VenueSettings) -> Iterator[Diagnostic]:
    if mode is Mode.DRY_RUN or (mode is Mode.PAPER and venue.url is None):
        mend = "name the venue that the loop trades at, `--venue URL`" if mode is Mode.PAPER else ""
        message = f"a ledger of mode {mode.value} has no orders at a venue"
        yield Diagnostic("M426", message, None, mend)


def _unreviewed(asked_s: float | None, reviewed_s: float | None) -> Iterator[Diagnostic]:
    if reviewed_s is None:
        message = "the Deployment of the set in force does not say how long a silence may be"
        mend = "add `watchdog: {silence: 60s}`, and start the loop under that set"
        yield Diagnostic("M428", message, None, mend)
    elif asked_s is not None and asked_s > reviewed_s:
        message = f"a silence of {asked_s:g} s is longer than the {reviewed_s:g} s of the set"
        yield Diagnostic("M428", message, None, "leave `--silence` out, or name a shorter one")


def _too_short(silence_s: float | None) -> Iterator[Diagnostic]:
    if silence_s is not None and silence_s < LEAST_SILENCE_S:
        message = f"a silence of {silence_s:g} s is shorter than {LEAST_SILENCE_S:g} s"
        mend = "give more than a cycle of yours waits for the venue, such as 60s"
        yield Diagnostic("M427", message, None, mend)
