"""A person's tighten: no new risk for a stated time, and no way to end it early."""

from __future__ import annotations

import pytest
from fakes.bench import BTC, ETH, Bench, buy, sell

from engine.cycle.clockwork import Command
from engine.cycle.orders.tightening import target_of
from engine.ledger.records import RecordKind
from engine.model.decisions import ReasonCode


def order(bench: Bench, target: str) -> str:
    """What came of a person's order."""
    bench.tick(Command("tighten", target, "anna", "news"))
    return str(bench.bodies(RecordKind.OPERATOR_COMMAND)[-1]["outcome"])


@pytest.mark.parametrize(("product", "others"), [("", "denied"), ("BTC-USD", "sent")])
def test_nothing_is_entered_until_its_time_is_over(product: str, others: str) -> None:
    """Where it holds entries are denied and cancelled, ways out go on, and then it is over."""
    bench = Bench()
    held = bench.hold()
    bench.wait(61)
    until = bench.clock.now().plus_s(600)
    assert order(bench, target_of(product, 600)) == (
        f"no new risk in {product or 'anything'} until {until}"
    )
    told = bench.place(buy())
    assert told.decision.reasons[0].code is ReasonCode.BREAKER_TRIPPED
    assert bench.place(buy(ETH)).outcome == others
    assert bench.place(sell(BTC, held / 2)).outcome == "sent"
    bench.wait(599)
    bench.cycle()
    assert len(bench.state.latches) == 1
    bench.wait(1)
    bench.cycle()
    assert bench.state.latches == {}
    assert bench.replayed() == bench.state


def test_what_works_is_cancelled() -> None:
    """An entry that rests adds risk as soon as somebody takes it."""
    bench = Bench()
    bench.place(buy())
    order(bench, target_of("BTC-USD", 60))
    assert bench.venue.book["venue-1"].status.final


def test_it_can_last_longer_and_never_end_sooner() -> None:
    """And whoever re-arms breakers does not end it."""
    bench = Bench()
    order(bench, target_of("", 600))
    first = bench.clock.now().plus_s(600)
    bench.wait(60)
    assert order(bench, target_of("", 60)) == f"refused: no new risk until {first} already"
    later = bench.clock.now().plus_s(600)
    assert order(bench, target_of("", 600)) == f"no new risk in anything until {later}"
    bench.tick(Command("rearm", "tightened", "anna", "enough"))
    assert bench.bodies(RecordKind.OPERATOR_COMMAND)[-1]["outcome"] == (
        f"refused: `tightened` resets by itself at {later}"
    )


@pytest.mark.parametrize(
    ("target", "why"),
    [
        ("", "`` is no number of seconds"),
        ("BTC-USD 0", "`0` is no number of seconds"),
        ("BTC-USD -60", "`-60` is no number of seconds"),
        ("bitcoin 60", "`bitcoin` is not the name of a product"),
    ],
)
def test_what_says_nothing_tightens_nothing(target: str, why: str) -> None:
    """A command file that a person wrote by hand is answered in words."""
    bench = Bench()
    assert order(bench, target) == f"refused: {why}"
    assert bench.state.latches == {}
