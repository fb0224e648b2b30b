"""Ladders of orders that reduce risk: every rung, over partial fills, refusals and restarts."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from fakes.bench import BTC, SOL, Bench, done, sell
from fakes.exchange import Answer, FakeExchange

from engine.cycle.health import WatchedExchange
from engine.cycle.orders import following, intents
from engine.cycle.orders.sending import Wish
from engine.ledger.records import RecordKind
from engine.model.numbers import ZERO
from engine.model.orders import ApprovedOrder, Intent, OrderForm, SubmitOutcome

if TYPE_CHECKING:
    from engine.ports import Gate

POST, IOC, MARKET = OrderForm.POST_ONLY, OrderForm.LIMIT_IOC, OrderForm.MARKET_IOC
COLLAR = """
kind: RiskLimit
metadata: {name: collar, description: A stop may not reach further than this from the mid.}
spec:
  scope: order
  intents: [entry, add, exit]
  require: order.price_vs_mid_bps <= params.max_bps
  params: {max_bps: 20}
  on_breach: deny
  stage: enforce
"""


@dataclass
class LateVenue(FakeExchange):
    """A venue that ends another order in the moment in which one is sent."""

    also: str = ""

    async def submit(self, order: ApprovedOrder, gate: Gate) -> SubmitOutcome:
        """Answer as scripted, and end the other."""
        if self.also:
            self.end(self.also, "expired")
            self.also = ""
        return await super().submit(order, gate)


def rungs(bench: Bench, symbol: object = BTC) -> list[tuple[str, int]]:
    """Ladder and rung of every sell of a product that reached the venue, in order."""
    return [
        (each.intent.ladder, each.intent.rung)
        for each in bench.venue.received
        if each.symbol == symbol and not each.intent.intent.adds_risk
    ]


def stopped(bench: Bench) -> None:
    """The price of BTC falls through the stop."""
    bench.quote(BTC, "19000", "19004")


def restart(bench: Bench) -> None:
    """The process is another one: what it knows is what the records add up to."""
    bench.desk.recorder.state = bench.replayed()


def test_an_order_that_ended_while_another_was_sent_gets_its_next_rung() -> None:
    """A target of SOL ends while the stop of BTC is sold: it goes on in the same cycle."""
    bench = Bench()
    for symbol in (BTC, SOL):
        bench.hold(symbol)
        bench.wait(10)
    bench.quote(SOL, "54", "54.01")
    bench.cycle()
    assert rungs(bench, SOL) == [("exit", 0)]
    resting = f"venue-{len(bench.venue.book)}"
    late = LateVenue(**vars(bench.venue), also=resting)
    bench.venue = late
    bench.desk.exchange = WatchedExchange(late, bench.clock, bench.desk.health)
    bench.wait(1)
    stopped(bench)
    bench.cycle()
    assert rungs(bench, SOL) == [("exit", 0), ("exit", 1)]
    assert bench.state.positions == {}


def test_a_ladder_goes_on_after_a_restart() -> None:
    """A process that died between two rungs of a stop leaves the next one to its successor."""
    bench = Bench()
    bench.hold()
    bench.venue.taken_share = ZERO
    stopped(bench)
    this = bench.round()
    bench.place(sell(BTC, bench.state.positions[BTC].quantity, "exit_stop"), this)
    bench.absorb()
    assert list(bench.state.ended) == [2]
    restart(bench)
    bench.venue.taken_share = Decimal(1)
    bench.cycle()
    assert rungs(bench) == [("exit_stop", 0), ("exit_stop", 1)]
    assert bench.venue.received[-1].intent.parent == 2
    assert bench.state.positions == {}


def test_a_stop_whose_end_is_learnt_late_widens_and_does_not_begin_anew() -> None:
    """An immediate order that the venue ends after the cycle is followed by the wider collar."""
    bench = Bench()
    bench.hold()
    bench.venue.answers = [Answer.LOSE_RESPONSE]
    bench.venue.taken_share = ZERO
    stopped(bench)
    bench.cycle()
    bench.wait(60)
    stopped(bench)
    bench.venue.taken_share = Decimal(1)
    bench.cycle()
    assert rungs(bench) == [("exit_stop", 0), ("exit_stop", 1)]
    assert bench.state.positions == {}


def test_an_end_is_followed_once() -> None:
    """What went on, or could not, is not asked for again in later cycles."""
    bench = Bench()
    bench.hold()
    bench.venue.taken_share = ZERO
    stopped(bench)
    bench.cycle()
    sent = len(bench.venue.received)
    assert rungs(bench) == [("exit_stop", 0), ("exit_stop", 1), ("exit_stop", 2)]
    assert bench.state.ended == {}
    bench.cycle()
    assert len(bench.venue.received) == sent


def test_a_refused_rung_of_a_stop_is_followed_by_the_next_at_once() -> None:
    """The venue's refusal of one form is no end: the stop takes the next form in the same cycle."""
    bench = Bench()
    bench.hold()
    bench.venue.answers = [Answer.REJECT, Answer.REJECT]
    stopped(bench)
    bench.cycle()
    assert rungs(bench) == [("exit_stop", 0), ("exit_stop", 1), ("exit_stop", 2)]
    assert bench.state.positions == {}


