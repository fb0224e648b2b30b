"""The swap: what a desk takes from another set, and what of the account stays as it was."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from cycle.reloading.other_sets import ANNA, candidate, taken
from fakes.bench import AT_RISK, BTC, EAGER, ETH, IDLE, PLAN, Bench, buy, done
from fakes.exchange import Answer

from engine.cycle.reloading.swapping import swap
from engine.cycle.steps import alerts
from engine.ledger.chain import LedgerUnavailable
from engine.ledger.order_id import order_id_prefix
from engine.ledger.records import RecordKind
from engine.model.decisions import Outcome
from engine.model.orders import OrderStatus

TIGHT = AT_RISK.format(5)
LOSSES = """
kind: CircuitBreaker
metadata: {name: wide, description: A spread that nobody should pay.}
spec:
  scope: account
  trip_when: data.reconcile_mismatch_count >= params.most_count
  params: {most_count: 1}
  while_tripped: reducing
  cancel: entries
  on_trip: none
  reset: {rearm: {not_before: 1h, high_water_mark: keep}}
  stage: enforce
"""
TOLD = """
kind: AlertRule
metadata: {name: differs, description: The venue says otherwise.}
spec:
  scope: account
  when: data.reconcile_mismatch_count >= params.most_count
  params: {most_count: 1}
  for: 10m
  severity: info
  dedupe: 60s
  route: log
