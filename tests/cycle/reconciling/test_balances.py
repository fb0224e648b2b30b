"""Balances: what differs counts once it has settled, within the slack, and by its own name."""

from __future__ import annotations

from decimal import Decimal

import pytest
from fakes.bench import BTC, ETH, LADDERS, Bench, buy, done
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.cycle.steps import reconcile
from engine.ledger.records import RecordKind
from engine.model.orders import Side
from engine.ports import UnreachableError, VenueError

SETTLING = LADDERS.replace("settles_within_s: 0", "settles_within_s: 30")
SLACK = {
    "a cent": ("USD", "0.01", False),
    "more than a cent": ("USD", "0.011", True),
    "less by more than a cent": ("USD", "-0.011", True),
    "coins worth a cent": ("SOL", "0.0002", False),
    "coins worth more": ("SOL", "0.00021", True),
    "a coin without a price must agree": ("DOGE", "0.00000001", True),
}


@pytest.mark.parametrize(("currency", "more", "counts"), SLACK.values(), ids=SLACK)
def test_balances_agree_within_the_slack(currency: str, more: str, *, counts: bool) -> None:
    """A cent of the numeraire by the policy, at the bid of now; without a bid, exactly."""
    bench = Bench()
    held = bench.state.cash.get(currency, Decimal(0))
    bench.venue.lies = {currency: held + Decimal(more)}
    bench.absorb()
    assert bench.state.mismatches == int(counts)


def test_a_young_difference_is_unknown_and_no_difference() -> None:
    """Fills and balances do not arrive together: entries wait, and no person is called."""
    bench = Bench((SETTLING,))
    bench.wait(31)
    bench.venue.lies = {"USD": Decimal(9_000)}
    this = bench.cycle()
    assert "data.reconcile_mismatch_count" not in this.account
    assert bench.state.differences == {}
    assert ("reconcile_mismatch", "") in this.undecided_breakers
    assert not done(reconcile.agrees(bench.desk, bench.clock.now()))
    bench.wait(29)
    bench.cycle()
    assert bench.state.latches == {}
    bench.wait(1)
    this = bench.cycle()
    assert this.account["data.reconcile_mismatch_count"] == 1.0
    assert ("reconcile_mismatch", "") in bench.state.latches


def test_what_settles_in_time_calls_nobody() -> None:
    """A balance that catches up begins anew when it differs again."""
    bench = Bench((SETTLING,))
    for _ in range(3):
        bench.venue.lies = {"USD": Decimal(9_000)}
        bench.wait(20)
        bench.cycle()
        bench.venue.lies = {}
        bench.wait(20)
        this = bench.cycle()
        assert this.account["data.reconcile_mismatch_count"] == 0.0
    assert bench.bodies(RecordKind.RECONCILE) == []


# Trades by hand


def test_a_buy_by_hand_is_no_position_and_no_result() -> None:
    """Money went out and coins came in: nothing sells them, and no loss of ours is marked."""
    bench = Bench()
    bench.cycle()
    bench.wait(60)
    bench.venue.by_another(ETH, Side.BUY, "2", "1000")
    bench.venue.fill("venue-1", Decimal(2))
    this = bench.cycle()
    assert bench.state.positions == {}
    assert bench.state.cash["USD"] == Decimal(8_000)
    assert bench.state.mismatches == 0
    assert this.account["portfolio.pnl_day_pct"] == pytest.approx(0.0)
    assert this.account["portfolio.equity_usd"] == 8_000.0
    assert this.account["venue.trades_by_hand_24h_count"] == 1.0
    assert this.account["venue.foreign_orders_count"] == 0.0
    assert bench.state.pace.executions_since_arm == {}
    assert bench.state.fees == 0


def test_coins_sold_by_hand_are_gone_from_our_lots() -> None:
    """What is sold is taken from no position first; then ours is smaller, and never oversold."""
    bench = Bench()
    held = bench.hold(BTC, "1000")
    bench.venue.pay("0.01", "BTC")
    bench.record(RecordKind.CASH_FLOW, {"currency": "BTC", "amount": "0.01"})
    bench.venue.by_another(BTC, Side.SELL, "0.02", "20000")
    bench.venue.fill("venue-2", Decimal("0.02"))
    bench.cycle()
    position = bench.state.positions[BTC]
    assert position.quantity == held - Decimal("0.01") == bench.state.cash["BTC"]
    assert bench.state.realised == 0
    assert bench.state.mismatches == 0
    bench.venue.by_another(BTC, Side.SELL, str(position.quantity), "20000")
    bench.venue.fill("venue-3", position.quantity)
    bench.cycle()
    assert BTC not in bench.state.positions
    assert bench.state.pace.losses_in_a_row == 0


