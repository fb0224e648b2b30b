"""What the doctor says of sets and ledgers, section by section."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from policyset.sets import NOW, altered, composed, documents

from engine.adapters.environment import SecretSources
from engine.adapters.notify import Routes, routes_of
from engine.adapters.system.clock import SystemClock
from engine.adapters.system.lock import Holder
from engine.adapters.system.space import free_bytes
from engine.expr.vocabulary import Vocabulary
from engine.ledger.records import Record, RecordKind
from engine.ledger.state import Latch, State
from engine.model.decisions import Comparison, Evaluation, Outcome
from engine.model.orders import Mode
from engine.model.symbols import Symbol
from engine.run.doctor import (
    Check,
    KeySeen,
    Level,
    Section,
    Surroundings,
    examine,
    try_routes,
)
from engine.run.questions import NamedSet
from engine.run.real_time.keys import KEY_NAME, KEY_SECRET
from engine.run.status import AskedRule, Status

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from engine.policyset.policyset import PolicySet

BTC = Symbol("BTC", "USD")
KEYLESS = KeySeen(((KEY_NAME, None), (KEY_SECRET, None)), None, ())
NO_SECRETS = SecretSources(())
HERE = Surroundings(
    now=NOW, routes=Routes(NO_SECRETS, SystemClock()), key=KEYLESS, free_bytes=5 * 10**9
)
ALERT = (
    "kind: AlertRule\nmetadata: {{name: data_stale, description: For a test.}}\n"
    "spec: {{scope: account, when: not engine.ledger_ok, severity: critical, dedupe: 60s, "
    "route: {route}}}\n"
)
WAIVER = (
    "kind: Waiver\nmetadata: {{name: rotation, description: For a test.}}\n"
    "spec: {{rule: RiskLimit/max_position, scope: {{symbols: [BTC-USD]}}, reason: for a test, "
    "instead: {{params: {{max_position_pct: 6}}}}, approved_by: the lead, from: '{start}', "
    "until: '{end}', at_end: hold}}\n"
)


def paper(*texts: str) -> PolicySet:
    """The paper set, with other documents in it."""
    return composed(altered(documents("paper"), *texts))


def found(checks: Sequence[Check], section: Section) -> dict[str, tuple[Level, str]]:
    """The checks of one section by name."""
    return {each.name: (each.level, each.says) for each in checks if each.section is section}


def test_every_guarding_rule_is_armed() -> None:
    """Each limit, guard, breaker and alert is listed, and armed where it counts in the mode."""
    policy_set = paper()
    armed = found(examine(policy_set, None, HERE), Section.ARMED)
    roles = {"limit", "guard", "trip", "alert"}
    assert set(armed) == {each.id for each in policy_set.rules if each.role.value in roles}
    here = {each.id for each in policy_set.rules if Mode.PAPER in each.modes}
    assert {armed[each] for each in here & set(armed)} == {(Level.FINE, "armed")}
    elsewhere = {armed[each] for each in set(armed) - here}
    assert elsewhere == {(Level.LOOK, "off: it does not count in mode paper")}


LIMIT = (
    "kind: RiskLimit\nmetadata: {{name: quiet, description: For a test.}}\n"
    "spec: {{scope: order, intents: [entry], require: not quote.crossed, on_breach: deny, "
    "stage: {stage}, modes: {modes}}}\n"
)
QUIET = {
    "a stage that only watches": ("shadow", "[paper]", "watching only: its stage is shadow"),
    "a rule of another mode": ("enforce", "[live]", "off: it does not count in mode paper"),
}


def alert(route: str) -> str:
    """One alert to a route."""
    return ALERT.format(route=route)


@pytest.mark.parametrize(("stage", "modes", "words"), QUIET.values(), ids=QUIET)
def test_what_does_not_act_is_told(stage: str, modes: str, words: str) -> None:
    """A rule that will not act here is told with the reason."""
    policy_set = paper(LIMIT.format(stage=stage, modes=modes))
    armed = found(examine(policy_set, None, HERE), Section.ARMED)
    assert armed["RiskLimit/quiet"] == (Level.LOOK, words)


def test_a_missing_rail_is_bad() -> None:
    """Without a daily stop the doctor says so first, and the control is not told twice."""
    watching = {"AlertRule/daily_stop_hit", "AlertRule/daily_stop_near"}
    gone = {"CircuitBreaker/daily_stop", *watching}
    policy_set = composed([each for each in documents("paper") if each.id not in gone])
    missing = found(examine(policy_set, None, HERE), Section.MISSING)
    assert missing["daily stop"] == (Level.BAD, "a rail: no enforced rule carries it")
    assert [name for name, (level, _) in missing.items() if level is Level.BAD] == ["daily stop"]


def asked(*compared: Comparison, outcome: Outcome = Outcome.PASS, **said: object) -> AskedRule:
    """A rule's last answer."""
    missing = tuple(map(str, said.get("missing", ())))  # type: ignore[call-overload]  # names
    rule = str(said.get("rule", "RiskLimit/max_order_value"))
    return AskedRule(NOW, BTC, Evaluation(rule, None, "enforce", outcome, compared, missing))