"""
STOPS = IDLE.replace("stop_pct: 3", "stop_pct: 2")
WIDER = IDLE.replace("stop_pct: 3", "stop_pct: 4")


def test_the_activation_says_what_came_from_where() -> None:
    """Both hashes, the commit, the signers, the tests and the comparison stand in one record."""
    bench = Bench()
    before = bench.state.policy_set
    found = taken(bench, TIGHT)
    told = bench.bodies(RecordKind.SET_ACTIVATED)[-1]
    assert (told["before"], told["policy_set"]) == (before, found.policy_set.hash)
    assert (told["commit"], told["signers"], told["tests"]) == ("c0ffee", ["anna SHA256:x"], 12)
    assert told["comparison"] == {"permission": "NOT_LOOSER", "protection": "SAME", "why": ""}
    assert told["ordered"] == {"who": "anna", "why": "reviewed", "named": None}
    assert bench.replayed() == bench.state
    assert bench.state.reload.since == bench.clock.now()


def test_a_set_is_durable_before_it_counts() -> None:
    """On a disk that refuses the activation nothing of the new set is in force."""
    bench = Bench()
    before = bench.desk.policy_set, bench.desk.programme, bench.desk.judge, bench.desk.valuation
    bench.disk.refused = {"sync"}
    with pytest.raises(LedgerUnavailable):
        swap(bench.desk, candidate(TIGHT), ANNA, bench.clock.now())
    now = bench.desk.policy_set, bench.desk.programme, bench.desk.judge, bench.desk.valuation
    assert all(one is other for one, other in zip(before, now, strict=True))


def test_orders_carry_the_set_of_their_cycle() -> None:
    """An order before the swap shows the old prefix, one after it the new, and both are ours."""
    bench = Bench()
    first = bench.place(buy())
    found = taken(bench, TIGHT)
    bench.wait(61)
    second = bench.place(buy(ETH))
    prefixes = [order_id_prefix(each) for each in bench.state.activated]
    shown = [str(each.client_order_id).replace("-", "")[:12] for each in (first, second)]
    assert shown == prefixes
    assert [e["policy_set"] for e in bench.bodies(RecordKind.INTENT)] == bench.state.activated
    assert bench.state.activated[-1] == found.policy_set.hash
    # The order of the set before is watched on: its fill is booked, with its plan.
    bench.venue.fill("venue-1", bench.venue.book["venue-1"].quantity)
    bench.absorb()
    assert bench.state.positions[BTC].plan == PLAN


def test_an_order_of_unknown_fate_is_looked_for_on() -> None:
    """Its fate does not depend on documents, and it counts in full under the new limits."""
    bench = Bench()
    bench.venue.answers = [Answer.LOSE_RESPONSE]
    told = bench.place(buy())
    unknown = bench.state.working[told.intent.number]
    assert unknown.status is OrderStatus.UNKNOWN
    taken(bench, AT_RISK.format(1))
    assert bench.state.working[told.intent.number] == unknown
    bench.wait(61)
    denied = bench.place(buy(ETH))
    binding = {e.rule for e in denied.decision.evaluations if e.outcome is Outcome.BREACH}
    assert "RiskLimit/max_total_at_risk" in binding
    for _ in range(3):
        bench.wait(30)
        bench.tick()
    assert bench.state.working[told.intent.number].status is OrderStatus.OPEN


def test_a_latch_outlives_the_document_that_set_it() -> None:
    """A set without the breaker does not let it go, and one with it does not trip it twice."""
    bench = Bench((LOSSES,))
    bench.venue.lies = {"USD": Decimal(9_000)}
    bench.cycle()
    latch = bench.state.latches["wide", ""]
    taken(bench, EAGER)
    bench.wait(60)
    bench.cycle()
    assert bench.state.latches["wide", ""] == latch
    assert not bench.bodies(RecordKind.INTENT)
    taken(bench, LOSSES)
    bench.wait(60)
    bench.cycle()
    assert bench.state.latches["wide", ""] == latch
    tripped = [each["breaker"] for each in bench.bodies(RecordKind.BREAKER_TRIPPED)]
    assert tripped.count("wide") == 1


def test_pending_alerts_carry_over() -> None:
    """What has held for a while has not begun anew, and fires when its time is over."""
    bench = Bench((TOLD,))
    bench.venue.lies = {"USD": Decimal(9_000)}
    bench.cycle()
    pending = bench.state.alerts["differs", ""]
    taken(bench, TOLD, TIGHT)
    bench.wait(300)
    bench.cycle()
    assert bench.state.alerts["differs", ""].since == pending.since
    bench.wait(300)
    assert bench.cycle().fired == ["differs"]


@pytest.mark.parametrize(("waits_s", "phase"), [(0, "inactive"), (600, "resolved")])
def test_an_alert_whose_rule_is_gone_ends(waits_s: float, phase: str) -> None:
    """Nobody could ever resolve it: it is recorded, and told to nobody."""
    bench = Bench((TOLD,))
    bench.venue.lies = {"USD": Decimal(9_000)}
    bench.cycle()
    bench.wait(waits_s)
    done(alerts.run(bench.desk, bench.round()))
    taken(bench, TIGHT)
    bench.cycle()
    assert ("differs", "") not in bench.state.alerts
    last = [e for e in bench.bodies(RecordKind.ALERT) if e["rule"] == "differs"][-1]
    assert (last["phase"], last["text"]) == (phase, "the set in force has no such rule")
    assert bench.replayed() == bench.state


@pytest.mark.parametrize(
    ("text", "stop_pct"),
    [
        pytest.param(STOPS, 2, id="a nearer stop counts for what is held"),
        pytest.param(WIDER, 3, id="a wider one does not"),
        pytest.param(WIDER.replace("30m}", "30m, applies_to_open: true}"), 4, id="unless it says"),
        pytest.param(EAGER, 3, id="the same plan changes nothing"),
    ],
)
def test_open_plans_follow_to_the_safer_side(text: str, stop_pct: int) -> None:
    """A new set tightens open positions, and widens them only with `applies_to_open`."""
    bench = Bench()
    bench.hold()
    taken(bench, text)
    bench.wait(60)
    bench.cycle()
    assert bench.state.positions[BTC].plan.stop_pct == stop_pct


def test_pauses_and_results_carry_over() -> None:
    """Nothing that the ledger counts begins anew: pace, marks, positions, cash."""
    bench = Bench()
    bench.hold()
    before = bench.replayed()
    taken(bench, TIGHT)
    after = bench.replayed()
    kept = replace(
        after,
        policy_set=before.policy_set,
        reviewed=before.reviewed,
        activated=before.activated,
        reload=before.reload,
        deployment=before.deployment,
        approval=before.approval,
        sequence=before.sequence,
        sequenced=before.sequenced,
    )
    assert kept == before


def test_a_reload_under_the_kill_switch_lets_nothing_through() -> None:
    """Another set is taken, and the switch stops it as it stopped the one before."""
    bench = Bench()
    bench.killed = "fire"
    bench.cycle()
    taken(bench, EAGER)
    bench.wait(60)
    assert bench.cycle().killed == "fire"
    assert ("kill_switch", "") in bench.state.latches
    assert not bench.bodies(RecordKind.INTENT)
