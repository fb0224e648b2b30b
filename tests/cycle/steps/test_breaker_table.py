"""Breakers cell by cell: what each cancels, sells and lets go, over restarts in the middle of it.

Whole cycles of production over a venue that a test scripts. What trips is `failures`, a fact that
a test makes by hand and that ages out by itself after ten minutes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from cycle.small_sets import breaker
from fakes.bench import BTC, ETH, Bench, buy, done, sell

from engine.cycle.clockwork import Command
from engine.cycle.health import VenueHealth
from engine.cycle.orders import following
from engine.cycle.records.recorder import Recorder
from engine.ledger.journal import Journal
from engine.ledger.records import RecordKind
from engine.model.market import Product, ProductStatus

if TYPE_CHECKING:
    from engine.cycle.desk import Round

TRIP = "engine.exceptions_10m_count >= 1"
HERE = 'quote.bid >= 30000 and asset.symbol == "BTC-USD"'
AGES_OUT_S = 600


def tripping(bench: Bench) -> None:
    """Make the condition of `TRIP` hold."""
    bench.desk.failures.append(bench.clock.now())


def restart(bench: Bench) -> None:
    """The process ends and another one goes on from the ledger; the market is as it was."""
    bench.desk.recorder.sync()
    journal = Journal.open(bench.disk)
    bench.desk.recorder = Recorder(journal, bench.replayed())
    bench.desk.health = VenueHealth()
    bench.desk.failures.clear()


def turn(bench: Bench, seconds: float = 60) -> Round:
    """Time passes, the market shows itself again, and a cycle runs."""
    bench.wait(seconds)
    return bench.cycle()


# What a trip cancels: `cancel` against the order, and whether it was there at the trip.

CANCELS = """
            entry_before  exit_before  entry_after  exit_after
