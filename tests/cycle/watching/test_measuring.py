"""The numbers of a loop: they are what the ledger says, and what is over is shown as over."""

from __future__ import annotations

from collections import Counter as Tally
from typing import TYPE_CHECKING

import pytest
from fakes.bench import BTC, EAGER, Bench, buy, sell
from opentelemetry.trace import NoOpTracer

from engine.cycle.health import Call
from engine.cycle.watching.measuring import Measuring
from engine.ledger.records import RecordKind
from engine.observe import instruments as table
from engine.observe.metrics import Metrics, NumberSample, SpreadSample
from engine.observe.tracing import TracedStages

if TYPE_CHECKING:
    from engine.ledger.bodies import Body
    from engine.observe.instruments import Gauge

TROUBLE = """
kind: CircuitBreaker
metadata: {name: wide, description: Trips while the spread of a product is wide.}
spec:
  scope: symbol
  trip_when: quote.spread_bps > params.max_spread_bps
  params: {max_spread_bps: 100}
  while_tripped: reducing
  cancel: entries
  on_trip: none
  stage: enforce
  reset: {after: 1m}
"""
HEARD = """
kind: AlertRule
metadata: {name: wide_heard, description: Tells of a breaker that tripped.}
spec:
  scope: symbol
  when: breaker.wide.tripped
  severity: warning
  dedupe: 60s
  route: log
"""


def measured(*texts: str) -> tuple[Bench, Metrics]:
    """A bench that is measured from its second cycle on."""
    bench, metrics = Bench(texts), Metrics()
    measuring = Measuring(metrics, bench.desk, bench.clock)
    measuring.attach()
    bench.desk.stages = TracedStages(metrics, bench.clock, NoOpTracer())
    run = bench.cycle

    def told_cycle() -> object:
        this = run()
        measuring.told(this)
        return this

    bench.cycle = told_cycle  # type: ignore[assignment]  # every round of this bench is told
    return bench, metrics


def shown(metrics: Metrics, gauge: Gauge) -> dict[tuple[str, ...], float]:
    """A gauge's values by its labels' values."""
    return {
        tuple(value for _, value in each.labels): each.value
        for each in metrics.snapshot()
        if isinstance(each, NumberSample) and each.name == gauge.name
    }


def test_counters_say_what_the_ledger_says() -> None:
    """Every count is one of records, so nobody can be told of an order that no record knows."""
    bench, metrics = measured(EAGER)
    before = Tally(each.kind for each in bench.desk.recorder.records())
    for _ in range(4):
        bench.wait(61)
        bench.cycle()
    kinds = Tally(each.kind for each in bench.desk.recorder.records()) - before
    assert shown(metrics, table.LEDGER_RECORDS) == {  # type: ignore[arg-type]  # a counter, read alike
        (kind.value,): count for kind, count in kinds.items()
    }
    decisions = bench.bodies(RecordKind.DECISION)
    assert decisions
    verdicts = Tally((str(each["verdict"]), "entry") for each in decisions)
    told = {
        (verdict, intent): metrics.value(table.DECISIONS, verdict=verdict, intent=intent)
        for verdict, intent in verdicts
    }
    assert told == verdicts
    asked = Tally(
        (str(rule["rule"]), str(rule["outcome"]))  # type: ignore[index,call-overload]  # decoded JSON
        for each in decisions
        for rule in each["rules"]  # type: ignore[union-attr]  # decoded JSON
    )
    for (rule, outcome), count in asked.items():
        assert metrics.value(table.RULES, rule=rule, outcome=outcome) == count
    sent = len(bench.bodies(RecordKind.ACKNOWLEDGED))
    assert metrics.value(table.ORDERS, outcome="acknowledged") == sent > 0


def test_headroom_is_the_share_of_the_limit_that_is_left() -> None:
    """One at an untouched limit, zero at it: the same scale for seconds, dollars and percent."""
    bench, metrics = measured()
    bench.clock.passes(2)
    bench.place(buy(BTC))
    bench.cycle()
    # The quote is two seconds old, and may be five.
    assert metrics.value(table.HEADROOM, rule="ExecutionPolicy/orders#quote_age") == 0.6


def test_fills_and_fees_are_counted_by_product_and_currency() -> None:
    """What was paid is known before anybody asks for a report."""
    bench, metrics = measured()
    held = bench.hold(BTC)
    bench.wait(61)
    bench.place(sell(BTC, held))
    fills = bench.bodies(RecordKind.FILLED)
    assert metrics.value(table.FILLS, symbol="BTC-USD", side="BUY") == 1
    fees = sum(float(str(each["fee"])) for each in fills)
    assert metrics.value(table.FEES, currency="USD") == pytest.approx(fees)


