"""The doors to the outside: everything that is not a pure function of its arguments.

Adapters implement these protocols; the cycle and the loop know nothing else of the world.
Network ports are async. The disk is not: nothing may happen between writing a record and
knowing that it is durable, so the call returns only then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence
    from decimal import Decimal

    from engine.model.market import MarketEvent, Product
    from engine.model.orders import ApprovedOrder, Fill, SubmitOutcome, VenueOrder
    from engine.model.times import UtcTime


class Clock(Protocol):
    """Wall time and monotonic time apart; sleeping goes through here too."""

    def now(self) -> UtcTime:
        """The wall clock."""
        ...

    def monotonic_s(self) -> float:
        """Seconds that never step; only differences mean something."""
        ...

    async def sleep_until(self, moment: UtcTime) -> None:
        """Return at or after `moment`."""
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
    """The venue's order side. Takes approved orders only."""

    async def submit(self, order: ApprovedOrder) -> SubmitOutcome:
        """Send one order, once; never retried here."""
        ...

    async def cancel(self, venue_order_id: str) -> bool:
        """Ask for a cancel; False when the venue says that there is nothing to cancel."""
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

    async def products(self) -> Sequence[Product]:
        """The products that this account may see."""
        ...


class Feed(Protocol):
    """Market data in the order of its arrival."""

    def events(self) -> AsyncIterator[MarketEvent]:
        """Each event at its time of receipt."""
        ...


class Notifier(Protocol):
    """Where alerts go."""

    async def notify(self, route: str, subject: str, body: str) -> bool:
        """Deliver one message; False when it did not arrive."""
        ...


class Secrets(Protocol):
    """Credentials, by name."""

    def get(self, name: str) -> str | None:
        """The secret, or None."""
        ...
