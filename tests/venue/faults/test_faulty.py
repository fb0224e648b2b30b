"""Each fault does what it says: what arrives, how often, and what the client is told."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from fakes.clock import START, ManualClock
from hypothesis import given, settings
from hypothesis import strategies as st
from venue.faults.little_venue import LIST, PRODUCT, LittleVenue, asked, order

from engine.adapters.system.rng import SeededRng
from engine.adapters.system.virtual_clock import VirtualClock
from engine.venue.faults.faulty import FaultyPassage, Spoilt
from engine.venue.faults.kinds import STATUSES, Effect, Fault, FaultKind
from engine.venue.faults.lists import spoil_page
from engine.venue.faults.plan import FaultPlan, Scripted
from engine.venue.faults.routes import PREFIX
from engine.venue.passage import HangUp, Reply

if TYPE_CHECKING:
    from engine.ports import Clock
    from engine.venue.passage import Asked


def always(fault: Fault, clock: Clock) -> FaultyPassage:
    """A passage in which every request has this fault."""
    lines = [Scripted(method, path, fault) for method in ("GET", "POST") for path in PATHS]
    return FaultyPassage(FaultPlan(script=tuple(lines)), clock, SeededRng(b"1"))


PATHS = ("/orders", "/orders/batch_cancel", "/orders/historical/batch", "/products", "/products/*")


def through(fault: Fault, request: Asked) -> tuple[LittleVenue, Reply | HangUp]:
    """One request through the fault, and time enough for what is late."""
    venue, clock = LittleVenue(), VirtualClock(START)

    async def sent() -> Reply | HangUp:
        passage = always(fault, clock)
        told = await passage(request, venue.onward)
        await clock.sleep_until(clock.now().plus_s(200))
        await passage.close()
        return told

    return venue, clock.run(sent())


ARRIVALS = {
    "a lost request never arrives": (Fault(FaultKind.REQUEST_LOST), 0, None),
    "a lost answer is one to a request that arrived": (Fault(FaultKind.RESPONSE_LOST), 1, None),
    "it arrives after we gave up": (Fault(FaultKind.LATE_ARRIVAL, delay_s=120), 1, None),
    "it arrives twice and is answered once": (Fault(FaultKind.DUPLICATE_DELIVERY), 2, 200),
    "it arrives again later": (Fault(FaultKind.DUPLICATE_DELIVERY, delay_s=9), 2, 200),
    "the id of another order is told when there is none": (Fault(FaultKind.OTHER_ORDER), 1, 200),
    "garbage follows the effect": (Fault(FaultKind.GARBAGE_BODY), 1, 200),
    "half a body follows the effect": (Fault(FaultKind.TRUNCATED_BODY), 1, 200),
    "a page follows the effect": (Fault(FaultKind.HTML_BODY), 1, 200),
    "half an answer follows the effect": (Fault(FaultKind.CUT_OFF), 1, 200),
    "a slow answer follows the effect": (Fault(FaultKind.SLOW_DRIP, delay_s=2), 1, 200),
}


@pytest.mark.parametrize(("fault", "arrived", "status"), ARRIVALS.values(), ids=ARRIVALS)
def test_a_request_arrives_as_often_as_its_fault_says(
    fault: Fault, arrived: int, status: int | None
) -> None:
    """What the venue saw, and whether the client heard of it, are two things."""
    venue, told = through(fault, order("a"))
    assert venue.writes == arrived
    assert (told.status if isinstance(told, Reply) else None) == status


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("effect", Effect)
def test_a_status_of_trouble_comes_before_the_effect_or_after_it(
    status: int, effect: Effect
) -> None:
    """A 500 says nothing of what happened; the plan does."""
    fault = Fault(FaultKind.STATUS, status=status, effect=effect, retry_after_s=3)
    venue, told = through(fault, order("a"))
    assert venue.writes == (1 if effect is Effect.AFTER else 0)
    assert isinstance(told, Reply)
    assert told.status == status
    assert (("retry-after", "3") in told.headers) == (status == 429)


def test_a_429_says_in_the_quotas_headers_that_nothing_is_left() -> None:
    """The other way in which the venue says how long to wait."""
    _, told = through(Fault(FaultKind.STATUS, status=429, reset_s=4), order("a"))
    assert isinstance(told, Reply)
    assert told.headers[1:] == (("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "4"))


ACCOUNTS = asked("GET", "/accounts")
BEHIND = {
    "what was told then": (10, 10),
    "the oldest that is known": (100, 0),
    "what is told now": (0, 20),
}


@pytest.mark.parametrize(("lag_s", "at_s"), BEHIND.values(), ids=BEHIND)
def test_balances_that_are_behind_were_told_before(lag_s: float, at_s: int) -> None:
    """They have no time of their own, so what an earlier request was told is told again."""
    clock = ManualClock()
    line = Scripted("GET", "/accounts", Fault(FaultKind.LIST_LAG, lag_s=lag_s), skip=4)
    passage = FaultyPassage(FaultPlan(script=(line,)), clock, SeededRng(b"1"))

    async def onward(_: Asked) -> Reply:
        return Reply(body=str(round(clock.now().since_s(START))).encode())

    async def sent() -> list[Reply | HangUp]:
        told = []
        for _ in range(5):
            told.append(await passage(ACCOUNTS, onward))
            clock.passes(5)
        return told

    told = asyncio.run(sent())
    assert [each.body for each in told if isinstance(each, Reply)] == [
        *(str(n).encode() for n in (0, 5, 10, 15)),
        str(at_s).encode(),
    ]


def test_a_429_without_a_wait_names_none() -> None:
    """The header is there only where the plan says so."""
    _, told = through(Fault(FaultKind.STATUS, status=429), order("a"))
    assert isinstance(told, Reply)
    assert [name for name, _ in told.headers] == ["content-type"]
    assert json.loads(told.body)["errors"][0]["id"] == "rate_limit_exceeded"


@pytest.mark.parametrize("effect", Effect)
def test_a_refusal_is_a_200_that_says_no(effect: Effect) -> None:
    """To an order in `error_response`, to a cancel for each of its orders."""
    fault = Fault(FaultKind.SUCCESS_FALSE, word="INSUFFICIENT_FUND", effect=effect)
    venue, told = through(fault, order("a"))
    assert isinstance(told, Reply)
    body = json.loads(told.body)
    assert (body["success"], body["error_response"]["error"]) == (False, "INSUFFICIENT_FUND")
    assert venue.writes == (1 if effect is Effect.AFTER else 0)
    _, told = through(fault, asked("POST", "/orders/batch_cancel", {"order_ids": ["x", "y"]}))
    assert isinstance(told, Reply)
    assert [each["success"] for each in json.loads(told.body)["results"]] == [False, False]


def test_a_body_that_is_none_names_nothing() -> None:
    """Whoever sends no JSON is answered like whoever names no order."""
    fault = Fault(FaultKind.SUCCESS_FALSE, word="INVALID_REQUEST")
    _, told = through(fault, replace(order("a"), body=b"\xff"))
    assert isinstance(told, Reply)
    assert json.loads(told.body)["order_configuration"] is None


def test_bodies_are_spoilt_so_that_nobody_can_read_them() -> None:
    """Garbage, half of it, a web page: no JSON; a cut keeps bytes back, a drip takes time."""
    for kind in (FaultKind.GARBAGE_BODY, FaultKind.TRUNCATED_BODY, FaultKind.HTML_BODY):
        _, told = through(Fault(kind), order("a"))
        assert isinstance(told, Reply)
        with pytest.raises(ValueError, match=r"."):
            json.loads(told.body)
    _, cut = through(Fault(FaultKind.CUT_OFF), order("a"))
    _, slow = through(Fault(FaultKind.SLOW_DRIP, delay_s=2), order("a"))
    assert isinstance(cut, Reply)
    assert 0 < cut.cut < len(cut.body)
    assert isinstance(slow, Reply)
    assert slow.over_s == 2


def test_what_is_late_arrives_when_it_says_and_not_before() -> None:
    """A hundred and twenty seconds after the client heard nothing."""
    venue, clock = LittleVenue(), VirtualClock(START)

    async def sent() -> tuple[int, int]:
        passage = always(Fault(FaultKind.LATE_ARRIVAL, hold_s=10, delay_s=120), clock)
        assert isinstance(await passage(order("a"), venue.onward), HangUp)
        assert clock.now() == START.plus_s(10)
        await clock.sleep_until(START.plus_s(119.9))
        before = venue.writes
        await clock.sleep_until(START.plus_s(120.1))
        return before, venue.writes

    assert clock.run(sent()) == (0, 1)


def test_closing_ends_what_has_not_arrived() -> None:
    """A venue that is stopped takes no more orders."""
    venue, clock = LittleVenue(), VirtualClock(START)

    async def sent() -> int:
        passage = always(Fault(FaultKind.LATE_ARRIVAL, delay_s=60), clock)
        await passage(order("a"), venue.onward)
        await passage.close()
        await clock.sleep_until(START.plus_s(100))
        return venue.writes

    assert clock.run(sent()) == 0


def test_another_order_is_told_with_the_echo_of_this_one() -> None:
    """The new request never arrives; the id is an old order's, all else the new request's."""
    venue = LittleVenue()
    line = Scripted("POST", "/orders", Fault(FaultKind.OTHER_ORDER), skip=1)
    log: list[Spoilt] = []
    passage = FaultyPassage(FaultPlan(script=(line,)), ManualClock(), SeededRng(b"1"), log.append)

    async def sent() -> Reply | HangUp:
        await passage(order("a"), venue.onward)
        return await passage(order("b", product="ETH-USD"), venue.onward)

    told = asyncio.run(sent())
    assert isinstance(told, Reply)
    success = json.loads(told.body)["success_response"]
    assert (success["order_id"], success["product_id"]) == ("venue-1", "ETH-USD")
    assert venue.writes == 1
    assert [json.loads(each.line()) for each in log] == [
        {
            "number": 2,
            "method": "POST",
            "path": f"{PREFIX}/orders",
            "fault": "other_order",
            "status": 0,
            "effect": "before",
        }
    ]


ENTRIES = st.lists(st.integers(-60, 60), min_size=0, max_size=12)


@settings(max_examples=60, deadline=None)
@given(ENTRIES, st.integers(0, 30), st.binary(max_size=4))
def test_a_page_keeps_its_cursor_whatever_becomes_of_its_entries(
    ages: list[int], lag: int, seed: bytes
) -> None:
    """Behind, reordered, doubled or empty: entries are the venue's own, and none is invented."""
    venue = LittleVenue(created=[(str(n), START.plus_s(-age)) for n, age in enumerate(ages)])

    def page(fault: Fault) -> list[str]:
        passage = always(fault, ManualClock())
        passage.rng = SeededRng(seed)
        told = asyncio.run(passage(LIST, venue.onward))  # type: ignore[arg-type]  # a passage is a coroutine function
        assert isinstance(told, Reply)
        body = json.loads(told.body)
        assert (body["has_next"], body["cursor"]) == (True, "c1")
        return [each["order_id"] for each in body["orders"]]

    names = [name for name, _ in venue.created]
    old = [name for name, time in venue.created if time <= START.plus_s(-lag)]
    assert page(Fault(FaultKind.LIST_LAG, lag_s=lag)) == old
    assert page(Fault(FaultKind.PAGE_REPEATED)) == names * 2
    assert page(Fault(FaultKind.PAGE_MISSING)) == []
    reordered = page(Fault(FaultKind.PAGE_REORDERED))
    assert sorted(reordered) == sorted(names)
    assert len(names) < 2 or reordered != names


