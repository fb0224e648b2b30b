"""What the venue says to whoever is about to trade there: the key, the clocks, the fees.

In: a set, the way to a venue. Out: `VenueSeen`. The same questions as those of a live start, and
nothing else is sent. What cannot be asked is told as such, and never as well.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.adapters.environment import secret_sources
from engine.errors import Diagnostic, MandateError
from engine.run.real_time.keys import extra_missing, find_key

if TYPE_CHECKING:
    from engine.model.account import FeeRates, KeyPermissions
    from engine.model.times import UtcTime
    from engine.policyset.policyset import PolicySet
    from engine.run.real_time.arrival import ClockReadings
    from engine.run.settings import VenueSettings

UNREACHED = frozenset({"M460", "M462"})
"""Findings that say nothing of the key or the clock: nobody could be asked."""


@dataclass(frozen=True, slots=True)
class VenueSeen:
    """What was asked and answered; `findings` are what stands against a start.

    `at` is where it was asked: the venue itself, or one on loopback.
    """

    at: str
    created: UtcTime | None = None
    key: KeyPermissions | None = None
    clocks: ClockReadings | None = None
    fees: FeeRates | None = None
    findings: tuple[Diagnostic, ...] = ()

    @property
    def unreached(self) -> bool:
        """Whether nobody could be asked."""
        return any(each.code in UNREACHED for each in self.findings)


def ask_venue(
    policy_set: PolicySet, venue: VenueSettings, last_record: UtcTime | None
) -> VenueSeen:
    """Ask with the key of the account; without one nobody is asked."""
    at = "the venue" if venue.url is None else "a venue on loopback"
    try:
        key = find_key(secret_sources(venue.secrets))
    except MandateError as error:
        return VenueSeen(at, findings=error.diagnostics)
    try:
        return _asked(policy_set, venue, last_record, at)
    except MandateError as error:
        return VenueSeen(at, created=key.created, findings=error.diagnostics)


def _asked(
    policy_set: PolicySet, venue: VenueSettings, last_record: UtcTime | None, at: str
) -> VenueSeen:
    # What speaks to a venue is imported by whoever speaks to one.
    try:
        from engine.adapters.system.clock import SystemClock  # noqa: PLC0415 - see above
        from engine.adapters.system.rng import SystemRng  # noqa: PLC0415 - see above
        from engine.run.real_time.address import COINBASE, loopback  # noqa: PLC0415 - see above
        from engine.run.real_time.arrival import Arriving  # noqa: PLC0415 - see above
        from engine.run.real_time.door import VenueDoor  # noqa: PLC0415 - see above
    except ModuleNotFoundError as error:
        raise MandateError([extra_missing(error)]) from error
    address = COINBASE if venue.url is None else loopback(venue.url, venue.authority)
    key = find_key(secret_sources(venue.secrets))
    arriving = Arriving(
        VenueDoor(address, SystemClock(), SystemRng(), key), policy_set, last_record
    )
    findings: tuple[Diagnostic, ...] = ()
    fees = None
    try:
        fees = asyncio.run(arriving.look()).fees
    except MandateError as error:
        findings = error.diagnostics
    return VenueSeen(at, key.created, arriving.permissions, arriving.clocks, fees, findings)
