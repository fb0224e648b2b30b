"""Recording a venue: its market into files, until somebody ends it.

In: an address, a plan, a directory. Out: a recording that `trader run --quotes` reads, whole up to
the last time that it was made durable. Refuses products that the venue does not list (M614), a
directory that holds another recording (M613) or that another process writes to (M413), and a
venue that does not answer (M462).
"""

from __future__ import annotations

import asyncio
import signal
import threading
from contextlib import aclosing
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import partial
from typing import TYPE_CHECKING, Literal

from engine.adapters.coinbase.stream.events import EventReader
from engine.adapters.coinbase.stream.feed import CHANNELS
from engine.adapters.coinbase.stream.listening import Subscription
from engine.adapters.recorded.recorder.recorder import Recorder, RecordingPlan
from engine.adapters.system.clock import SystemClock
from engine.adapters.system.disk import DirectoryDisk
from engine.adapters.system.lock import FileLock
from engine.adapters.system.rng import SystemRng
from engine.errors import Diagnostic, MandateError
from engine.ports import VenueError
from engine.run.real_time.address import COINBASE, loopback
from engine.run.real_time.arrival import venue_finding
from engine.run.real_time.door import VenueDoor
from engine.run.recording import Recorded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from engine.adapters.coinbase.stream.messages import Message
    from engine.model.market import MarketEvent
    from engine.model.times import UtcTime
    from engine.ports import Clock
    from engine.run.real_time.address import Address
    from engine.run.recording import RecordingTerms

DURABLE_EVERY_S = 30.0
_LOCK = "recording.lock"
_SIGNALS = (signal.SIGTERM, signal.SIGINT)


def prepared(terms: RecordingTerms) -> Callable[[], Recorded]:
    """A recording that has its venue's word, to be begun; raises MandateError."""
    venue = terms.venue
    address = COINBASE if terms.name == venue else loopback(venue, terms.authority)
    asyncio.run(_check_products(terms, address))
    return partial(_record, terms, address)


def _record(terms: RecordingTerms, address: Address) -> Recorded:
    """Record until the time is over or a signal comes."""
    clock = SystemClock()
    try:
        with FileLock.acquire(terms.directory / _LOCK, clock.now()):
            disk = DirectoryDisk(terms.directory)
            recorder = Recorder.begin(disk, _plan(terms))
            recording = _Recording(terms, address, recorder, clock)
            try:
                asyncio.run(recording.run())
            finally:
                disk.close()
    except OSError as error:
        why = (error.strerror or "I/O error").lower()
        message = f"cannot write to `{terms.directory}`: {why}"
        raise MandateError([Diagnostic("M513", message)]) from error
    return Recorded(recorder.hours.rows, recorder.gaps, recording.losses)


def _plan(terms: RecordingTerms) -> RecordingPlan:
    """What has to be the same for a recording to go on."""
    products = tuple(sorted(str(each) for each in terms.products))
    return RecordingPlan(terms.name, products, terms.every_s, terms.depth)


async def _check_products(terms: RecordingTerms, address: Address) -> None:
    door = VenueDoor(address, SystemClock(), SystemRng())
    try:
        listed = {str(each.product.symbol) for each in await door.market().listed()}
    except VenueError as failure:
        raise MandateError([venue_finding(failure)]) from failure
    finally:
        await door.close()
    unknown = [str(each) for each in terms.products if str(each) not in listed]
    if unknown:
        raise MandateError(_unlisted(each, listed) for each in unknown)


def _unlisted(name: str, listed: set[str]) -> Diagnostic:
    near = get_close_matches(name, sorted(listed), n=1)
    mend = f"did you mean `{near[0]}`?" if near else "name products as the venue does"
    return Diagnostic("M614", f"the venue lists no `{name}`", None, mend)


@dataclass(slots=True)
class _Recording:
    """One start: the stream, and the disk beside it."""

    terms: RecordingTerms
    address: Address
    recorder: Recorder
    clock: Clock
    losses: int = 0
    heard: UtcTime | None = None
    _ended: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Record until the end, and make everything durable."""
        for each in self._signals():
            asyncio.get_running_loop().add_signal_handler(each, self._ended.set)
        tasks = [asyncio.create_task(each) for each in (self._listen(), self._keep())]
        try:
            await self._until_the_end(tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            for each in self._signals():
                asyncio.get_running_loop().remove_signal_handler(each)
            self.recorder.flush()

    def _signals(self) -> tuple[signal.Signals, ...]:
        """Signals are the main thread's; whoever runs us elsewhere says how long."""
        main = threading.current_thread() is threading.main_thread()
        return _SIGNALS if main else ()

    async def _until_the_end(self, tasks: Sequence[asyncio.Task[None]]) -> None:
        ending = asyncio.create_task(self._ended.wait())
        every: list[asyncio.Task[None] | asyncio.Task[Literal[True]]] = [*tasks, ending]
        await asyncio.wait(every, timeout=self.terms.for_s, return_when=asyncio.FIRST_COMPLETED)
        ending.cancel()
        for task in tasks:
            if task.done():
                task.result()

    async def _listen(self) -> None:
        address, symbols = self.address, self.terms.products
        subscription = Subscription(
            address.stream, CHANNELS, symbols, self.clock, SystemRng(), tls=address.tls
        )
        async with aclosing(subscription.heard(self._ears, self._lost)) as events:
            async for event in events:
                self.recorder.take(event)

    def _ears(self) -> _Ears:
        return _Ears(self, EventReader(self.terms.depth))

    def _lost(self, reason: str) -> None:
        """What was heard last is the last that is known: silence is found out late."""
        self.losses += 1
        self.recorder.gap(reason, self.heard)

    async def _keep(self) -> None:
        while True:
            await self.clock.sleep_until(self.clock.now().plus_s(DURABLE_EVERY_S))
            self.recorder.flush()


@dataclass(slots=True)
class _Ears:
    """Reads the messages of one connection, and notes when one was heard."""

    recording: _Recording
    reader: EventReader

    def read(self, message: Message, received: UtcTime) -> Iterator[MarketEvent]:
        """The market events in one message; raises `WireError`."""
        yield from self.reader.read(message, received)
        self.recording.heard = received
