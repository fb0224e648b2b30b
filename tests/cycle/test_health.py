"""How the venue answers: what is counted, what it says of the venue, and what it does not stop."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from fakes.bench import BTC, ETH, Bench, buy, done, product
from fakes.exchange import Answer
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.cycle.facts.venue import venue_facts
from engine.cycle.health import MINIMUM_SAMPLE, WINDOW_S, Call, VenueHealth
from engine.ledger.records import RecordKind
from engine.model.orders import Mode, Side
from engine.model.times import UtcTime
from engine.ports import AuthRefusedError, RateLimitedError, UnreachableError, VenueError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.cycle.desk import Round
    from engine.model.symbols import Symbol

CALLS = st.lists(
    st.tuples(st.integers(0, 200), st.booleans(), st.booleans(), st.floats(0, 9), st.booleans())
)


@given(CALLS)
@settings(deadline=None)
def test_health_is_that_of_the_last_five_minutes(
    calls: list[tuple[int, bool, bool, float, bool]],
) -> None:
    """Older calls are let go; ratios need a sample; failures in a row end with a success."""
    health, now, kept = VenueHealth(), UtcTime(0), []
    for gap, order, failed, seconds, limited in calls:
        now = now.plus_s(gap)
        kept.append(Call(now, "orders", order, failed, seconds, limited))
        health.note(kept[-1])
    recent = [each for each in kept if now.since_s(each.time) < WINDOW_S]
    # What is exactly as old as the window is kept and counts no more.
    assert [each for each in health.calls if now.since_s(each.time) < WINDOW_S] == recent
    assert health.errors(now) == len([each for each in recent if each.failed])
    assert health.limits(now) == len([each for each in recent if each.limited])
    for orders in (True, False):
        chosen = [each.failed for each in recent if each.order is orders]
        ratio = sum(chosen) / len(chosen) if len(chosen) >= MINIMUM_SAMPLE else 0.0
        assert health.error_ratio(now, orders=orders) == ratio
    row = 0
    for each in kept:
        row = row + 1 if each.failed else 0
    assert health.failures_in_a_row == row
    latency = health.latency_p95_ms(now)
    assert latency in {0.0, *(1000.0 * each.seconds for each in recent)}
    later = now.plus_s(WINDOW_S + 1)
    assert health.latency_p95_ms(later) == health.error_ratio(later, orders=True) == 0.0
    assert health.errors(later) == health.limits(later) == 0


def test_every_call_of_the_port_is_watched() -> None:
    """Orders and reads apart; an unknown outcome and an exception are failures."""
    bench = Bench()
    bench.venue.listed = (product(BTC),)
    bench.desk.health.calls.clear()
    bench.venue.answers = [Answer.LOSE_RESPONSE]
    bench.place(buy())
    exchange = bench.desk.exchange
    assert done(exchange.products()) == (product(BTC),)
    assert done(exchange.cancel(["venue-1"])) == {"venue-1": True}
    assert done(exchange.server_time()) == bench.clock.now()
    assert [(each.order, each.failed) for each in bench.desk.health.calls] == [
        (True, True),
        (False, False),
        (True, False),
        (False, False),
    ]
    assert bench.desk.health.failures_in_a_row == 0
    with pytest.raises(KeyError):
        asyncio.run(exchange.cancel(["nobody"]))
    assert bench.desk.health.failures_in_a_row == 1
    assert done(exchange.balances()) == {"USD": Decimal(10_000)}
    assert bench.desk.health.account_read == bench.clock.now()


# What one failed reading says of the venue, and what the next good one does.

LIMIT = RateLimitedError("429", 90.0)
FAILURES: dict[str, tuple[VenueError, bool, bool, float]] = {
    "nobody answers": (UnreachableError("timeout"), False, True, 0.0),
    "the key is refused": (AuthRefusedError("401"), True, False, 0.0),
    "too many requests": (LIMIT, True, True, 1.0),
    "an answer that nobody can read": (VenueError("<html>"), True, True, 0.0),
}


@pytest.mark.parametrize(
    ("failure", "reachable", "auth_ok", "limited"), FAILURES.values(), ids=FAILURES
)
def test_a_failure_says_what_it_says_and_no_more(
    failure: VenueError, *, reachable: bool, auth_ok: bool, limited: float
) -> None:
    """Who answers is reachable, whatever he says; only a refused key is a refused key."""
    bench = Bench()
    bench.venue.failing["fills"] = failure
    bench.cycle()
    facts = venue_facts(bench.desk, bench.clock.now())
    assert facts["venue.reachable"] is reachable
    assert facts["venue.auth_ok"] is auth_ok
    assert facts["venue.errors_5m_count"] == 1.0
    assert facts["venue.rate_limited_5m_count"] == limited
    bench.venue.failing.clear()
    bench.wait(60)
    bench.cycle()
    facts = venue_facts(bench.desk, bench.clock.now())
    assert (facts["venue.reachable"], facts["venue.auth_ok"]) == (True, True)
    assert facts["venue.errors_consecutive_count"] == 0.0


def test_what_needs_no_key_says_nothing_of_the_key() -> None:
    """The list of products and the clock are public: their answers do not clear a refused key."""
    bench = Bench()
    bench.venue.failing["balances"] = AuthRefusedError("401")
    bench.cycle()
    done(bench.desk.exchange.products())
    done(bench.desk.exchange.server_time())
    assert venue_facts(bench.desk, bench.clock.now())["venue.auth_ok"] is False


def test_a_wait_that_the_venue_asks_for_is_told_until_it_is_over() -> None:
    """Ages count from the last time; of two waits the later end counts."""
    bench = Bench()
    assert venue_facts(bench.desk, bench.clock.now())["venue.rate_limited_left_s"] == 0.0
    bench.venue.failing["balances"] = LIMIT
    bench.cycle()
    bench.clock.passes(30)
    bench.venue.failing["balances"] = RateLimitedError("429", 5.0)
    bench.cycle()
    facts = venue_facts(bench.desk, bench.clock.now())
    assert facts["venue.rate_limited_age_s"] == 0.0
    assert facts["venue.rate_limited_left_s"] == 60.0
    assert facts["venue.rate_limited_5m_count"] == 2.0
    bench.clock.passes(61)
    facts = venue_facts(bench.desk, bench.clock.now())
    assert facts["venue.rate_limited_age_s"] == 61.0
    assert facts["venue.rate_limited_left_s"] == 0.0


# An order that the venue did not take.

SUBMITS: dict[str, tuple[VenueError, RecordKind]] = {
    "a refused key leaves it with us": (AuthRefusedError("401"), RecordKind.REJECTED),
    "a full quota leaves it with us": (RateLimitedError("429"), RecordKind.REJECTED),
    "silence leaves it open": (UnreachableError("reset"), RecordKind.UNKNOWN),
    "so does an answer that is none": (VenueError("502"), RecordKind.UNKNOWN),
}


@pytest.mark.parametrize(("failure", "recorded"), SUBMITS.values(), ids=SUBMITS)
def test_a_failed_order_has_an_outcome(failure: VenueError, recorded: RecordKind) -> None:
    """No failure of the venue leaves the cycle: the order is rejected, or unknown and counted."""
    bench = Bench()
    bench.venue.failing["submit"] = failure
    told = bench.place(buy())
    assert told.outcome.endswith(type(failure).__name__)
    assert bench.kinds()[-1] == recorded.value
    assert len(bench.state.working) == (recorded is RecordKind.UNKNOWN)


# A reading that fails.


def _sells(this: Round) -> list[tuple[Symbol, str]]:
    return [
        (each.intent.symbol, each.outcome) for each in this.orders if each.intent.side is Side.SELL
    ]


READS = ("fills", "orders", "balances", "products")


@pytest.mark.parametrize("call", READS)
def test_a_failed_reading_stops_entries_and_no_exit(call: str) -> None:
    """Nobody knows the account or the product: nothing is entered, and a stop is sold at once."""
    bench = Bench()
    bench.hold(BTC)
    bench.wait(30)
    bench.place(buy(ETH, "40"))  # rests, so that orders are asked for
    bench.venue.failing[call] = UnreachableError("timeout")
    bench.desk.health.products_asked = None
    bench.quote(BTC, "15000", "15003")
    this = bench.cycle()
    assert _sells(this) == [(BTC, "sent")]
    code = "PRODUCT_UNCONFIRMED" if call == "products" else "ACCOUNT_UNREAD"
    denied = bench.place(buy(ETH))
    assert code in {reason.code.value for reason in denied.decision.reasons}
    assert ("asset.status" in this.facts(ETH)) is (call != "products")
    assert ("data.reconcile_mismatch_count" in this.account) is (call == "products")
    assert bool(this.notes) is (call != "products")
    bench.venue.failing.clear()
    bench.wait(60)
    bench.cycle()
    bench.wait(5)
    assert bench.place(buy(ETH)).outcome == "sent"


def test_a_cancel_that_fails_is_asked_for_again() -> None:
    """The venue is away when an order's time is over: the order stands, and goes next time."""
    bench = Bench()
    bench.place(buy(ETH, "40"))
    (order,) = bench.state.working.values()
    bench.venue.failing["cancel"] = UnreachableError("timeout")
    bench.wait(120)
    bench.tick()
    assert list(bench.state.working) == [order.number]
    bench.venue.failing.clear()
    bench.wait(1)
    bench.tick()
    bench.absorb()
    assert not bench.state.working


