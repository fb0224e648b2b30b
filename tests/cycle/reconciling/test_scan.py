"""The scan: orphans halt, strangers are told of, and what ended is compared with its fills."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from fakes.bench import BTC, ETH, Bench, bench_set, buy

from engine.ledger.order_id import client_order_id, stream_tag
from engine.ledger.records import RecordKind
from engine.model.orders import Mode, OrderStatus, Side
from engine.ports import UnreachableError

OTHER = "f" * 64
NONCE = bytes(range(32))


def begun() -> Bench:
    """A desk whose process has just begun: it has scanned nothing yet."""
    bench = Bench()
    bench.desk.comparing.scanned = None
    return bench


def stamped(policy_set: str | None = None, mode: Mode = Mode.PAPER, account: str = "main") -> str:
    """An id as another process of ours would have made it."""
    return client_order_id(policy_set or bench_set().hash, stream_tag(mode, account), NONCE, 1)


IDS = {
    "a set that was active, and our stream": (stamped(), True),
    "a set that never was": (stamped(OTHER), False),
    "another account's stream": (stamped(account="other"), False),
    "another mode's stream": (stamped(mode=Mode.LIVE), False),
    "no id of ours at all": ("by hand", False),
    "no id": ("", False),
}


@pytest.mark.parametrize(("order_id", "orphan"), IDS.values(), ids=IDS)
def test_an_order_with_our_stamp_that_no_record_knows_halts(order_id: str, *, orphan: bool) -> None:
    """By prefix ever activated and by tag: ours is an orphan and halts, all others are told of."""
    bench = begun()
    bench.venue.by_another(BTC, Side.BUY, "0.5", "19000", client_order_id=order_id)
    bench.absorb()
    (body,) = bench.bodies(RecordKind.FOREIGN_ORDER)
    assert (body["ours"], body["client_order_id"]) == (orphan, order_id)
    assert (bench.state.halted is not None) is orphan
    if orphan:
        halted = str(bench.state.halted)
        assert halted.startswith(
            f"orphan: order venue-1 of the venue carries our stamp ({order_id}"
        )
        assert "BUY 0.5 BTC-USD at 19000, open" in halted
        assert "`trader resume`" in halted


def test_a_person_who_resumed_is_not_halted_by_the_same_order_again() -> None:
    """An orphan halts once; its later ends are recorded, and the same order is no news."""
    bench = begun()
    bench.venue.by_another(BTC, Side.SELL, "1", None, client_order_id=stamped())
    bench.absorb()
    bench.record(RecordKind.RESUME, {"who": "ann", "reason": "it was a test"})
    bench.wait(301)
    bench.cycle()
    bench.venue.end("venue-1")
    bench.wait(301)
    bench.cycle()
    assert bench.state.halted is None
    told = [body["status"] for body in bench.bodies(RecordKind.FOREIGN_ORDER)]
    assert told == ["open", "cancelled"]


def test_a_new_ledger_looks_before_its_beginning() -> None:
    """Open orders of a ledger that was lost are orphans; what had ended then is over."""
    bench = begun()
    bench.state.scanned = None  # as at its very first cycle
    bench.venue.by_another(BTC, Side.BUY, "1", "19000", client_order_id=stamped(), ago_s=50_000)
    bench.venue.by_another(ETH, Side.BUY, "1", "900", client_order_id=stamped(), ago_s=50_000)
    bench.venue.end("venue-2")
    bench.absorb()
    assert [b["venue_order_id"] for b in bench.bodies(RecordKind.FOREIGN_ORDER)] == ["venue-1"]
    assert bench.state.halted is not None


def test_it_is_scanned_at_the_start_and_then_as_often_as_the_policy_says() -> None:
    """At once, then every five minutes; the ledger knows since when, and a new process begins."""
    bench = Bench()
    assert bench.state.scanned is not None
    first = bench.state.scanned
    bench.venue.by_another(BTC, Side.BUY, "1", "19000")
    for _ in range(5):
        bench.wait(60)
        bench.desk.comparing.scanned = bench.clock.now()  # the start's own scan is over
        bench.cycle()
    seen = bench.bodies(RecordKind.FOREIGN_ORDER)
    assert (len(seen), bench.state.scanned.since_s(first)) == (1, 301.0)
    again = bench.replayed()
    assert (again.foreign, again.scanned) == (bench.state.foreign, bench.state.scanned)


def test_a_scan_overlaps_the_last_one_by_the_quarantine() -> None:
    """An order that the list showed late is found although it was made before the last scan."""
    bench = Bench()
    bench.wait(301)
    bench.cycle()
    bench.venue.by_another(BTC, Side.BUY, "1", "19000", ago_s=200)
    bench.wait(301)
    bench.cycle()
    assert len(bench.state.foreign) == 1


def test_a_strangers_order_is_an_alert_and_takes_its_cash() -> None:
    """It is no position and no limit's business but that its cash is not ours to spend."""
    bench = begun()
    before = bench.desk.valuation.cash_available(bench.state, "USD")
    bench.venue.by_another(BTC, Side.BUY, "0.1", "19000")
    this = bench.cycle()
    held_back = before - bench.desk.valuation.cash_available(bench.state, "USD")
    assert held_back == Decimal(1900) * (
        1 + bench.desk.valuation.deployment.fees.taker_bps / 10_000
    )
    assert this.account["venue.foreign_orders_count"] == 1.0
    assert bench.state.positions == {}
    assert bench.state.halted is None
    bench.venue.end("venue-1")
    bench.wait(301)
    assert bench.cycle().account["venue.foreign_orders_count"] == 0.0
    assert bench.desk.valuation.cash_available(bench.state, "USD") == before


