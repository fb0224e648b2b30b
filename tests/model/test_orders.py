"""Orders, positions and decisions: what follows from what they are."""

from __future__ import annotations

from decimal import Decimal

import pytest
from fakes.bench import BTC, PLAN, Bench, buy

from engine.model.decisions import Reason, ReasonCode, Verdict
from engine.model.orders import Intent, OrderStatus, Side
from engine.model.portfolio import Position
from engine.model.times import UtcTime


@pytest.mark.parametrize("intent", Intent)
def test_risk_is_added_by_buying_and_reduced_by_selling(intent: Intent) -> None:
    """On spot there is no other way."""
    assert intent.adds_risk is (intent in {Intent.ENTRY, Intent.ADD})
    assert intent.side is (Side.BUY if intent.adds_risk else Side.SELL)


@pytest.mark.parametrize(
    ("status", "final"),
    [
        (OrderStatus.SENT, False),
        (OrderStatus.OPEN, False),
        (OrderStatus.UNKNOWN, False),
        (OrderStatus.FILLED, True),
        (OrderStatus.CANCELLED, True),
        (OrderStatus.REJECTED, True),
        (OrderStatus.NOT_SEEN, True),
    ],
)
def test_unknown_is_not_an_end(status: OrderStatus, *, final: bool) -> None:
    """Only the venue's word, or a quarantine that passed, ends an order."""
    assert status.final is final


def test_an_order_speaks_for_its_intent() -> None:
    """Side and symbol are the intent's; what remains is what was not filled."""
    bench = Bench()
    bench.place(buy())
    (order,), (working,) = bench.venue.received, bench.state.working.values()
    assert order.symbol == BTC
    assert order.intent.side is working.side is Side.BUY
    assert working.remaining == order.quantity


def test_the_entry_price_is_an_average() -> None:
    """Cost by quantity."""
    position = Position(
        BTC, Decimal(4), Decimal(460), Decimal(1), UtcTime(0), "hand", PLAN, Decimal(1)
    )
    assert position.entry_price == 115


def test_verdicts_and_reasons() -> None:
    """A resized order leaves; a reason is a code and its values on one line."""
    assert [each.allowed for each in Verdict] == [True, True, False]
    reason = Reason(ReasonCode.HALTED, (("by", "operator"), ("why", "fire")))
    assert str(reason) == "HALTED by=operator why=fire"
    assert str(Reason(ReasonCode.NO_PRICE)) == "NO_PRICE"