def below(left: float, right: float) -> Comparison:
    """`left <= right`."""
    return Comparison(float(left), "<=", float(right), float(right - left))


def test_the_nearest_limit_comes_first() -> None:
    """Headroom is told by how little is left, and what is near or beyond asks for a look."""
    status = Status(state=State(mode="paper"))
    status.rules = {
        ("RiskLimit/max_order_value", ""): asked(below(700, 1500)),
        ("RiskLimit/max_group", "MEME"): asked(below(3.9, 4), rule="RiskLimit/max_group"),
        ("RiskLimit/max_position", ""): asked(below(5, 4), outcome=Outcome.BREACH),
        ("RiskLimit/no_self_match", ""): asked(rule="RiskLimit/no_self_match"),
    }
    rows = [c for c in examine(paper(), status, HERE) if c.section is Section.HEADROOM]
    assert [(each.name, each.level) for each in rows] == [
        ("max_position", Level.LOOK),
        ("max_group of MEME", Level.LOOK),
        ("max_order_value", Level.FINE),
    ]
    assert rows[0].numbers["used_pct"] == pytest.approx(125)
    assert rows[2].numbers["headroom"] == pytest.approx(800)
    assert "BTC-USD at 2026-01-05T08:00:00Z" in rows[0].says


def latch(**said: object) -> Latch:
    """A latch that nothing lets go."""
    usual = Latch(
        breaker="daily_stop",
        key="",
        scope="account",
        while_tripped="reducing",
        tripped=NOW,
        resets_at=None,
        rearm_not_before=None,
        high_water_mark=None,
        text="portfolio.pnl_day_pct <= -3",
        cancel="entries",
        on_trip="none",
    )
    return replace(usual, **said)  # type: ignore[arg-type]  # a row of the table


RELEASES = {
    "by time": ({"resets_at": NOW.plus_s(60)}, "lets go from 2026-01-05T08:01:00Z on"),
    "by a person": (
        {"rearm_not_before": NOW.plus_s(60)},
        "`trader rearm daily_stop:BTC-USD` from 2026-01-05T08:01:00Z on",
    ),
    "by neither": ({}, "a person resets it"),
}


@pytest.mark.parametrize(("said", "words"), RELEASES.values(), ids=RELEASES)
def test_a_latch_says_how_it_lets_go(said: dict[str, object], words: str) -> None:
    """Each tripped breaker is told with its product, since when, and what ends it."""
    status = Status(state=State(mode="paper"))
    status.state.latches = {("daily_stop", "BTC-USD"): latch(key="BTC-USD", **said)}
    level, says = found(examine(paper(), status, HERE), Section.TRIPPED)["daily_stop:BTC-USD"]
    assert level is Level.BAD
    assert says.startswith("reducing since 2026-01-05T08:00:00Z; ")
    assert words in says


def test_a_switch_and_a_halt_are_tripped() -> None:
    """Whatever stops trading by a person's hand is told with the reason given."""
    status = Status(state=State(mode="paper", halted="a fill beyond its order"), killed="enough")
    tripped = found(examine(paper(), status, HERE), Section.TRIPPED)
    assert tripped["kill switch"] == (Level.BAD, "thrown: enough")
    assert tripped["halt"] == (Level.BAD, "a fill beyond its order; `trader resume`")


def test_what_could_not_be_decided_is_missing() -> None:
    """Breakers in doubt stop entries, so they are bad; a rule in doubt names its facts."""
    status = Status(
        state=State(mode="paper"),
        undecided_breakers=("stale_data",),
        broken_invariants=("quote.bid <= quote.ask",),
    )
    doubt = asked(outcome=Outcome.UNDECIDED, missing=("asset.volume_24h_usd",))
    status.rules = {("RiskLimit/max_order_value", "MEME"): doubt}
    missing = found(examine(paper(), status, HERE), Section.MISSING)
    assert missing["stale_data"][0] is Level.BAD
    assert "without `asset.volume_24h_usd`" in missing["RiskLimit/max_order_value of MEME"][1]
    assert missing["quote.bid <= quote.ask"][0] is Level.LOOK


def test_a_fact_of_another_mode_is_missing() -> None:
    """A rule that asks what this mode does not have can never decide, and that is bad."""
    policy_set = paper()
    spec = policy_set.vocabulary.spec("engine.ledger_ok")
    assert spec is not None
    only_live = replace(spec, modes=frozenset({next(m for m in spec.modes if m.value == "live")}))
    known = policy_set.vocabulary
    odd = replace(policy_set, vocabulary=Vocabulary({**known.specs, spec.name: only_live}))
    missing = found(examine(odd, None, HERE), Section.MISSING)
    says = "asks `engine.ledger_ok`, which nothing produces in mode paper"
    assert missing["CircuitBreaker/ledger"] == (Level.BAD, says)


