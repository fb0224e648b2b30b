"""What was intended against what was done, and what a second set would have let go."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from engine.ledger.records import NO_PREVIOUS, RecordKind, encode_body, seal
from engine.model.times import UtcTime
from engine.reporting import Execution, by_strategy, compared, executions

if TYPE_CHECKING:
    from engine.ledger.records import Record

T0 = UtcTime.parse("2026-01-05T08:00:00Z")
Told = tuple[RecordKind, dict[str, object]]
D = Decimal


def records(*told: Told) -> list[Record]:
    """Records, a second apart."""
    found: list[Record] = []
    for number, (kind, body) in enumerate(told, 1):
        previous = found[-1].hash if found else NO_PREVIOUS
        found.append(seal(number, T0.plus_s(number), kind, encode_body(body), previous))
    return found


def wish(**said: object) -> dict[str, object]:
    """What was asked for: one coin at 100, at 101 at worst."""
    body = {
        "symbol": "BTC-USD", "why": "entry", "form": "limit_ioc", "quantity": "1",
        "reference_price": "100", "worst_price": "101", "strategy": "trend", "ladder": "entry",
        "rung": 0, "parent": None,
    }  # fmt: skip
    return {**body, **said}


def intent(number: int, **said: object) -> Told:
    """An order is intended."""
    own = {"intent": number, "client_order_id": f"id-{number}", "policy_set": "aa"}
    return RecordKind.INTENT, {**wish(**said), **own}


def fill(number: int, price: str, quantity: str = "1", fee: str = "0", name: str = "") -> Told:
    """An execution."""
    body = {
        "intent": number, "fill_id": name or f"f{number}{price}{quantity}", "price": price,
        "quantity": quantity, "fee": fee, "time": T0.plus_s(60),
    }  # fmt: skip
    return RecordKind.FILLED, body


def ended(kind: RecordKind, number: int, **said: object) -> Told:
    """What else becomes of an order."""
    return kind, {"intent": number, "reason": "", **said}


def only(*told: Told) -> Execution:
    """The one order of these records."""
    (found,) = executions(records(*told))
    return found


COSTS = {
    "a buy above the middle": (intent(1), fill(1, "100.5"), D("0.5"), D(50)),
    "a buy below it": (intent(1), fill(1, "99.9"), D("-0.1"), D(-10)),
    "a sale below it": (intent(1, why="exit"), fill(1, "99"), D(1), D(100)),
    "a sale above it": (intent(1, why="exit"), fill(1, "100.2"), D("-0.2"), D(-20)),
}


@pytest.mark.parametrize(("wished", "done", "slippage", "bps"), COSTS.values(), ids=COSTS)
def test_slippage_is_what_was_paid_beyond(
    wished: Told, done: Told, slippage: Decimal, bps: Decimal
) -> None:
    """A cost is above zero whichever side it was; fees are no slippage."""
    found = only(wished, done)
    assert (found.slippage, found.slippage_bps) == (slippage, bps)
    assert found.outcome == "filled"
    assert found.waited_s == pytest.approx(59)


def test_a_wish_begins_at_its_first_rung() -> None:
    """The shortfall of a later rung counts from the price at which the wish began, with fees."""
    told = executions(
        records(
            intent(1), ended(RecordKind.CANCELLED, 1),
            intent(2, parent=1, rung=1, reference_price="102"), fill(2, "102.5", fee="0.25"),
        )
    )  # fmt: skip
    first, second = told
    assert (first.outcome, first.price, first.slippage_bps) == ("cancelled", None, None)
    assert (second.slippage, second.arrival) == (D("0.5"), D(100))
    assert (second.shortfall, second.shortfall_bps) == (D("2.75"), D(275))


OUTCOMES = {
    "acknowledged": ([ended(RecordKind.ACKNOWLEDGED, 1)], "working"),
    "rejected": ([ended(RecordKind.REJECTED, 1)], "rejected"),
    "of unknown fate": ([ended(RecordKind.UNKNOWN, 1)], "unknown"),
    "not seen": ([ended(RecordKind.UNKNOWN, 1), ended(RecordKind.NOT_SEEN, 1)], "not seen"),
    "stopped at the wire": ([ended(RecordKind.CANCELLED, 1, sent=False)], "never left"),
    "filled in part, then cancelled": (
        [fill(1, "100", "0.4"), ended(RecordKind.CANCELLED, 1)],
        "in part",
    ),
}


@pytest.mark.parametrize(("told", "outcome"), OUTCOMES.values(), ids=OUTCOMES)
def test_what_became_of_an_order(told: list[Told], outcome: str) -> None:
    """The last that is known of it, in a word."""
    assert only(intent(1), *told).outcome == outcome


def test_a_fill_is_counted_once() -> None:
    """The same execution told twice is one; one of nobody's order is none of ours."""
    twice = fill(1, "100", "0.5", name="a")
    found = only(intent(1), twice, twice, fill(7, "1"))
    assert (found.filled, found.fills, found.filled_pct) == (D("0.5"), 1, D(50))


