"""Lots: which coins were sold, by each method; and that no cent is lost or made."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine.model.numbers import ZERO
from engine.model.symbols import Symbol
from engine.model.times import UtcTime
from engine.reporting import Lot, Method
from engine.reporting.lots import Lots, closed_by_sale

BTC = Symbol.parse("BTC-USD")


def lot(opened: int, quantity: str, price: str, fee: str = "0") -> Lot:
    """So many units bought at a price."""
    units = Decimal(quantity)
    return Lot(BTC, UtcTime(opened), units, units * Decimal(price), Decimal(fee))


@pytest.mark.parametrize(
    ("method", "taken"),
    [
        pytest.param(Method.FIFO, [(1, "2", "20"), (2, "1", "30")], id="the oldest first"),
        pytest.param(Method.HIFO, [(2, "1", "30"), (3, "1", "30"), (1, "1", "10")], id="dearest"),
        pytest.param(Method.AVERAGE, [(1, "3", "60")], id="a part of all"),
    ],
)
def test_a_sale_takes_lots_by_the_method(method: Method, taken: list[tuple[int, str, str]]) -> None:
    """Two at 10, one at 30, one at 30; three are sold."""
    lots = Lots(method)
    for each in (lot(1, "2", "10"), lot(2, "1", "30"), lot(3, "1", "30")):
        lots.add(each)
    found = lots.take(Decimal(3))
    assert [(each.opened.ns, each.quantity, each.cost) for each in found] == [
        (opened, Decimal(quantity), Decimal(cost)) for opened, quantity, cost in taken
    ]


def test_more_than_there_is_takes_all_that_there_is() -> None:
    """What is ours the ledger says; a lot is never sold twice."""
    lots = Lots(Method.FIFO)
    lots.add(lot(1, "2", "10"))
    assert [each.quantity for each in lots.take(Decimal(5))] == [Decimal(2)]
    assert lots.take(Decimal(1)) == []


amounts = st.decimals("0.001", "50", places=3)
buys = st.tuples(amounts, st.decimals("0.01", "1000", places=2), st.decimals("0", "5", places=2))


@example(
    method=Method.FIFO,
    deeds=[
        (Decimal("1.086"), Decimal("0.01"), Decimal(0)),
        Decimal("0.001"),
        Decimal("0.001"),
        (Decimal("2.048"), Decimal("0.01"), Decimal(0)),
        (Decimal("7.109"), Decimal("0.01"), Decimal(0)),
        (Decimal("0.001"), Decimal("0.01"), Decimal(0)),
        Decimal("16.262"),
    ],
)
@given(
    method=st.sampled_from(Method),
    deeds=st.lists(st.one_of(buys, amounts), min_size=1, max_size=20),
)
def test_no_cent_is_lost_or_made(method: Method, deeds: list[object]) -> None:
    """Whatever is bought and sold, what closed and what is held are all of the costs and fees."""
    lots, closed = Lots(method), []
    bought = [ZERO, ZERO, ZERO]
    sold = [ZERO, ZERO]
    for number, deed in enumerate(deeds):
        if isinstance(deed, tuple):
            quantity, price, fee = deed
            new = Lot(BTC, UtcTime(number), quantity, quantity * price, fee)
            lots.add(new)
            bought = [a + b for a, b in zip(bought, (quantity, new.cost, fee), strict=True)]
        elif isinstance(deed, Decimal):
            parts = lots.take(deed)
            if parts:
                closed += closed_by_sale(parts, UtcTime(number), 7 * deed, deed / 100)
                sold = [a + b for a, b in zip(sold, (7 * deed, deed / 100), strict=True)]
    held = lots.open
    assert sum((e.quantity for e in (*closed, *held)), ZERO) == bought[0]
    assert sum((e.cost for e in (*closed, *held)), ZERO) == pytest.approx(bought[1])
    assert sum((e.fees for e in (*closed, *held)), ZERO) == pytest.approx(bought[2] + sold[1])
    assert sum((e.proceeds or ZERO for e in closed), ZERO) == sold[0]
    assert all(each.quantity > 0 for each in (*closed, *held))
