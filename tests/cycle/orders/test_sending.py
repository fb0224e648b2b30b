"""Sending: first the ledger, then the gate, then the wire, and never the other way round."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from fakes.bench import AT_RISK, BTC, ETH, SOL, Bench, buy, done, product, sell
from fakes.exchange import Answer
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.cycle.orders.sending import immediate, place
from engine.ledger.chain import LedgerUnavailable
from engine.ledger.records import RecordKind
from engine.model.decisions import ReasonCode, Verdict
from engine.model.numbers import ZERO
from engine.model.orders import ApprovedOrder, Intent, Mode, OrderForm, OrderStatus, Side
from engine.model.symbols import Symbol

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.ports import Gate

SENDINGS = ["decision", "intent", "sent", "acknowledged"]
SIZES = st.integers(10, 1400)
LIMITS_PCT = (1, 2, 5, 9)


def test_the_intent_is_durable_before_anything_is_sent() -> None:
    """Append, sync, submit: in this order, and nothing between the sync and the submit."""
    bench = Bench()
    told = bench.place(buy())
    assert told.outcome == "sent"
    assert bench.deeds[:3] == ["append", "sync", "submit"]
    assert bench.kinds() == SENDINGS


def test_what_is_durable_at_the_send_holds_the_intent() -> None:
    """A loss of power in the instant of the send leaves the intent in the ledger."""
    bench = Bench()
    seen: list[list[str]] = []

    async def submit(order: ApprovedOrder, gate: Gate) -> object:
        bench.disk.crash()
        seen.append([k for k in bench.kinds() if k == "intent"])
        return await venue(order, gate)

    venue = bench.venue.submit
    bench.venue.submit = submit  # type: ignore[method-assign,assignment] # the fake's own script
    bench.place(buy())
    assert seen == [["intent"]]


@pytest.mark.parametrize("deed", ["append", "sync"])
def test_without_a_durable_ledger_nothing_is_sent(deed: str) -> None:
    """A refused write stops the order, and the recorder says that it is not healthy."""
    bench = Bench()
    bench.disk.refused.add(deed)
    with pytest.raises(LedgerUnavailable):
        bench.place(buy())
    assert bench.venue.received == []
    assert not bench.desk.recorder.healthy
    bench.disk.refused.clear()
    with pytest.raises(LedgerUnavailable):
        bench.place(buy())
    assert bench.venue.received == []


def test_a_ledger_that_is_not_durable_denies_even_exits() -> None:
    """The judge is told, and refuses before anything could be written."""
    bench = Bench()
    held = bench.hold()
    bench.desk.recorder.healthy = False
    codes = [each.code for each in bench.place(sell(BTC, held)).decision.reasons]
    assert ReasonCode.LEDGER_NOT_DURABLE in codes
    assert len(bench.venue.received) == 1


def _kill(bench: Bench) -> None:
    bench.killed = "fire (anna)"


def _lose_lease(bench: Bench) -> None:
    bench.leased = False


def _age(bench: Bench) -> None:
    bench.clock.passes(6)


HAPPENS = {
    "the kill switch is thrown": (_kill, "kill switch: fire (anna)"),
    "lease lost": (_lose_lease, "the lock on this account is no longer ours"),
    "the quote has aged": (_age, "quote too old for ExecutionPolicy/orders#quote_age"),
}


@pytest.mark.parametrize(("happens", "why"), HAPPENS.values(), ids=HAPPENS)
def test_the_wire_gate_stops_what_was_allowed_a_moment_ago(
    happens: Callable[[Bench], None], why: str
) -> None:
    """Between the decision and the send the world is looked at once more; the intent ends there."""
    bench = Bench()
    this = bench.round()
    happens(bench)
    told = bench.place(buy(), this)
    assert told.decision.verdict is Verdict.ALLOW
    assert told.outcome == f"not sent: {why}"
    assert bench.venue.received == []
    assert bench.kinds() == ["decision", "intent", "cancelled"]
    assert bench.bodies(RecordKind.CANCELLED)[0]["reason"] == why
    assert bench.state.working == {}
    assert this.blockers[BTC].code is ReasonCode.WIRE_GATE
    assert this.orders_of["tight_spread"] == 0


@pytest.mark.parametrize(("happens", "why"), HAPPENS.values(), ids=HAPPENS)
def test_what_happens_while_an_order_waits_for_its_turn_holds_it_back(
    happens: Callable[[Bench], None], why: str
) -> None:
    """A quota or a connection takes time: the port asks again before the first byte."""
    bench = Bench()
    bench.venue.before_the_wire = lambda: happens(bench)
    assert bench.place(buy()).outcome == f"not sent: {why}"
    assert bench.venue.received == []
    assert bench.kinds() == ["decision", "intent", "sent", "cancelled"]
    assert bench.bodies(RecordKind.CANCELLED)[0]["sent"] is False
    assert bench.state.working == {}


def test_a_quote_that_vanished_is_too_old() -> None:
    """No quote at the gate is no age, and doubt does not add risk."""
    bench = Bench()
    this = bench.round()
    bench.desk.kill_switch = bench.desk.market.quotes.clear  # type: ignore[assignment] # read just before the age
    assert bench.place(buy(), this).outcome.startswith("not sent: quote too old")


def test_an_old_quote_does_not_keep_an_exit_in() -> None:
    """The gate asks the quote's age of new risk only."""
    bench = Bench()
    held = bench.hold()
    this = bench.round()
    bench.clock.passes(600)
    assert bench.place(sell(BTC, held), this).outcome == "sent"