# What the venue lists, and its clock.


def test_products_are_asked_for_at_most_once_a_minute() -> None:
    """A status that changes in the middle of a run is seen within a minute, without asking more."""
    bench = Bench()
    asked = []
    listed = bench.venue.products

    async def counted() -> object:
        asked.append(bench.clock.now())
        return await listed()

    bench.venue.products = counted  # type: ignore[method-assign, assignment] # counts the calls of a fake
    for _ in range(12):
        bench.wait(15)
        bench.cycle()
    gaps = [after.since_s(before) for before, after in pairwise(asked)]
    assert gaps == [60.0] * len(gaps)
    assert len(gaps) >= 2


def test_a_list_that_failed_is_asked_for_in_the_next_cycle() -> None:
    """Entries wait for the venue's list, and not for a minute more than the venue is away."""
    bench = Bench()
    bench.wait(61)
    bench.venue.failing["products"] = UnreachableError("timeout")
    bench.cycle()
    assert bench.desk.unconfirmed
    bench.venue.failing.clear()
    bench.wait(15)
    bench.cycle()
    assert not bench.desk.unconfirmed


def test_a_product_that_is_listed_no_more_can_still_be_left() -> None:
    """Entries wait for the venue's word; what we hold keeps its grid and is sold."""
    bench = Bench()
    bench.hold(BTC)
    bench.venue.listed = (product(ETH),)
    bench.wait(61)
    bench.quote(BTC, "15000", "15003")
    this = bench.cycle()
    assert bench.desk.unconfirmed == {BTC} | {each for each in bench.desk.products if each != ETH}
    assert _sells(this) == [(BTC, "sent")]


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize(("skew_s", "trip_s"), [(0.0, 0.0), (0.4, 0.2), (-3.0, 1.0)])
def test_the_venues_clock_is_read_at_the_middle_of_the_round_trip(
    mode: Mode, skew_s: float, trip_s: float
) -> None:
    """Live alone asks; the length of the trip is no skew, and an old reading is no reading."""
    bench = Bench(mode=mode)
    bench.venue.skew_s, bench.venue.trip_s = skew_s, trip_s
    bench.wait(61)
    bench.cycle()
    facts = venue_facts(bench.desk, bench.clock.now())
    if mode is not Mode.LIVE:
        assert "venue.clock_skew_ms" not in facts
        return
    assert facts["venue.clock_skew_ms"] == pytest.approx(1000 * skew_s)
    bench.venue.failing["server_time"] = UnreachableError("timeout")
    for _ in range(6):
        bench.wait(61)
        bench.cycle()
    assert "venue.clock_skew_ms" not in venue_facts(bench.desk, bench.clock.now())


def test_the_age_of_the_credentials_is_told_where_it_is_known() -> None:
    """Somebody says when they were made, or nobody knows how old they are."""
    bench = Bench()
    assert "engine.secret_age_d" not in bench.round().account
    made = bench.clock.now().plus_s(-83 * 86_400)
    bench.desk.secret_created = lambda: made
    assert bench.round().account["engine.secret_age_d"] == 83.0


def test_what_the_market_shows_while_the_venue_answers_is_seen_in_the_same_cycle() -> None:
    """Balances take five seconds, a bid below the stop comes meanwhile: it is sold at once."""
    bench = Bench()
    bench.hold(BTC)
    told = bench.venue.balances

    async def slow() -> Mapping[str, Decimal]:
        bench.clock.passes(5)
        bench.quote(BTC, "15000", "15003")
        return await told()

    bench.venue.balances = slow  # type: ignore[method-assign] # the fake's own script
    this = bench.cycle()
    assert _sells(this) == [(BTC, "sent")]
    assert this.now == bench.clock.now()
