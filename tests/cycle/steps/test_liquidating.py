"""A person's liquidate: past a halt and past latches, until flat, and never past the switch."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from fakes.bench import BTC, EAGER, ETH, Bench, buy
from fakes.exchange import Answer

from engine.cycle.clockwork import Command
from engine.ledger.records import RecordKind
from engine.model.decisions import ReasonCode
from engine.model.numbers import ZERO
from engine.model.orders import Intent, Mode


def order(bench: Bench, target: str = "") -> str:
    """What came of a person's order to liquidate."""
    bench.tick(Command("liquidate", target, "anna", "a drill"))
    return str(bench.bodies(RecordKind.OPERATOR_COMMAND)[-1]["outcome"])


def holding(*texts: str) -> Bench:
    """A desk that holds BTC and ETH."""
    bench = Bench(texts)
    for symbol in (BTC, ETH):
        bench.hold(symbol)
        bench.wait(10)
    return bench


def latch(bench: Bench, key: str) -> None:
    """A breaker that halts, by record."""
    body = {
        "breaker": "by_hand",
        "key": key,
        "scope": "account",
        "while_tripped": "halted",
        "text": "a test",
        "cancel": "none",
        "on_trip": "none",
        "rearm_not_before": str(bench.clock.now()),
        "high_water_mark": "keep",
    }
    bench.record(RecordKind.BREAKER_TRIPPED, body)  # type: ignore[arg-type] # values are JSON


def test_everything_is_sold_and_stays_sold() -> None:
    """All positions leave by the stop's ladder in the next cycle; a halt keeps them out."""
    bench = holding(EAGER)
    assert order(bench) == "liquidating BTC-USD, ETH-USD"
    bench.wait(1)
    this = bench.cycle()
    sells = [each for each in bench.venue.received if not each.intent.intent.adds_risk]
    assert [each.intent.ladder for each in sells] == ["exit_stop", "exit_stop"]
    assert {each.intent.reason for each in sells} == {"liquidated by anna: a drill"}
    assert bench.state.positions == {}
    assert bench.state.liquidating == {}
    assert bench.state.halted == "everything is liquidated by anna: a drill"
    assert {each.outcome for each in this.orders if each.intent.intent.adds_risk} <= {"denied"}


HALTS = ["by the operator", "by a latch", "by a latch of the product"]


@pytest.mark.parametrize("halted", HALTS)
def test_a_halt_lets_a_liquidation_pass(halted: str) -> None:
    """HALTED stops every order but a person's; what he did not name stays stopped."""
    bench = holding()
    if halted == "by the operator":
        bench.record(RecordKind.HALT, {"reason": "fire", "who": "anna"})
    else:
        latch(bench, "" if halted == "by a latch" else str(BTC))
    assert order(bench, "BTC-USD") == "liquidating BTC-USD"
    bench.wait(1)
    bench.cycle()
    assert list(bench.state.positions) == [ETH]
    assert (bench.state.halted, bool(bench.state.latches)) in {("fire", False), (None, True)}


def test_the_switch_stops_a_liquidation_too() -> None:
    """Nothing leaves while the file is there; the order waits and is carried out after it."""
    bench = holding()
    bench.killed = "fire"
    order(bench)
    bench.wait(1)
    this = bench.cycle()
    assert {each.outcome for each in this.orders} == {"denied"}
    first = this.orders[0].decision.reasons[0]
    assert first.values[0] == ("by", "kill_switch")
    bench.killed = None
    bench.wait(1)
    bench.cycle()
    assert bench.state.positions == {}


def test_a_product_that_is_liquidated_is_not_bought() -> None:
    """Its entries are denied until it is flat; other products trade on."""
    bench = holding()
    bench.venue.taken_share = ZERO
    order(bench, "BTC-USD")
    bench.wait(1)
    this = bench.round()
    assert bench.place(buy(), this).decision.reasons[0].code is ReasonCode.LIQUIDATING
    assert bench.place(buy(ETH), this).outcome == "sent"


def test_what_would_buy_more_is_cancelled() -> None:
    """A working entry of the product is cancelled, and what it bought is sold as well."""
    bench = Bench()
    bench.place(buy())
    bench.venue.fill("venue-1", bench.venue.book["venue-1"].quantity / 2)
    assert order(bench, "BTC-USD") == "liquidating BTC-USD"
    assert bench.venue.book["venue-1"].status.final
    bench.wait(1)
    bench.cycle()
    assert bench.state.positions == {}
    assert bench.state.liquidating == {}


REFUSALS = {"": "refused: nothing is held", "SOL-USD": "refused: nothing of `SOL-USD` is held"}


