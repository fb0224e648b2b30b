"""How the venue answers: every call through here is timed and counted.

In: the venue's port. Out: the same port; and what the last five minutes looked like. A call that
raises is counted and raised on: nothing is retried or hidden here. Only `submit` turns what it
is told into an outcome, since an order that failed has one.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from engine.model.orders import Rejected, Unknown
from engine.model.times import NS_PER_S
from engine.ports import AuthRefusedError, RateLimitedError, UnreachableError, VenueError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from decimal import Decimal

    from engine.model.account import FeeRates, KeyPermissions, Transfer
    from engine.model.market import Product
    from engine.model.orders import ApprovedOrder, Fill, SubmitOutcome, VenueOrder
    from engine.model.times import UtcTime
    from engine.ports import Clock, Exchange, Gate

_T = TypeVar("_T")
WINDOW_S = 300
MINIMUM_SAMPLE = 20
"""Below it one failure would be a share that stops a trader; three in a row are counted apart."""
_PERCENTILE = 0.95


@dataclass(frozen=True, slots=True)
class Call:
    """One request: when, which of the port's calls, whether it moves an order, how it went."""

    time: UtcTime
    operation: str
    order: bool
    failed: bool
    seconds: float
    limited: bool = False


@dataclass(frozen=True, slots=True)
class Skew:
    """The venue's clock less ours, by one reading, and when it was taken."""

    time: UtcTime
    ms: float


@dataclass(slots=True)
class VenueHealth:
    """The calls of the last five minutes, and what the newest of them said of the venue.

    `hearers` are told of each call, for whoever measures them.
    `time_asked` is when its clock was last asked for, whatever came of it; `products_asked` when
    its products were, None where it did not tell.
    """

    calls: deque[Call] = field(default_factory=deque)
    failures_in_a_row: int = 0
    reachable: bool = True
    auth_ok: bool = True
    rate_limited: UtcTime | None = None
    wait_until: UtcTime | None = None
    account_read: UtcTime | None = None
    products_asked: UtcTime | None = None
    time_asked: UtcTime | None = None
    skew: Skew | None = None
    hearers: list[Callable[[Call], None]] = field(default_factory=list)

    def note(self, call: Call) -> None:
        """Take in one call, and let go of what is older than the window."""
        self.calls.append(call)
        self.failures_in_a_row = self.failures_in_a_row + 1 if call.failed else 0
        while call.time.since_s(self.calls[0].time) > WINDOW_S:
            self.calls.popleft()
        for hear in self.hearers:
            hear(call)

    def note_answer(self, *, failed: bool, keyed: bool) -> None:
        """Something came back, or nobody can say; only what needs a key says that ours is good."""
        self.reachable = not failed
        self.auth_ok = self.auth_ok or (keyed and not failed)

    def note_refusal(self, time: UtcTime, told: VenueError) -> None:
        """The venue refused, or was not there."""
        self.reachable = not isinstance(told, UnreachableError)
        self.auth_ok = self.auth_ok and not isinstance(told, AuthRefusedError)
        if isinstance(told, RateLimitedError):
            self.rate_limited = time
            until = time.plus_s(told.retry_after_s or 0.0)
            # A wait that it asked for before may be the longer one.
            self.wait_until = until if self.wait_until is None else max(until, self.wait_until)

    def error_ratio(self, now: UtcTime, *, orders: bool) -> float:
        """Failed calls of those in the window; too few say nothing, and count as none."""
        chosen = [each for each in self._recent(now) if each.order is orders]
        if len(chosen) < MINIMUM_SAMPLE:
            return 0.0
        return sum(each.failed for each in chosen) / len(chosen)

    def errors(self, now: UtcTime) -> int:
        """How many calls of the window failed, orders and reads together."""
        return sum(each.failed for each in self._recent(now))

    def limits(self, now: UtcTime) -> int:
        """How many calls of the window were answered with a request to slow down."""
        return sum(each.limited for each in self._recent(now))

    def latency_p95_ms(self, now: UtcTime) -> float:
        """The 95th percentile of the answer times in the window, 0 where nothing was asked."""
        times = sorted(each.seconds for each in self._recent(now))
        return 1000.0 * times[int(_PERCENTILE * (len(times) - 1))] if times else 0.0

    def _recent(self, now: UtcTime) -> list[Call]:
        # In whole nanoseconds: a cycle asks this of hundreds of calls, several times.
        since_ns = now.ns - WINDOW_S * NS_PER_S
        return [each for each in self.calls if each.time.ns > since_ns]


@dataclass(frozen=True, slots=True)
class WatchedExchange:
    """An exchange whose calls are noted."""

    venue: Exchange
    clock: Clock
    health: VenueHealth

    async def submit(self, order: ApprovedOrder, gate: Gate) -> SubmitOutcome:
        """Send one order, once; an unknown outcome counts as a failure.

        Refused credentials and a full quota leave the order with us (the port's word), so it is
        rejected; after any other failure of the venue nobody can say, so it is unknown.
        """
        try:
            return await self._watched("submit", self.venue.submit(order, gate), order=True)
        except (AuthRefusedError, RateLimitedError) as refusal:
            return Rejected(type(refusal).__name__)
        except VenueError as failure:
            return Unknown(type(failure).__name__)

    async def cancel(self, venue_order_ids: Sequence[str]) -> Mapping[str, bool]:
        """Ask for cancels: one call, which failed when none of them was answered."""
        return await self._watched("cancel", self.venue.cancel(venue_order_ids), order=True)

    async def orders(self, since: UtcTime) -> Sequence[VenueOrder]:
        """Orders created or changed since then."""
        return await self._watched("orders", self.venue.orders(since))

    async def fills(self, since: UtcTime) -> Sequence[Fill]:
        """Executions since then."""
        return await self._watched("fills", self.venue.fills(since))

    async def balances(self) -> Mapping[str, Decimal]:
        """Units held by currency."""
        told = await self._watched("balances", self.venue.balances())
        self.health.account_read = self.clock.now()
        return told

    async def transfers(self, currency: str, since: UtcTime) -> Sequence[Transfer]:
        """What was paid in or out of one currency."""
        return await self._watched("transfers", self.venue.transfers(currency, since))

    async def key_permissions(self) -> KeyPermissions:
        """What the key may do."""
        return await self._watched("key_permissions", self.venue.key_permissions())

    async def fee_rates(self) -> FeeRates:
        """What the venue takes."""
        return await self._watched("fee_rates", self.venue.fee_rates())

    async def products(self) -> Sequence[Product]:
        """The products that this account may see; a venue may tell them without a key."""
        return await self._watched("products", self.venue.products(), keyed=False)

    async def server_time(self) -> UtcTime:
        """The venue's clock, which it tells without a key."""
        return await self._watched("server_time", self.venue.server_time(), keyed=False)

    async def _watched(
        self, operation: str, call: Awaitable[_T], *, order: bool = False, keyed: bool = True
    ) -> _T:
        began, failed = self.clock.monotonic_s(), True
        refusal: VenueError | None = None
        try:
            answer = await call
            failed = isinstance(answer, Unknown)
            self.health.note_answer(failed=failed, keyed=keyed)
        except VenueError as told:
            refusal = told
            self.health.note_refusal(self.clock.now(), told)
            raise
        finally:
            seconds = self.clock.monotonic_s() - began
            limited = isinstance(refusal, RateLimitedError)
            self.health.note(Call(self.clock.now(), operation, order, failed, seconds, limited))
        return answer