def test_what_became_of_messages_is_counted() -> None:
    """Every alert of a message that arrived, or that never will, is one."""
    bench, metrics = measured()
    for outcome, numbers in (("delivered", [1, 2]), ("dead", [3])):
        body = {"route": "desk", "notices": numbers, "outcome": outcome, "tries": 1}
        bench.desk.recorder.record(RecordKind.NOTICE, bench.clock.now(), body)
    assert metrics.value(table.NOTIFICATIONS, outcome="delivered") == 2
    assert metrics.value(table.NOTIFICATIONS, outcome="failed") == 1


def test_what_waits_for_a_person_is_a_level() -> None:
    """How many messages no route took yet, and for how long the oldest has waited; then none."""
    bench, metrics = measured()
    for number, route in ((1, "desk"), (2, "pager")):
        body: Body = {"to": [route], "notice": number, "who": "ann", "why": "a try"}
        bench.desk.recorder.record(RecordKind.ROUTE_TEST, bench.clock.now(), body)
        bench.wait(60)
    bench.cycle()
    assert metrics.value(table.NOTIFICATIONS_WAITING) == 2
    assert metrics.value(table.NOTIFICATIONS_WAITING_AGE) == 120
    for number, route in ((1, "desk"), (2, "pager")):
        taken: Body = {"route": route, "notices": [number], "outcome": "delivered", "tries": 1}
        bench.desk.recorder.record(RecordKind.NOTICE, bench.clock.now(), taken)
    bench.wait(60)
    bench.cycle()
    assert metrics.value(table.NOTIFICATIONS_WAITING) == 0
    assert metrics.value(table.NOTIFICATIONS_WAITING_AGE) == 0


def test_what_is_over_is_shown_as_zero() -> None:
    """A level that was shown once is shown for ever, or its last value would stand for ever."""
    bench, metrics = measured(TROUBLE, HEARD)
    held = bench.hold(BTC)
    bench.quote(BTC, "20000", "20400")
    bench.cycle()
    assert shown(metrics, table.BREAKERS_TRIPPED) == {("wide",): 1}
    assert shown(metrics, table.ALERTS) == {("wide_heard", "warning"): 1}
    assert shown(metrics, table.POSITION) == {("BTC-USD",): pytest.approx(float(held) * 20_000)}
    bench.wait(61)
    bench.quote(BTC, "20000", "20004")
    bench.place(sell(BTC, held, "exit_stop"))
    for order in [each.venue_order_id for each in bench.venue.book.values()]:
        left = bench.venue.book[order].quantity - bench.venue.book[order].filled_quantity
        if left:
            bench.venue.fill(order, left)
    bench.cycle()
    assert shown(metrics, table.BREAKERS_TRIPPED) == {("wide",): 0}
    assert shown(metrics, table.ALERTS) == {("wide_heard", "warning"): 0}
    assert shown(metrics, table.POSITION) == {("BTC-USD",): 0}


def test_a_cycle_and_each_of_its_stages_are_timed_once() -> None:
    """Whoever asks where the time went finds all of it, under the names that are documented."""
    bench, metrics = measured()
    bench.cycle()
    spreads = [each for each in metrics.snapshot() if isinstance(each, SpreadSample)]
    counts = {(each.name, tuple(v for _, v in each.labels)): each.count for each in spreads}
    assert counts[table.CYCLE_DURATION.name, ()] == 1
    stages = {labels for name, labels in counts if name == table.STAGE_DURATION.name}
    assert stages == {(each,) for each in table.STAGES}
    assert metrics.value(table.CYCLES, state="ACTIVE") == 1
    assert metrics.value(table.CYCLE_LAST_TIME) == bench.clock.now().ns / 1e9
    assert shown(metrics, table.POLICY_SET) == {(bench.policy_set.name, bench.policy_set.hash): 1}
    assert metrics.refused_count == 0


@pytest.mark.parametrize(
    ("failed", "limited", "outcome"),
    [
        pytest.param(False, False, "answered", id="an answer"),
        pytest.param(True, False, "failed", id="no answer, or a refusal"),
        pytest.param(True, True, "limited", id="a request to slow down"),
    ],
)
def test_requests_are_timed_by_operation_and_outcome(
    *, failed: bool, limited: bool, outcome: str
) -> None:
    """A slow venue, a broken one and a full quota are three things."""
    bench, metrics = measured()
    bench.desk.health.note(Call(bench.clock.now(), "fills", False, failed, 0.3, limited))  # noqa: FBT003 - a value's fields
    spreads = [each for each in metrics.snapshot() if isinstance(each, SpreadSample)]
    assert [(each.labels, each.sum) for each in spreads] == [
        ((("operation", "fills"), ("outcome", outcome)), 0.3)
    ]
