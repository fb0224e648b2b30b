"""The books of a ledger: on average cost they are its own, and by every method they add up."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from cycle.trading_desk import BTC, ETH, SOL, Bench, bench
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.ledger.records import RecordKind
from engine.model.numbers import ZERO
from engine.reporting import Books, Fees, Lot, Method, booked, fees_of, results_of
from engine.reporting.books import BY_HAND

if TYPE_CHECKING:
    from engine.model.symbols import Symbol

SYMBOLS = (BTC, ETH, SOL)
CASH = Decimal(10_000)
quantities = st.decimals("0.01", "3", places=2)
prices = st.decimals("1", "300", places=2)
deeds = st.tuples(
    st.sampled_from(("buy", "sell", "part", "withdraw", "by hand")),
    st.sampled_from(SYMBOLS),
    quantities,
    prices,
    st.decimals("0", "1", places=2),
)


def do(
    desk: Bench, deed: str, symbol: Symbol, quantity: Decimal, price: Decimal, fee: Decimal
) -> None:
    """One thing that happens to an account, as records tell it."""
    desk.wait(60)
    held = desk.state.positions.get(symbol)
    if deed == "buy":
        intent = "add" if held else "entry"
        number = desk.hold(symbol, str(quantity), str(price), intent=intent, filled="0")
        desk.fill(number, symbol, str(quantity), str(price), "BUY", fee=str(fee))
    elif held is None:
        return
    elif deed in {"sell", "part"}:
        units = held.quantity if deed == "sell" else min(held.quantity, quantity)
        number = desk.hold(symbol, str(units), str(price), intent="exit", filled="0")
        desk.fill(number, symbol, str(units), str(price), "SELL", fee=str(fee))
    elif deed == "withdraw":
        units = min(held.quantity, quantity)
        body = {"currency": symbol.base, "amount": str(-units), "why": "a test", "who": "test"}
        desk.record(RecordKind.CASH_FLOW, body)
    else:
        units = min(held.quantity, quantity)
        desk.fill(0, symbol, str(units), str(price), "SELL", fee=str(fee))


def books_of(desk: Bench, method: Method) -> Books:
    """What the records alone say."""
    return booked(desk.desk.recorder.records(), method)


def as_position(lots: list[Lot]) -> tuple[Decimal, Decimal, Decimal]:
    """Lots of one product put together."""
    parts = [(each.quantity, each.cost, each.fees) for each in lots]
    return (
        sum((each[0] for each in parts), ZERO),
        sum((each[1] for each in parts), ZERO),
        sum((each[2] for each in parts), ZERO),
    )


@settings(max_examples=40)
@given(st.lists(deeds, max_size=12))
def test_on_average_cost_the_books_are_the_ledger_s(
    history: list[tuple[str, Symbol, Decimal, Decimal, Decimal]],
) -> None:
    """Results, what is held, its cost and its fees: to the cent, and to the last digit of it."""
    desk = bench()
    for each in history:
        do(desk, *each)
    books = books_of(desk, Method.AVERAGE)
    results = sum((each.result or ZERO for each in books.closed), ZERO)
    assert results == pytest.approx(desk.state.realised, abs=Decimal("1e-18"))
    assert books.realised == desk.state.realised
    for symbol in SYMBOLS:
        held = desk.state.positions.get(symbol)
        expected = (ZERO, ZERO, ZERO) if held is None else (held.quantity, held.cost, held.fees)
        found = as_position([each for each in books.open if each.symbol == symbol])
        assert found == pytest.approx(expected, abs=Decimal("1e-18"))


@settings(max_examples=40)
@given(st.lists(deeds, max_size=12))
def test_every_method_tells_the_same_money_in_another_order(
    history: list[tuple[str, Symbol, Decimal, Decimal, Decimal]],
) -> None:
    """Methods move cost between what was sold and what is held, and never make any."""
    desk = bench()
    for each in history:
        do(desk, *each)
    told = set()
    for method in Method:
        books = books_of(desk, method)
        fills = [each for each in books.fills if each.strategy != BY_HAND]
        bought = sum((e.notional for e in fills if e.side.value == "BUY"), ZERO)
        sold = sum((e.notional for e in fills if e.side.value == "SELL"), ZERO)
        cost = sum((each.cost for each in (*books.closed, *books.open)), ZERO)
        assert cost == pytest.approx(bought, abs=Decimal("1e-18"))
        assert sum((e.proceeds or ZERO for e in books.closed), ZERO) == sold
        paid = sum((each.fees for each in (*books.closed, *books.open)), ZERO)
        assert paid == pytest.approx(sum((e.fee for e in fills), ZERO), abs=Decimal("1e-18"))
        told.add(tuple(each.fill_id for each in books.fills))
    assert len(told) == 1


def traded() -> Bench:
    """Bought twice, sold once and a half, some withdrawn, some sold by hand."""
    desk = bench()
    for deed, quantity, price, fee in (
        ("buy", "2", "100", "1"),
        ("buy", "1", "160", "1"),
        ("part", "2.5", "150", "3"),
        ("withdraw", "0.1", "0", "0"),
        ("by hand", "0.1", "170", "0.5"),
    ):
        do(desk, deed, BTC, Decimal(quantity), Decimal(price), Decimal(fee))
    return desk


@pytest.mark.parametrize(
    ("method", "result", "left"),
    [
        pytest.param(Method.FIFO, "90.5", "48", id="200 and half of 160"),
        pytest.param(Method.HIFO, "60.25", "30", id="160 and three quarters of 200"),
        pytest.param(Method.AVERAGE, "70.33", "36", id="five sixths of 360"),
    ],
)
def test_a_sale_of_two_lots(method: Method, result: str, left: str) -> None:
    """375 came in and 3 were paid; which cost it meets is the method's."""
    books = books_of(traded(), method)
    (row,) = results_of(books.closed)
    assert row.result == pytest.approx(Decimal(result), abs=Decimal("0.01"))
    assert (row.quantity, row.proceeds, row.withdrawn) == (Decimal("2.5"), 375, Decimal("0.2"))
    assert sum((each.cost for each in books.open), ZERO) == pytest.approx(Decimal(left))


def test_fees_are_told_by_product_and_kind_of_execution() -> None:
    """In basis points too: what a venue says that it takes can be held against it."""
    desk = traded()
    do(desk, "buy", ETH, Decimal(1), Decimal(50), Decimal("0.3"))
    fills = books_of(desk, Method.FIFO).fills
    fills[-1] = replace(fills[-1], maker=False)
    told = fees_of(fills)
    assert told[0] == Fees(BTC, maker=True, fills=4, notional=Decimal(752), fee=Decimal("5.5"))
    assert (told[1].symbol, told[1].maker, told[1].bps) == (ETH, False, 60)


def test_a_fill_tells_what_was_behind_it_and_one_by_hand_that_nothing_was() -> None:
    """The strategy, the intent and the set stand beside the money."""
    books = books_of(traded(), Method.FIFO)
    assert [(each.strategy, each.intent) for each in books.fills] == [
        ("follower", "entry"),
        ("follower", "add"),
        ("follower", "exit"),
        (BY_HAND, ""),
    ]


def test_books_end_where_they_are_asked_to() -> None:
    """What happened at the last instant or after it is another period's."""
    desk = traded()
    times = [each.time for each in books_of(desk, Method.FIFO).fills]
    early = booked(desk.desk.recorder.records(), Method.FIFO, times[2])
    assert [each.time for each in early.fills] == times[:2]
    assert early.closed == []
    assert as_position(early.open)[0] == 3
