"""How the venue answers: every call through here is timed and counted.

In: the venue's port. Out: the same port; and what the last five minutes looked like. A call that
raises is counted and raised on: nothing is retried or hidden here.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from engine.model.orders import Unknown

if TYPE_CHECKING:
    from collections.abc import Awaitable, Mapping, Sequence
    from decimal import Decimal

    from engine.model.market import Product
    from engine.model.orders import ApprovedOrder, Fill, SubmitOutcome, VenueOrder
    from engine.model.times import UtcTime
    from engine.ports import Clock, Exchange

_T = TypeVar("_T")
WINDOW_S = 300
MINIMUM_SAMPLE = 5
_PERCENTILE = 0.95


@dataclass(frozen=True, slots=True)
class Call:
    """One request: when, whether it was an order or a read, how it went, how long it took."""

    time: UtcTime
    order: bool
    failed: bool
    seconds: float


@dataclass(slots=True)
class VenueHealth:
    """The calls of the last five minutes."""

    calls: deque[Call] = field(default_factory=deque)
    failures_in_a_row: int = 0
    account_read: UtcTime | None = None

    def note(self, call: Call) -> None:
        """Take in one call, and let go of what is older than the window."""
        self.calls.append(call)
        self.failures_in_a_row = self.failures_in_a_row + 1 if call.failed else 0
        while call.time.since_s(self.calls[0].time) > WINDOW_S:
            self.calls.popleft()

    def error_ratio(self, now: UtcTime, *, orders: bool) -> float:
        """Failed calls of those in the window; too few say nothing, and count as none."""
        chosen = [c for c in self.calls if c.order is orders and now.since_s(c.time) <= WINDOW_S]
        if len(chosen) < MINIMUM_SAMPLE:
            return 0.0
        return sum(c.failed for c in chosen) / len(chosen)

    def latency_p95_ms(self, now: UtcTime) -> float:
        """The 95th percentile of the answer times in the window, 0 where nothing was asked."""
        times = sorted(c.seconds for c in self.calls if now.since_s(c.time) <= WINDOW_S)
        return 1000.0 * times[int(_PERCENTILE * (len(times) - 1))] if times else 0.0


@dataclass(frozen=True, slots=True)
class WatchedExchange:
    """An exchange whose calls are noted."""

    venue: Exchange
    clock: Clock
    health: VenueHealth

    async def submit(self, order: ApprovedOrder) -> SubmitOutcome:
        """Send one order, once; an unknown outcome counts as a failure."""
        return await self._watched(self.venue.submit(order), order=True)

    async def cancel(self, venue_order_id: str) -> bool:
        """Ask for a cancel."""
        return await self._watched(self.venue.cancel(venue_order_id), order=True)

    async def orders(self, since: UtcTime) -> Sequence[VenueOrder]:
        """Orders created or changed since then."""
        return await self._watched(self.venue.orders(since), order=False)

    async def fills(self, since: UtcTime) -> Sequence[Fill]:
        """Executions since then."""
        return await self._watched(self.venue.fills(since), order=False)

    async def balances(self) -> Mapping[str, Decimal]:
        """Units held by currency."""
        told = await self._watched(self.venue.balances(), order=False)
        self.health.account_read = self.clock.now()
        return told

    async def products(self) -> Sequence[Product]:
        """The products that this account may see."""
        return await self._watched(self.venue.products(), order=False)

    async def _watched(self, call: Awaitable[_T], *, order: bool) -> _T:
        began, failed = self.clock.monotonic_s(), True
        try:
            answer = await call
            failed = isinstance(answer, Unknown)
        finally:
            seconds = self.clock.monotonic_s() - began
            self.health.note(Call(self.clock.now(), order, failed, seconds))
        return answer
