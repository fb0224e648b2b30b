"""No clock hides an order: what a list since its making does not show is asked for further back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fakes.bench import BTC, Bench, buy
from fakes.clock import ManualClock
from fakes.exchange import Answer

from engine.model.orders import OrderStatus

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.model.orders import VenueOrder
    from engine.model.times import UtcTime

AHEAD_S = 1_800


def set_right(answer: Answer = Answer.TAKE) -> Bench:
    """An order made by a clock that was ahead, and that a time server has set right since."""
    bench = Bench()
    bench.venue.clock = ManualClock(bench.clock.now())
    bench.clock.time = bench.clock.time.plus_s(AHEAD_S)
    # It was wrong when the process began, so nothing here can tell.
    bench.desk.drift_from = (bench.clock.now(), bench.clock.monotonic_s())
    bench.again()
    bench.venue.answers = [answer]
    bench.place(buy())
    bench.clock.time = bench.clock.time.plus_s(-AHEAD_S)
    return bench


def test_the_end_of_an_order_that_was_dated_ahead_is_seen() -> None:
    """It was filled in part and ended: both are in the ledger, and nothing works any more."""
    bench = set_right()
    half = bench.venue.received[0].quantity / 2
    bench.venue.fill("venue-1", half)
    bench.venue.end("venue-1")
    bench.absorb()
    assert bench.state.working == {}
    assert bench.state.positions[BTC].quantity == half


def test_an_order_that_was_dated_ahead_and_lost_is_found() -> None:
    """Nobody takes it for never placed: it stands at the venue, an earlier date or not."""
    bench = set_right(Answer.LOSE_RESPONSE)
    bench.clock.passes(1)
    bench.tick()
    bench.clock.passes(1)
    bench.tick()
    (order,) = bench.state.working.values()
    assert (order.status, order.venue_order_id) == (OrderStatus.OPEN, "venue-1")


@pytest.mark.parametrize("shown", [True, False])
def test_it_looks_further_back_only_for_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, *, shown: bool
) -> None:
    """A venue that shows everything is asked for its newest orders alone."""
    bench = Bench()
    bench.place(buy())
    if not shown:
        bench.venue.book.clear()
    asked: list[UtcTime] = []
    orders = bench.venue.orders

    async def told(since: UtcTime) -> Sequence[VenueOrder]:
        asked.append(since)
        return await orders(since)

    monkeypatch.setattr(bench.venue, "orders", told)
    bench.absorb()
    # The scan of everybody's orders is not due yet; the market's own list is not asked.
    assert len(asked) == (1 if shown else 2)