def test_one_intent_has_one_id_and_its_child_another() -> None:
    """Ids follow from set, stream and number: no time and no size goes into them."""
    first, second = Bench(), Bench()
    second.clock.passes(77)
    second.again()
    ids = [
        bench.place(buy(value=value)).client_order_id
        for bench, value in ((first, "100"), (second, "200"))
    ]
    assert ids[0] == ids[1]
    child = first.place(replace(buy(SOL), parent=1, rung=1)).client_order_id
    assert child != ids[0]
    for each in (ids[0], child):
        assert each is not None
        assert each.replace("-", "")[:12] == first.policy_set.hash[:12]
        assert UUID(each).version == 8


def test_every_record_of_an_order_carries_the_whole_hash() -> None:
    """Decision, intent and approved order name all 64 digits of the set."""
    bench = Bench()
    bench.place(buy())
    stamps = {
        body["policy_set"] for body in bench.bodies(RecordKind.DECISION, RecordKind.INTENT)
    } | {bench.venue.received[0].policy_set}
    assert stamps == {bench.policy_set.hash}
    assert len(bench.policy_set.hash) == 64


def test_a_dry_run_sends_nothing() -> None:
    """It decides and says what it would send; no intent is recorded, no venue is asked."""
    bench = Bench(mode=Mode.DRY_RUN)
    told = bench.place(buy())
    assert told.outcome == "would send"
    assert told.client_order_id is not None
    assert bench.kinds() == ["decision"]
    bench.cycle()
    assert bench.venue.deeds.count("submit") == 0
    assert bench.state.working == {}


@pytest.mark.parametrize(
    ("answer", "outcome", "kind", "crossed"),
    [
        (Answer.TAKE, "sent", "acknowledged", False),
        (Answer.REJECT, "rejected: INSUFFICIENT_FUND", "rejected", False),
        (Answer.CROSS, "rejected: INVALID_LIMIT_PRICE_POST_ONLY", "rejected", True),
        (Answer.LOSE_REQUEST, "unknown: no answer", "unknown", False),
        (Answer.LOSE_RESPONSE, "unknown: no answer", "unknown", False),
        (Answer.NO_CONNECTION, "not sent: ConnectError", "cancelled", False),
        (Answer.OTHER_ORDER, "collision: side SELL, not BUY", "breaker_tripped", False),
    ],
)
def test_each_answer_of_the_venue_is_kept_apart(
    *, answer: Answer, outcome: str, kind: str, crossed: bool
) -> None:
    """Taken, refused, would have crossed, nobody knows, not sent, another's: none mix."""
    bench = Bench()
    bench.venue.answers = [answer]
    told = bench.place(buy())
    assert (told.outcome, told.crossed) == (outcome, crossed)
    assert bench.kinds()[-1] == kind
    refused = bench.state.pace.rejected
    assert len(refused) == (answer is Answer.REJECT)