@pytest.mark.parametrize(("target", "words"), REFUSALS.items())
def test_nothing_to_sell_is_refused(target: str, words: str) -> None:
    """An order about nothing is recorded with its refusal, and halts nothing."""
    bench = Bench() if not target else holding()
    assert order(bench, target) == words
    assert (bench.state.liquidating, bench.state.halted) == ({}, None)


def test_it_goes_on_until_flat_and_over_a_restart() -> None:
    """Partial fills, lost answers and a new process: the next cycles go on, and never oversell."""
    bench = holding()
    order(bench, "BTC-USD")
    bench.venue.answers = [Answer.REJECT]
    for share in ("0.3", "0.4", "1"):
        bench.venue.taken_share = Decimal(share)
        bench.wait(60)
        bench.cycle()
        bench.desk.recorder.state = bench.replayed()
    assert list(bench.state.positions) == [ETH]
    assert bench.state.liquidating == {}
    assert bench.venue.units["BTC"] == ZERO


def test_a_second_order_is_tried_at_once() -> None:
    """A person does not wait for news of the market: his order is tried in the next cycle."""
    bench = holding()
    bench.venue.taken_share = ZERO
    order(bench, "BTC-USD")
    bench.clock.passes(1)
    bench.cycle()
    sent = len(bench.venue.received)
    bench.clock.passes(1)
    bench.cycle()
    assert len(bench.venue.received) == sent
    order(bench, "BTC-USD")
    bench.clock.passes(1)
    bench.cycle()
    assert len(bench.venue.received) > sent


def test_a_resume_ends_what_is_left_of_it() -> None:
    """Trading goes on as before: what was not sold yet has its plan again."""
    bench = holding()
    order(bench)
    bench.tick(Command("resume", "", "anna", "a drill"))
    assert (bench.state.liquidating, bench.state.halted) == ({}, None)


def test_dust_ends_a_liquidation() -> None:
    """What is too small to be sold is not waited for."""
    bench = holding()
    order(bench, "BTC-USD")
    bench.venue.taken_share = Decimal("0.99999")
    for _ in range(3):
        bench.wait(60)
        bench.cycle()
    assert bench.state.liquidating == {}


def test_a_currency_that_is_not_the_deployments_is_told() -> None:
    """A position is sold in its own product; where that pays in another currency it is said."""
    bench = holding()
    deployment = bench.policy_set.deployment.model_copy(update={"liquidate_into": "USDC"})
    object.__setattr__(bench.desk.policy_set, "deployment", deployment)
    try:
        assert order(bench, "BTC-USD") == "liquidating BTC-USD (into USD, not USDC)"
    finally:
        del bench.desk.policy_set.__dict__["deployment"]


def test_a_dry_run_says_what_it_would_sell() -> None:
    """Nothing is sent where nothing may be; the order to sell is decided all the same."""
    bench = Bench(mode=Mode.DRY_RUN)
    assert order(bench) == "refused: nothing is held"


@pytest.mark.parametrize("limit", ["base_max_size", "quote_max_size"])
def test_what_no_single_order_may_carry_is_sold_in_slices(limit: str) -> None:
    """A sale larger than the venue takes at once goes out in orders that it takes, in one cycle."""
    bench = holding(EAGER)
    held = bench.state.positions[BTC].quantity
    most = held * Decimal("0.3") if limit == "base_max_size" else Decimal(30)
    bench.relist(replace(bench.desk.products[BTC], **{limit: most}))
    order(bench, "BTC-USD")
    bench.wait(1)
    bench.cycle()
    sold = [e for e in bench.venue.received if e.symbol == BTC and e.intent.intent is Intent.EXIT]
    assert len(sold) == 4
    assert sum((each.quantity for each in sold), ZERO) == held
    assert BTC not in bench.state.positions
    assert bench.replayed() == bench.state


def test_a_slice_that_does_not_sell_is_not_followed_by_another() -> None:
    """A market that takes nothing is asked down the ladder once a cycle, not without end."""
    bench = holding(EAGER)
    held = bench.state.positions[BTC].quantity
    bench.relist(replace(bench.desk.products[BTC], base_max_size=held / 3))
    bench.venue.taken_share = ZERO
    order(bench, "BTC-USD")
    bench.wait(1)
    bench.cycle()
    sold = [e for e in bench.venue.received if e.symbol == BTC and e.intent.intent is Intent.EXIT]
    assert [each.intent.rung for each in sold] == [0, 1, 2]
    assert bench.state.positions[BTC].quantity == held


def test_an_entry_is_no_larger_than_one_order() -> None:
    """What is wanted beyond the venue's largest order is left out, and can be wanted again."""
    bench = Bench()
    bench.relist(replace(bench.desk.products[BTC], base_max_size=Decimal("0.001")))
    assert bench.place(buy(BTC, "100")).outcome == "sent"
    assert bench.venue.received[0].quantity == Decimal("0.001")
