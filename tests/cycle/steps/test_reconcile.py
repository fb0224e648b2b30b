"""Reconciling: the venue's word enters once, whole, and in any order."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from fakes.bench import BTC, ETH, Bench, buy, done, sell
from fakes.exchange import Answer
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.cycle.steps import reconcile
from engine.ledger.records import RecordKind
from engine.model.numbers import ZERO
from engine.model.orders import Mode, OrderStatus

PARTS = st.lists(st.integers(1, 40), min_size=1, max_size=5)


@settings(max_examples=40)
@given(
    parts=PARTS,
    repeats=st.booleans(),
    reverses=st.booleans(),
    late=st.sets(st.integers(0, 4)),
    ends=st.booleans(),
)
def test_fills_enter_once_in_whatever_order_they_are_told(
    *, parts: list[int], repeats: bool, reverses: bool, late: set[int], ends: bool
) -> None:
    """Repeated, reversed, delayed: ledger and venue agree on units, cash and fees at rest."""
    bench = Bench()
    bench.venue.fee_bps = Decimal(40)
    bench.venue.repeats, bench.venue.reverses = repeats, reverses
    bench.place(buy(value="1000"))
    whole = bench.venue.received[0].quantity
    for index, part in enumerate(parts):
        bench.venue.holds_back = index in late
        bench.venue.fill("venue-1", whole * part / 200)
        bench.absorb()
        bench.clock.passes(1)
    bench.venue.holds_back = False
    if ends:
        bench.venue.end("venue-1")
    bench.absorb()
    state = bench.state
    assert state.fills_seen == {each.fill_id for each in bench.venue.executed}
    assert {name: units for name, units in state.cash.items() if units} == bench.venue.units
    filled = sum((each.quantity for each in bench.venue.executed), ZERO)
    assert state.positions[BTC].quantity == filled
    assert state.positions[BTC].fees == state.fees
    assert state.fees == sum((each.fee for each in bench.venue.executed), ZERO)
    assert bool(state.working) is (filled < whole and not ends)
    assert state.mismatches == 0
    assert state.halted is None


def test_an_end_never_hides_a_fill() -> None:
    """A cancel that met a fill halfway: the part is ours, and only the rest is gone."""
    bench = Bench()
    bench.place(buy())
    half = bench.venue.received[0].quantity / 2
    bench.venue.fill("venue-1", half)
    bench.venue.end("venue-1")
    (ended,) = done(reconcile.run(bench.desk, bench.clock.now()))
    assert bench.state.positions[BTC].quantity == half == ended.remaining
    assert bench.state.working == {}
    body = bench.bodies(RecordKind.CANCELLED)[0]
    assert body["filled_quantity"] == str(half.normalize())
    assert bench.kinds()[-2:] == ["filled", "cancelled"]


def test_balances_that_differ_are_counted_and_the_agreement_too() -> None:
    """A difference is recorded once with both numbers, stops entries, and its end is recorded."""
    bench = Bench()
    bench.venue.lies = {"USD": Decimal(9_000), "DOGE": Decimal(5)}
    for _ in range(3):
        bench.absorb()
    (body,) = bench.bodies(RecordKind.RECONCILE)
    unexplained = "no transfer of the venue explains it: find out, then"
    assert body == {
        "mismatches": 2,
        "differences": {
            "DOGE": f"venue 5, ledger 0; {unexplained} `trader flow deposit 5 DOGE` if it was one",
            "USD": f"venue 9000, ledger 10000; {unexplained}"
            " `trader flow withdrawal 1000 USD` if it was one",
        },
        "away": {"DOGE": "5", "USD": "-1000"},
    }
    assert bench.state.mismatches == 2
    bench.cycle()
    assert ("reconcile_mismatch", "") in bench.state.latches
    bench.venue.lies = {}
    bench.absorb()
    assert bench.state.mismatches == 0
    assert bench.bodies(RecordKind.RECONCILE)[1] == {
        "mismatches": 0,
        "differences": {},
        "away": {},
    }


@pytest.mark.parametrize(
    ("price", "halts"),
    [
        pytest.param("20000", False, id="at the approved price"),
        pytest.param("20400", False, id="two per cent more is slack"),
        pytest.param("20400.01", True, id="a cent a coin beyond"),
        pytest.param("10000", False, id="cheaper is never too much"),
    ],
)
def test_a_buy_that_cost_more_than_approved_halts(*, price: str, halts: bool) -> None:
    """The slack is the larger of 20 cents and 2 %; beyond, a person hears the numbers."""
    bench = Bench()
    bench.place(buy(value="1000"))
    bench.venue.fill("venue-1", bench.venue.received[0].quantity, Decimal(price))
    bench.absorb()
    assert (bench.state.halted is not None) is halts
    if halts:
        assert price in str(bench.state.halted)
        assert bench.venue.received[0].client_order_id in str(bench.state.halted)
        assert bench.bodies(RecordKind.HALT)[0]["who"] == "engine"


def test_a_small_order_has_twenty_cents_of_slack() -> None:
    """Two per cent of a few dollars would halt on rounding."""
    bench = Bench()
    bench.place(buy(value="5"))
    quantity = bench.venue.received[0].quantity
    bench.venue.fill("venue-1", quantity, Decimal(20_700))
    bench.absorb()
    assert bench.state.halted is None


def test_a_venue_that_fills_more_than_was_ordered_halts() -> None:
    """More units than approved is as wrong as a higher price."""
    bench = Bench()
    bench.place(buy())
    ours = bench.venue.received[0].quantity
    bench.venue.book["venue-1"] = replace(bench.venue.book["venue-1"], quantity=ours * 2)
    bench.venue.fill("venue-1", ours * 2)
    bench.absorb()
    assert bench.state.halted is not None
    assert bench.state.working == {}


def test_a_cheap_sale_does_not_halt() -> None:
    """What protects entries must not stop an exit from going on."""
    bench = Bench()
    held = bench.hold()
    bench.place(sell(BTC, held))
    bench.venue.fill("venue-2", held, Decimal(10_000))
    bench.absorb()
    assert bench.state.halted is None
    assert bench.state.positions == {}


def test_a_strangers_fill_moves_cash_only() -> None:
    """Units that no intent of ours bought are not a position of ours, so nothing sells them."""
    bench = Bench()
    bench.place(buy())
    bench.venue.book["venue-1"] = replace(
        bench.venue.book["venue-1"], client_order_id="by hand", symbol=ETH
    )
    bench.venue.fill("venue-1", Decimal("0.001"), Decimal(1_000))
    bench.absorb()
    assert bench.state.positions == {}
    assert bench.state.cash["ETH"] == Decimal("0.001")
    assert bench.state.mismatches == 0
    assert len(bench.state.working) == 1


def test_an_unknown_order_that_the_venue_knows_is_acknowledged() -> None:
    """It can then be cancelled and followed like any other; until then it counts in full."""
    bench = Bench()
    bench.venue.answers = [Answer.LOSE_RESPONSE]
    bench.place(buy())
    number = bench.state.next_intent - 1
    assert bench.state.working[number].status is OrderStatus.UNKNOWN
    bench.absorb()
    assert bench.state.working[number].status is OrderStatus.OPEN
    assert bench.state.working[number].venue_order_id == "venue-1"
    assert bench.kinds()[-2:] == ["unknown", "acknowledged"]
    bench.wait(61)
    bench.tick()
    bench.absorb()
    assert bench.state.working == {}


def test_an_unknown_order_that_was_filled_ends_by_its_fills() -> None:
    """The venue's fills are evidence enough."""
    bench = Bench()
    bench.venue.answers = [Answer.LOSE_RESPONSE]
    bench.place(buy())
    bench.venue.fill("venue-1", bench.venue.received[0].quantity)
    bench.absorb()
    assert bench.state.working == {}
    assert BTC in bench.state.positions


def test_an_unknown_order_that_the_venue_never_shows_stays_unknown() -> None:
    """Not found once is not evidence: it counts until the venue or a person says otherwise."""
    bench = Bench()
    bench.venue.answers = [Answer.LOSE_REQUEST]
    bench.place(buy())
    for _ in range(5):
        bench.wait(600)
        bench.absorb()
    assert [each.status for each in bench.state.working.values()] == [OrderStatus.UNKNOWN]


def test_a_dry_run_asks_the_venue_nothing() -> None:
    """There is no account behind it."""
    bench = Bench(mode=Mode.DRY_RUN)
    bench.venue.lies = {"USD": Decimal(1)}
    assert done(reconcile.run(bench.desk, bench.clock.now())) == ()
    assert bench.kinds() == []