def test_an_unknown_order_counts_in_full_and_is_not_sent_again() -> None:
    """It stays in the exposure at its whole size, and blocks its product for entries."""
    bench = Bench()
    bench.venue.answers = [Answer.LOSE_REQUEST]
    told = bench.place(buy())
    (order,) = bench.state.working.values()
    assert order.status is OrderStatus.UNKNOWN
    assert order.remaining == told.decision.quantity
    assert bench.desk.valuation.at_risk(bench.state) == order.remaining * order.worst_price
    bench.wait(60)
    this = bench.cycle()
    assert len(bench.venue.received) == 1
    assert this.account["venue.unknown_orders_count"] == 1.0


def test_what_was_not_sent_is_over_at_once() -> None:
    """No byte left: the order counts against nothing any more."""
    bench = Bench()
    bench.venue.answers = [Answer.NO_CONNECTION]
    bench.place(buy())
    assert bench.state.working == {}
    assert bench.desk.valuation.at_risk(bench.state) == ZERO


def test_a_collision_counts_in_full_and_halts_its_product_alone() -> None:
    """Ours may exist beside the other order; until a person re-arms, nothing of it leaves."""
    bench = Bench()
    bench.venue.answers = [Answer.OTHER_ORDER]
    bench.place(buy())
    assert [each.status for each in bench.state.working.values()] == [OrderStatus.UNKNOWN]
    again, other = bench.place(buy()), bench.place(buy(ETH))
    assert ReasonCode.HALTED in {reason.code for reason in again.decision.reasons}
    assert ReasonCode.HALTED not in {reason.code for reason in other.decision.reasons}
    latch = bench.state.latches["collision", str(BTC)]
    assert latch.resets_at is None
    assert latch.text.startswith("order theirs of the venue: side SELL, not BUY. Look at the venue")


def test_a_broken_connection_leaves_the_order_counted() -> None:
    """What escapes the port leaves the intent standing, as sent: nobody knows, so it counts."""
    bench = Bench()
    bench.venue.answers = [Answer.BREAK]
    with pytest.raises(ConnectionError):
        bench.place(buy())
    assert [each.status for each in bench.state.working.values()] == [OrderStatus.SENT]
    assert bench.desk.health.failures_in_a_row == 1


@settings(max_examples=40)
@given(
    limit_pct=st.sampled_from(LIMITS_PCT),
    wishes=st.lists(st.tuples(st.sampled_from((BTC, ETH, SOL)), SIZES), min_size=1, max_size=6),
    answers=st.lists(st.sampled_from(Answer), max_size=6),
    rungs=st.lists(st.integers(0, 1), min_size=6, max_size=6),
)
def test_pending_orders_count_at_once(
    limit_pct: int, wishes: list[tuple[Symbol, int]], answers: list[Answer], rungs: list[int]
) -> None:
    """However many are asked for in one cycle, the sum at worst price never passes the limit."""
    bench = Bench((AT_RISK.format(limit_pct),))
    bench.venue.answers = [each for each in answers if each is not Answer.BREAK]
    this = bench.round()
    for (symbol, value), rung in zip(wishes, rungs, strict=False):
        bench.place(replace(buy(symbol, str(value)), rung=rung), this)
        assert _exposure_at_the_venue(bench) <= Decimal(10_000) * limit_pct / 100
        ours = bench.desk.valuation.at_risk(bench.state)
        assert ours is not None
        assert ours <= Decimal(10_000) * limit_pct / 100


def _exposure_at_the_venue(bench: Bench) -> Decimal:
    """By the venue's own books: what still rests at its limit, and what was bought at the bid."""
    resting = (
        (each.quantity - each.filled_quantity) * (each.limit_price or ZERO)
        for each in bench.venue.book.values()
        if not each.status.final
    )
    bids = bench.desk.market.last_bid
    bought = (
        units * bids[Symbol(name, "USD")]
        for name, units in bench.venue.units.items()
        if name != "USD"
    )
    return sum((*resting, *bought), ZERO)


def test_only_approved_orders_reach_the_port() -> None:
    """What the venue receives is an `ApprovedOrder` of the size that the judge allowed."""
    bench = Bench((AT_RISK.format(1),))
    told = bench.place(buy(value="500"))
    (order,) = bench.venue.received
    assert isinstance(order, ApprovedOrder)
    assert told.decision.verdict is Verdict.RESIZE
    assert order.quantity == told.decision.quantity < order.intent.quantity
    assert order.expires == bench.clock.now().plus_s(60)


