"""What goes wrong during a soak: a venue that fails at random, and goes away for a while each day.

In: a paper exchange, a clock, a seed. Out: an `Exchange` in front of it. What it says of an order
is never false: doubt is doubt, whether the order is there or not.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, TypeVar

from engine.model.orders import NotSent, Rejected, Unknown
from engine.ports import RateLimitedError, UnreachableError, VenueError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Mapping, Sequence
    from decimal import Decimal

    from engine.model.account import FeeRates, KeyPermissions, Transfer
    from engine.model.market import Product
    from engine.model.orders import ApprovedOrder, Fill, SubmitOutcome, VenueOrder
    from engine.model.times import UtcTime
    from engine.ports import Clock, Exchange, Gate

_T = TypeVar("_T")
DAY_S = 86_400
OUTAGE_S = range(50_000, 50_900)
"""A quarter of an hour of each day in which nothing answers, after two in the afternoon."""


@dataclass
class Weather:
    """The venue behind a bad line: about one call in twenty goes wrong."""

    venue: Exchange
    clock: Clock
    seed: int
    rate: float = 0.05
    struck: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.chance = Random(self.seed)  # noqa: S311 - no secret

    async def submit(self, order: ApprovedOrder, gate: Gate) -> SubmitOutcome:
        """Lost on the way there, on the way back, refused, or sent."""
        what = self._strikes("lost", "unanswered", "refused", "not sent", often=4)
        if what == "lost":
            return Unknown("the line went dead")
        if what == "refused":
            return Rejected("the venue is busy")
        if what == "not sent":
            return NotSent("no connection")
        answer = await self.venue.submit(order, gate)
        return Unknown("no answer came") if what == "unanswered" else answer

    async def cancel(self, venue_order_ids: Sequence[str]) -> Mapping[str, bool]:
        """Asked, or not."""
        return await self._asked(self.venue.cancel(venue_order_ids))

    async def orders(self, since: UtcTime) -> Sequence[VenueOrder]:
        """Told, or not."""
        return await self._asked(self.venue.orders(since))

    async def fills(self, since: UtcTime) -> Sequence[Fill]:
        """Told, some of them twice, or not."""
        told = list(await self._asked(self.venue.fills(since)))
        return [*told, *told[:1]]

    async def balances(self) -> Mapping[str, Decimal]:
        """Told, or not."""
        return await self._asked(self.venue.balances())

    async def transfers(self, currency: str, since: UtcTime) -> Sequence[Transfer]:
        """Told, or not."""
        return await self._asked(self.venue.transfers(currency, since))

    async def key_permissions(self) -> KeyPermissions:
        """Told, or not."""
        return await self._asked(self.venue.key_permissions())

    async def fee_rates(self) -> FeeRates:
        """Told, or not."""
        return await self._asked(self.venue.fee_rates())

    async def products(self) -> Sequence[Product]:
        """Told, or not."""
        return await self._asked(self.venue.products())

    async def server_time(self) -> UtcTime:
        """Told, or not."""
        return await self._asked(self.venue.server_time())

    async def _asked(self, call: Awaitable[_T]) -> _T:
        # Awaited whatever comes of it: what was never awaited would be a warning of ours.
        answer = await call
        match self._strikes("unreachable", "limited", "failure", "outage"):
            case "unreachable" | "outage":
                raise UnreachableError
            case "limited":
                words = "slow down"
                raise RateLimitedError(words, 2.0)
            case "failure":
                words = "a failure of theirs"
                raise VenueError(words)
            case _:
                return answer

    def _strikes(self, *kinds: str, often: int = 1) -> str | None:
        """What goes wrong with this call."""
        if "outage" in kinds and self._second() in OUTAGE_S:
            self.struck["outage"] += 1
            return "outage"
        if self.chance.random() >= self.rate * often:
            return None
        what = self.chance.choice([each for each in kinds if each != "outage"])
        self.struck[what] += 1
        return what

    def _second(self) -> int:
        """Of the UTC day."""
        return self.clock.now().ns // 1_000_000_000 % DAY_S