def test_another_set_than_the_ledgers_is_told() -> None:
    """Headroom and latches are of the set that ran, which may not be the one that is asked."""
    policy_set = paper()
    ran = Status(state=State(mode="paper"))
    for digest, told in (("0" * 64, True), (policy_set.hash, False)):
        ran.named = NamedSet("other", digest, None)
        missing = found(examine(policy_set, ran, HERE), Section.MISSING)
        assert ("test is not active" in missing) is told


def test_a_route_that_nothing_delivers_to_is_bad() -> None:
    """An alert to a route that this release does not have is an alert that nobody hears."""
    routes = found(examine(paper(alert("beeper")), None, HERE), Section.ROUTES)
    assert routes["beeper"] == (Level.BAD, "1 alert, and nothing in this set delivers there")
    assert routes["desk"][0] is Level.FINE
    assert "second channel" not in routes


def test_a_log_alone_asks_for_a_look() -> None:
    """Where every alert goes to the log, nobody is woken; without alerts nobody hears at all."""
    routes = found(examine(paper(), None, HERE), Section.ROUTES)
    assert routes["second channel"][0] is Level.LOOK
    silent = composed([each for each in documents("paper") if each.kind != "AlertRule"])
    assert found(examine(silent, None, HERE), Section.ROUTES)["none"][0] is Level.BAD


def test_routes_are_tried_through_the_notifier() -> None:
    """A test message goes to each route once, and what did not arrive is bad."""
    policy_set = paper(alert("beeper"))
    made = routes_of(policy_set.deployment, NO_SECRETS, SystemClock())
    checks = asyncio.run(try_routes(policy_set, made))
    assert {each.name: each.level for each in checks} == {
        "beeper tried": Level.BAD,
        "desk tried": Level.FINE,
        "pager tried": Level.FINE,
        "second tried": Level.FINE,
    }


WAIVERS = {
    "in force": ("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z", "in force until"),
    "ending soon": ("2026-01-01T00:00:00Z", "2026-01-06T08:00:00Z", "ends within a day"),
    "not yet": ("2026-01-06T00:00:00Z", "2026-02-01T00:00:00Z", "from 2026-01-06"),
    "over": ("2026-01-01T00:00:00Z", "2026-01-05T08:00:00Z", "over since 2026-01-05"),
}


@pytest.mark.parametrize(("start", "end", "words"), WAIVERS.values(), ids=WAIVERS)
def test_waivers_say_how_they_stand(start: str, end: str, words: str) -> None:
    """A waiver is in force, about to end, to come, or over; the last instant is over."""
    policy_set = paper(WAIVER.format(start=start, end=end))
    level, says = found(examine(policy_set, None, HERE), Section.WAIVERS)["rotation"]
    assert words in says
    assert level is (Level.FINE if words.startswith("from") else Level.LOOK)


def around(policy_set: PolicySet, status: Status | None, **seen: object) -> dict[str, Level]:
    """The levels of what surrounds a trader."""
    here = replace(HERE, **seen)  # type: ignore[arg-type]  # a row of a table
    checks = found(examine(policy_set, status, here), Section.SURROUNDINGS)
    return {name: level for name, (level, _) in checks.items()}


def test_what_surrounds_a_trader() -> None:
    """Disk, lock, clock and key are told, each with what it asks of a person."""
    live = composed(documents("live"))
    record = Record(1, NOW.plus_s(60), RecordKind.CYCLE, b"{}", "0" * 64, "1" * 64)
    later = Status(state=State(mode="live"), last=record, holder=Holder(7, "desk", NOW))
    assert around(live, None) == {"clock": Level.FINE, "key": Level.LOOK}
    aged = KeySeen(KEYLESS.places, NOW.plus_s(-86_400), ())
    assert around(live, None, key=aged)["key"] is Level.FINE
    assert around(live, later)["clock"] is Level.BAD
    assert around(paper(), Status(state=State(mode="paper"), last=record))["clock"] is Level.LOOK
    assert around(paper(), later, now=NOW.plus_s(90))["lock"] is Level.FINE
    assert around(live, later, free_bytes=10**8)["disk"] is Level.BAD
    assert around(live, later, free_bytes=None)["disk"] is Level.LOOK


def test_free_space_is_told_where_it_can_be(tmp_path: Path) -> None:
    """The system says how much is free; of a place that is not there nobody can."""
    free = free_bytes(tmp_path)
    assert free is not None
    assert free > 0
    assert free_bytes(tmp_path / "absent") is None