none        .             .            .            .
entries     cancelled     .            cancelled    .
all         cancelled     cancelled    cancelled    .
"""


def _cells(table: str) -> list[tuple[str, str, str]]:
    head, *rows = (line.split() for line in table.strip().splitlines())
    return [(row[0], name, cell) for row in rows for name, cell in zip(head, row[1:], strict=True)]


def _resting(bench: Bench, kind: str) -> str:
    """An order of that kind that works at the venue; its id there."""
    wish = buy(BTC, "40") if kind == "entry" else sell(BTC, bench.state.positions[BTC].quantity)
    assert bench.place(wish).outcome == "sent"
    return list(bench.venue.book)[-1]


@pytest.mark.parametrize("key", ["", "BTC-USD", "ETH-USD"])
@pytest.mark.parametrize(("cancel", "order", "fate"), _cells(CANCELS))
def test_each_word_on_cancels_means_what_its_row_says(
    cancel: str, order: str, fate: str, key: str
) -> None:
    """Entries whenever they appear, ways out only if they were there, and nothing of elsewhere."""
    bench = Bench()
    bench.hold(BTC)
    bench.wait(60)
    kind, _, when = order.partition("_")
    latch = {
        "breaker": "stop",
        "key": key,
        "scope": "symbol" if key else "account",
        "while_tripped": "reducing",
        "cancel": cancel,
        "on_trip": "none",
        "text": TRIP,
        "rearm_not_before": str(bench.clock.now()),
    }
    if when == "after":
        # The order was on its way when the breaker tripped; it appears now.
        venue_id = _resting(bench, kind)
        (number,) = bench.state.working
        bench.record(RecordKind.BREAKER_TRIPPED, latch)
    else:
        venue_id = _resting(bench, kind)
        bench.clock.passes(1)
        bench.record(RecordKind.BREAKER_TRIPPED, latch)
        (number,) = bench.state.working
    done(following.cancel_for_breakers(bench.desk, bench.clock.now()))
    told = [body["intent"] for body in bench.bodies(RecordKind.CANCEL)]
    meant = fate == "cancelled" and key != "ETH-USD"
    assert told == ([number] if meant else [])
    assert bench.venue.book[venue_id].status.final is meant


def test_a_way_out_made_after_the_trip_rests_in_peace() -> None:
    """With `cancel: all` an exit that the trip leaves room for is not cancelled every cycle."""
    bench = Bench((breaker("stop", TRIP, cancel="all"),))
    bench.hold(BTC)
    tripping(bench)
    turn(bench)
    venue_id = _resting(bench, "exit")
    for _ in range(3):
        turn(bench, 10)
    assert not bench.venue.book[venue_id].status.final


# What a trip sells.

SELLS = breaker("out", TRIP, on_trip="exit_all", reset="{after: 1m}")
SELLS_HERE = breaker("out", HERE, scope="symbol", on_trip="exit_all", reset="{after: 1m}")


def _sold(this: Round) -> list[tuple[str, int, str]]:
    found = [each for each in this.orders if each.intent.side.value == "SELL"]
    return [(str(each.intent.symbol), each.intent.rung, each.outcome) for each in found]


def test_exit_all_sells_in_the_cycle_of_the_trip_and_all_of_its_scope() -> None:
    """Both positions go by the ladder of stops at once, at a gain too, and entries are denied."""
    bench = Bench((SELLS,))
    bench.hold(BTC)
    bench.wait(30)
    bench.hold(ETH)
    tripping(bench)
    this = turn(bench)
    assert _sold(this) == [("BTC-USD", 0, "sent"), ("ETH-USD", 0, "sent")]
    assert {each.intent.ladder for each in this.orders} == {"exit_stop"}
    assert bench.state.positions == {}
    denied = bench.place(buy(ETH))
    assert denied.decision.reasons[0].code.value == "BREAKER_TRIPPED"


def test_exit_all_of_a_product_leaves_the_others_alone() -> None:
    """One product is sold and takes no entries; the other keeps its position and takes more."""
    bench = Bench((SELLS_HERE,))
    bench.hold(BTC)
    bench.wait(30)
    bench.hold(ETH)
    bench.wait(60)
    bench.quote(BTC, "30000", "30006")
    this = bench.cycle()
    assert _sold(this) == [("BTC-USD", 0, "sent")]
    assert list(bench.state.positions) == [ETH]
    bench.wait(5)
    assert bench.place(buy(BTC)).outcome == "denied"
    assert bench.place(buy(ETH)).outcome == "sent"


STEPS = {"without a restart": False, "with a restart in every cycle": True}


@pytest.mark.parametrize("restarts", STEPS.values(), ids=STEPS)
def test_exit_all_goes_on_until_it_is_out(*, restarts: bool) -> None:
    """A market that takes nothing, then a little: every cycle tries the whole ladder again.

    Meanwhile the condition is over and so is the latch's time; it lets go when all is sold.
    """
    bench = Bench((SELLS,))
    bench.hold(BTC, "300")
    bench.venue.taken_share = Decimal(0)
    tripping(bench)
    for _ in range(3):
        assert [rung for _, rung, _ in _sold(turn(bench))] == [0, 1, 2]
        if restarts:
            restart(bench)
    bench.desk.failures.clear()
    bench.venue.taken_share = Decimal("0.3")
    left = bench.state.positions[BTC].quantity
    for _ in range(3):
        turn(bench)
        assert list(bench.state.latches) == [("out", "")]
        assert bench.state.positions[BTC].quantity < left
        left = bench.state.positions[BTC].quantity
        if restarts:
            restart(bench)
    bench.venue.taken_share = Decimal(1)
    turn(bench)
    assert bench.state.positions == {}
    turn(bench)
    assert bench.state.latches == {}


def test_exit_all_waits_for_a_product_that_cannot_be_traded_and_then_sells() -> None:
    """One of the four things that stop an exit; the latch stays, whatever its time says."""
    bench = Bench((SELLS,))
    bench.hold(BTC)
    halted = bench.desk.products[BTC]
    bench.relist(_with_status(halted, "halted"))
    tripping(bench)
    for _ in range(12):
        this = turn(bench)
        assert {outcome for _, _, outcome in _sold(this)} == {"denied"}
    assert ("out", "") in bench.state.latches
    bench.relist(halted)
    turn(bench)
    assert bench.state.positions == {}


def test_dust_does_not_hold_a_latch() -> None:
    """What is too small for the venue to take is no position: the breaker's work is done."""
    bench = Bench((SELLS,))
    held = bench.hold(BTC)
    tripping(bench)
    turn(bench, 1)
    bench.venue.taken_share = Decimal(1)
    assert bench.state.positions == {}
    bench.wait(AGES_OUT_S)
    bench.hold(BTC)
    bench.relist(_with_least(bench, held * 2))
    turn(bench)
    assert bench.state.latches == {}


def test_a_halt_holds_an_exit_all_back_and_a_resume_lets_it_go_on() -> None:
    """HALTED stops exits whoever ordered them; the order to sell is still there afterwards."""
    bench = Bench((SELLS,))
    bench.hold(BTC)
    bench.tick(Command("halt", "", "anna", "a drill"))
    tripping(bench)
    assert {outcome for _, _, outcome in _sold(turn(bench))} == {"denied"}
    bench.tick(Command("resume", "", "anna", "over"))
    turn(bench)
    assert bench.state.positions == {}


# When a latch lets go: its reset, against what the condition does meanwhile.


@dataclass(frozen=True)
class Reset:
    """A way of letting go, and how long after the trip it may."""

    text: str
    after_s: float


