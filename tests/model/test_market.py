"""The market's values: a mid needs two sides, a minimum has two parts."""

from __future__ import annotations

from decimal import Decimal

import pytest

from engine.model.market import Product, Quote
from engine.model.symbols import Symbol
from engine.model.times import UtcTime

BTC = Symbol("BTC", "USD")


@pytest.mark.parametrize(
    ("bid", "ask", "mid"),
    [("99", "101", "100"), (None, "101", None), ("99", None, None), ("101", "99", "100")],
)
def test_a_mid_is_halfway_between_two_sides(
    bid: str | None, ask: str | None, mid: str | None
) -> None:
    """A one-sided book has none; a crossed one is told as it is."""
    prices = [None if each is None else Decimal(each) for each in (bid, ask, mid)]
    assert Quote(BTC, UtcTime(0), prices[0], prices[1]).mid == prices[2]


@pytest.mark.parametrize(
    ("quantity", "price", "small"),
    [("1", "10", False), ("0.9", "1000", True), ("1", "9.99", True)],
)
def test_an_order_is_too_small_by_units_or_by_value(
    quantity: str, price: str, *, small: bool
) -> None:
    """Both minimums have to be met."""
    product = Product(BTC, Decimal(1), Decimal(1), Decimal(1), Decimal(10))
    assert product.too_small(Decimal(quantity), Decimal(price)) is small
