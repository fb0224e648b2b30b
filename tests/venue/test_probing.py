"""The probe over real sockets: each of the three venues is found out, and nothing stays behind."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from fakes.venue import CASH, LISTINGS, running_venue

from engine.adapters.coinbase.credentials import credentials_of
from engine.adapters.coinbase.exchange import CoinbaseExchange
from engine.adapters.coinbase.pacing import TokenBucket
from engine.adapters.coinbase.probing import CoinbaseProbeDoor
from engine.adapters.coinbase.rest import Rest
from engine.adapters.http import HttpClient
from engine.adapters.paper import DuplicateIds
from engine.adapters.system.clock import SystemClock
from engine.adapters.system.rng import SystemRng
from engine.cycle.reconciling.probing import Probe
from engine.model.probing import ProbeOrder, ProbeTerms, Repeated
from engine.model.symbols import Symbol
from engine.venue.settings import VenueSettings

if TYPE_CHECKING:
    from fakes.venue import RunningVenue

    from engine.model.orders import VenueOrder
    from engine.model.probing import ProbeFindings

BTC = Symbol("BTC", "USD")
TERMS = ProbeTerms(Decimal(5), Decimal(50), 120)
UUID, PLAIN = "7d1f0f3e-5a43-4d6f-9d5c-0a1b2c3d4e5f", "mandate-probe-1"


def probed(running: RunningVenue) -> tuple[ProbeFindings, list[VenueOrder]]:
    """What the probe finds, and all orders that are there afterwards."""

    async def run() -> tuple[ProbeFindings, list[VenueOrder]]:
        clock, key = SystemClock(), running.key()
        http = HttpClient(running.rest, running.tls())
        credentials = credentials_of(key.name, key.secret)
        bucket = TokenBucket(clock, 1000.0, 1000.0)
        exchange = CoinbaseExchange(
            Rest(http, running.rest, clock, SystemRng(), bucket, credentials)
        )
        door = CoinbaseProbeDoor(exchange.rest, lambda: None)
        product = next(each for each in await exchange.products() if each.symbol == BTC)
        bid = await door.bid(BTC)
        began = clock.now()
        order = ProbeOrder(product, bid, TERMS, began.plus_s(TERMS.time_to_live_s))
        try:
            found = await Probe(exchange, door, clock, order, UUID, PLAIN, 10.0).run()
            return found, list(await exchange.orders(began.plus_s(-60)))
        finally:
            await http.close()

    return asyncio.run(run())


@pytest.mark.long
@pytest.mark.parametrize("behaviour", DuplicateIds)
def test_what_the_venue_does_with_repeated_ids_is_found_out(behaviour: DuplicateIds) -> None:
    """The three disputed behaviours are told apart; all that was made is cancelled again."""
    settings = replace(VenueSettings(LISTINGS, CASH), duplicate_ids=behaviour)
    with running_venue(settings, quotes={"BTC-USD": ("68000.00", "68001.00")}) as running:
        found, orders = probed(running)
    expected = Repeated(behaviour.value)
    assert (found.same, found.other_size, found.after_cancel) == (expected,) * 3
    assert found.returns_old is (behaviour is DuplicateIds.RETURNS_OLD)
    assert found.left == ()
    assert found.list_lag_s is not None
    assert all(each.status.final and not each.filled_quantity for each in orders)
    assert {each.client_order_id for each in orders} <= {UUID, PLAIN}
    assert all(each.limit_price == Decimal(34_000) for each in orders)
