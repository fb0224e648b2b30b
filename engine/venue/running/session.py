"""One run of the venue: prepared, served, stopped.

In: options. Out: `Ready` once it answers; it serves until it is told to stop, or until its disk
refuses. Refuses what cannot be prepared: a directory (M601), a port (M600), a recording, a
script (M609), and another venue in the same directory (M413).
"""

from __future__ import annotations

import asyncio
import json
import signal
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.adapters.recorded import open_recording
from engine.adapters.synthetic import DEMO_SPEC
from engine.adapters.synthetic.generator import generate
from engine.adapters.synthetic.listings import LISTINGS
from engine.adapters.system.clock import SystemClock
from engine.adapters.system.disk import DirectoryDisk
from engine.adapters.system.lock import FileLock
from engine.adapters.system.rng import SystemRng
from engine.errors import Diagnostic, MandateError, Place
from engine.venue.faults.installing import install
from engine.venue.listing import Listing
from engine.venue.memory import opened
from engine.venue.running.options import plain_listings, settings_of
from engine.venue.running.products import listings_in
from engine.venue.running.replay import replay
from engine.venue.running.script import play, script_in
from engine.venue.server.door import Door
from engine.venue.server.home import home_in
from engine.venue.server.serving import bound_socket, serving, tls_context
from engine.venue.venue import Venue

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from engine.model.market import MarketEvent
    from engine.ports import Disk
    from engine.venue.faults.faulty import FaultyPassage
    from engine.venue.faults.plan import FaultPlan
    from engine.venue.running.options import VenueOptions
    from engine.venue.running.script import Step
    from engine.venue.server.home import Home
    from engine.venue.server.serving import Addresses

LOCK, ADDRESS, FAULTS = "venue.lock", "address.json", "faults.jsonl"


@dataclass(frozen=True, slots=True)
class Ready:
    """A venue that answers."""

    venue: Venue
    home: Home
    addresses: Addresses


@dataclass(frozen=True, slots=True)
class _Prepared:
    venue: Venue
    home: Home
    events: Iterator[MarketEvent]
    steps: Sequence[Step]
    faults: FaultPlan | None
    disk: Disk
    secure: socket.socket
    plain: socket.socket


def serve(options: VenueOptions, tell: Callable[[Ready], None]) -> None:
    """Serve until SIGINT or SIGTERM; `tell` hears when it answers. Raises `MandateError`."""
    with ExitStack() as stack:
        prepared = _prepared(options, stack)
        asyncio.run(_served(prepared, options, tell))
    if prepared.venue.lost:
        raise MandateError([_memory_lost(options.state)])


def _prepared(options: VenueOptions, stack: ExitStack) -> _Prepared:
    clock, rng = SystemClock(), SystemRng()
    listings, events = _market(options)
    steps = () if options.script is None else script_in(_bytes(options.script), options.script)
    faults = _faults(options)
    try:
        stack.enter_context(FileLock.acquire(options.state / LOCK, clock.now()))
        disk = DirectoryDisk(options.state)
        stack.callback(disk.close)
        home = home_in(options.state, clock.now(), rng)
        known = opened(disk)
        settings = settings_of(options, listings, None if known is None else known.cash)
        venue = Venue(settings, clock, rng, disk)
    except (OSError, ValueError) as error:
        raise MandateError([_unusable(options.state, error)]) from error
    secure, plain = _bound(options.port), _bound(options.plain_port)
    stack.callback(secure.close)
    stack.callback(plain.close)
    return _Prepared(venue, home, events, steps, faults, disk, secure, plain)


def _faults(options: VenueOptions) -> FaultPlan | None:
    """The plan that was asked for, or None; most venues have none and need no reader of plans."""
    if options.faults is None and options.fault_rate_pct is None:
        return None
    from engine.venue.faults.reading import asked_faults  # noqa: PLC0415 - see above

    return asked_faults(options.faults, options.fault_rate_pct, options.seed)


