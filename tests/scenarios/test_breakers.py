"""Accidents of the system that this replaces, as far as they concern what stops trading.

Each test is named after its accident in the list of those that must not happen again, says what
a naive implementation does, and fails on it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from cycle.small_sets import alert, breaker
from cycle.trading_desk import BTC as SMALL_BTC
from cycle.trading_desk import START, done
from cycle.trading_desk import bench as small_bench
from fakes.bench import BTC, EAGER, ETH, Bench, buy
from hypothesis import given, settings
from hypothesis import strategies as st
from policyset.sets import POLICIES

from engine.cycle.facts.pace import pace_facts
from engine.cycle.records.recorder import Recorder
from engine.cycle.records.recovery import recover
from engine.cycle.steps import alerts, breakers
from engine.expr.vocabulary import fact_names
from engine.kinds.rule import RuleRole
from engine.ledger.chain import LedgerUnavailable
from engine.ledger.journal import Journal
from engine.ledger.records import RecordKind
from engine.ledger.state import State
from engine.policyset.opening import load_policy_set

if TYPE_CHECKING:
    from engine.cycle.desk import Round

DAY_S = 86_400


def turn(bench: Bench, seconds: float = 60) -> Round:
    """Time passes, the market shows itself again, and a cycle runs."""
    bench.wait(seconds)
    return bench.cycle()


def sides(this: Round) -> list[tuple[str, str]]:
    """Side and outcome of each order of a cycle."""
    return [(each.intent.side.value, each.outcome) for each in this.orders]


# A3: a stop that rested on a state which was made up, shared, or forgotten.


def test_a03_a_stop_and_its_high_water_mark_outlive_the_process() -> None:
    """The naive one keeps both in memory: started anew it has lost nothing yet, and buys."""
    rule = breaker(
        "stop",
        "portfolio.drawdown_pct >= 0.5",
        reset="{rearm: {not_before: 1h, high_water_mark: keep}}",
        on_trip="exit_all",
    )
    bench = Bench((rule, EAGER))
    bench.hold(BTC, "300")
    turn(bench)
    bench.quote(BTC, "16000", "16003")
    turn(bench)
    turn(bench)
    assert ("stop", "") in bench.state.latches
    before = bench.state.nav.high_water
    bench.desk.recorder = Recorder(Journal.open(bench.disk), bench.replayed())
    this = turn(bench)
    assert bench.state.nav.high_water == before
    assert ("stop", "") in bench.state.latches
    assert [side for side in sides(this) if side[1] == "sent" and side[0] == "BUY"] == []


# A8: an empty universe, an alert that said "halted", and nothing that halted.


def test_a08_an_empty_universe_halts_and_does_not_only_say_so() -> None:
    """The naive one alerts and buys the first product that comes back in the same minute."""
    empty = breaker("empty_universe", "data.eligible_count < 1", reset="{after: 5m}")
    bench = Bench((empty, EAGER))
    this = bench.cycle()
    assert this.tripped == ["empty_universe"]
    assert "universe_empty" in this.fired
    assert breakers.trading_state(bench.desk, this) == "REDUCING"
    assert this.universe  # products are back already, and wanted
    assert sides(this)
    assert {outcome for _, outcome in sides(this)} == {"denied"}
    for _ in range(4):
        assert {outcome for _, outcome in sides(turn(bench))} == {"denied"}
    # Five minutes after the trip, with products back all the while, it lets go.
    assert ("BUY", "sent") in sides(turn(bench))
    assert bench.state.latches == {}


# A11: alerts that were wired to nothing.

SETS = ("", "paper", "live", "small", "recorded", "bars", "any_pair", "rehearsal")


@pytest.mark.parametrize("name", SETS)
def test_a11_every_shipped_breaker_has_an_alert_where_it_counts(name: str) -> None:
    """The naive one keeps two lists by hand: the breaker that nobody hears of is in one of them."""
    policy_set = load_policy_set(POLICIES / name).required()
    heard = {
        (fact, mode)
        for rule in policy_set.of_role(RuleRole.ALERT)
        for fact in fact_names(rule.tree)
        for mode in rule.modes
    }
    silent = []
    for rule in policy_set.of_role(RuleRole.TRIP):
        own = {f"breaker.{rule.document.partition('/')[2]}.tripped", *fact_names(rule.tree)}
        silent += [
            (rule.document, mode.value)
            for mode in rule.modes
            if not any((fact, mode) in heard for fact in own)
        ]
    assert silent == []


def test_a11_a_trip_is_told_in_the_cycle_of_the_trip() -> None:
    """The naive one asks alerts before breakers, or tells them next minute."""
    made = small_bench(breaker("stop", "engine.kill_switch"), alert("told", "breaker.stop.tripped"))
    made.killed = "a test"
    this = made.round()
    breakers.run(made.desk, this)
    done(alerts.run(made.desk, this))
    assert [subject for _, subject, _ in made.letters.told] == ["[warning] told firing"]
    records = [each for each in made.journal.records() if each.kind is RecordKind.ALERT]
    assert b'"told":true' in records[-1].body


# A14: a bot that rewrote its own policies.

DRIFTS = {"another set lies there": True, "nobody can say": None}


@pytest.mark.parametrize("drifted", DRIFTS.values(), ids=DRIFTS)
def test_a14_what_runs_and_was_not_reviewed_enters_nothing(*, drifted: bool | None) -> None:
    """The naive one loads what it finds, or never looks; here entries end and stops sell on."""
    bench = Bench((EAGER,))
    bench.hold(BTC)
    bench.desk.policy_drifted = lambda: drifted
    bench.quote(BTC, "15000", "15003")
    this = bench.cycle()
    assert [side for side in sides(this) if side[1] == "sent"] == [("SELL", "sent")]
    code = "BREAKER_TRIPPED" if drifted else "BREAKER_UNDECIDED"
    denied = bench.place(buy(ETH), this).decision.reasons[0]
    assert (denied.code.value, denied.values[0][1]) == (code, "policy_drift")
    bench.desk.policy_drifted = lambda: False
    turn(bench)
    turn(bench)
    assert ("policy_drift", "") not in bench.state.latches


# A20: a week that never reset, and counters of mixed clocks.


def test_a20_a_day_ends_at_midnight_and_a_week_after_seven_days() -> None:
    """The naive one resets the day after 24 hours of running, and the week never."""
    made = small_bench()
    made.now = START.day_start().plus_s(DAY_S - 60)
    made.hold(SMALL_BTC, "100", "100")
    made.quote(SMALL_BTC, "100", "101")
    made.close(equity="10000")
    made.quote(SMALL_BTC, "90", "91")
    made.close(equity="9000")
    seen = {}
    hours = {f"hour {each}": 3600 for each in range(7 * 24)}
    for label, seconds in {"before": 59, "midnight": 1, **hours}.items():
        made.wait(seconds)
        made.close(equity="9000")
        account = made.round().account
        seen[label] = (account["portfolio.pnl_day_pct"], account["portfolio.pnl_week_pct"])
    assert seen["before"] == (pytest.approx(-10), pytest.approx(-10))
    assert seen["midnight"] == (0.0, pytest.approx(-10))
    assert seen["hour 166"] == (0.0, pytest.approx(-10))
    assert seen["hour 167"] == (0.0, 0.0)


GAPS = st.lists(st.floats(0, 5000), max_size=60)


@given(GAPS, st.floats(0, 90_000))
@settings(deadline=None, max_examples=60)
def test_a20_the_counts_of_all_windows_are_of_one_clock(gaps: list[float], later: float) -> None:
    """The naive one counts hours by its own clock and days by the venue's: they never agree."""
    state, now, times = State(), START, []
    for gap in gaps:
        now = now.plus_s(gap)
        times.append(now)
        state.pace.orders.append(now)
    asked = now.plus_s(later)
    facts = pace_facts(state, asked)
    for name, seconds in {"1m": 60, "1h": 3600, "24h": DAY_S}.items():
        counted = len([each for each in times if asked.since_s(each) < seconds])
        assert facts[f"pace.orders_{name}_count"] == counted


# A24: a write that failed, and a bot that went on.


@pytest.mark.parametrize("deed", ["append", "sync"])
def test_a24_a_failed_write_halts_and_nothing_is_sent(deed: str) -> None:
    """The naive one logs the error and trades on a state that no restart will find."""
    bench = Bench((EAGER,))
    bench.disk.refused.add(deed)
    bench.wait(60)
    with pytest.raises(LedgerUnavailable):
        bench.cycle()
    assert bench.venue.received == []
    assert not bench.desk.recorder.healthy
    # The disk takes writes again; whoever failed once is not believed until a new start.
    bench.disk.refused.clear()
    with pytest.raises(LedgerUnavailable):
        turn(bench)
    assert bench.venue.received == []
    bench.disk.crash()
    again = Journal.open(bench.disk)
    bench.desk.recorder = Recorder(again, recover(again.records()).state)
    assert ("BUY", "sent") in sides(turn(bench))