def test_a_limit_that_names_exits_changes_the_form_of_a_stop() -> None:
    """A collar of 20 bps lets the rungs of 50 and 400 bps not pass, and the market order does."""
    bench = Bench((COLLAR,))
    bench.hold()
    stopped(bench)
    this = bench.cycle()
    assert [each.outcome for each in this.orders] == ["denied", "denied", "sent"]
    assert rungs(bench) == [("exit_stop", 2)]
    assert bench.state.positions == {}


def test_a_halt_is_no_matter_of_form() -> None:
    """A denial that no form can lift is told once and not on every rung."""
    bench = Bench()
    bench.hold()
    bench.record(RecordKind.HALT, {"reason": "a test", "who": "anna"})
    stopped(bench)
    assert [each.outcome for each in bench.cycle().orders] == ["denied"]


def test_a_trim_goes_on_with_its_own_rest_only() -> None:
    """What follows an unfilled trim sells what the trim asked for, and not the position."""
    bench = Bench()
    held = bench.hold()
    share = (held / 4).quantize(Decimal("0.00000001"))
    bench.place(Wish(BTC, Intent.TRIM, "exit", "tight_spread", "over its limit", quantity=share))
    bench.venue.end("venue-2")
    bench.absorb()
    (ended,) = bench.state.ended.values()
    child = following.child(bench.desk, ended)
    assert child is not None
    assert (child.quantity, child.intent) == (share, Intent.TRIM)
    assert bench.state.positions[BTC].last_exit is None


def test_partial_fills_on_every_rung_end_with_the_rest() -> None:
    """Each rung asks for all that is left, and the last slice takes the rest, to the last unit."""
    bench = Bench()
    held = bench.hold()
    bench.venue.taken_share = Decimal("0.5")
    stopped(bench)
    bench.cycle()
    assert bench.state.positions[BTC].quantity == held / 8
    bench.wait(60)
    bench.venue.taken_share = Decimal(1)
    stopped(bench)
    bench.cycle()
    sold = sum(f.quantity for f in bench.venue.executed if f.side.value == "SELL")
    assert sold == held
    assert BTC not in bench.state.positions


def test_a_crossing_of_a_planned_exit_goes_to_its_next_rung() -> None:
    """The resting rung would cross: the immediate one follows, for the same quantity."""
    bench = Bench()
    held = bench.hold()
    bench.venue.answers = [Answer.CROSS]
    this = bench.round()
    done(intents.descend(bench.desk, this, sell(BTC, held)))
    assert [(each.intent.form, each.quantity) for each in bench.venue.received[1:]] == [
        (POST, held),
        (IOC, held),
    ]
