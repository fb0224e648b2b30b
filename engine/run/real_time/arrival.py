"""What the venue says before the first cycle, and everything in it that refuses the run.

In: a door, the rules. Out: `Arrival`. Refuses (MandateError), all findings at once: a venue that is
not there (M462), a key that it refuses (M463), what the key may do (M464-M466), a clock that is off
by more than a breaker of the set allows (M467), products that it does not list (M468).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from engine.cycle.judging.programme import Programme
from engine.cycle.keys import key_findings
from engine.errors import Diagnostic, MandateError
from engine.model.orders import Mode
from engine.ports import AuthRefusedError, UnreachableError, VenueError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterator, Mapping, Sequence
    from decimal import Decimal

    from engine.adapters.coinbase.exchange import CoinbaseExchange
    from engine.adapters.coinbase.market import Listed, PublicMarket
    from engine.model.account import FeeRates, KeyPermissions
    from engine.model.times import UtcTime
    from engine.policyset.policyset import PolicySet
    from engine.run.real_time.door import VenueDoor

_T = TypeVar("_T")
DRIFT, SKEW = "engine.clock_drift_ms", "venue.clock_skew_ms"


@dataclass(frozen=True, slots=True)
class Arrival:
    """What the venue said; the account's part is None where no key asked for it."""

    listed: Sequence[Listed]
    balances: Mapping[str, Decimal] | None = None
    fees: FeeRates | None = None


@dataclass(frozen=True, slots=True)
class ClockReadings:
    """Our wall clock against our steady one, and the venue's against ours, in ms."""

    drift_ms: float
    skew_ms: float


@dataclass(slots=True)
class Arriving:
    """One look at a venue; what is wrong is collected, not raised at the first.

    `clocks` and `permissions` are what it said, also where that stands against the run.
    """

    door: VenueDoor
    policy_set: PolicySet
    last_record: UtcTime | None
    found: list[Diagnostic] = field(default_factory=list)
    clocks: ClockReadings | None = None
    permissions: KeyPermissions | None = None

    async def look(self) -> Arrival:
        """Ask for everything; raises MandateError with all that stands against the run."""
        try:
            arrival = await self._asked()
        finally:
            await self.door.close()
        if self.found:
            raise MandateError(self.found)
        return arrival

    async def _asked(self) -> Arrival:
        market = self.door.market()
        self.found += await self._clocks(market)
        if self._lost:
            return Arrival(())
        listed = await self._told(market.listed())
        if self.door.key is None or self._lost:
            return Arrival(listed or ())
        exchange = self.door.exchange()
        self.found += await self._key(exchange)
        if self.found:
            return Arrival(listed or ())
        balances = await self._told(exchange.balances())
        fees = await self._told(exchange.fee_rates())
        return Arrival(listed or (), balances, fees)

    @property
    def _lost(self) -> bool:
        return any(each.code == "M462" for each in self.found)

    async def _clocks(self, market: PublicMarket) -> list[Diagnostic]:
        clock = self.door.clock
        began, steady = clock.now(), clock.monotonic_s()
        told = await self._told(market.server_time())
        if told is None:
            return []
        took = clock.monotonic_s() - steady
        drift_ms = 1000.0 * (clock.now().since_s(began) - took)
        skew_ms = 1000.0 * told.since_s(began.plus_s(took / 2))
        self.clocks = ClockReadings(drift_ms, skew_ms)
        found = [*clock_findings(self.policy_set, self.clocks)]
        if self.last_record is not None and clock.now() < self.last_record:
            message = f"the wall clock reads {clock.now()}, before the last record"
            found.append(Diagnostic("M467", message, None, _MEND_CLOCK))
        return found

    async def _key(self, exchange: CoinbaseExchange) -> list[Diagnostic]:
        told: KeyPermissions | None = await self._told(exchange.key_permissions())
        self.permissions = told
        return [] if told is None else [*key_findings(told, self.policy_set.deployment)]

    async def _told(self, asking: Awaitable[_T]) -> _T | None:
        """The answer; None, and a finding, where there is none."""
        try:
            return await asking
        except VenueError as failure:
            finding = venue_finding(failure)
            if finding not in self.found:
                self.found.append(finding)
            return None


_MEND_CLOCK = "set the clock by a time service, and start again"


def clock_findings(policy_set: PolicySet, read: ClockReadings) -> Iterator[Diagnostic]:
    """The breakers of the account that these two readings alone would trip.

    Asked as for live trading, whatever the mode: here is a venue with a clock of its own.
    """
    asked = Programme(policy_set, Mode.LIVE).account_breakers
    answers = asked.motor.evaluate({DRIFT: read.drift_ms, SKEW: read.skew_ms})
    for name, verdict in zip(asked.names, answers.verdicts, strict=True):
        if verdict:
            message = (
                f"the clock is off: `{name}` would trip, at {read.skew_ms:+.0f} ms to the venue"
                f" and {read.drift_ms:+.0f} ms in itself"
            )
            yield Diagnostic("M467", message, None, _MEND_CLOCK)


def venue_finding(failure: VenueError) -> Diagnostic:
    """A failure of the venue as a person reads it; its own words may hold anything."""
    if isinstance(failure, AuthRefusedError):
        mend = "look whether the key was revoked, and whether its two halves belong together"
        return Diagnostic("M463", "the venue refuses the key", None, mend)
    if isinstance(failure, UnreachableError):
        mend = "look at the network, and at `--venue` and `--venue-ca` where they are given"
        return Diagnostic("M462", "the venue does not answer", None, mend)
    mend = "start again when it does: nothing was sent"
    return Diagnostic("M462", "the venue answers with failures", None, mend)
