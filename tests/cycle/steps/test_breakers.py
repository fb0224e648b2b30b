"""Breakers: they trip, they latch, they let go; in doubt they stop entries and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from cycle.cases import judged, wish
from cycle.small_sets import breaker, set_of
from cycle.trading_desk import BTC, ETH, START, Bench, bench

from engine.cycle.judging.situation import Situation
from engine.cycle.steps import breakers
from engine.ledger.records import RecordKind
from engine.model.orders import Intent, Mode
from engine.model.times import UtcTime

if TYPE_CHECKING:
    from engine.cycle.desk import Round
    from engine.ledger.bodies import Body
    from engine.model.symbols import Symbol

SWITCH = "engine.kill_switch"
AFTER_S = 600


def turn(made: Bench, *, on: bool, later_s: float = 60) -> Round:
    """One cycle's breakers, with the condition holding or not."""
    made.killed = "a test" if on else None
    this = made.round()
    this.killed = None  # the switch itself is not what is tested here, only the breaker on it
    breakers.run(made.desk, this)
    made.wait(later_s)
    return this


def blocked(made: Bench, this: Round, symbol: Symbol = BTC) -> list[tuple[str, bool]]:
    """What breakers refuse for a product, and whether it stops exits too."""
    return [(each.code, each.exits_too) for each in breakers.blocks(made.desk, this, symbol)]


def test_a_breaker_trips_once_and_stays_tripped() -> None:
    """It latches at the trip, says so once, and holds while its time runs."""
    made = bench(breaker("stop", SWITCH))
    assert turn(made, on=False).tripped == []
    this = turn(made, on=True)
    assert this.tripped == ["stop"]
    assert this.account["breaker.stop.tripped"] is True
    assert turn(made, on=True).tripped == []
    this = turn(made, on=False)
    assert this.tripped == []
    assert list(made.state.latches) == [("stop", "")]
    assert blocked(made, this) == [("BREAKER_TRIPPED", False)]


def test_it_lets_go_after_its_time_once_the_condition_is_over() -> None:
    """At its time and not a second before; while the condition holds, not at all."""
    made = bench(breaker("stop", SWITCH))
    turn(made, on=True, later_s=AFTER_S - 1)
    assert turn(made, on=False, later_s=1).account["breaker.stop.tripped"] is True
    assert turn(made, on=True).account["breaker.stop.tripped"] is True
    this = turn(made, on=False)
    assert this.account["breaker.stop.tripped"] is False
    assert made.state.latches == {}
    assert blocked(made, this) == []


DAYS = {
    "in the afternoon": ("2026-03-02T12:00:00Z", "2026-03-03T00:00:00Z"),
    "in the last second": ("2026-03-02T23:59:59Z", "2026-03-03T00:00:00Z"),
    "at midnight it is the next one": ("2026-03-03T00:00:00Z", "2026-03-04T00:00:00Z"),
    "over the end of a year": ("2026-12-31T23:00:00Z", "2027-01-01T00:00:00Z"),
}


@pytest.mark.parametrize(("tripped", "resets"), DAYS.values(), ids=DAYS)
def test_the_next_utc_day_begins_at_midnight(tripped: str, resets: str) -> None:
    """A breaker of the day lets go at the first midnight UTC after its trip, and not before."""
    made = Bench(set_of(breaker("stop", SWITCH, reset="next_utc_day")), now=UtcTime.parse(tripped))
    turn(made, on=True, later_s=0)
    made.now = UtcTime.parse(resets).plus_s(-1)
    if made.now > UtcTime.parse(tripped):
        assert turn(made, on=False, later_s=0).account["breaker.stop.tripped"] is True
    made.now = UtcTime.parse(resets)
    assert turn(made, on=False).account["breaker.stop.tripped"] is False


def test_a_person_re_arms_what_only_a_person_may() -> None:
    """A breaker with `rearm` never lets go by itself, and records what re-arming must respect."""
    rearm = "{rearm: {not_before: 1h, high_water_mark: reset}}"
    made = bench(breaker("stop", SWITCH, reset=rearm))
    turn(made, on=True, later_s=30 * 86_400)
    turn(made, on=False)
    (latch,) = made.state.latches.values()
    assert latch.resets_at is None
    assert latch.rearm_not_before == START.plus_s(3600)
    assert latch.high_water_mark == "reset"
    made.record(RecordKind.BREAKER_RESET, {"breaker": "stop", "key": "", "who": "a person"})
    assert made.state.latches == {}


def test_a_breaker_of_a_product_stops_only_that_product() -> None:
    """One product's trouble refuses its own entries and nobody else's."""
    made = bench(breaker("wild", "quote.spread_bps > 50", scope="symbol"))
    made.quote(BTC, "99", "101")
    made.quote(ETH)
    this = turn(made, on=False)
    assert this.tripped == ["wild:BTC-USD"]
    assert blocked(made, this) == [("BREAKER_TRIPPED", False)]
    assert blocked(made, this, ETH) == []
    assert this.symbols[BTC]["breaker.wild.tripped"] is True
    assert this.symbols[ETH]["breaker.wild.tripped"] is False
    assert breakers.trading_state(made.desk, this) == "ACTIVE"


def test_a_breaker_in_doubt_stops_entries_of_its_scope_and_does_not_latch() -> None:
    """Nobody can decide: this cycle's entries wait, and the next cycle is free again."""
    made = bench(
        breaker("wild", "quote.spread_bps > 50", scope="symbol"),
        breaker("skewed", "regime.volatility_pct > 50"),
    )
    made.quote(BTC, "99", None)
    made.quote(ETH)
    this = turn(made, on=False)
    assert made.state.latches == {}
    assert this.undecided_breakers == {
        ("skewed", ""): ("regime.volatility_pct",),
        ("wild", "BTC-USD"): ("quote.ask",),
    }
    assert blocked(made, this) == [("BREAKER_UNDECIDED", False)] * 2
    assert blocked(made, this, ETH) == [("BREAKER_UNDECIDED", False)]