def test_what_is_no_page_is_left_alone() -> None:
    """A list fault at a request for one order changes nothing."""
    for kind in (FaultKind.PAGE_MISSING, FaultKind.GARBAGE_BODY):
        _, told = through(Fault(kind), asked("GET", "/products/BTC-USD"))
        assert isinstance(told, Reply)
        assert (told.body == json.dumps(PRODUCT).encode()) == (kind is FaultKind.PAGE_MISSING)


@pytest.mark.parametrize(
    "reply",
    [Reply(404, b'{"orders": []}'), Reply(body=b"[]"), Reply(body=b'{"orders": null}')],
    ids=["a refusal", "no object", "no list"],
)
def test_an_answer_without_a_page_is_left_alone(reply: Reply) -> None:
    """A list fault spoils lists; what the venue itself refused stays refused."""
    fault = Fault(FaultKind.PAGE_MISSING)
    assert spoil_page(reply, fault, SeededRng(b"1"), START) == reply


def test_an_entry_without_a_time_was_always_there() -> None:
    """Accounts and products have none, and no list is behind in them."""
    reply = Reply(body=b'{"accounts": [{"currency": "USD"}, "odd"]}')
    lag = Fault(FaultKind.LIST_LAG, lag_s=30)
    told = spoil_page(reply, lag, SeededRng(b"1"), START)
    assert json.loads(told.body) == json.loads(reply.body)