@settings(max_examples=40, deadline=None)
@given(
    steps=st.lists(
        st.tuples(
            st.sampled_from(["buy", "sell", "ours", "deposit", "withdraw"]), st.integers(1, 50)
        ),
        max_size=8,
    )
)
def test_hands_never_make_us_sell_what_is_not_there(steps: list[tuple[str, int]]) -> None:
    """Whatever people do at the account, our lots are never more than the coins that are there."""
    bench = Bench()
    bench.hold(BTC, "1000")
    for deed, part in steps:
        units = Decimal(part) / 1000
        there = bench.venue.units.get("BTC", Decimal(0))
        if deed == "ours":
            bench.wait(3600)
            bench.place(buy(BTC, "50"))
        elif deed == "deposit":
            bench.venue.pay(str(units), "BTC")
            bench.record(RecordKind.CASH_FLOW, {"currency": "BTC", "amount": str(units)})
        elif deed == "withdraw" and there >= units:
            bench.venue.pay(str(-units), "BTC")
            bench.record(RecordKind.CASH_FLOW, {"currency": "BTC", "amount": str(-units)})
        elif deed == "buy" or there >= units:
            side = Side.BUY if deed == "buy" else Side.SELL
            bench.venue.fill(bench.venue.by_another(BTC, side, str(units), "20000"), units)
        bench.absorb()
        held = bench.state.positions.get(BTC)
        there = bench.venue.units.get("BTC", Decimal(0))
        assert bench.state.mismatches == 0
        assert bench.state.cash.get("BTC", Decimal(0)) == there
        assert held is None or 0 < held.quantity <= there


# Flows


def test_a_difference_names_the_transfer_and_waits_for_a_person() -> None:
    """The venue tells of a deposit: until somebody confirms it, it is a mismatch with a mend."""
    bench = Bench()
    bench.venue.pay("2000")
    bench.absorb()
    assert bench.state.differences == {
        "USD": "venue 12000, ledger 10000; the venue tells of fiat_deposit transfer-1: "
        "`trader flow deposit 2000 USD` confirms it"
    }
    assert bench.state.away == {"USD": Decimal(2000)}
    assert bench.bodies(RecordKind.CASH_FLOW) == []


ACCEPTS = LADDERS.replace("accept_transfers_usd: 0", "accept_transfers_usd: 100")
SMALL = {
    "told, and small enough": ("100", True, True),
    "a withdrawal, too": ("-100", True, True),
    "told, and a cent too large": ("100.01", True, False),
    "small, and nobody tells of it": ("50", False, False),
}


@pytest.mark.parametrize(("amount", "told", "booked"), SMALL.values(), ids=SMALL)
def test_small_transfers_are_booked_as_far_as_the_policy_lets_them(
    amount: str, *, told: bool, booked: bool
) -> None:
    """Only what the venue itself tells of, up to the value that the policy says."""
    bench = Bench((ACCEPTS,))
    bench.venue.pay(amount, told=told)
    bench.absorb()
    found = [(b["amount"], b["who"], b["transfers"]) for b in bench.bodies(RecordKind.CASH_FLOW)]
    assert found == ([(amount, "venue", ["transfer-1"])] if booked else [])
    assert bench.state.mismatches == int(not booked)


def test_a_transfer_explains_one_difference_only() -> None:
    """What was booked once is seen: a second difference of the same size is unexplained."""
    bench = Bench((ACCEPTS,))
    for paid in (True, False):
        bench.venue.pay("60", told=paid)
        bench.absorb()
        bench.wait(60)
    assert len(bench.bodies(RecordKind.CASH_FLOW)) == 1
    assert "no transfer of the venue explains it" in bench.state.differences["USD"]
    assert bench.replayed().transfers_seen == {"transfer-1"}


def test_several_transfers_are_one_difference() -> None:
    """All that is new together, or one alone, when that is exactly what differs."""
    bench = Bench()
    bench.venue.pay("500")
    bench.venue.pay("-200")
    bench.absorb()
    assert "fiat_deposit transfer-1, fiat_withdrawal transfer-2" in bench.state.differences["USD"]


def test_the_venue_is_asked_once_for_a_difference_that_stands() -> None:
    """Another question waits for the next scan, or for a difference of another size."""
    bench = Bench()
    bench.venue.pay("70", told=False)
    bench.absorb()
    bench.venue.failing = {"transfers": UnreachableError("down")}
    bench.wait(60)
    bench.absorb()
    assert bench.desk.comparing.proposals["USD"].asked.since_s(bench.clock.now()) == -60.0


@pytest.mark.parametrize("failure", [UnreachableError("down"), VenueError("status 404")])
def test_a_venue_that_tells_of_no_transfers_hides_no_difference(failure: VenueError) -> None:
    """The difference counts all the same: only its explanation is missing."""
    bench = Bench()
    bench.venue.pay("70")
    bench.venue.failing = {"transfers": failure}
    bench.absorb()
    assert bench.state.mismatches == 1
    assert bench.desk.unread is None