def test_doubt_does_not_let_a_latch_go() -> None:
    """A latch whose time is over stays while nobody can say that the trouble is."""
    made = bench(breaker("wild", "quote.spread_bps > 50", scope="symbol"))
    made.quote(BTC, "99", "101")
    turn(made, on=False, later_s=AFTER_S)
    made.quote(BTC, "99", None)
    turn(made, on=False)
    assert list(made.state.latches) == [("wild", "BTC-USD")]
    made.quote()
    turn(made, on=False)
    assert made.state.latches == {}


STAGES = {"warn": "warn", "shadow": "shadow"}


@pytest.mark.parametrize("stage", STAGES)
def test_a_breaker_that_is_not_enforced_is_only_noted(stage: str) -> None:
    """It stops nothing and latches nothing; the cycle says that it would have tripped."""
    made = bench(breaker("stop", SWITCH, stage=stage))
    assert turn(made, on=False).notes == []
    this = turn(made, on=True)
    assert this.notes == [f"{stage} breaker stop would trip: {SWITCH}"]
    assert (made.state.latches, this.tripped, blocked(made, this)) == ({}, [], [])


def test_a_breaker_of_another_mode_does_not_count() -> None:
    """A breaker for live trading does not trip on paper."""
    made = bench(breaker("stop", SWITCH, modes="[live]"))
    turn(made, on=True)
    assert made.state.latches == {}


LATCH: Body = {
    "breaker": "stop",
    "key": "",
    "scope": "account",
    "while_tripped": "reducing",
    "text": "engine.kill_switch",
    "cancel": "none",
    "on_trip": "none",
    "resets_at": str(START.plus_s(AFTER_S)),
}
ORPHANS = {
    "the document is gone": ((), ""),
    "it only records now": ((breaker("stop", SWITCH, stage="shadow"),), ""),
    "it counts in other modes now": ((breaker("stop", SWITCH, modes="[live]"),), ""),
    "it is of another scope now": ((breaker("stop", SWITCH, scope="symbol"),), ""),
    "it was of another scope": ((breaker("stop", SWITCH),), "BTC-USD"),
}


@pytest.mark.parametrize(("texts", "key"), ORPHANS.values(), ids=ORPHANS)
def test_a_latch_outlives_its_document_and_then_lets_go(texts: tuple[str, ...], key: str) -> None:
    """Removing or relaxing a breaker opens nothing before its time, and its time comes."""
    made = bench(*texts)
    made.quote()
    made.record(RecordKind.BREAKER_TRIPPED, {**LATCH, "key": key})
    made.wait(AFTER_S - 1)
    this = turn(made, on=False, later_s=1)
    assert blocked(made, this) == [("BREAKER_TRIPPED", False)]
    turn(made, on=False)
    assert made.state.latches == {}


def test_the_orphan_of_a_breaker_that_a_person_re_arms_waits_for_one() -> None:
    """Without a time of its own a latch stays for ever, whatever became of its document."""
    made = bench()
    made.record(RecordKind.BREAKER_TRIPPED, {**LATCH, "resets_at": None})
    made.wait(365 * 86_400)
    turn(made, on=False)
    assert list(made.state.latches) == [("stop", "")]


def test_the_states_of_trading_follow_from_latches_and_people() -> None:
    """Halted is the switch, the operator, or a latch that halts; reducing is any other latch."""
    made = bench(breaker("stop", SWITCH))
    this = turn(made, on=False)
    assert breakers.trading_state(made.desk, this) == "ACTIVE"
    this = turn(made, on=True)
    assert breakers.trading_state(made.desk, this) == "REDUCING"
    this.killed = "the file is there"
    assert breakers.trading_state(made.desk, this) == "HALTED"
    assert blocked(made, this) == [("HALTED", True), ("BREAKER_TRIPPED", False)]
    this.killed = None
    made.record(RecordKind.HALT, {"reason": "a person", "who": "a person"})
    assert breakers.trading_state(made.desk, this) == "HALTED"
    made.record(RecordKind.RESUME, {})
    made.record(RecordKind.BREAKER_TRIPPED, {**LATCH, "breaker": "h", "while_tripped": "halted"})
    assert breakers.trading_state(made.desk, this) == "HALTED"
    assert ("HALTED", True) in blocked(made, this)


@pytest.mark.parametrize("while_tripped", ["reducing", "halted"])
def test_reducing_lets_a_way_out_open_and_halted_does_not(while_tripped: str) -> None:
    """Through the judge: a latch that reduces denies the entry alone, one that halts both."""
    made = bench(breaker("stop", SWITCH, while_tripped=while_tripped))
    this = turn(made, on=True)
    blocks = tuple(breakers.blocks(made.desk, this, BTC))
    around = Situation({}, (), made.desk.products[BTC], made.desk.valuation.rate("USD"), blocks)
    verdicts = {
        intent: judged(made.policy_set, wish(intent), around).verdict.allowed
        for intent in (Intent.ENTRY, Intent.EXIT)
    }
    assert verdicts == {Intent.ENTRY: False, Intent.EXIT: while_tripped == "reducing"}


def test_latches_are_kept_by_mode() -> None:
    """What tripped on paper is in the paper ledger and stops nothing of another stream."""
    paper, dry = bench(breaker("stop", SWITCH)), bench(breaker("stop", SWITCH), mode=Mode.DRY_RUN)
    turn(paper, on=True)
    turn(dry, on=False)
    assert list(paper.state.latches) == [("stop", "")]
    assert dry.state.latches == {}
