"""The doors to the outside: everything that is not a pure function of its arguments.

Adapters implement these protocols; the cycle and the loop know nothing else of the world.
Network ports are async. The disk is not: nothing may happen between writing a record and
knowing that it is durable, so the call returns only then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence
    from decimal import Decimal

    from engine.model.account import FeeRates, KeyPermissions, Transfer
    from engine.model.market import MarketEvent, Product
    from engine.model.notices import Notice, Sender
    from engine.model.orders import ApprovedOrder, Fill, OrderNews, SubmitOutcome, VenueOrder
    from engine.model.times import UtcTime

    Gate = Callable[[], str | None]

MOST_CANCELS = 100
"""How many orders one cancel request of a venue names at most."""


class VenueError(Exception):
    """The venue did not do what it was asked, in its own words or by our own reading of them.

    What an `Exchange` raises for a failure of the venue; anything else that it raises is a fault
    of ours. This base is for an answer that is none of the others: a failure of theirs, a body
    that nobody can read.
    """


class UnreachableError(VenueError):
    """Nothing answered: no connection, or no reply in time."""


class AuthRefusedError(VenueError):
    """The credentials were refused: wrong, expired, revoked, or not good for this request."""


class RateLimitedError(VenueError):
    """Too many requests; `retry_after_s` is how long the venue asks us to wait, if it says so."""

    def __init__(self, words: str, retry_after_s: float | None = None) -> None:
        super().__init__(words)
        self.retry_after_s = retry_after_s


class Clock(Protocol):
    """Wall time and monotonic time apart; sleeping goes through here too."""

    def now(self) -> UtcTime:
        """The wall clock."""
        ...

    def monotonic_s(self) -> float:
        """Seconds that never step; only differences mean something."""
        ...

    async def sleep_until(self, moment: UtcTime) -> None:
        """Return at or after `moment`; not later because the wall clock was set back meanwhile."""
        ...


class Rng(Protocol):
    """Randomness that is not on the decision path: nonces and jitter."""

    def token_bytes(self, count: int) -> bytes:
        """`count` unpredictable bytes (seeded on recordings)."""
        ...

    def uniform(self, low: float, high: float) -> float:
        """A number in [low, high]."""
        ...


class Disk(Protocol):
    """A directory that keeps what it was told, by relative name; raises OSError when it cannot."""

    def append(self, name: str, data: bytes) -> None:
        """Add bytes to the end of a file, creating it."""
        ...

    def sync(self, name: str) -> None:
        """Return once every byte appended to `name` is durable."""
        ...

    def read(self, name: str) -> bytes:
        """A file's bytes; raises FileNotFoundError."""
        ...

    def truncate(self, name: str, size: int) -> None:
        """Cut a file back to `size` bytes."""
        ...

    def replace(self, name: str, data: bytes) -> None:
        """Write a whole file so that a reader sees the old bytes or the new, never a part."""
        ...

    def remove(self, name: str) -> None:
        """Delete a file if it is there."""
        ...

    def names(self, prefix: str) -> Sequence[str]:
        """Names that begin with `prefix`, sorted."""
        ...


class Exchange(Protocol):
    """The venue's order side. Takes approved orders only. Every call may raise `VenueError`.

    `submit` raises `AuthRefusedError` and `RateLimitedError` only for an order that is certainly
    not at the venue; whatever else leaves its fate open is `Unknown`, returned and not raised.
    """

    async def submit(self, order: ApprovedOrder, gate: Gate) -> SubmitOutcome:
        """Send one order, once; never retried here.

        `gate` is asked after every wait (for the quota, for a connection) and right before the
        first byte of the order leaves: with a reason from it the order is `NotSent`.
        """
        ...

    async def cancel(self, venue_order_ids: Sequence[str]) -> Mapping[str, bool]:
        """Ask for cancels; False where the venue says that there is nothing to cancel.

        An id that the answer leaves out was not answered, and may be asked for again. Raises only
        when none was answered.
        """
        ...

    async def orders(self, since: UtcTime) -> Sequence[VenueOrder]:
        """Every order created or changed since then, oldest first."""
        ...

    async def fills(self, since: UtcTime) -> Sequence[Fill]:
        """Every execution since then (inclusive), oldest first; fill ids tell repeats."""
        ...

    async def balances(self) -> Mapping[str, Decimal]:
        """Units held by currency, working orders' holds included."""
        ...

    async def transfers(self, currency: str, since: UtcTime) -> Sequence[Transfer]:
        """What was paid in or out of one currency since then (inclusive), oldest first.

        Nothing that is not finished, and no execution of an order. A venue that tells of no
        transfers tells of none.
        """
        ...

    async def key_permissions(self) -> KeyPermissions:
        """What the key in use may do, as the venue says now."""
        ...

    async def fee_rates(self) -> FeeRates:
        """What the venue takes of each notional, at the account's tier of now."""
        ...

    async def products(self) -> Sequence[Product]:
        """The products that this account may see, as they stand now."""
        ...

    async def server_time(self) -> UtcTime:
        """The venue's own clock; asks for no credentials."""
        ...


class Feed(Protocol):
    """Market data in the order of its arrival."""

    def events(self) -> AsyncIterator[MarketEvent]:
        """Each event at its time of receipt."""
        ...


class OrderChannel(Protocol):
    """What the venue tells of our orders without being asked: a reason to read the account now."""

    def news(self) -> AsyncIterator[OrderNews]:
        """Each piece of news as it is heard; after every break first of all `MissedNews`."""
        ...


class Notifier(Protocol):
    """Where alerts go. Never raises for what a route does or does not do."""

    async def deliver(self, route: str, notices: Sequence[Notice], sender: Sender) -> str | None:
        """Tell these in one message; None when it arrived, else why not, without a secret."""
        ...


class Secrets(Protocol):
    """Credentials, by name."""

    def get(self, name: str) -> str | None:
        """The secret, or None."""
        ...

    def created(self, name: str) -> UtcTime | None:
        """When the secret was made, by whoever keeps it; None when nobody says."""
        ...


class PolicyFolder(Protocol):
    """The reviewed documents as they are now, wherever they are kept."""

    async def current_hash(self) -> str | None:
        """The hash of the set that they make; None when they make none."""
        ...

    async def commit(self) -> str | None:
        """What says that they are whole, a commit or an approval; None where nothing does."""
        ...
