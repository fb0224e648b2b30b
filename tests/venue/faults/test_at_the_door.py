"""Faults over real sockets: our adapter says of each order what can be known, and no more."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from fakes.clock import ManualClock
from fakes.venue import running_venue
from venue.faults.little_venue import LIST, LittleVenue, asked

from engine.adapters.coinbase.credentials import credentials_of
from engine.adapters.coinbase.exchange import CoinbaseExchange
from engine.adapters.coinbase.pacing import RetryBudget, TokenBucket
from engine.adapters.coinbase.rest import Rest
from engine.adapters.http import HttpClient
from engine.adapters.system.clock import SystemClock
from engine.adapters.system.rng import SeededRng, SystemRng
from engine.model.orders import (
    Acknowledged,
    ApprovedOrder,
    Collision,
    Intent,
    OrderForm,
    OrderIntent,
    Rejected,
    Unknown,
)
from engine.model.symbols import Symbol
from engine.ports import AuthRefusedError, RateLimitedError, VenueError
from engine.venue.faults.installing import install
from engine.venue.faults.kinds import Effect, Fault, FaultKind
from engine.venue.faults.plan import FaultPlan, Scripted
from engine.venue.faults.quota import MeteredPassage, Quota
from engine.venue.passage import HANG_UP, HangUp, Reply, straight

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from fakes.venue import RunningVenue

    from engine.model.orders import SubmitOutcome
    from engine.venue.passage import Asked, Onward

PATIENCE_S = 30


@pytest.fixture(scope="module")
def shared() -> Iterator[RunningVenue]:
    """One venue for all of these: each test has orders of its own."""
    with running_venue(quotes={"BTC-USD": ("68000.00", "68001.00")}) as venue:
        yield venue


class AtOnce(SystemRng):
    """No jitter: a retry comes at once."""

    def uniform(self, low: float, high: float) -> float:
        """The least."""
        del high
        return low


def approved(number: int) -> ApprovedOrder:
    """A post-only buy far below the market."""
    intent = OrderIntent(
        number=number,
        symbol=Symbol("BTC", "USD"),
        intent=Intent.ENTRY,
        form=OrderForm.POST_ONLY,
        quantity=Decimal("0.001"),
        limit_price=Decimal("60000.00"),
        reference_price=Decimal(68000),
        worst_price=Decimal(60000),
        strategy="momentum",
        reason="because",
    )
    client_id = f"0123abcd-0123-8abc-8def-{number:012x}"
    return ApprovedOrder(client_id, "f" * 64, intent, intent.quantity, None)


def still() -> None:
    """The gate finds no reason to hold the order back."""


def at(running: RunningVenue, act: Callable[[CoinbaseExchange], Awaitable[object]]) -> object:
    """What `act` comes to, with our adapter at the venue."""

    async def run() -> object:
        key = running.key()
        clock = SystemClock()
        client = HttpClient(running.rest, running.tls())
        bucket = TokenBucket(clock, 1000.0, 1000.0)
        rest = Rest(
            client,
            running.rest,
            clock,
            AtOnce(),
            bucket,
            credentials_of(key.name, key.secret),
            RetryBudget(100.0, 100.0),
        )
        try:
            return await act(CoinbaseExchange(rest))
        finally:
            await client.close()

    return asyncio.run(run())


def spoil(running: RunningVenue, *lines: Scripted) -> None:
    """Put a script to the door of the venue."""

    def act() -> None:
        install(running.door, FaultPlan(script=lines), SystemClock(), SystemRng())

    running.within(act)


def orders_of(running: RunningVenue, number: int) -> int:
    """How many orders the venue has under the id of one intent."""
    name = approved(number).client_order_id
    return sum(each.request.client_order_id == name for each in running.venue.fate.orders())


def status(code: int, effect: Effect = Effect.BEFORE) -> Fault:
    """A status of trouble."""
    return Fault(FaultKind.STATUS, status=code, effect=effect)


def refusal(word: str, effect: Effect = Effect.BEFORE) -> Fault:
    """A 200 that says no."""
    return Fault(FaultKind.SUCCESS_FALSE, word=word, effect=effect)


FATES: dict[str, tuple[Fault, type[object], int]] = {
    "lost on its way": (Fault(FaultKind.REQUEST_LOST), Unknown, 0),
    "taken, and the answer lost": (Fault(FaultKind.RESPONSE_LOST), Unknown, 1),
    "delivered twice": (Fault(FaultKind.DUPLICATE_DELIVERY), Acknowledged, 1),
    "400": (status(400), Rejected, 0),
    "404": (status(404), Rejected, 0),
    "400, and taken all the same": (status(400, Effect.AFTER), Acknowledged, 1),
    "401": (status(401), AuthRefusedError, 0),
    "403": (status(403), AuthRefusedError, 0),
    "429": (status(429), RateLimitedError, 0),
    "500 before the effect": (status(500), Unknown, 0),
    "500 after the effect": (status(500, Effect.AFTER), Unknown, 1),
    "502": (status(502, Effect.AFTER), Unknown, 1),
    "503": (status(503), Unknown, 0),
    "504": (status(504, Effect.AFTER), Unknown, 1),
    "refused in a documented word": (refusal("INSUFFICIENT_FUND"), Rejected, 0),
    "refused in an unknown word, and taken": (refusal("NO_WORD", Effect.AFTER), Unknown, 1),
    "garbage": (Fault(FaultKind.GARBAGE_BODY), Unknown, 1),
    "half a body": (Fault(FaultKind.TRUNCATED_BODY), Unknown, 1),
    "a web page": (Fault(FaultKind.HTML_BODY), Unknown, 1),
    "half an answer": (Fault(FaultKind.CUT_OFF), Unknown, 1),
    "a slow answer": (Fault(FaultKind.SLOW_DRIP, delay_s=0.1), Acknowledged, 1),
    "a product that is halted": (Fault(FaultKind.PRODUCT_HALTED, lasts_s=0.001), Rejected, 0),
}


@pytest.mark.parametrize(("fault", "outcome", "orders"), FATES.values(), ids=FATES)
def test_an_orders_fate_is_told_as_far_as_it_is_known(
    shared: RunningVenue, fault: Fault, outcome: type[object], orders: int
) -> None:
    """An order that may exist is never called refused, and one that is refused does not exist."""
    number = [*FATES.values()].index((fault, outcome, orders)) + 1
    lasting = replace(fault, lasts_s=5.0) if fault.lasts_s else fault
    spoil(shared, Scripted("POST", "/orders", lasting, times=1))

    async def submitted(venue: CoinbaseExchange) -> SubmitOutcome | VenueError:
        try:
            return await venue.submit(approved(number), still)
        except VenueError as error:
            return error

    assert isinstance(at(shared, submitted), outcome)
    spoil(shared)
    assert orders_of(shared, number) == orders


def test_what_arrives_late_is_there_later(shared: RunningVenue) -> None:
    """Nobody knew of it when the client gave up; the list shows it when it came."""
    late = Fault(FaultKind.LATE_ARRIVAL, delay_s=0.3)
    spoil(shared, Scripted("POST", "/orders", late, times=1))
    order = approved(900)

    async def life(venue: CoinbaseExchange) -> tuple[object, int]:
        outcome = await venue.submit(order, still)
        seen = orders_of(shared, 900)
        await venue.rest.clock.sleep_until(venue.rest.clock.now().plus_s(0.4))
        async with asyncio.timeout(PATIENCE_S):
            # Each look takes as long as the venue takes to answer: no waiting beside it.
            while await venue.find(order, venue.rest.clock.now()) is None:
                pass
        return outcome, seen

    outcome, seen = at(shared, life)  # type: ignore[misc]  # a pair
    assert isinstance(outcome, Unknown)
    assert (seen, orders_of(shared, 900)) == (0, 1)


def test_an_answer_with_the_id_of_another_order_is_a_collision(shared: RunningVenue) -> None:
    """Whatever it echoes, the order behind the id is looked at."""
    spoil(shared, Scripted("POST", "/orders", Fault(FaultKind.OTHER_ORDER), skip=1))

    async def twice(venue: CoinbaseExchange) -> list[SubmitOutcome]:
        return [await venue.submit(approved(n), still) for n in (901, 902)]

    first, second = at(shared, twice)  # type: ignore[misc]  # a pair
    assert isinstance(first, Acknowledged)
    assert isinstance(second, Collision)
    assert orders_of(shared, 902) == 0


def test_reads_are_repeated_through_what_passes(shared: RunningVenue) -> None:
    """Two failures of different kinds, and the third try has the answer."""
    lines = (
        Scripted("GET", "/accounts", status(500), times=1),
        Scripted("GET", "/accounts", Fault(FaultKind.GARBAGE_BODY), times=1),
    )
    spoil(shared, *lines)
    told = at(shared, lambda venue: venue.balances())
    spoil(shared)
    assert told == at(shared, lambda venue: venue.balances())


def metered(quota: Quota, clock: ManualClock) -> Callable[[Asked], Reply | HangUp]:
    """One request after another through a quota."""
    passage, venue = MeteredPassage(quota, clock, straight), LittleVenue()
    return lambda request: asyncio.run(_through(passage, request, venue.onward))


async def _through(passage: MeteredPassage, request: Asked, onward: Onward) -> Reply | HangUp:
    return await passage(request, onward)


def test_a_quota_takes_so_many_a_second_signed_and_unsigned_apart() -> None:
    """What is left is told in headers; what is too much never arrives."""
    clock = ManualClock()
    send = metered(Quota(2.0, 1.0), clock)
    signed = replace(LIST, headers=(("authorization", "Bearer x"),))
    told = [send(each) for each in (signed, signed, signed, LIST, LIST)]
    assert [each.status for each in told if isinstance(each, Reply)] == [200, 200, 429, 200, 429]
    last = told[2]
    assert isinstance(last, Reply)
    headers = dict(last.headers)
    names = ("x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset")
    assert [headers[name] for name in names] == ["2", "0", "1"]
    clock.passes(0.5)
    again = send(signed)
    assert isinstance(again, Reply)
    assert again.status == 200


def test_a_quota_adds_nothing_to_a_connection_that_is_cut() -> None:
    """There are no headers where there is no answer."""

    async def hang_up(_asked: Asked, _onward: Onward) -> Reply | HangUp:
        return HANG_UP

    passage = MeteredPassage(Quota(2.0, 2.0), ManualClock(), hang_up)
    request = asked("GET", "/time")
    assert asyncio.run(_through(passage, request, LittleVenue().onward)) is HANG_UP


def test_a_quota_is_kept_by_our_adapter(shared: RunningVenue) -> None:
    """A 429 at a read is waited out; nothing is lost by it."""
    rng = SeededRng(b"quota")

    def act() -> None:
        plan = FaultPlan(quota=Quota(5.0, 5.0))
        install(shared.door, plan, SystemClock(), rng)

    shared.within(act)

    async def often(venue: CoinbaseExchange) -> int:
        return len([await venue.server_time() for _ in range(7)])

    assert at(shared, often) == 7
    spoil(shared)
