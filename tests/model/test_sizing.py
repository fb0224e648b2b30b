"""Sizes on a grid: enough to leave again, never more than was wanted where it was enough."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.model.market import Product
from engine.model.numbers import ZERO
from engine.model.orders import ExitPlan
from engine.model.sizing import least_to_leave, units_for
from engine.model.symbols import Symbol

PRICES = st.decimals("0.0001", "100000", places=4)
FEES = st.decimals("0", "200", places=1)
STOPS = st.decimals("0.1", "120", places=1)
GRIDS = st.builds(
    Product,
    st.just(Symbol("BTC", "USD")),
    base_increment=st.sampled_from([Decimal(each) for each in ("0.00000001", "0.001", "1", "7")]),
    price_increment=st.just(Decimal("0.0001")),
    base_min_size=st.decimals("0.00000001", "10", places=8),
    quote_min_size=st.decimals("0", "20", places=2),
)


def plan(stop_pct: Decimal) -> ExitPlan:
    """A plan with nothing but a stop."""
    return ExitPlan(stop_pct=stop_pct, blind_exit_after_s=60)


def leaves(product: Product, units: Decimal, price: Decimal, stop: Decimal, fee: Decimal) -> bool:
    """Whether units can be sold at their stop, by the venue's rule and in plain words."""
    at = price * (1 - stop / 100) if stop < 100 else price
    got = units * at * (1 - fee / 10_000)
    return units >= product.base_min_size and got >= product.quote_min_size


@given(GRIDS, PRICES, STOPS, FEES)
@settings(max_examples=200, deadline=None)
def test_the_least_is_enough_and_one_step_less_is_not(
    product: Product, price: Decimal, stop: Decimal, fee: Decimal
) -> None:
    """What is left after stop and fee is the venue's minimum or more, at the first such size."""
    least = least_to_leave(product, price, plan(stop), fee)
    assert leaves(product, least, price, stop, fee)
    assert not leaves(product, least - product.base_increment, price, stop, fee)
    assert least % product.base_increment == 0


@given(GRIDS, PRICES, st.decimals("0", "1000", places=2))
@settings(max_examples=200, deadline=None)
def test_a_wish_is_rounded_up_only_where_rounding_and_fees_fall_short(
    product: Product, price: Decimal, value: Decimal
) -> None:
    """Never above what is wanted, but where it is worth an order and the grid or a fee says no."""
    least = least_to_leave(product, price, plan(Decimal(5)), Decimal(60))
    units = units_for(value, price, product, least)
    assert units % product.base_increment == 0
    if units * price > value:
        assert units == least
        assert value >= product.quote_min_size
        assert value / price >= product.base_min_size
    else:
        assert value - units * price < product.base_increment * price


def test_without_a_plan_only_the_fee_counts() -> None:
    """Who adds to a position leaves with all of it; the stop was counted when it was opened."""
    product = Product(
        Symbol("BTC", "USD"), Decimal("0.01"), Decimal("0.01"), Decimal("0.01"), Decimal(10)
    )
    assert least_to_leave(product, Decimal(100), None, ZERO) == Decimal("0.10")
    assert least_to_leave(product, Decimal(100), None, Decimal(100)) == Decimal("0.11")
