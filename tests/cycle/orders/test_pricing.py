"""Pricing: the form, the limit and the worst case of an order, from a rung and a quote."""

from __future__ import annotations

from decimal import Decimal

import pytest
from cycle.small_sets import set_of
from cycle.trading_desk import BTC, START, product
from hypothesis import given
from hypothesis import strategies as st

from engine.cycle.orders.pricing import LADDERS, ladder_for, price, rungs_of
from engine.kinds.execution_policy.document import Rung
from engine.model.market import Quote
from engine.model.orders import Intent, OrderForm, Side

REST = Rung(order="post_only", time_to_live="15s")
TAKE = Rung(order="limit_ioc", collar_bps=50)
ANY = Rung(order="market_ioc")
GRID = product(price_increment=Decimal("0.1"))


def quote(bid: str | None, ask: str | None) -> Quote:
    """A quote with either side missing."""
    sides = (None if text is None else Decimal(text) for text in (bid, ask))
    return Quote(BTC, START, *sides)


LADDER_NAMES = [
    (Intent.ENTRY, False, "entry"),
    (Intent.ADD, True, "entry"),
    (Intent.EXIT, False, "exit"),
    (Intent.EXIT, True, "exit_stop"),
    (Intent.TRIM, False, "trim"),
    (Intent.PURGE, False, "trim"),
    (Intent.TRIM, True, "exit_stop"),
]


@pytest.mark.parametrize(("intent", "stop", "ladder"), LADDER_NAMES)
def test_each_intent_has_its_ladder(intent: Intent, *, stop: bool, ladder: str) -> None:
    """Entries and additions share a ladder, and a stop has its own whatever it leaves."""
    assert ladder_for(intent, stop=stop) == ladder


def test_every_ladder_of_the_set_is_found_by_its_name() -> None:
    """The names that orders carry are the ladders that the document has."""
    execution = set_of().execution
    assert {name: rungs_of(execution, name) for name in LADDERS} == {
        name: getattr(execution.ladders, name) for name in LADDERS
    }


PRICES = {
    "a buy rests at the bid": (REST, Side.BUY, ("99.9", "100.1"), "99.9", "100"),
    "a sell rests at the ask": (REST, Side.SELL, ("99.9", "100.1"), "100.1", "100"),
    "a resting buy is rounded down": (REST, Side.BUY, ("99.96", "100.04"), "99.9", "100"),
    "a resting sell is rounded up": (REST, Side.SELL, ("99.96", "100.04"), "100.1", "100"),
    "a buy takes up to the collar": (TAKE, Side.BUY, ("99.9", "100.1"), "100.5", "100"),
    "a sell takes down to the collar": (TAKE, Side.SELL, ("99.9", "100.1"), "99.5", "100"),
    "a buy's collar is never passed by rounding": (TAKE, Side.BUY, ("99", "100"), "99.9", "99.5"),
    "a sell's collar is never passed by rounding": (TAKE, Side.SELL, ("99", "100"), "99.1", "99.5"),
    "any price has no limit": (ANY, Side.BUY, ("99.9", "100.1"), None, "100"),
    "a sell by the bid alone": (TAKE, Side.SELL, ("100", None), "99.5", "100"),
    "a resting sell by the bid alone": (REST, Side.SELL, ("100", None), "100", "100"),
}


@pytest.mark.parametrize(
    ("rung", "side", "sides", "limit", "reference"), PRICES.values(), ids=PRICES
)
def test_a_price_follows_from_the_rung(
    rung: Rung, side: Side, sides: tuple[str, str | None], limit: str | None, reference: str
) -> None:
    """Limit and reference are what the rung says of the quote, on the product's grid."""
    priced = price(rung, side, quote(*sides), GRID)
    assert priced is not None
    assert priced.form is OrderForm(rung.order)
    assert priced.limit == (None if limit is None else Decimal(limit))
    assert priced.reference == Decimal(reference)
    assert priced.worst == Decimal(reference if limit is None else limit)
    assert priced.time_to_live_s == rung.time_to_live


NOTHING = {
    "no quote": (Side.SELL, None),
    "an empty book": (Side.SELL, quote(None, None)),
    "a buy without an ask": (Side.BUY, quote("100", None)),
    "a buy without a bid": (Side.BUY, quote(None, "100")),
    "a sell without a bid": (Side.SELL, quote(None, "100")),
    "a bid of nothing": (Side.SELL, quote("0", None)),
    "a limit below the grid": (Side.BUY, quote("0.01", "0.02")),
}


@pytest.mark.parametrize(("side", "shown"), NOTHING.values(), ids=NOTHING)
def test_what_the_market_does_not_show_is_not_priced(side: Side, shown: Quote | None) -> None:
    """Without a price to go by there is no order, and never a price of nothing."""
    assert price(TAKE, side, shown, GRID) is None


@given(
    st.decimals("0.1", "100000", places=4),
    st.decimals("0", "100", places=4),
    st.sampled_from(["0.01", "0.00001", "5"]),
    st.integers(0, 900),
    st.sampled_from(Side),
)
def test_a_limit_is_on_the_grid_and_within_the_collar(
    bid: Decimal, spread: Decimal, step: str, collar_bps: int, side: Side
) -> None:
    """Whatever the market, a limit is a multiple of the increment and not beyond its collar."""
    traded = product(price_increment=Decimal(step))
    shown = Quote(BTC, START, bid, bid + spread)
    priced = price(Rung(order="limit_ioc", collar_bps=collar_bps), side, shown, traded)
    if priced is None or priced.limit is None:
        return
    assert priced.limit % Decimal(step) == 0
    far = priced.reference * collar_bps / 10_000
    if side is Side.BUY:
        assert priced.limit <= priced.reference + far
    else:
        assert priced.limit >= priced.reference - far
