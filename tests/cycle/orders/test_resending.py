"""Sending once more: by a person, where the probe allows it, under the same id, and never else."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fakes.bench import BTC, Bench, buy
from fakes.exchange import Answer

from engine.cycle.clockwork import Command
from engine.ledger.folding.probes import findings_body
from engine.ledger.records import RecordKind
from engine.model.orders import OrderStatus
from engine.model.probing import ProbeFindings, Repeated
from engine.ports import UnreachableError

HARMLESS = ProbeFindings(
    Repeated.RETURNS_OLD, Repeated.RETURNS_OLD, Repeated.RETURNS_OLD, plain_id=True, list_lag_s=0.5
)


def lost(found: ProbeFindings | None = HARMLESS) -> Bench:
    """An order of unknown fate, at a venue that was probed with these findings, or never."""
    bench = Bench()
    if found is not None:
        body = {"symbol": "BTC-USD", "client_order_ids": ["p"], "findings": findings_body(found)}
        bench.record(RecordKind.PROBE, body)  # type: ignore[arg-type]  # a body of plain values
    bench.venue.answers = [Answer.LOSE_REQUEST]
    bench.place(buy())
    return bench


def again(bench: Bench, target: str = "1") -> str:
    """A person's word, and what came of it."""
    bench.tick(Command("resend", target, "ann", "the list shows nothing"))
    return str(bench.bodies(RecordKind.OPERATOR_COMMAND)[-1]["outcome"])


def test_the_same_order_goes_once_more_under_the_same_id() -> None:
    """Recorded with who and why before it leaves, and acknowledged like any other."""
    bench = lost()
    bench.wait(2)
    assert again(bench) == "sent"
    first, second = bench.venue.received
    assert (first.client_order_id, first.quantity) == (second.client_order_id, second.quantity)
    assert first.intent == second.intent
    assert first.expires is not None
    assert second.expires == first.expires.plus_s(2)
    assert bench.state.working[1].status is OrderStatus.OPEN
    assert bench.bodies(RecordKind.SENT)[-1]["again"] == {
        "who": "ann",
        "why": "the list shows nothing",
    }
    assert len(bench.bodies(RecordKind.INTENT)) == 1
    assert bench.replayed().working == bench.state.working


FORBIDDING = {
    "never probed": (None, "the venue was never probed"),
    "rejects": (replace(HARMLESS, same=Repeated.REJECTS), "did not show"),
    "creates a second": (replace(HARMLESS, after_cancel=Repeated.CREATES_SECOND), "did not show"),
    "unclear": (replace(HARMLESS, other_size=Repeated.UNCLEAR), "did not show"),
}


@pytest.mark.parametrize(("found", "words"), FORBIDDING.values(), ids=FORBIDDING)
def test_only_a_venue_that_returns_the_old_order_is_sent_to_again(
    found: ProbeFindings | None, words: str
) -> None:
    """Every part of the probe must have shown it; a doubt is a second order."""
    bench = lost(found)
    told = again(bench)
    assert told.startswith("refused: ")
    assert words in told
    assert len(bench.venue.received) == 1


@pytest.mark.parametrize("target", ["2", "0", "", "x", "-1", "1.0"])
def test_only_an_order_of_unknown_fate_is_sent_again(target: str) -> None:
    """A number that is none, or of an order that is known, sends nothing."""
    bench = lost()
    assert again(bench, target) == f"refused: no order of intent `{target}` is of unknown fate"
    assert len(bench.venue.received) == 1


def test_what_the_venue_shows_is_not_sent_again() -> None:
    """It is read first: an order that arrived is found, and nothing leaves."""
    bench = lost()
    bench.venue.arrive(bench.venue.received[0])
    assert again(bench) == "nothing was sent: the venue shows what became of it"
    assert len(bench.venue.received) == 1
    assert bench.state.working[1].status is OrderStatus.OPEN


def test_a_venue_that_cannot_be_read_is_not_sent_to() -> None:
    """Without a look nobody knows that it is not there."""
    bench = lost()
    bench.venue.failing = {"orders": UnreachableError("down")}
    assert again(bench) == "refused: the venue could not be read first"


def stop(bench: Bench, what: str) -> None:
    """Something stands in the way of every order, or of this product's."""
    if what == "halt":
        bench.record(RecordKind.HALT, {"reason": "because", "who": "ann"})
    elif what == "switch":
        bench.killed = "thrown"
    elif what == "lease":
        bench.leased = False
    elif what == "quote":
        bench.clock.passes(60)
    else:
        latch = {"breaker": what, "key": str(BTC), "scope": "symbol", "while_tripped": "halted"}
        told = {"cancel": "none", "on_trip": "none", "text": "a test"}
        bench.record(RecordKind.BREAKER_TRIPPED, {**latch, **told})


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("halt", "halted: because"),
        ("switch", "kill switch: thrown"),
        ("lease", "the lock on this account is no longer ours"),
        ("quote", "quote too old"),
        ("collision", "breaker collision is tripped"),
    ],
)
def test_what_stops_an_order_stops_it_the_second_time(what: str, words: str) -> None:
    """The gate is asked again, and a halt of the product counts."""
    bench = lost()
    stop(bench, what)
    sent = len(bench.venue.received)
    assert words in again(bench)
    assert len(bench.venue.received) == sent
    assert bench.state.working[1].status is OrderStatus.UNKNOWN


@pytest.mark.parametrize("answer", [Answer.REJECT, Answer.NO_CONNECTION, Answer.CROSS])
def test_a_second_refusal_proves_nothing_of_the_first_time(answer: Answer) -> None:
    """It stays unknown, counts in full, and is looked for as before."""
    bench = lost()
    bench.venue.answers = [answer]
    assert again(bench).startswith("still unknown: this time it was not taken")
    assert bench.state.working[1].status is OrderStatus.UNKNOWN
    assert bench.bodies(RecordKind.REJECTED, RecordKind.CANCELLED) == []


def test_an_answer_that_is_lost_again_begins_its_quarantine_anew() -> None:
    """The second request may arrive late, too."""
    bench = lost()
    bench.wait(200)
    bench.venue.answers = [Answer.LOSE_REQUEST]
    assert again(bench) == "unknown: no answer"
    assert bench.state.working[1].unknown_since == bench.clock.now()
    for _ in range(28):
        bench.wait(10)
        bench.tick()
    assert bench.state.working[1].status is OrderStatus.UNKNOWN
    for _ in range(10):
        bench.wait(10)
        bench.tick()
    assert bench.state.working == {}


def test_a_collision_says_what_a_person_does() -> None:
    """The latch names both orders, and the command that lets it go."""
    bench = Bench()
    bench.venue.answers = [Answer.OTHER_ORDER]
    bench.place(buy())
    this = bench.round()
    assert (this.account["venue.collisions_count"], this.account["engine.halted"]) == (1.0, False)
    text = bench.state.latches["collision", str(BTC)].text
    ours = bench.venue.received[0].client_order_id
    assert text == (
        f"order theirs of the venue: side SELL, not BUY. Look at the venue for {ours}, cancel what"
        " is not wanted, then `trader rearm collision:BTC-USD`"
    )
