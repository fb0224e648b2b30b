"""Looking at the venue itself: what it lists, how far its clock is from ours, what our key may do.

In: the venue, at most once a minute, of the key once an hour. Out: the desk's products, the skew in
its health, the findings about the key. What the venue does not tell this time of its products and
its clock is not believed on: entries wait for it, exits go on.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from engine.cycle import keys
from engine.cycle.health import Skew
from engine.model.orders import Mode
from engine.observe.log import Log
from engine.ports import VenueError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.cycle.desk import Desk
    from engine.cycle.keys import KeyWatch
    from engine.model.market import Product
    from engine.model.times import UtcTime

EVERY_S = 60
"""The venue changes grids and statuses by notice, in hours; a quota of 10,000 requests an hour
(COINBASE.md) has room for one list a minute. What an older list may decide, the guards say."""
_LOG = Log("venue")


async def look(desk: Desk, now: UtcTime) -> None:
    """Ask for what is older than a minute."""
    if _due(desk.health.products_asked, now):
        # Asked again in the next cycle where nothing was told: entries wait for it.
        desk.health.products_asked = now if await _list(desk) else None
    if desk.mode is Mode.LIVE and _due(desk.health.time_asked, now):
        desk.health.time_asked = now
        await _measure(desk)
    if desk.key is not None and _due(desk.key.asked, now, keys.EVERY_S):
        desk.key.asked = now
        await _examine(desk, desk.key)


def _due(asked: UtcTime | None, now: UtcTime, every_s: float = EVERY_S) -> bool:
    return asked is None or now.since_s(asked) >= every_s


async def _examine(desk: Desk, key: KeyWatch) -> None:
    """What the key may do by now, and what the venue takes."""
    with suppress(VenueError):
        told = await desk.exchange.key_permissions()
        key.findings = tuple(keys.key_findings(told, desk.policy_set.deployment))
        key.fees = await desk.exchange.fee_rates()
    if key.refused is not None:
        _LOG.error("key_refused", why=key.refused)


async def _list(desk: Desk) -> bool:
    """Take in the grids and the status of every product that the venue lists; whether it told."""
    told: Sequence[Product] = ()
    # A failure is counted where every call is watched; nothing is confirmed then.
    with suppress(VenueError):
        told = await desk.exchange.products()
    desk.products.update({each.symbol: each for each in told})
    # A product that is listed no more keeps its grid: a way out is tried as long as we hold it.
    desk.unconfirmed = frozenset(desk.products) - {each.symbol for each in told}
    return bool(told)


async def _measure(desk: Desk) -> None:
    """The venue's clock less ours, at the middle of the round trip; no answer, no reading."""
    began, sent = desk.clock.now(), desk.clock.monotonic_s()
    try:
        told = await desk.exchange.server_time()
    except VenueError:
        return
    halfway = began.plus_s((desk.clock.monotonic_s() - sent) / 2)
    desk.health.skew = Skew(began, 1000.0 * told.since_s(halfway))
