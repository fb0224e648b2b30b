"""Ways out: the form and price of a sell that has to leave, whatever the product takes."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from cycle.trading_desk import BTC, START, bench, done, product
from fakes.bench import Bench as Market
from hypothesis import given
from hypothesis import strategies as st

from engine.cycle import cycle
from engine.cycle.orders.ways_out import Leaving, way_out
from engine.kinds.execution_policy.document import Rung
from engine.model.forms import FORMS
from engine.model.market import ProductStatus, Quote

REST = Rung(order="post_only", time_to_live="15s")
TAKE = Rung(order="limit_ioc", collar_bps=50)
WIDE = Rung(order="limit_ioc", collar_bps=400)
ANY = Rung(order="market_ioc")
STOP = (TAKE, WIDE, ANY)
BOUND = (TAKE, WIDE)
BOTH, BID, ASK, EMPTY = ("99.9", "100.1"), ("99.9", None), (None, "100.1"), (None, None)
CROSSED = ("100.5", "100")
LAST = "98"

WAYS = {
    "as its rung says": ("online", STOP, TAKE, BOTH, ("limit_ioc", "99.5", None)),
    "at any price": ("online", STOP, ANY, BOTH, ("market_ioc", None, None)),
    "by the bid alone": ("online", STOP, TAKE, BID, ("limit_ioc", "99.5", None)),
    "nobody bids, and any price will do": ("online", STOP, TAKE, ASK, ("market_ioc", None, None)),
    "nobody bids, and the ladder is bound": (
        "online",
        BOUND,
        TAKE,
        ASK,
        ("limit_ioc", "94.1", None),
    ),
    "nothing was ever shown": ("online", STOP, TAKE, None, ("market_ioc", None, None)),
    "rests if nothing can be taken": ("post_only", STOP, TAKE, BOTH, ("post_only", "100.1", 60)),
    "as long as its rung says": ("post_only", (REST,), REST, BOTH, ("post_only", "100.1", 15)),
    "rests just above a lonely bid": ("post_only", STOP, ANY, BID, ("post_only", "100", 60)),
    "rests above a crossed bid": ("post_only", STOP, ANY, CROSSED, ("post_only", "100.6", 60)),
    "rests where the last bid was": ("post_only", STOP, ANY, EMPTY, ("post_only", "98", 60)),
    "through the bid where no market order is taken": (
        "limit_only",
        STOP,
        ANY,
        BOTH,
        ("limit_ioc", "96", None),
    ),
    "at one increment where no collar is written": (
        "limit_only",
        (ANY,),
        ANY,
        BOTH,
        ("limit_ioc", "0.1", None),
    ),
    "through what was last known": ("limit_only", STOP, ANY, ASK, ("limit_ioc", "94.1", None)),
}  # fmt: skip


def around(status: str, sides: tuple[str | None, str | None] | None, **changes: object) -> Leaving:
    """A product and a market."""
    parts = None if sides is None else [None if s is None else Decimal(s) for s in sides]
    fields: dict[str, object] = {
        "product": product(price_increment=Decimal("0.1"), status=ProductStatus(status)),
        "quote": None if parts is None else Quote(BTC, START, *parts),
        "last_known": Decimal(LAST),
        "rest_s": 60,
        "stop": True,
        **changes,
    }
    return Leaving(**fields)  # type: ignore[arg-type] # a builder for tests: fields by name


@pytest.mark.parametrize(("status", "rungs", "rung", "sides", "found"), WAYS.values(), ids=WAYS)
def test_a_stop_takes_the_form_that_is_possible(
    status: str,
    rungs: tuple[Rung, ...],
    rung: Rung,
    sides: tuple[str | None, str | None] | None,
    found: tuple[str, str | None, int | None],
) -> None:
    """Its rung's form where that is taken and can be priced, else the nearest that is."""
    priced = way_out(rungs, rung, around(status, sides))
    assert priced is not None
    limit = None if found[1] is None else Decimal(found[1])
    assert (priced.form.value, priced.limit, priced.time_to_live_s) == (found[0], limit, found[2])


NO_WAY = {
    "a planned exit waits for a bid": ("online", (REST, TAKE), TAKE, ASK, {"stop": False}),
    "nothing was ever known": ("online", STOP, ANY, None, {"last_known": None}),
    "nothing was ever known of a bound": ("online", BOUND, TAKE, None, {"last_known": None}),
    "no touch was ever known": ("post_only", STOP, ANY, None, {"last_known": None}),
}


@pytest.mark.parametrize(
    ("status", "rungs", "rung", "sides", "changes"), NO_WAY.values(), ids=NO_WAY
)
def test_without_any_price_there_is_no_order(
    status: str,
    rungs: tuple[Rung, ...],
    rung: Rung,
    sides: tuple[str | None, str | None] | None,
    changes: dict[str, object],
) -> None:
    """A stop of something that nobody ever paid for cannot be; a planned exit can wait."""
    assert way_out(rungs, rung, around(status, sides, **changes)) is None


SIDES = st.none() | st.decimals("0.05", "100000", places=3)


@given(st.sampled_from(ProductStatus), st.sampled_from(STOP), st.tuples(SIDES, SIDES), SIDES)
def test_a_held_position_has_a_way_out_of_every_product_that_is_traded(
    status: ProductStatus,
    rung: Rung,
    sides: tuple[Decimal | None, Decimal | None],
    paid: Decimal | None,
) -> None:
    """Whatever is shown: a possible form, on the grid, and never crossing where it rests."""
    paid = paid or Decimal(7)
    shown = Quote(BTC, START, *sides)
    place = around(status.value, None, quote=shown, last_known=paid)
    priced = way_out(STOP, rung, place)
    if not FORMS[status]:
        return
    assert priced is not None
    assert priced.form in FORMS[status]
    if priced.limit is not None:
        assert priced.limit > 0
        assert priced.limit % Decimal("0.1") == 0
    if status is ProductStatus.POST_ONLY and shown.bid is not None:
        assert priced.limit is not None
        assert priced.limit > shown.bid


def test_a_blind_position_is_sold_at_any_price() -> None:
    """Nobody has bid for as long as the plan allows: a market order leaves in that cycle."""
    made = bench()
    made.hold(BTC, "2", "100")
    for _ in range(2):
        made.quote(BTC, None, "100")
        done(cycle.run(made.desk, made.now))
        made.wait(1800)
    (sold,) = made.venue.sent
    assert (sold.intent.form.value, sold.quantity) == ("market_ioc", Decimal(2))
    assert sold.intent.reason == "blind for 1800 s"


def test_a_stop_in_a_post_only_product_follows_the_touch_until_it_is_out() -> None:
    """Each new quote moves the resting order to the touch; its fill ends it."""
    made = Market()
    held = made.hold()
    btc = next(iter(made.desk.products))
    made.relist(replace(made.desk.products[btc], status=ProductStatus.POST_ONLY))
    for ask in ("19004", "18990", "18980"):
        made.clock.passes(60)
        made.quote(btc, "18970", ask)
        made.tick()
        made.cycle()
    orders = [each for each in made.venue.book.values() if each.side.value == "SELL"]
    assert [str(each.limit_price) for each in orders] == ["19004", "18990", "18980"]
    assert [each.status.final for each in orders] == [True, True, False]
    made.venue.fill(orders[-1].venue_order_id, held)
    made.absorb()
    assert made.state.positions == {}
