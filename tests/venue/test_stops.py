"""Orders that wait for a price: stop-limits and brackets, from entry to fill."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from fakes.clock import START
from hypothesis import given
from hypothesis import strategies as st
from venue.test_matching import Bench

from engine.adapters.coinbase.orders import venue_order
from engine.adapters.coinbase.wire import decode
from engine.adapters.system.memory_disk import MemoryDisk
from engine.adapters.system.rng import SeededRng
from engine.model.orders import OrderStatus, Side
from engine.venue.memory.records import read, written
from engine.venue.news import OrderChanged
from engine.venue.orders import Configuration, Order, Status, StopDirection
from engine.venue.refusals import Refusal
from engine.venue.venue import Venue

if TYPE_CHECKING:
    from venue.conftest import AtTheDoor

    from engine.venue.fate import Placed

UP, DOWN = StopDirection.UP, StopDirection.DOWN
STOP, STOP_GTD = Configuration.STOP_LIMIT_GTC, Configuration.STOP_LIMIT_GTD
BRACKET, BRACKET_GTD = Configuration.BRACKET_GTC, Configuration.BRACKET_GTD
BUY, SELL = Side.BUY, Side.SELL


@pytest.fixture
def bench() -> Bench:
    """A venue whose market stands at 60,000."""
    made = Bench()
    made.quote("59999", "60001")
    return made


def stop(
    bench: Bench, side: Side, price: str, limit: str, direction: StopDirection, **more: object
) -> Placed | Refusal:
    """Place a stop-limit order."""
    told = {"stop_price": Decimal(price), "stop_direction": direction, **more}
    return bench.place(STOP, side, price=limit, **told)


def bracket(bench: Bench, side: Side, limit: str, trigger: str) -> Placed | Refusal:
    """Place a bracket."""
    return bench.place(BRACKET, side, price=limit, stop_price=Decimal(trigger))


def state(order: Order) -> tuple[Status, bool, Decimal]:
    """Where it stands, whether it waits, and what is filled."""
    return order.status, order.waits, order.filled


@pytest.mark.parametrize(
    ("side", "price", "limit", "direction", "expected"),
    [
        pytest.param(SELL, "58000", "57900", DOWN, None, id="a stop loss"),
        pytest.param(SELL, "62000", "61900", UP, None, id="a profit that is taken"),
        pytest.param(BUY, "62000", "62100", UP, None, id="a breakout"),
        pytest.param(BUY, "58000", "58100", DOWN, None, id="a dip"),
        pytest.param(
            SELL, "60000", "59000", DOWN, Refusal.STOP_PRICE_ABOVE_LAST_TRADE_PRICE,
            id="a fall to where the price is",
        ),
        pytest.param(
            BUY, "60000", "61000", UP, Refusal.STOP_PRICE_BELOW_LAST_TRADE_PRICE,
            id="a rise to where the price is",
        ),
        pytest.param(
            SELL, "58000", "58000.01", DOWN, Refusal.STOP_PRICE_BELOW_LIMIT_PRICE,
            id="a sale that could not be made at its stop",
        ),
        pytest.param(
            BUY, "62000", "61999.99", UP, Refusal.STOP_PRICE_ABOVE_LIMIT_PRICE,
            id="a purchase that could not be made at its stop",
        ),
        pytest.param(
            SELL, "58000.001", "57900", DOWN, Refusal.INVALID_STOP_PRICE_PRECISION,
            id="a stop between two prices",
        ),
        pytest.param(SELL, "-1", "57900", DOWN, Refusal.INVALID_REQUEST, id="a stop below zero"),
    ],
)  # fmt: skip
def test_a_stop_enters_on_the_far_side_of_the_price(
    bench: Bench,
    side: Side,
    price: str,
    limit: str,
    direction: StopDirection,
    expected: Refusal | None,
) -> None:
    """It waits for something that has not happened, and can trade once it has."""
    outcome = stop(bench, side, price, limit, direction)
    assert (outcome if isinstance(outcome, Refusal) else None) is expected


@pytest.mark.parametrize(
    ("side", "limit", "trigger", "expected"),
    [
        pytest.param(SELL, "62000", "58000", None, id="a sale above and below"),
        pytest.param(BUY, "58000", "62000", None, id="a purchase below and above"),
        pytest.param(SELL, "58000", "58000", Refusal.INVALID_BRACKET_PRICES, id="no room"),
        pytest.param(
            SELL, "60000", "58000", Refusal.INVALID_BRACKET_LIMIT_PRICE, id="a limit that is met"
        ),
        pytest.param(
            BUY, "58000", "60000", Refusal.INVALID_BRACKET_STOP_TRIGGER_PRICE,
            id="a trigger that is reached",
        ),
    ],
)  # fmt: skip
def test_a_bracket_stands_around_the_price(
    bench: Bench, side: Side, limit: str, trigger: str, expected: Refusal | None
) -> None:
    """Its limit lies on the better side of the market, its trigger on the worse."""
    outcome = bracket(bench, side, limit, trigger)
    assert (outcome if isinstance(outcome, Refusal) else None) is expected


def test_a_market_without_a_price_takes_no_stop() -> None:
    """With one side alone nobody can say on which side of the market a stop lies."""
    made = Bench()
    made.book([("59999", "1")], [])
    assert stop(made, SELL, "58000", "57000", DOWN) is Refusal.MISSING_MARKET_DATA


def test_a_stop_sleeps_until_its_price_and_takes_then(bench: Bench) -> None:
    """Through its limit nothing fills it; at its stop it takes what is shown, and pays as taker."""
    placed = stop(bench, SELL, "58000", "57000", DOWN)
    bench.quote("64000", "64001")
    bench.quote("58001", "58002", "0.04")
    assert state(bench.order(placed)) == (Status.OPEN, True, 0)
    bench.quote("57999", "58000", "0.04")
    woken = bench.order(placed)
    assert state(woken) == (Status.OPEN, False, Decimal("0.04"))
    assert woken.triggered == bench.clock.now()
    (taken,) = bench.venue.fate.executions()
    assert (taken.price, taken.maker) == (Decimal(57999), False)
    # What is left is a limit order like any other: it rests, and is filled when gone through.
    bench.quote("57000", "57001", "1")
    assert bench.order(placed).filled == Decimal("0.04")
    bench.quote("57001", "57002", "1")
    assert bench.order(placed).status is Status.FILLED
    assert bench.venue.fate.executions()[-1].maker


def test_a_stop_that_the_market_jumps_over_rests_at_its_limit(bench: Bench) -> None:
    """It is no order to sell at any price."""
    placed = stop(bench, SELL, "58000", "57500", DOWN)
    bench.quote("50000", "50001")
    assert state(bench.order(placed)) == (Status.OPEN, False, 0)
    bench.quote("57600", "57601")
    assert bench.order(placed).status is Status.FILLED
    (filled,) = bench.venue.fate.executions()
    assert (filled.price, filled.maker) == (Decimal(57500), True)


def test_where_trades_are_shown_they_are_the_price(bench: Bench) -> None:
    """Quotes alone reach nothing then, as at the real venue; and trades alone do."""
    bench.trade("60000", "0.001")
    placed = stop(bench, SELL, "58000", "50000", DOWN)
    bench.quote("57000", "57001")
    assert bench.order(placed).waits
    bench.trade("58000.01", "0.001")
    assert bench.order(placed).waits
    bench.trade("58000", "0.001")
    assert bench.order(placed).status is Status.FILLED
    assert bench.venue.fate.executions()[-1].price == Decimal(57000)


def test_a_stop_does_not_see_what_was_before_it(bench: Bench) -> None:
    """A quote of the very instant in which it came is not news to it."""
    placed = stop(bench, BUY, "60500", "61000", UP)
    order = bench.order(placed)
    assert order.queued == bench.clock.now()
    bench.quote("60600", "60601")
    assert bench.order(placed).status is Status.FILLED


def test_a_bracket_takes_its_profit_at_its_limit(bench: Bench) -> None:
    """It rests there like any limit order, as a maker."""
    placed = bracket(bench, SELL, "62000", "58000")
    bench.quote("62001", "62002")
    filled = bench.order(placed)
    assert state(filled) == (Status.FILLED, True, Decimal("0.1"))
    assert [(e.price, e.maker) for e in bench.venue.fate.executions()] == [(Decimal(62000), True)]


def test_a_bracket_leaves_at_its_trigger_within_five_percent(bench: Bench) -> None:
    """Its order is then a limit 5 % beyond; what nobody takes there rests there."""
    placed = bracket(bench, SELL, "62000", "58000")
    bench.book([("55150", "0.04"), ("55099", "1")], [("55151", "1")])
    woken = bench.order(placed)
    assert (woken.limit_price, woken.filled) == (Decimal(55100), Decimal("0.04"))
    assert [each.price for each in bench.venue.fate.executions()] == [Decimal(55150)]


def test_a_bracket_that_buys_binds_what_its_trigger_may_cost(bench: Bench) -> None:
    """105 % of the trigger, and the fee of who takes; awake, what its limit says."""
    placed = bracket(bench, BUY, "58000", "62000")
    assert bench.balance("USD").held == Decimal("0.1") * 65100 * Decimal("1.012")
    bench.quote("62000", "62001", "0.04")
    assert bench.order(placed).limit_price == Decimal(65100)
    assert bench.balance("USD").held == Decimal("0.06") * 65100 * Decimal("1.012")
    poor = replace(bench.order(placed).request, client_order_id="poor", base_size=Decimal("1.5"))
    poor = replace(poor, limit_price=Decimal(50000), stop_price=Decimal(65000))
    assert asyncio.run(bench.venue.place(poor)) is Refusal.INSUFFICIENT_FUND


def test_what_waits_is_cancelled_expires_and_is_not_edited(bench: Bench) -> None:
    """Like any order that rests, but for its price: edits are for limit orders alone."""
    first, other = (stop(bench, SELL, "58000", "57000", DOWN) for _ in range(2))
    assert bench.balance("BTC").held == Decimal("0.2")
    assert asyncio.run(bench.venue.cancel(bench.order(first).order_id)) is None
    assert bench.order(first).status is Status.CANCELLED
    assert bench.balance("BTC").held == Decimal("0.1")
    ends = bench.clock.now().plus_s(60)
    expiring = bench.place(
        STOP_GTD, SELL, price="57000", stop_price=Decimal(58000), stop_direction=DOWN, end_time=ends
    )
    bench.clock.passes(61)
    assert bench.order(expiring).status is Status.EXPIRED
    assert bench.order(other).waits


def test_a_restart_forgets_no_stop() -> None:
    """What waited waits on, what was woken stays awake; and older memories hold no stops."""
    disk = MemoryDisk()
    made = Bench()
    made.venue = Venue(made.settings, made.clock, SeededRng(b"1"), disk)
    made.quote("59999", "60001")
    waits = stop(made, SELL, "50000", "49000", DOWN)
    wakes = bracket(made, SELL, "62000", "58000")
    made.quote("57000", "57001", "0.01")
    before = [made.order(waits), made.order(wakes)]
    assert [each.waits for each in before] == [True, False]
    made.venue = Venue(made.settings, made.clock, SeededRng(b"2"), disk)
    assert [made.order(waits), made.order(wakes)] == before
    made.quote("49999", "50001")
    assert made.order(waits).status is Status.FILLED
    told = json.loads(json.dumps(written(OrderChanged(before[0]))))
    for fields, names in ((told, ("triggered",)), (told["request"], ("stop_price",))):
        for name in names:
            del fields[name]
    del told["request"]["stop_direction"]
    older = read(told)
    assert isinstance(older, OrderChanged)
    assert (older.order.request.waits_for, older.order.triggered) == (None, None)


SIZE = {"base_size": "0.1"}
LIMIT = {**SIZE, "limit_price": "57000"}
FALL = {**LIMIT, "stop_price": "58000", "stop_direction": "STOP_DIRECTION_STOP_DOWN"}
AROUND = {**SIZE, "limit_price": "72000", "stop_trigger_price": "58000"}
END = "2099-01-01T00:00:00Z"


@pytest.mark.parametrize(
    ("configuration", "fields", "kind", "in_force"),
    [
        (STOP, FALL, "STOP_LIMIT", "GOOD_UNTIL_CANCELLED"),
        (STOP_GTD, {**FALL, "end_time": END}, "STOP_LIMIT", "GOOD_UNTIL_DATE_TIME"),
        (BRACKET, AROUND, "BRACKET", "GOOD_UNTIL_CANCELLED"),
        (BRACKET_GTD, {**AROUND, "end_time": END}, "BRACKET", "GOOD_UNTIL_DATE_TIME"),
    ],
    ids=lambda each: each.value if isinstance(each, Configuration) else "",
)
def test_bodies_say_what_waits_and_for_what(
    at_the_door: AtTheDoor,
    configuration: Configuration,
    fields: dict[str, str],
    kind: str,
    in_force: str,
) -> None:
    """Placed, previewed, listed by kind, refused to an edit; and our own adapter can read it."""
    asked = {"product_id": "BTC-USD", "side": "SELL"}
    body = {**asked, "order_configuration": {configuration.value: fields}}
    _, preview = at_the_door.ask("POST", "/orders/preview", body=body)
    assert (preview["errs"], preview["base_size"]) == ([], "0.1")
    _, placed = at_the_door.ask("POST", "/orders", body={**body, "client_order_id": "w"})
    assert placed["order_configuration"] == body["order_configuration"], placed
    order_id = placed["success_response"]["order_id"]  # type: ignore[index]  # an object
    _, listed = at_the_door.ask("GET", "/orders/historical/batch", (("order_types", kind),))
    (shown,) = listed["orders"]  # type: ignore[misc]  # a list of one
    assert shown["order_configuration"] == body["order_configuration"]
    assert (shown["order_type"], shown["time_in_force"]) == (kind, in_force)
    assert (shown["status"], shown["trigger_status"]) == ("OPEN", "STOP_PENDING")
    edit = {"order_id": order_id, "price": "57001", "size": "0.1"}
    _, edited = at_the_door.ask("POST", "/orders/edit", body=edit)
    assert edited["errors"][0]["edit_failure_reason"] == "ONLY_LIMIT_ORDER_EDITS_SUPPORTED"  # type: ignore[index]  # a list
    ours = venue_order(decode(json.dumps(shown).encode()))
    assert (ours.status, ours.quantity) == (OrderStatus.OPEN, Decimal("0.1"))


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("stop_limit_stop_limit_gtc", LIMIT),
        ("stop_limit_stop_limit_gtc", {**LIMIT, "stop_price": "58000"}),
        ("stop_limit_stop_limit_gtc", {**FALL, "stop_direction": "UNKNOWN_STOP_DIRECTION"}),
        ("stop_limit_stop_limit_gtc", {**FALL, "end_time": END}),
        ("stop_limit_stop_limit_gtd", FALL),
        ("trigger_bracket_gtc", {**SIZE, "limit_price": "62000"}),
        ("trigger_bracket_gtc", {**AROUND, "stop_direction": "STOP_DIRECTION_STOP_DOWN"}),
        ("limit_limit_gtc", {**LIMIT, "stop_price": "58000"}),
    ],
)
def test_half_a_stop_is_none(at_the_door: AtTheDoor, name: str, fields: dict[str, str]) -> None:
    """What lacks its stop or its direction, or has one that it cannot use, is refused."""
    asked = {"client_order_id": "w", "product_id": "BTC-USD", "side": "SELL"}
    body = {**asked, "order_configuration": {name: fields}}
    _, told = at_the_door.ask("POST", "/orders", body=body)
    assert told["error_response"]["error"] == "INVALID_REQUEST"  # type: ignore[index]  # an object


@given(
    mids=st.lists(st.integers(40_000, 80_000), min_size=1, max_size=8),
    side=st.sampled_from(Side),
    direction=st.sampled_from(StopDirection),
    far=st.integers(1, 15_000),
    slack=st.integers(0, 3_000),
)
def test_a_stop_fills_only_after_its_price_and_within_its_limit(
    mids: list[int], side: Side, direction: StopDirection, far: int, slack: int
) -> None:
    """Whatever the market does: never before the price was shown, never beyond the limit."""
    made = Bench()
    made.quote("59999", "60001")
    price = 60_000 + far * (1 if direction is UP else -1)
    limit = price + slack * (1 if side is BUY else -1)
    placed = stop(made, side, str(price), str(limit), direction)
    shown = False
    for mid in mids:
        made.quote(str(mid - 1), str(mid + 1))
        shown = shown or (mid >= price if direction is UP else mid <= price)
        order = made.order(placed)
        assert order.waits != shown
        assert shown or order.filled == 0
    for each in made.venue.fate.executions():
        assert each.price <= limit if side is BUY else each.price >= limit


def test_the_market_begins_where_the_bench_says(bench: Bench) -> None:
    """The tables above stand on it."""
    assert bench.clock.now() > START
    shown = bench.venue.market.of(bench.settings.listings[0].product.symbol)
    assert shown.mid == 60_000
