"""An outage of the shared ledger: new risk as the Deployment says, exits always."""

from __future__ import annotations

from pathlib import Path

import pytest
from fakes.bench import BTC, ETH, Bench, bench_set, buy, sell

from engine.cycle.orders.outage import entries_halted_for_s
from engine.cycle.rejudge import rejudge
from engine.ledger.records import RecordKind
from engine.model.decisions import ReasonCode

DEPLOYMENT = (
    (Path(__file__).parents[3] / "policies" / "deployment.yaml")
    .read_text("utf-8")
    .replace("read_only: true", "read_only: false")
    .replace("stage: supervised", "stage: full")
)
SHIPPED = "on_ledger_outage: {do: halt_entries, after: 10s}"


def bench(said: str) -> Bench:
    """A desk under this word on outages."""
    assert SHIPPED in DEPLOYMENT
    return Bench((DEPLOYMENT.replace(SHIPPED, said),))


GO_ON = "on_ledger_outage: {do: go_on_locally}"
AT_ONCE = "on_ledger_outage: {do: halt_entries}"
AFTER_10S = SHIPPED
UNSAID = ""


@pytest.mark.parametrize(
    ("said", "lag_s", "halted"),
    [
        pytest.param(AT_ONCE, 0.0, False, id="all is well"),
        pytest.param(AT_ONCE, 0.3, True, id="at once, as soon as it is seen"),
        pytest.param(AFTER_10S, 10.0, False, id="as long as is allowed"),
        pytest.param(AFTER_10S, 10.1, True, id="longer than is allowed"),
        pytest.param(GO_ON, 1e6, False, id="for ever, where the document says so"),
        pytest.param(UNSAID, 1e6, False, id="a ledger that is not shared is never behind"),
    ],
)
def test_entries_halt_as_the_deployment_says(said: str, lag_s: float, halted: bool) -> None:  # noqa: FBT001 - a column of the table
    """An entry is denied with the lag in its reason; an exit leaves in every case."""
    made = bench(said)
    made.desk.ledger_lag_s = lambda: lag_s
    assert (entries_halted_for_s(made.desk) is not None) == halted
    told = made.place(buy())
    assert (told.outcome == "denied") == halted
    reasons = {each.code: dict(each.values) for each in told.decision.reasons}
    assert (reasons.get(ReasonCode.LEDGER_BEHIND) == {"lag_s": f"{lag_s:.1f}"}) == halted


@pytest.mark.parametrize("said", [AT_ONCE, AFTER_10S, GO_ON])
def test_an_exit_leaves_however_long_the_outage(said: str) -> None:
    """The journal on this machine is durable, and that is what an exit needs."""
    made = bench(said)
    held = made.hold()
    made.desk.ledger_lag_s = lambda: 1e6
    assert made.place(sell(BTC, held)).outcome == "sent"


def test_an_outage_between_the_verdict_and_the_wire_stops_an_entry() -> None:
    """The last look sees it too."""
    made = bench(AT_ONCE)
    this = made.round()
    asked: list[float] = []

    def lag_s() -> float:
        # The journal has the intent by then, and not before the verdict.
        asked.append(0.5 if made.bodies(RecordKind.INTENT) else 0.0)
        return asked[-1]

    made.desk.ledger_lag_s = lag_s
    assert made.place(buy(), this).outcome == "not sent: the shared ledger is 0.5 s behind"
    assert set(asked) == {0.0, 0.5}


@pytest.mark.parametrize(
    ("said", "lag_s", "left"),
    [
        pytest.param(AT_ONCE, 0.0, 2, id="all is well"),
        pytest.param(AT_ONCE, 0.3, 1, id="at once"),
        pytest.param(AFTER_10S, 10.0, 2, id="as long as is allowed"),
        pytest.param(AFTER_10S, 10.1, 1, id="longer than is allowed"),
        pytest.param(GO_ON, 1e6, 2, id="never, where the document says so"),
    ],
)
def test_resting_entries_are_cancelled_and_ways_out_stay(
    said: str, lag_s: float, left: int
) -> None:
    """What rests would be new risk when it fills; asked once, however many ticks there are."""
    made = bench(said)
    held = made.hold()
    made.wait(61)
    assert made.place(sell(BTC, held)).outcome == "sent"
    assert made.place(buy(ETH)).outcome == "sent"
    made.desk.ledger_lag_s = lambda: lag_s
    for _ in range(3):
        made.tick()
    working = [each for each in made.venue.book.values() if not each.status.final]
    assert len(working) == left
    cancels = made.bodies(RecordKind.CANCEL)
    assert len(cancels) == 2 - left
    assert made.replayed() == made.state


def test_a_halt_is_judged_again_to_the_same_bytes() -> None:
    """The lag stands in the recorded situation."""
    made = bench(AT_ONCE)
    made.desk.ledger_lag_s = lambda: 7.0
    assert made.place(buy()).outcome == "denied"
    report = rejudge(made.desk.recorder._journal.records())
    assert (report.decisions, report.agrees) == (1, True)
    assert "7.0" in str(made.bodies(RecordKind.DECISION))


def test_the_fact_is_what_rules_see() -> None:
    """A rule may ask for the lag; where nothing is shared it is zero."""
    made = bench(UNSAID)
    assert made.round().account["engine.ledger_lag_s"] == 0.0
    made.desk.ledger_lag_s = lambda: 4.5
    assert made.round().account["engine.ledger_lag_s"] == 4.5
    assert bench_set().vocabulary.spec("engine.ledger_lag_s").first_value == 0.0
