"""The venue on real sockets, in a thread: what tests trade against.

`running_venue(...)` is a context manager that gives a `RunningVenue`: addresses, certificate, keys,
and hands to show it a market, move money, or put a passage (faults) between wire and venue.
Everything a hand does runs in the venue's own thread, and has been done when the call returns.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, TypeVar

from engine.adapters.system.clock import SystemClock
from engine.adapters.system.disk import DirectoryDisk
from engine.adapters.system.rng import SystemRng
from engine.model.market import Product, Quote
from engine.model.symbols import Symbol
from engine.venue.listing import Listing
from engine.venue.server.door import Door
from engine.venue.server.home import home_in
from engine.venue.server.serving import bound_socket, serving, tls_context
from engine.venue.settings import VenueSettings
from engine.venue.venue import Venue

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from engine.model.market import MarketEvent
    from engine.ports import Clock, Disk
    from engine.venue.passage import Passage
    from engine.venue.server.home import Home
    from engine.venue.server.serving import Addresses

T = TypeVar("T")
_PATIENCE_S = 30.0


def listing(name: str, *, price_step: str = "0.01", base_step: str = "0.00000001") -> Listing:
    """A product with the smallest sizes that the real one has."""
    product = Product(
        Symbol.parse(name), Decimal(base_step), Decimal(price_step), Decimal(base_step), Decimal(1)
    )
    return Listing(product)


LISTINGS = (
    Listing(listing("BTC-USD").product, alias_to=("BTC-USDC",)),
    listing("ETH-USD"),
    Listing(listing("BTC-USDC").product, alias="BTC-USD"),
)
CASH = {"USD": Decimal(100_000), "USDC": Decimal(10_000), "BTC": Decimal(1)}


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A key as its file tells it: what `Credentials` and the official client take."""

    name: str
    secret: str = field(repr=False)
    file: Path = field(default_factory=Path)


@dataclass(slots=True)
class RunningVenue:
    """A venue that answers; `door.passage` may be set at any time, with `within`."""

    venue: Venue
    door: Door
    home: Home
    addresses: Addresses
    loop: asyncio.AbstractEventLoop

    @property
    def rest(self) -> str:
        """`https://127.0.0.1:port`."""
        return self.addresses.rest

    @property
    def host(self) -> str:
        """`127.0.0.1:port`, the official client's `base_url`."""
        return self.addresses.host

    @property
    def websocket(self) -> str:
        """`wss://127.0.0.1:port`."""
        return self.addresses.websocket

    @property
    def plain_websocket(self) -> str:
        """`ws://127.0.0.1:port`."""
        return self.addresses.plain_websocket

    @property
    def ca(self) -> Path:
        """The file that clients verify with."""
        return self.home.certificate

    def tls(self) -> ssl.SSLContext:
        """A client's context that trusts this venue."""
        return ssl.create_default_context(cafile=str(self.ca))

    def key(self, label: str = "es256") -> KeyPair:
        """A key: es256 and ed25519 trade, view only looks, transfer may do everything."""
        file = self.home.key_files[label]
        told = json.loads(file.read_bytes())
        return KeyPair(told["name"], told["privateKey"], file)

    def within(self, act: Callable[[], T]) -> T:
        """Run `act` in the venue's thread."""

        async def run() -> T:
            return act()

        return asyncio.run_coroutine_threadsafe(run(), self.loop).result(_PATIENCE_S)

    def show(self, event: MarketEvent) -> None:
        """Show the market something."""
        self.within(lambda: self.venue.show(event))

    def quote(self, name: str, bid: str, ask: str, size: str = "5") -> None:
        """Show a quote as of now."""
        self.show(
            Quote(
                Symbol.parse(name),
                self.venue.clock.now(),
                Decimal(bid),
                Decimal(ask),
                Decimal(size),
                Decimal(size),
            )
        )

    def transfer(self, currency: str, units: str) -> None:
        """Deposit, or withdraw (negative)."""
        self.within(lambda: self.venue.transfer(currency, Decimal(units)))

    def through(self, passage: Passage) -> None:
        """Put `passage` between the wire and the venue from here on."""

        def act() -> None:
            self.door.passage = passage

        self.within(act)


@contextmanager
def running_venue(
    settings: VenueSettings | None = None,
    *,
    root: Path | None = None,
    clock: Clock | None = None,
    quotes: Mapping[str, tuple[str, str]] | None = None,
) -> Iterator[RunningVenue]:
    """A venue in a thread of its own, which ends with the block.

    `root` keeps certificate, keys and memory; without one nothing is kept, and nothing synced.
    `quotes` are shown at the start: bid and ask by product.
    """
    with TemporaryDirectory() as temporary:
        disk = None if root is None else DirectoryDisk(root)
        folder = root or Path(temporary)
        made = _Thread(settings or VenueSettings(LISTINGS, CASH), folder, clock, disk)
        running = made.begin()
        try:
            for name, (bid, ask) in (quotes or {}).items():
                running.quote(name, bid, ask)
            yield running
        finally:
            made.end()


class _Thread:
    """The thread in which the venue lives."""

    def __init__(
        self, settings: VenueSettings, root: Path, clock: Clock | None, disk: Disk | None
    ) -> None:
        self._settings = settings
        self._root = root
        self._disk = disk
        self._clock = clock or SystemClock()
        self._ready = threading.Event()
        self._running: RunningVenue | None = None
        self._error: BaseException | None = None
        self._stop: asyncio.Event | None = None
        self._thread = threading.Thread(target=self._main, name="venue", daemon=True)

    def begin(self) -> RunningVenue:
        """Start, and return once it answers."""
        self._thread.start()
        self._ready.wait(_PATIENCE_S)
        if self._running is None:
            message = "the venue did not start"
            raise RuntimeError(message) from self._error
        return self._running

    def end(self) -> None:
        """Stop, and return once nothing is left."""
        if self._running is not None and self._stop is not None:
            self._running.loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(_PATIENCE_S)
        assert not self._thread.is_alive(), "the venue's thread did not end"

    def _main(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:  # noqa: BLE001 - told to the thread that waits
            self._error = error
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        rng = SystemRng()
        home = home_in(self._root, self._clock.now(), rng)
        venue = Venue(self._settings, self._clock, rng, self._disk)
        door = Door(venue, home.ring)
        tls = tls_context(home.certificate, home.private)
        self._stop = asyncio.Event()
        async with serving(door.app(), tls, bound_socket(0), bound_socket(0)) as addresses:
            self._running = RunningVenue(venue, door, home, addresses, asyncio.get_running_loop())
            self._ready.set()
            await self._stop.wait()