# 13:00 UTC is the time of the trips below, so that midnight is eleven hours away.
TO_MIDNIGHT_S = 11 * 3600
RESETS = {
    "after": Reset("{after: 10m}", 600),
    "next_utc_day": Reset("next_utc_day", TO_MIDNIGHT_S),
    "rearm": Reset("{rearm: {not_before: 1h, high_water_mark: keep}}", 3600),
}
# Whether it is still latched: by itself; and where a person re-arms it, one cycle later.
LETS_GO = """
              early_over  due_over  due_holds  due_undecided  armed_early  armed_over  armed_holds
after         latched     free      latched    latched        latched      free        latched
next_utc_day  latched     free      latched    latched        latched      free        latched
rearm         latched     latched   latched    latched        latched      free        latched
"""
CONDITIONS = {"over": False, "holds": True, "early": False, "undecided": None}


def _condition(bench: Bench, *, holds: bool | None) -> None:
    """The account's reading is what the breaker asks; None: nobody can read it."""
    bench.desk.unread = None
    bench.state.differences = {"USD": "venue 1, ledger 2"} if holds else {}
    bench.desk.unread = "a test" if holds is None else None


@pytest.mark.parametrize(("reset", "moment", "fate"), _cells(LETS_GO))
def test_a_latch_lets_go_as_the_table_says(reset: str, moment: str, fate: str) -> None:
    """Not before its time, not while the condition holds or nobody can say, not without a person.

    A breaker that was re-armed while its condition holds trips again in the very next cycle.
    """
    chosen = RESETS[reset]
    rule = breaker("stop", "data.reconcile_mismatch_count > 0", reset=chosen.text)
    bench = Bench((rule,))
    bench.clock.passes(2 * 3600 - 1)
    _condition(bench, holds=True)
    _breakers(bench)
    assert ("stop", "") in bench.state.latches
    tripped = bench.state.latches["stop", ""].tripped
    restart(bench)
    when, _, state = moment.partition("_")
    early = "early" in moment
    bench.clock.passes(chosen.after_s - (1 if early else 0))
    _condition(bench, holds=CONDITIONS[state])
    if when == "armed":
        bench.tick(Command("rearm", "stop", "anna", "looked at it"))
    restart(bench)
    _condition(bench, holds=CONDITIONS[state])
    _breakers(bench)
    latch = bench.state.latches.get(("stop", ""))
    assert (latch is not None) is (fate == "latched")
    again = latch is not None and latch.tripped != tripped
    assert again is (reset == "rearm" and moment == "armed_holds")


def _breakers(bench: Bench) -> None:
    """The breakers' step alone: reconciling would tell the truth about the account."""
    bench.again()
    bench.round()


MARKS = {"reset": [], "keep": [("stop", "")]}


@pytest.mark.parametrize(("mark", "latched"), MARKS.items())
def test_re_arming_a_drawdown_asks_from_where_it_counts(
    mark: str, latched: list[tuple[str, str]]
) -> None:
    """With a new mark the account is at its top and trades; with the old one it trips again."""
    rearm = f"{{rearm: {{not_before: 1m, high_water_mark: {mark}}}}}"
    bench = Bench((breaker("stop", "portfolio.drawdown_pct >= 0.5", reset=rearm),))
    bench.hold(BTC, "300")
    bench.cycle()
    bench.clock.passes(60)
    bench.quote(BTC, "16000", "16003")
    bench.cycle()
    turn(bench)
    assert ("stop", "") in bench.state.latches
    bench.clock.passes(60)
    bench.tick(Command("rearm", "stop", "anna", "looked at it"))
    restart(bench)
    turn(bench)
    assert [each for each in bench.state.latches if each[0] == "stop"] == latched


STAGES = ["shadow", "warn"]


@pytest.mark.parametrize("stage", STAGES)
def test_a_breaker_that_only_records_cancels_and_sells_nothing(stage: str) -> None:
    """The cycle says that it would have tripped; orders rest on, positions stay, entries leave."""
    bench = Bench((breaker("out", TRIP, on_trip="exit_all", stage=stage),))
    bench.hold(BTC)
    bench.wait(30)
    venue_id = _resting(bench, "entry")
    tripping(bench)
    this = turn(bench, 10)
    assert this.notes == [f"{stage} breaker out would trip: {TRIP}"]
    assert not bench.venue.book[venue_id].status.final
    assert list(bench.state.positions) == [BTC]
    assert bench.place(buy(ETH)).outcome == "sent"


def _with_status(product: Product, status: str) -> Product:
    return replace(product, status=ProductStatus(status))


def _with_least(bench: Bench, quantity: Decimal) -> Product:
    return replace(bench.desk.products[BTC], base_min_size=quantity)