def test_an_immediate_order_has_no_deadline_and_cannot_rest() -> None:
    """Only a post-only order has a time to live; what takes at once has ended when it is told."""
    bench = Bench()
    this = bench.round()
    resting, taking = bench.place(buy(), this), bench.place(replace(buy(ETH), rung=1), this)
    assert [each.expires is None for each in bench.venue.received] == [False, True]
    assert [immediate(each) for each in (resting, taking)] == [False, True]


def test_a_ladder_repeats_its_last_rung() -> None:
    """An exit never gives up: beyond the last rung is the last rung."""
    bench = Bench()
    held = bench.hold()
    bench.place(replace(sell(BTC, held, "exit_stop"), rung=9))
    assert bench.venue.received[-1].intent.form is OrderForm.MARKET_IOC


def _unlisted(bench: Bench) -> Symbol:
    del bench.desk.products[BTC]
    return BTC


def _one_sided(bench: Bench) -> Symbol:
    bench.quote(BTC, "20000", None)
    return BTC


def _unquoted(bench: Bench) -> Symbol:
    del bench.desk.market.quotes[BTC]
    return BTC


def _no_rate(bench: Bench) -> Symbol:
    strange = Symbol("BTC", "CHF")
    bench.desk.products[strange] = product(strange)
    bench.quote(strange, "20000", "20001")
    return strange


@pytest.mark.parametrize(
    ("without", "code"),
    [
        (_unlisted, ReasonCode.PRODUCT_UNKNOWN),
        (_one_sided, ReasonCode.NO_PRICE),
        (_unquoted, ReasonCode.NO_PRICE),
        (_no_rate, ReasonCode.NO_RATE),
    ],
)
def test_what_cannot_be_priced_is_not_decided(
    without: Callable[[Bench], Symbol], code: ReasonCode
) -> None:
    """No product, no price or no rate: nothing is recorded, and the reason is kept for `why`."""
    bench = Bench()
    symbol = without(bench)
    this = bench.round()
    assert done(place(bench.desk, this, buy(symbol))) is None
    assert this.blockers[symbol].code is code
    assert bench.kinds() == []


def test_a_wish_without_size_is_no_order() -> None:
    """Neither units nor a value: there is nothing to price."""
    bench = Bench()
    this = bench.round()
    assert done(place(bench.desk, this, replace(buy(), value=None))) is None
    assert bench.kinds() == []


def test_a_product_outside_the_universe_and_a_maintenance_window_deny_entries() -> None:
    """Both are blocks with their own words, for new risk only."""
    bench = Bench()
    held = bench.hold()
    this = bench.round()
    del this.universe[BTC]
    this.maintenance = "09:00-11:00 UTC"
    codes = [each.code for each in bench.place(buy(), this).decision.reasons]
    assert codes[:2] == [ReasonCode.NOT_IN_UNIVERSE, ReasonCode.MAINTENANCE]
    assert bench.place(sell(BTC, held), this).outcome == "sent"


def test_facts_that_nobody_believes_are_not_shown_to_the_judge() -> None:
    """A distrusted fact is missing from the situation, and the order is denied by doubt."""
    bench = Bench()
    this = bench.round()
    this.distrusted[BTC] = {"portfolio.equity_usd"}
    decision = bench.place(buy(), this).decision
    assert decision.verdict is Verdict.DENY
    assert any("portfolio.equity_usd" in str(each) for each in decision.reasons)


def test_orders_of_a_cycle_are_counted_by_strategy_and_by_new_position() -> None:
    """Sent orders count, whatever the venue says; exits open nothing."""
    bench = Bench()
    bench.venue.answers = [Answer.REJECT, Answer.TAKE]
    this = bench.round()
    bench.place(buy(), this)
    bench.place(buy(ETH), this)
    assert (this.orders_of["tight_spread"], this.new_positions) == (2, 2)
    assert [each.outcome for each in this.orders] == ["rejected: INSUFFICIENT_FUND", "sent"]
    assert Intent.EXIT.side is Side.SELL


def test_an_order_is_counted_when_it_leaves_and_not_when_its_cycle_began() -> None:
    """In a cycle that takes half a minute, what it sends last is sent half a minute later."""
    bench = Bench()
    this = bench.round()
    bench.wait(30)
    bench.place(buy(), this)
    assert bench.state.pace.orders[-1] == bench.clock.now() == this.now.plus_s(30)