async def _served(
    prepared: _Prepared, options: VenueOptions, tell: Callable[[Ready], None]
) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signalled in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(signalled, stop.set)
    venue, home = prepared.venue, prepared.home
    venue.on_lost = stop.set
    door = Door(venue, home.ring)
    faulty = None if prepared.faults is None else _installed(door, prepared.faults, prepared.disk)
    tls = tls_context(home.certificate, home.private)
    async with serving(door.app(), tls, prepared.secure, prepared.plain) as addresses:
        market = asyncio.create_task(replay(venue, prepared.events, options.pace))
        script = asyncio.create_task(play(venue, prepared.steps))
        _leave_address(options.state, addresses)
        tell(Ready(venue, home, addresses))
        await _until(stop, market, script)
        if faulty is not None:
            await faulty.close()


def _installed(door: Door, plan: FaultPlan, disk: Disk) -> FaultyPassage:
    """The plan at work; what it did is kept beside the memory, for whoever checks a run."""
    return install(
        door, plan, door.venue.clock, SystemRng(), lambda each: disk.append(FAULTS, each.line())
    )


async def _until(stop: asyncio.Event, *tasks: asyncio.Task[None]) -> None:
    """Wait for the end; what went wrong in a task meanwhile is raised."""
    waiting = asyncio.create_task(stop.wait())
    try:
        pending: set[asyncio.Task[object]] = {waiting, *tasks}
        while not waiting.done():
            done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
            for each in done:
                each.result()
    finally:
        for each in (waiting, *tasks):
            each.cancel()
        for each in (waiting, *tasks):
            with suppress(asyncio.CancelledError):
                await each


def _market(options: VenueOptions) -> tuple[Sequence[Listing], Iterator[MarketEvent]]:
    if not options.quotes:
        listings = [Listing(each.product) for each in LISTINGS]
        return _named(options, listings), generate(DEMO_SPEC, options.seed)
    recording = open_recording(options.quotes)
    if isinstance(recording, tuple):
        raise MandateError(recording)
    return _named(options, list(plain_listings(recording.symbols))), recording.events()


def _named(options: VenueOptions, otherwise: Sequence[Listing]) -> Sequence[Listing]:
    if options.products is None:
        return otherwise
    return listings_in(_bytes(options.products), str(options.products))


def _bytes(path: Path) -> bytes:
    disk = DirectoryDisk(path.parent)
    try:
        return disk.read(path.name)
    except OSError as error:
        why = (error.strerror or "I/O error").lower()
        place = Place(str(path), 1, 1)
        mend = "name a file that is there, and yours to read"
        raise MandateError([Diagnostic("M601", f"cannot read it: {why}", place, mend)]) from error


def _bound(port: int) -> socket.socket:
    try:
        return bound_socket(port)
    except OSError as error:
        why = (error.strerror or "I/O error").lower()
        message = f"cannot listen on port {port}: {why}"
        mend = "stop what listens there, or name another port: 0 takes any that is free"
        raise MandateError([Diagnostic("M600", message, None, mend)]) from error


def _leave_address(state: Path, addresses: Addresses) -> None:
    """Write down where the venue answers, for whoever talks to it from another process."""
    told = {"rest": addresses.rest, "plain_websocket": addresses.plain_websocket}
    disk = DirectoryDisk(state)
    disk.replace(ADDRESS, json.dumps(told).encode())
    disk.close()


def _unusable(state: Path, error: Exception) -> Diagnostic:
    why = error.strerror if isinstance(error, OSError) else str(error)
    return Diagnostic(
        "M601",
        f"`{state}` cannot be used: {(why or 'I/O error').lower()}",
        help="name a directory that is yours with `--state`; it holds keys and memory",
    )


def _memory_lost(state: Path) -> Diagnostic:
    return Diagnostic(
        "M605",
        f"the disk under `{state}` refused what happened: the venue stopped",
        help="make room and start it again; what it answered before is in its journal",
    )
