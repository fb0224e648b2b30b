"""A visit to the account without a loop: under the same lock, with the ledger's own set.

In: a ledger that a run at a venue has begun, and the way to that venue. Out: what a deed over its
desk gave. Refuses (MandateError) a ledger that somebody runs (M413), one whose account is in no
venue (M416), a set that this release cannot build again (M440), and all that refuses a run at the
venue: its address, key and clock.
"""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from engine.adapters.system.clock import SystemClock
from engine.adapters.system.rng import SystemRng
from engine.errors import Diagnostic, MandateError
from engine.model.orders import Mode
from engine.run.assembly.outfit import World, desk_of
from engine.run.assembly.sources import Sourced
from engine.run.assembly.stream import opened
from engine.run.real_time.approach import approach_of
from engine.run.real_time.arrival import Arriving
from engine.run.real_time.door import VenueDoor
from engine.run.refusals import allowed_mode
from engine.run.settings import RunSettings
from engine.run.status import status_of
from engine.series import BASE_S, BarSource

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from engine.adapters.coinbase.exchange import CoinbaseExchange
    from engine.cycle.desk import Desk
    from engine.policyset.policyset import PolicySet
    from engine.run.assembly.stream import Stream
    from engine.run.ledgers import LedgerView
    from engine.run.real_time.approach import Approach
    from engine.run.settings import VenueSettings

    Deed = Callable[[Desk, CoinbaseExchange], Awaitable["T"]]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Visit:
    """A stream that is held, and the way to its account."""

    stream: Stream
    approach: Approach

    def run(self, deed: Deed[T]) -> T:
        """Ask the venue who we are there and what time it is, then do the deed."""
        return asyncio.run(self._run(deed))

    async def _run(self, deed: Deed[T]) -> T:
        last, clock = self.stream.journal.last, SystemClock()
        last_record = None if last is None else last.time
        arriving = Arriving(self._door(), self.stream.policy_set, last_record)
        arrival = await arriving.look()
        door = self._door()
        exchange = door.exchange()
        products = {each.product.symbol: each.product for each in arrival.listed}
        world = World(clock, exchange, products, lambda _: BarSource.RECORDED, BASE_S)
        try:
            return await deed(desk_of(self.stream, world), exchange)
        finally:
            await door.close()

    def _door(self) -> VenueDoor:
        return VenueDoor(self.approach.address, SystemClock(), SystemRng(), self.approach.key)


@contextmanager
def visiting(view: LedgerView, venue: VenueSettings) -> Iterator[Visit]:
    """Hold the ledger for as long as the block runs."""
    policy_set, mode = _of(view)
    settings = RunSettings(Path(), view.path or Path(), mode=mode, venue=venue)
    allowed_mode(settings, policy_set.deployment)
    approach = approach_of(settings, mode)
    if approach.key is None:
        raise _no_account()
    stream = opened(settings, Sourced(policy_set), mode)
    try:
        if stream.genesis is None or stream.genesis.get("venue") != approach.name:
            raise _no_account()
        yield Visit(stream, approach)
    finally:
        stream.lease.release()


def _of(view: LedgerView) -> tuple[PolicySet, Mode]:
    """The set and the mode that the ledger has; its directory is at hand (`view.disk` says so)."""
    _ = view.disk
    status = status_of(view)
    if status.named is None or status.named.policy_set is None:
        message = "the ledger's set cannot be built again by this release"
        mend = "use the release that activated it, or run the ledger with a set of this one first"
        raise MandateError([Diagnostic("M440", message, None, mend)])
    return status.named.policy_set, Mode(status.state.mode)


def _no_account() -> MandateError:
    message = "the account of this ledger is at no venue that can be asked here"
    mend = (
        "a paper account in the trader's own process is read by the trader; for a paper venue name"
        " it with `--venue` and `--venue-ca`"
    )
    return MandateError([Diagnostic("M416", message, None, mend)])
