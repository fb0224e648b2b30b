"""An order is posted once, and its fate is told as it is known: over real sockets."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote

import jwt
import pytest
from fakes.clock import START, ManualClock
from fakes.http_server import HANG_UP, Reply, ScriptedServer, serving

from engine.adapters.coinbase.credentials import credentials_of
from engine.adapters.coinbase.exchange import CoinbaseExchange
from engine.adapters.coinbase.pacing import RetryBudget, TokenBucket
from engine.adapters.coinbase.rest import Rest
from engine.adapters.http import HttpClient
from engine.adapters.system.rng import SeededRng
from engine.model.orders import (
    Acknowledged,
    ApprovedOrder,
    Collision,
    Intent,
    NotSent,
    OrderForm,
    OrderIntent,
    OrderStatus,
    Rejected,
    Side,
    SubmitOutcome,
    Unknown,
)
from engine.model.symbols import Symbol
from engine.model.times import UtcTime
from engine.ports import AuthRefusedError, RateLimitedError, UnreachableError, VenueError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

T = TypeVar("T")
BTC = Symbol("BTC", "USD")
KEY = credentials_of("organizations/1/apiKeys/2", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")
OURS = "0123abcd-0123-8abc-8def-0123456789ab"
ORDER = ApprovedOrder(
    OURS,
    "f" * 64,
    OrderIntent(
        number=7,
        symbol=BTC,
        intent=Intent.ENTRY,
        form=OrderForm.POST_ONLY,
        quantity=Decimal("0.0200"),
        limit_price=Decimal("68900.10"),
        reference_price=Decimal(68900),
        worst_price=Decimal("68900.10"),
        strategy="momentum",
        reason="because",
    ),
    Decimal("0.0100"),
    START.plus_s(15),
)
SHOWN = {
    "order_id": "v1",
    "client_order_id": OURS,
    "product_id": "BTC-USD",
    "side": "BUY",
    "status": "OPEN",
    "order_configuration": {
        "limit_limit_gtd": {"base_size": "0.01", "limit_price": "68900.1", "post_only": True}
    },
    "filled_size": "0",
    "filled_value": "0",
    "created_time": str(START),
    "product_type": "SPOT",
}
TAKEN = Reply({"success": True, "success_response": {"order_id": "v1"}})
SHOW = Reply({"order": SHOWN})


def open_gate() -> None:
    """Lets everything pass."""


def listed(*orders: dict[str, object]) -> Reply:
    """A whole list of orders on one page."""
    return Reply({"orders": list(orders), "has_next": False, "cursor": ""})


def refused(word: str, key: str = "error") -> Reply:
    """A refusal as this venue sends it: status 200."""
    return Reply({"success": False, "error_response": {key: word, "message": "m"}})


@asynccontextmanager
async def venue(*script: Reply) -> AsyncIterator[tuple[CoinbaseExchange, ScriptedServer]]:
    """The exchange over a server with this script."""
    async with serving(*script) as server:
        clock = ManualClock()
        http = HttpClient(server.url)
        bucket = TokenBucket(clock, 1000.0, 1000.0)
        rest = Rest(http, server.url, clock, SeededRng(b"1"), bucket, KEY)
        yield CoinbaseExchange(rest), server
        await http.close()
        assert server.script == [], "the script was not asked to its end"


def submitted(*script: Reply) -> tuple[SubmitOutcome, ScriptedServer]:
    """What becomes of the order over this script."""

    async def posted() -> tuple[SubmitOutcome, ScriptedServer]:
        async with venue(*script) as (exchange, server):
            return await exchange.submit(ORDER, open_gate), server

    return asyncio.run(posted())


OUTCOMES = {
    "taken, and shown as asked": ((TAKEN, SHOW), Acknowledged("v1")),
    "a post-only that would cross": (
        (refused("INVALID_LIMIT_PRICE_POST_ONLY"),),
        Rejected("INVALID_LIMIT_PRICE_POST_ONLY", would_cross=True),
    ),
    "no funds, said in another place": (
        (refused("PREVIEW_INSUFFICIENT_FUND", "preview_failure_reason"),),
        Rejected("PREVIEW_INSUFFICIENT_FUND"),
    ),
    "a word that nobody knows": (
        (refused("SOMETHING_NEW"),),
        Unknown("refused in an unknown word: SOMETHING_NEW"),
    ),
    "no word at all": (
        (refused("UNKNOWN_FAILURE_REASON"),),
        Unknown("refused in an unknown word: "),
    ),
    "an answer that is cut off": (
        (Reply({"success": True}, cut=3),),
        Unknown("RemoteProtocolError"),
    ),
    "no answer": ((HANG_UP,), Unknown("RemoteProtocolError")),
    "a page of a proxy": (
        (Reply(b"<html>"),),
        Unknown("an answer that cannot be read: the body is not JSON"),
    ),
    "their failure": ((Reply(status=503),), Unknown("status 503")),
    "refused, and the list agrees": ((Reply(status=400), listed()), Rejected("status 400")),
    "refused, and taken all the same": ((Reply(status=400), listed(SHOWN)), Acknowledged("v1")),
    "refused, and only another's order is there": (
        (Reply(status=400), listed({**SHOWN, "client_order_id": "theirs"})),
        Rejected("status 400"),
    ),
    "taken, with our id over another side": (
        (TAKEN, Reply({"order": {**SHOWN, "side": "SELL"}})),
        Collision("v1", "side SELL, not BUY"),
    ),
    "taken, and shown under the id of another": (
        (TAKEN, Reply({"order": {**SHOWN, "client_order_id": "theirs"}})),
        Collision("v1", f"client order id theirs, not {OURS}"),
    ),
    "taken, with our id over an old order": (
        (TAKEN, Reply({"order": {**SHOWN, "created_time": "2025-11-22T09:00:00Z"}})),
        Collision("v1", "created 2025-11-22T09:00:00Z, before it was posted"),
    ),
}


@pytest.mark.parametrize(("script", "outcome"), OUTCOMES.values(), ids=OUTCOMES)
def test_a_posts_fate_is_told_as_it_is_known(
    script: tuple[Reply, ...], outcome: SubmitOutcome
) -> None:
    """A documented refusal is one; what nobody can say is unknown; nothing is guessed."""
    assert submitted(*script)[0] == outcome


@pytest.mark.parametrize(("script", "outcome"), OUTCOMES.values(), ids=OUTCOMES)
def test_an_order_is_posted_once(script: tuple[Reply, ...], outcome: SubmitOutcome) -> None:
    """Whatever the venue says, one request creates, and the rest only read."""
    del outcome
    _, server = submitted(*script)
    posts = [each for each in server.asked if each.method == "POST"]
    assert [each.path for each in posts] == ["/api/v3/brokerage/orders"]


def test_a_scan_that_fails_leaves_the_fate_open() -> None:
    """A 400 counts only after the whole list was seen; a list that cannot be read is no list."""
    outcome, _ = submitted(Reply(status=400), *[Reply(b"{", status=200)] * 3)
    assert isinstance(outcome, Unknown)


def test_nothing_listens_is_not_sent() -> None:
    """A connection that was refused carried no byte: the order cannot exist."""

    async def posted() -> SubmitOutcome:
        async with serving() as server:
            url = server.url
        clock = ManualClock()
        rest = Rest(HttpClient(url), url, clock, SeededRng(b"1"), TokenBucket(clock, 9.0, 9.0), KEY)
        return await CoinbaseExchange(rest).submit(ORDER, open_gate)

    assert asyncio.run(posted()) == NotSent("ConnectError")


@pytest.mark.parametrize(
    ("status", "error"), [(401, AuthRefusedError), (403, AuthRefusedError), (429, RateLimitedError)]
)
def test_refused_at_the_door_is_raised_after_the_scan(status: int, error: type[VenueError]) -> None:
    """Neither says anything of the order itself, which is certainly not at the venue."""
    with pytest.raises(error):
        submitted(Reply(status=status), listed())


def test_the_body_is_what_the_venue_asks_for() -> None:
    """Exactly one configuration, every number as text, our id, and no price or size of the wish."""
    _, server = submitted(TAKEN, SHOW)
    assert server.asked[0].body == {
        "client_order_id": OURS,
        "product_id": "BTC-USD",
        "side": "BUY",
        "order_configuration": {
            "limit_limit_gtd": {
                "base_size": "0.01",
                "limit_price": "68900.1",
                "post_only": True,
                "end_time": "2025-11-22T10:00:15Z",
            }
        },
    }


FORMS = {
    "resting, until it is cancelled": (OrderForm.POST_ONLY, None, "limit_limit_gtc"),
    "taking up to a limit": (OrderForm.LIMIT_IOC, None, "sor_limit_ioc"),
    "taking at any price": (OrderForm.MARKET_IOC, None, "market_market_ioc"),
}


@pytest.mark.parametrize(("form", "expires", "name"), FORMS.values(), ids=FORMS)
def test_each_form_has_its_configuration(
    form: OrderForm, expires: UtcTime | None, name: str
) -> None:
    """One name a form; a market order carries no price."""

    async def asked() -> object:
        order = replace(ORDER, intent=replace(ORDER.intent, form=form), expires=expires)
        async with venue(TAKEN, SHOW) as (exchange, server):
            await exchange.submit(order, open_gate)
            return server.asked[0].body

    body = asyncio.run(asked())
    assert isinstance(body, dict)
    configuration = body["order_configuration"]
    assert list(configuration) == [name]
    assert ("limit_price" in configuration[name]) == (form is not OrderForm.MARKET_IOC)


def test_each_request_is_signed_for_itself() -> None:
    """The token names method, host and path, without scheme and query."""
    _, server = submitted(Reply(status=400), listed())
    for asked in server.asked:
        token = asked.headers["authorization"].removeprefix("Bearer ")
        claims = jwt.decode(token, options={"verify_signature": False})
        assert claims["uri"] == f"{asked.method} {server.url.removeprefix('http://')}{asked.path}"


def read(script: tuple[Reply, ...], ask: Callable[[CoinbaseExchange], Awaitable[T]]) -> T:
    """The answer to one question over this script."""

    async def answered() -> T:
        async with venue(*script) as (exchange, _):
            return await ask(exchange)

    return asyncio.run(answered())


FAILURES = {
    "their failure": Reply(status=500),
    "no answer": HANG_UP,
    "garbage": Reply(b"\x00"),
    "too many": Reply(status=429, headers=(("retry-after", "2"),)),
}


@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES)
def test_a_read_is_tried_three_times(failure: Reply) -> None:
    """Two failures are forgotten; the third is told."""
    time = Reply({"epochMillis": "1775521739000"})
    assert read((failure, failure, time), lambda v: v.server_time()) == UtcTime(1775521739 * 10**9)
    with pytest.raises(VenueError):
        read((failure,) * 3, lambda v: v.server_time())


@pytest.mark.parametrize("status", [400, 404, 401, 403])
def test_what_was_understood_and_refused_is_not_asked_again(status: int) -> None:
    """A 4xx other than 429 would be refused again."""
    with pytest.raises(VenueError):
        read((Reply(status=status),), lambda v: v.server_time())


def test_without_a_retry_budget_nothing_is_repeated() -> None:
    """In an outage the retries of many calls would be an attack of their own."""

    async def asked() -> None:
        async with venue(HANG_UP) as (exchange, _):
            exchange.rest.budget = RetryBudget(left=0.0)
            await exchange.server_time()

    with pytest.raises(UnreachableError):
        asyncio.run(asked())


def fill(number: int, **other: object) -> dict[str, object]:
    """One execution as the venue lists it."""
    return {
        "entry_id": f"f{number}",
        "order_id": "v1",
        "product_id": "BTC-USD",
        "side": "BUY",
        "price": "100",
        "size": "0.5",
        "commission": "0.2",
        "liquidity_indicator": "MAKER",
        "trade_time": str(START.plus_s(number)),
        **other,
    }


def test_fills_come_over_all_pages_in_order_and_once() -> None:
    """Pages that overlap and come newest first give each fill once, oldest first, with our id."""
    first = Reply({"fills": [fill(3), fill(2)], "cursor": "next"})
    second = Reply({"fills": [fill(2), fill(1, commission="")], "cursor": ""})
    fills = read((first, SHOW, second), lambda v: v.fills(START))
    assert [each.fill_id for each in fills] == ["f1", "f2", "f3"]
    assert [each.fee for each in fills] == [Decimal(0), Decimal("0.2"), Decimal("0.2")]
    assert {each.client_order_id for each in fills} == {OURS}


def test_what_was_since_an_instant_is_asked_by_either_clock() -> None:
    """A venue whose clock is behind ours dates an order before our intent: it is asked for too."""

    async def asked() -> list[str]:
        async with venue(Reply({"orders": []}), Reply({"fills": []})) as (exchange, server):
            await exchange.orders(START)
            await exchange.fills(START)
            return [each.query for each in server.asked]

    earlier = quote(str(START.plus_s(-120)), safe="")
    assert [earlier in each for each in asyncio.run(asked())] == [True, True]


def test_a_fill_in_quote_currency_is_told_in_base_units() -> None:
    """50 USD at 100 are half a unit."""
    page = Reply({"fills": [fill(1, size="50", size_in_quote=True)], "cursor": ""})
    assert read((page, SHOW), lambda v: v.fills(START))[0].quantity == Decimal("0.5")


def test_a_list_that_never_ends_is_no_list() -> None:
    """A cursor that comes back is a failure: half a list must not be taken for the whole."""
    page = Reply({"orders": [SHOWN], "has_next": True, "cursor": "again"})
    with pytest.raises(VenueError, match="no end"):
        read((page, page), lambda v: v.orders(START))


def test_orders_are_told_by_their_totals() -> None:
    """Oldest first; an expired order is cancelled, a failed one rejected, a new word unknown."""
    words = ("FILLED", "EXPIRED", "FAILED", "CANCEL_QUEUED", "SOMETHING_NEW")
    orders = [
        {**SHOWN, "order_id": f"v{n}", "status": word, "created_time": str(START.plus_s(-n))}
        for n, word in enumerate(words)
    ]
    found = read((listed(*orders),), lambda v: v.orders(START))
    assert [each.status for each in reversed(found)] == [
        OrderStatus.FILLED,
        OrderStatus.CANCELLED,
        OrderStatus.REJECTED,
        OrderStatus.OPEN,
        OrderStatus.UNKNOWN,
    ]
    assert {each.side for each in found} == {Side.BUY}


def test_balances_hold_what_working_orders_hold() -> None:
    """Available and held together, by currency; nothing held is not told."""
    accounts = [
        {"currency": "USD", "available_balance": {"value": "90"}, "hold": {"value": "10"}},
        {"currency": "BTC", "available_balance": {"value": "1"}},
        {"currency": "ETH", "available_balance": {"value": "0"}, "hold": {"value": ""}},
    ]
    page = Reply({"accounts": accounts, "has_next": False, "cursor": ""})
    assert read((page,), lambda v: v.balances()) == {"USD": Decimal(100), "BTC": Decimal(1)}


def cancelled(**words: str) -> Reply:
    """The answer to a batch: each order with its failure, or with none."""
    results = [
        {
            "success": not why,
            "failure_reason": why or "UNKNOWN_CANCEL_FAILURE_REASON",
            "order_id": n,
        }
        for n, why in words.items()
    ]
    return Reply({"results": results})


CANCELS = {
    "taken": (cancelled(v1=""), {"v1": True}),
    "under way already": (cancelled(v1="DUPLICATE_CANCEL_REQUEST"), {"v1": True}),
    "nothing there": (cancelled(v1="UNKNOWN_CANCEL_ORDER"), {"v1": False}),
    "not done, and nobody knows why": (cancelled(v1="COMMANDER_REJECTED_CANCEL_ORDER"), {}),
    "no word of it": (Reply({"results": []}), {}),
    "a word of another": (cancelled(v2=""), {}),
    "a result without a name": (Reply({"results": [{"success": True}]}), {}),
}


@pytest.mark.parametrize(("reply", "answer"), CANCELS.values(), ids=CANCELS)
def test_a_cancel_is_repeated_like_a_read(reply: Reply, answer: dict[str, bool]) -> None:
    """A second cancel changes nothing, so a lost answer is asked for again."""
    assert read((HANG_UP, reply), lambda v: v.cancel(["v1"])) == answer


def test_cancels_go_a_hundred_at_a_time_and_each_is_answered() -> None:
    """Two hundred and thirty ids are three requests; nobody is left out or asked for twice."""
    ids = [f"v{n}" for n in range(230)]
    parts = [dict.fromkeys(ids[at : at + 100], "") for at in (0, 100, 200)]

    async def asked() -> tuple[Mapping[str, bool], list[object]]:
        everything = cancelled(**{each: "" for part in parts for each in part})
        async with venue(everything, everything, everything) as (exchange, server):
            answers = await exchange.cancel(ids)
            return answers, [each.body for each in server.asked]

    answers, bodies = asyncio.run(asked())
    assert answers == dict.fromkeys(ids, True)
    named = sorted(
        (body["order_ids"] for body in bodies if isinstance(body, dict)),
        key=lambda part: ids.index(part[0]),
    )
    assert named == [[*part] for part in parts]


def test_a_batch_that_fails_takes_no_other_with_it() -> None:
    """What was answered is told; only when nothing was is it a failure."""
    ids = [f"v{n}" for n in range(101)]
    first = cancelled(**dict.fromkeys(ids, ""))
    answers = read((first, Reply(status=400)), lambda v: v.cancel(ids))
    assert answers in (dict.fromkeys(ids[:100], True), {"v100": True})
    with pytest.raises(VenueError):
        read((Reply(status=400), Reply(status=400)), lambda v: v.cancel(ids))
    assert read((), lambda v: v.cancel([])) == {}


def test_products_that_cannot_be_read_are_left_out() -> None:
    """One product that makes no sense does not take the others with it."""
    good = {
        "product_id": "BTC-USD",
        "base_increment": "0.1",
        "price_increment": "0.01",
        "base_min_size": "0.1",
        "quote_min_size": "1",
        "status": "online",
    }
    page = Reply({"products": [{**good, "base_increment": ""}, good]})
    assert [each.symbol for each in read((page,), lambda v: v.products())] == [BTC]


def test_a_body_without_end_is_cut_off() -> None:
    """More than sixteen megabytes is nothing that this venue would say."""
    huge = Reply(json.dumps({"a": "x" * (17 * 1024 * 1024)}).encode())
    with pytest.raises(VenueError):
        read((huge,) * 3, lambda v: v.server_time())


def test_an_order_is_held_back_in_the_last_moment() -> None:
    """The gate is asked when the connection stands, and with its reason no byte leaves."""
    asked: list[str] = []
    reasons = ["kill switch: fire", None]

    async def posted() -> tuple[list[SubmitOutcome], int]:
        async with venue(TAKEN, SHOW) as (exchange, server):
            exchange.rest.bucket.wait(7.0)

            def gate() -> str | None:
                asked.append(str(exchange.rest.clock.now()))
                return reasons.pop(0)

            return [await exchange.submit(ORDER, gate) for _ in range(2)], len(server.asked)

    outcomes, requests = asyncio.run(posted())
    assert outcomes == [NotSent("kill switch: fire"), Acknowledged("v1")]
    assert requests == 2
    # Once for each order, after the wait for the quota, and for no read.
    assert asked == [str(START.plus_s(7))] * 2


def test_a_wall_clock_that_is_set_leaves_requests_signed() -> None:
    """A token bears the time by the clock of the start: a day's step in mid-run refuses nothing."""

    async def asked() -> int:
        async with venue(SHOW) as (exchange, server):
            clock = exchange.rest.clock
            assert isinstance(clock, ManualClock)
            clock.passes(60)
            clock.time = clock.time.plus_s(-86_400)
            await exchange.order("v1")
            token = server.asked[0].headers["authorization"].removeprefix("Bearer ")
            return int(jwt.decode(token, options={"verify_signature": False})["nbf"])

    assert asyncio.run(asked()) == START.plus_s(60).ns // 10**9