def test_a_halt_leaves_other_answers_alone() -> None:
    """Lists of orders, and products that the venue does not have."""
    venue, clock = LittleVenue(), ManualClock()
    halt = Fault(FaultKind.PRODUCT_HALTED, lasts_s=30)
    passage = FaultyPassage(
        FaultPlan(script=(Scripted("POST", "/orders", halt, times=1),)), clock, SeededRng(b"1")
    )

    async def sent() -> list[Reply | HangUp]:
        await passage(order("a"), venue.onward)
        return [await passage(LIST, venue.onward), await venue.onward(LIST)]

    spoilt, plain = asyncio.run(sent())
    assert spoilt == plain


def test_a_halted_product_is_shown_as_such_and_takes_no_orders_until_it_is_over() -> None:
    """Other products go on; after its time the product is what it was."""
    venue, clock = LittleVenue(), ManualClock()
    halt = Fault(FaultKind.PRODUCT_HALTED, lasts_s=30)
    line = Scripted("POST", "/orders", halt, times=1)
    passage = FaultyPassage(FaultPlan(script=(line,)), clock, SeededRng(b"1"))

    def told(request: Asked) -> dict[str, object]:
        reply = asyncio.run(passage(request, venue.onward))  # type: ignore[arg-type]  # a passage is a coroutine function
        assert isinstance(reply, Reply)
        body: dict[str, object] = json.loads(reply.body)
        return body

    refused = told(order("a"))
    assert (refused["success"], venue.writes) == (False, 0)
    assert told(asked("GET", "/products/BTC-USD"))["trading_disabled"] is True
    assert told(asked("GET", "/products"))["products"] == [
        {**PRODUCT, "trading_disabled": True, "status": "offline"}
    ]
    assert told(order("b", product="ETH-USD"))["success"] is True
    clock.passes(31)
    assert told(order("c"))["success"] is True
    assert told(asked("GET", "/products/BTC-USD")) == PRODUCT


PRECISIONS = {
    "on the coarser grid it passes": ("100.00", True),
    "on the finer grid it does not": ("100.01", False),
    "what is no number is for the venue to refuse": ("many", True),
}


@pytest.mark.parametrize(("price", "taken"), PRECISIONS.values(), ids=PRECISIONS)
def test_a_product_whose_increments_changed_refuses_what_lies_between(
    price: str, *, taken: bool
) -> None:
    """Ten times as coarse, in what is shown and in what is taken."""
    venue = LittleVenue()
    change = Fault(FaultKind.PRECISION_CHANGED, lasts_s=30, product="BTC-USD")
    line = Scripted("GET", "/products/*", change)
    passage = FaultyPassage(FaultPlan(script=(line,)), ManualClock(), SeededRng(b"1"))

    async def sent() -> list[Reply | HangUp]:
        first = await passage(asked("GET", "/products/BTC-USD"), venue.onward)
        return [first, await passage(order("a", price), venue.onward)]

    shown, placed = asyncio.run(sent())
    assert isinstance(shown, Reply)
    assert isinstance(placed, Reply)
    assert json.loads(shown.body)["price_increment"] == "0.1"
    assert json.loads(placed.body)["success"] is taken
    assert venue.writes == (1 if taken else 0)
