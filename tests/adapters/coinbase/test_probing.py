"""The probe's door: it posts once, tells an id or a refusal, and guesses nothing."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import TYPE_CHECKING, TypeVar

import pytest
from fakes.clock import START, ManualClock
from fakes.http_server import HANG_UP, Reply, serving

from engine.adapters.coinbase.pacing import TokenBucket
from engine.adapters.coinbase.probing import CoinbaseProbeDoor
from engine.adapters.coinbase.rest import Rest
from engine.adapters.http import HttpClient
from engine.adapters.system.rng import SeededRng
from engine.model.market import Product
from engine.model.probing import ProbeOrder, ProbeTerms
from engine.model.symbols import Symbol
from engine.ports import AuthRefusedError, RateLimitedError, UnreachableError, VenueError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from fakes.http_server import ScriptedServer

T = TypeVar("T")
BTC = Symbol("BTC", "USD")
GRID = Product(BTC, Decimal("0.00000001"), Decimal("0.01"), Decimal("0.00000001"), Decimal(1))
ORDER = ProbeOrder(
    GRID, Decimal(20000), ProbeTerms(Decimal(5), Decimal(50), 120), START.plus_s(120)
)


def asked(
    reply: Reply, ask: Callable[[CoinbaseProbeDoor], Awaitable[T]]
) -> tuple[T, ScriptedServer]:
    """What the door answers over this script, and what the venue was asked."""

    async def answered() -> tuple[T, ScriptedServer]:
        async with serving(reply) as server:
            clock, http = ManualClock(), HttpClient(server.url)
            rest = Rest(http, server.url, clock, SeededRng(b"1"), TokenBucket(clock, 9.0, 9.0))
            try:
                return await ask(CoinbaseProbeDoor(rest, lambda: None)), server
            finally:
                await http.close()

    return asyncio.run(answered())


def post(door: CoinbaseProbeDoor) -> Awaitable[str | None]:
    """One probe."""
    return door.post(ORDER, "an id")


ANSWERS = {
    "taken": (Reply({"success": True, "success_response": {"order_id": "v1"}}), "v1"),
    "refused in a word": (
        Reply({"success": False, "error_response": {"error": "DUPLICATE_CLIENT_ORDER_ID"}}),
        None,
    ),
    "refused by status": (Reply(status=400), None),
    "not found": (Reply(status=404), None),
}


@pytest.mark.parametrize(("reply", "told"), ANSWERS.values(), ids=ANSWERS)
def test_an_id_or_a_refusal_is_told(reply: Reply, told: str | None) -> None:
    """What the venue said, and nothing more."""
    assert asked(reply, post)[0] == told


UNSAID: dict[str, tuple[Reply, type[VenueError]]] = {
    "no answer": (HANG_UP, UnreachableError),
    "their failure": (Reply(status=503), VenueError),
    "too many": (Reply(status=429), RateLimitedError),
    "refused without a word": (Reply({"success": False, "error_response": {}}), VenueError),
    "garbage": (Reply(b"<html>"), VenueError),
}


@pytest.mark.parametrize(("reply", "error"), UNSAID.values(), ids=UNSAID)
def test_what_nobody_can_say_is_raised(reply: Reply, error: type[VenueError]) -> None:
    """A probe proves only what the venue answered."""
    with pytest.raises(error):
        asked(reply, post)


def test_a_key_that_is_refused_is_a_refusal_of_the_key() -> None:
    """It says nothing of ids that repeat, so it is no answer about them."""
    with pytest.raises(AuthRefusedError):
        asked(Reply(status=401), post)


def test_nothing_leaves_through_a_thrown_switch() -> None:
    """The gate is asked right before the first byte, as for every order; released, it lets pass."""
    reasons = ["thrown", None]

    async def held_back(door: CoinbaseProbeDoor) -> str | None:
        gated = CoinbaseProbeDoor(door.rest, lambda: reasons.pop(0))
        with pytest.raises(UnreachableError, match="thrown"):
            await post(gated)
        return await post(gated)

    told, server = asked(ANSWERS["taken"][0], held_back)
    assert (told, len(server.asked)) == ("v1", 1)


def test_the_body_is_a_resting_buy_that_ends() -> None:
    """One configuration, every number text: no other order can be asked for here."""
    _, server = asked(ANSWERS["taken"][0], post)
    (request,) = server.asked
    assert (request.method, request.path) == ("POST", "/api/v3/brokerage/orders")
    assert request.body == {
        "client_order_id": "an id",
        "product_id": "BTC-USD",
        "side": "BUY",
        "order_configuration": {
            "limit_limit_gtd": {
                "base_size": "0.0001",
                "limit_price": "10000",
                "post_only": True,
                "end_time": str(START.plus_s(120)),
            }
        },
    }


def test_the_bid_is_the_venue_s_or_there_is_none() -> None:
    """A book without a bid is no price to stay away from."""
    book = {"pricebooks": [{"product_id": "BTC-USD", "bids": [{"price": "20000", "size": "1"}]}]}
    assert asked(Reply(book), lambda door: door.bid(BTC))[0] == Decimal(20_000)
    empty = {"pricebooks": [{"product_id": "BTC-USD", "bids": []}]}
    with pytest.raises(VenueError, match="shows no bid"):
        asked(Reply(empty), lambda door: door.bid(BTC))