def decision(order_id: str | None = None, **said: object) -> Told:
    """A decision about the one wish."""
    body = {
        "wish": wish(), "mode": "paper", "verdict": "allow", "quantity": "1",
        "client_order_id": order_id, "policy_set": "aa",
    }  # fmt: skip
    return RecordKind.DECISION, {**body, **said}


def test_a_dry_run_intends_and_does_nothing() -> None:
    """What would have been sent is there with its price; what was denied is not."""
    found = executions(records(decision("id-1", mode="dry_run"), decision(mode="dry_run")))
    assert [(each.outcome, each.reference) for each in found] == [("never left", D(100))]
    assert executions(records(decision("id-1"))) == []


def test_until_ends_what_is_read() -> None:
    """What was written later is not told."""
    told = records(intent(1), fill(1, "100"))
    assert executions(told, T0.plus_s(2))[0].filled == 0
    assert executions(told, T0) == []


def test_sums_are_by_strategy_and_currency() -> None:
    """No two currencies are added; the sums are exact."""
    told = records(
        intent(1), fill(1, "100.1", fee="0.1"), intent(2), fill(2, "100.3", fee="0.2"),
        intent(3, symbol="ETH-EUR"), fill(3, "100"), intent(4, strategy="dip"),
    )  # fmt: skip
    dip, euros, dollars = by_strategy(executions(told))
    assert (dip.orders, dip.filled, dip.slippage_bps) == (1, 0, None)
    assert (euros.currency, euros.slippage) == ("EUR", 0)
    assert (dollars.orders, dollars.slippage, dollars.fee) == (2, D("0.4"), D("0.3"))
    assert dollars.shortfall == D("0.7")
    assert dollars.notional == D("200.4")


def other(verdict: str, quantity: str) -> dict[str, object]:
    """What the second set said."""
    return {
        "policy_set": "bb", "verdict": verdict, "quantity": quantity, "reasons": ["LIMIT x"],
        "resized_by": [],
    }  # fmt: skip


CYCLE: Told = (RecordKind.CYCLE, {"cycle": 1, "shadow": "bb"})
SHADOWS = {
    "it denies": (
        [decision("id-1", shadow=other("deny", "0")), intent(1), fill(1, "101", fee="1")],
        (D(101), D(2), D(0), D(0), False),
    ),
    "it lets half go": (
        [decision("id-1", shadow=other("resize", "0.5")), intent(1), fill(1, "101", fee="1")],
        (D(101), D(2), D("50.5"), D(1), False),
    ),
    "it lets more go": (
        [decision("id-1", shadow=other("allow", "2")), intent(1), fill(1, "101", fee="1")],
        (D(101), D(2), D(202), D(4), True),
    ),
    "it lets go what was denied": (
        [decision(None, verdict="deny", quantity="0", shadow=other("allow", "1"))],
        (D(0), D(0), D(101), D("1.606"), True),
    ),
    "what nobody took": (
        [
            decision("id-1", shadow=other("resize", "0.5")),
            intent(1),
            ended(RecordKind.CANCELLED, 1),
        ],
        (D(0), D(0), D(0), D(0), False),
    ),
}


@pytest.mark.parametrize(("told", "came"), SHADOWS.values(), ids=SHADOWS)
def test_what_the_other_set_would_have_cost(
    told: list[Told], came: tuple[Decimal, Decimal, Decimal, Decimal, bool]
) -> None:
    """In proportion to the fills there were; else an estimate, and called one."""
    (found,) = compared(records(*told, CYCLE), D(60)).differ
    assert (
        found.notional, found.cost, found.shadow_notional, found.shadow_cost, found.estimated,
    ) == came  # fmt: skip


def test_agreements_are_counted() -> None:
    """A decision counts as asked where a second set was there; one in no such cycle does not."""
    alone: Told = (RecordKind.CYCLE, {"cycle": 1})
    told = records(decision("a"), alone, decision("b"), decision(shadow=other("deny", "0")), CYCLE)
    found = compared(told, D(0))
    assert (found.asked, len(found.differ), found.shadows) == (2, 1, ["bb"])
    assert compared(told, D(0), T0).asked == 0
