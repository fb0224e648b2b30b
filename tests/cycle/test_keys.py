"""The key while the loop runs: asked once an hour, and what it may no longer do stops entries."""

from __future__ import annotations

from decimal import Decimal

import pytest
from fakes.bench import BTC, ETH, Bench, buy, done
from fakes.clock import START

from engine.cycle import keys
from engine.cycle.facts.fees import fee_facts
from engine.cycle.facts.market import quote_age_s, quote_facts
from engine.cycle.keys import KeyWatch
from engine.cycle.market import MarketView
from engine.cycle.steps import venue
from engine.model.account import FeeRates, KeyPermissions
from engine.model.market import Quote
from engine.model.orders import Side
from engine.ports import UnreachableError
from engine.series import BarSource

ONE = Decimal(1)
MOVES_MONEY = KeyPermissions(can_view=True, can_trade=True, can_transfer=True)


def watched(fees: FeeRates | None = None) -> tuple[Bench, KeyWatch]:
    """A bench whose key was looked at just now."""
    bench = Bench()
    key = bench.desk.key = KeyWatch(fees, bench.clock.now())
    return bench, key


def test_a_key_that_can_move_money_by_now_stops_entries_and_no_exit() -> None:
    """Its rights were changed while we ran: within an hour nothing is bought, all can be sold."""
    bench, key = watched()
    bench.hold(BTC)
    bench.venue.permissions = MOVES_MONEY
    bench.wait(keys.EVERY_S - 60)
    bench.cycle()
    assert key.refused is None
    bench.wait(60)
    bench.quote(BTC, "15000", "15003")
    this = bench.cycle()
    assert key.refused == "M464 the key can move money out of the account"
    sells = [each for each in this.orders if each.intent.side is Side.SELL]
    assert [each.outcome for each in sells] == ["sent"]
    denied = bench.place(buy(ETH))
    assert denied.outcome == "denied"
    assert [str(each) for each in denied.decision.reasons if "KEY" in each.code.value] == [
        f"KEY_REFUSED why={key.refused}"
    ]
    assert bench.replayed() == bench.state


def test_what_the_venue_said_before_counts_until_it_says_another_thing() -> None:
    """A failure of the venue neither takes a right away nor gives one back."""
    bench, key = watched()
    bench.venue.permissions = MOVES_MONEY
    for failing, refused in ((True, False), (False, True), (True, True)):
        bench.venue.failing = {"key_permissions": UnreachableError("gone")} if failing else {}
        bench.wait(keys.EVERY_S)
        done(venue.look(bench.desk, bench.clock.now()))
        assert (key.refused is not None) is refused
    bench.venue.failing = {}
    bench.venue.permissions = KeyPermissions(can_view=True, can_trade=True, can_transfer=False)
    bench.wait(keys.EVERY_S)
    done(venue.look(bench.desk, bench.clock.now()))
    assert key.refused is None
    assert key.fees is not None


def test_without_a_key_nobody_asks_for_its_rights() -> None:
    """Paper in this process has none."""
    bench = Bench()
    bench.venue.failing = {"key_permissions": UnreachableError("gone")}
    bench.wait(keys.EVERY_S)
    before = bench.desk.health.errors(bench.clock.now())
    done(venue.look(bench.desk, bench.clock.now()))
    assert bench.desk.health.errors(bench.clock.now()) == before


TOLD: dict[str, tuple[FeeRates | None, tuple[float, float, float]]] = {
    "the venue does not say": (None, (40.0, 60.0, 0.0)),
    "as assumed": (FeeRates(Decimal(40), Decimal(60)), (40.0, 60.0, 0.0)),
    "a better tier": (FeeRates(Decimal(25), Decimal(40)), (25.0, 40.0, -15.0)),
    "a worse tier": (FeeRates(Decimal(60), Decimal(120)), (60.0, 120.0, 60.0)),
}


@pytest.mark.parametrize(("fees", "facts"), TOLD.values(), ids=TOLD)
def test_fees_are_what_the_venue_says(
    fees: FeeRates | None, facts: tuple[float, float, float]
) -> None:
    """A worse tier shows before the first order has paid for it."""
    bench, _ = watched(fees)
    told = fee_facts(bench.desk, bench.clock.now())
    names = ("venue.fee_maker_bps", "venue.fee_taker_bps", "venue.fee_over_assumed_bps")
    assert tuple(told[name] for name in names) == facts


AGES: dict[str, tuple[float, float, float | None]] = {
    "both clocks agree": (4.0, 4.0, 4.0),
    "the wall clock was set back": (1.0, 4.0, 4.0),
    "the wall clock was set ahead": (9.0, 4.0, 9.0),
    "it was set back before the receipt": (-5.0, 4.0, None),
}


@pytest.mark.parametrize(("wall_s", "steady_s", "age"), AGES.values(), ids=AGES)
def test_no_step_of_the_wall_clock_makes_a_quote_younger(
    wall_s: float, steady_s: float, age: float | None
) -> None:
    """The larger age counts; a receipt that is still to come has none."""
    quote = Quote(BTC, START, ONE, ONE)
    assert quote_age_s(quote, START.plus_s(wall_s), steady_s) == age
    assert quote_facts(quote, START.plus_s(wall_s), steady_s).get("quote.age_s") == age


def test_a_market_that_is_heard_ages_by_its_own_clock() -> None:
    """Each product from its newest quote on; a recording has no other clock than its receipts."""
    now_s = [100.0]
    live = MarketView((), lambda _: BarSource.RECORDED, steady=lambda: now_s[0])
    recorded = MarketView((), lambda _: BarSource.RECORDED)
    for each in (live, recorded):
        each.on_event(Quote(BTC, START, ONE, ONE))
    now_s[0] = 103.5
    assert (live.steady_age_s(BTC), live.steady_age_s(ETH)) == (3.5, 0.0)
    assert recorded.steady_age_s(BTC) == 0.0
    live.on_event(Quote(BTC, START, ONE, ONE))
    assert live.steady_age_s(BTC) == 0.0