def test_a_strangers_sale_holds_no_cash_back() -> None:
    """Only a buy needs money."""
    bench = begun()
    bench.venue.by_another(BTC, Side.SELL, "0.1", "21000")
    bench.absorb()
    assert bench.desk.valuation.cash_available(bench.state, "USD") == bench.state.cash["USD"]


def test_what_ended_long_ago_is_forgotten() -> None:
    """An order of others is kept while it is open, and for a day after it was made."""
    bench = begun()
    bench.venue.by_another(BTC, Side.BUY, "1", "19000")
    bench.absorb()
    bench.venue.end("venue-1")
    bench.wait(301)
    bench.cycle()
    bench.wait(86_400)
    bench.venue.by_another(ETH, Side.BUY, "1", "900")
    bench.cycle()
    assert sorted(bench.state.foreign) == ["venue-2"]


def test_a_scan_that_fails_blocks_entries_and_is_tried_again() -> None:
    """A list that cannot be read is no scan: the next cycle asks again."""
    bench = begun()
    bench.venue.failing = {"orders": UnreachableError("down")}
    bench.absorb()
    assert bench.desk.unread == "the account could not be read: UnreachableError"
    assert bench.desk.comparing.scanned is None
    bench.venue.failing = {}
    bench.absorb()
    assert bench.desk.comparing.scanned == bench.clock.now()


# Orders of ours against their fills

FEES = {
    "as our fills add up": (Decimal(0), ""),
    "a cent more is slack": (Decimal("0.01"), ""),
    "more than a cent": (Decimal("0.011"), "fees: venue 0.411, ledger 0.4"),
    "less than our fills": (Decimal("-0.02"), "fees: venue 0.38, ledger 0.4"),
}


@pytest.mark.parametrize(("more", "words"), FEES.values(), ids=FEES)
def test_the_fees_of_an_order_are_those_of_its_fills(more: Decimal, words: str) -> None:
    """The venue's own total against the ledger's, within what the policy lets them differ."""
    bench = Bench()
    bench.venue.fee_bps = Decimal(40)
    bench.hold()
    fees = sum((each.fee for each in bench.venue.executed), Decimal(0))
    assert fees == Decimal("0.4")
    bench.venue.book["venue-1"] = replace(bench.venue.book["venue-1"], fees=fees + more)
    bench.wait(301)
    bench.cycle()
    name = f"order {bench.venue.received[0].client_order_id}"
    assert bench.state.differences == ({name: words} if words else {})
    assert bench.state.mismatches == int(bool(words))


def test_a_difference_of_an_order_stands_until_the_venue_agrees() -> None:
    """It is asked about again at each scan, also by the next process."""
    bench = Bench()
    bench.hold()
    right = bench.venue.book["venue-1"]
    bench.venue.book["venue-1"] = replace(right, filled_notional=right.filled_notional + 1)
    for _ in range(4):
        bench.wait(301)
        bench.cycle()
        assert [*bench.state.differences.values()] == ["value: venue 101, ledger 100"]
    bench.venue.book["venue-1"] = right
    bench.wait(301)
    bench.cycle()
    assert bench.state.differences == {}


def test_what_was_divided_on_its_way_is_no_missing_fill() -> None:
    """A total may differ from its fills in the last digit: the order ends all the same."""
    bench = Bench()
    bench.place(buy())
    bench.venue.fill("venue-1", bench.venue.received[0].quantity / 2)
    told = bench.venue.book["venue-1"]
    more = told.filled_quantity + Decimal("0.000000000000000000001")
    bench.venue.book["venue-1"] = replace(told, filled_quantity=more)
    bench.venue.end("venue-1")
    bench.absorb()
    assert bench.state.working == {}


def test_an_end_waits_for_fills_that_the_list_does_not_show_yet() -> None:
    """The venue says cancelled and half filled, and shows no fill: it counts in full until then."""
    bench = Bench()
    bench.place(buy())
    half = bench.venue.received[0].quantity / 2
    bench.venue.holds_back = True
    bench.venue.fill("venue-1", half)
    bench.venue.end("venue-1")
    bench.absorb()
    (order,) = bench.state.working.values()
    assert order.remaining == order.quantity
    bench.venue.holds_back = False
    bench.absorb()
    assert bench.state.working == {}
    assert bench.state.positions[BTC].quantity == half


def test_a_fill_of_an_order_that_had_ended_is_ours_with_its_plan() -> None:
    """Whatever the venue tells too late, the units have the stop that they were bought with."""
    bench = Bench()
    bench.place(buy())
    order = bench.venue.received[0]
    bench.venue.end("venue-1")
    bench.absorb()
    assert bench.state.working == {}
    open_again = replace(bench.venue.book["venue-1"], status=OrderStatus.OPEN)
    bench.venue.book["venue-1"] = open_again
    bench.venue.fill("venue-1", order.quantity)
    bench.absorb()
    held = bench.state.positions[BTC]
    assert (held.quantity, held.plan) == (order.quantity, order.intent.plan)
    assert bench.state.working == {}
    assert bench.replayed().positions == bench.state.positions


def test_an_orphan_s_halt_cancels_like_any_other() -> None:
    """Halted for an orphan, what works of ours is cancelled in the same cycle."""
    bench = begun()
    bench.place(buy())
    bench.venue.by_another(BTC, Side.BUY, "0.5", "19000", client_order_id=stamped())
    assert bench.cycle().account["engine.halted"] is True
    assert bench.venue.book["venue-1"].status is OrderStatus.CANCELLED
    assert bench.venue.book["venue-2"].status is OrderStatus.OPEN
