"""Whoever hears that an order changed reads the account at once, and a burst only once."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from fakes.bench import BTC, Bench, buy
from fakes.exchange import FakeExchange

from engine.adapters.system.virtual_clock import VirtualClock
from engine.cycle import listening
from engine.ledger.records import RecordKind
from engine.model.orders import MissedNews, Mode

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

    from engine.model.orders import Fill, OrderNews
    from engine.model.times import UtcTime
    from engine.ports import Clock


class Told:
    """A channel that tells at stated seconds, and then is silent."""

    def __init__(self, clock: Clock, seconds: tuple[float, ...]) -> None:
        self.clock = clock
        self.start = clock.now()
        self.seconds = seconds

    async def news(self) -> AsyncIterator[OrderNews]:
        """News without words: any is a reason to read."""
        for second in self.seconds:
            await self.clock.sleep_until(self.start.plus_s(second))
            yield MissedNews()
        await self.clock.sleep_until(self.start.plus_s(1e6))


@dataclass
class CountedVenue(FakeExchange):
    """A venue that counts how often its account is read."""

    readings: int = 0

    async def fills(self, since: UtcTime) -> Sequence[Fill]:
        """One reading."""
        self.readings += 1
        return await super().fills(since)


async def at_once(step: Callable[[], Awaitable[None]]) -> None:
    """No other step ever runs."""
    await step()


def hear(bench: Bench, seconds: tuple[float, ...]) -> None:
    """Ten seconds of these news."""
    clock = VirtualClock(bench.clock.now())
    bench.desk.clock = bench.venue.clock = clock

    async def heard() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(10):
                await listening.listen(bench.desk, Told(clock, seconds), at_once)

    clock.run(heard())


def test_a_fill_enters_the_ledger_between_two_cycles() -> None:
    """The venue fills and tells; the ledger has the fill without a cycle."""
    bench = Bench()
    told = bench.place(buy(BTC))
    venue_id, order = next(iter(bench.venue.book.items()))
    bench.venue.fill(venue_id, order.quantity)
    assert bench.bodies(RecordKind.FILLED) == []
    hear(bench, (1.0,))
    filled = bench.bodies(RecordKind.FILLED)
    assert [each["client_order_id"] for each in filled] == [told.client_order_id]


BURSTS = {
    "one": ((1.0,), 1),
    "many at once": ((1.0,) * 20, 2),
    "many in half a second": (tuple(1 + n / 50 for n in range(20)), 2),
    "two apart": ((1.0, 5.0), 2),
    "none": ((), 0),
}


@pytest.mark.parametrize(("seconds", "readings"), BURSTS.values(), ids=BURSTS)
@pytest.mark.parametrize("mode", [Mode.PAPER, Mode.DRY_RUN])
def test_a_burst_is_one_reading_and_what_comes_during_it_another(
    mode: Mode, seconds: tuple[float, ...], readings: int
) -> None:
    """Nothing that is told goes unread, nothing is read for each word, and a dry run reads none."""
    bench = Bench()
    bench.desk.mode = mode
    venue = CountedVenue(bench.clock, {})
    bench.desk.exchange = bench.venue = venue
    hear(bench, seconds)
    assert venue.readings == (readings if mode is Mode.PAPER else 0)
