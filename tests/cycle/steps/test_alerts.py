"""Alerts: inactive, pending, firing, resolved, and what a person hears of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from cycle.small_sets import alert
from cycle.trading_desk import BTC, ETH, START, Bench, bench, done
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.cycle.steps import alerts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.cycle.desk import Round

WIDE = "quote.spread_bps > 50"
SIDES = {True: ("99", "101"), False: ("99.95", "100.05"), None: ("99", None)}


def turn(made: Bench, *, holds: bool | None, later_s: float = 60) -> Round:
    """One cycle's alerts about BTC-USD, its condition holding, not holding, or undecided."""
    made.quote(BTC, *SIDES[holds])
    this = made.round()
    done(alerts.run(made.desk, this))
    made.wait(later_s)
    return this


def phase(made: Bench) -> str:
    """Where the alert about BTC-USD stands."""
    state = made.state.alerts.get(("wide", "BTC-USD"))
    return state.phase if state else "inactive"


@dataclass
class Run:
    """Cycles a minute apart, and what was seen and heard in each."""

    spec: dict[str, str]
    verdicts: Sequence[bool | None]
    phases: list[str] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)

    def go(self) -> Run:
        """Run them all."""
        made = bench(alert("wide", WIDE, scope="symbol", **self.spec))
        for verdict in self.verdicts:
            before = len(made.letters.told)
            turn(made, holds=verdict)
            self.phases.append(phase(made))
            words = [subject.split()[-1] for _, subject, _ in made.letters.told[before:]]
            self.heard.append(" ".join(words))
        return self


T, F, N = True, False, None
LIVES = {
    "it fires at once where no time is asked": (
        {},
        [F, T, T, F],
        "inactive firing firing inactive",
        ["", "firing", "", "resolved"],
    ),
    "it is pending for its time first": (
        {"for_": "2m"},
        [T, T, T, F],
        "pending pending firing inactive",
        ["", "", "firing", "resolved"],
    ),
    "a pending one that ends was nothing": (
        {"for_": "2m"},
        [T, T, F, T, T, T],
        "pending pending inactive pending pending firing",
        ["", "", "", "", "", "firing"],
    ),
    "it goes on firing for as long as it says": (
        {"keep_firing_for": "2m"},
        [T, F, F, F],
        "firing firing inactive inactive",
        ["firing", "", "resolved", ""],
    ),
    "holding again keeps it, and it counts from then": (
        {"keep_firing_for": "2m"},
        [T, F, T, F, F],
        "firing firing firing firing inactive",
        ["firing", "", "", "", "resolved"],
    ),
    "doubt keeps it pending": (
        {"for_": "2m"},
        [T, N, N, T],
        "pending pending pending firing",
        ["", "", "", "firing"],
    ),
    "doubt keeps it firing": (
        {},
        [T, N, N, F],
        "firing firing firing inactive",
        ["firing", "", "", "resolved"],
    ),
    "doubt keeps it silent": ({}, [N, N, F], "inactive inactive inactive", ["", "", ""]),
    "too soon after the last message it is not told again": (
        {"dedupe": "10m"},
        [T, F, T, F, T],
        "firing inactive firing inactive firing",
        ["firing", "", "", "", ""],
    ),
    "after that time it is": (
        {"dedupe": "2m"},
        [T, F, T, F, T],
        "firing inactive firing inactive firing",
        ["firing", "", "firing", "", "firing"],
    ),
    "what was held back is told when it still stands after that time": (
        {"dedupe": "2m"},
        [T, F, F, T, T, T],
        "firing inactive inactive firing firing firing",
        ["firing", "", "resolved", "", "firing", ""],
    ),
    "an end and a beginning in that time are a beginning": (
        {"dedupe": "3m"},
        [T, F, T, T, T],
        "firing inactive firing firing firing",
        ["firing", "", "", "firing", ""],
    ),
    "an end that is told late takes nothing from what is about to fire anew": (
        {"for_": "2m", "dedupe": "3m"},
        [T, T, T, F, T, T, T],
        "pending pending firing inactive pending pending firing",
        ["", "", "firing", "", "", "resolved", ""],
    ),
    "an escalation does not wait for it": (
        {"dedupe": "1h", "escalate_after": "2m"},
        [T, T, T],
        "firing firing firing",
        ["firing", "", "escalated"],
    ),
    "it escalates once when it goes on": (
        {"escalate_after": "2m"},
        [T, T, T, T, F],
        "firing firing firing firing inactive",
        ["firing", "", "escalated", "", "resolved"],
    ),
}


@pytest.mark.parametrize(("spec", "verdicts", "phases", "heard"), LIVES.values(), ids=LIVES)
def test_the_life_of_an_alert(
    spec: dict[str, str], verdicts: list[bool | None], phases: str, heard: list[str]
) -> None:
    """Each cycle's phase and message follow from the condition, its times and the last message."""
    run = Run(spec, verdicts).go()
    assert run.phases == phases.split()
    assert run.heard == heard


def test_an_alert_is_kept_apart_by_product() -> None:
    """Dedupe is by rule and key: one product's alert neither hides nor resolves another's."""
    made = bench(alert("wide", WIDE, scope="symbol", dedupe="1h"))
    made.quote(ETH, *SIDES[True])
    this = turn(made, holds=True)
    assert this.fired == ["wide:BTC-USD", "wide:ETH-USD"]
    told = [subject for _, subject, _ in made.letters.told]
    assert told == ["[warning] wide:BTC-USD firing", "[warning] wide:ETH-USD firing"]
    turn(made, holds=False)
    assert set(made.state.alerts) == {("wide", "ETH-USD")}


def test_what_is_told_says_what_holds_and_on_which_route() -> None:
    """The record has the numbers of the condition, and the route of the rule."""
    made = bench(alert("wide", WIDE, scope="symbol", severity="critical", route="pager"))
    turn(made, holds=True)
    ((route, subject, text),) = made.letters.told
    assert (route, subject) == ("pager", "[critical] wide:BTC-USD firing")
    assert "200" in text
    assert "50" in text


def test_an_alert_of_the_account_has_no_key() -> None:
    """An alert about the account is one, whatever products there are."""
    made = bench(alert("thrown", "engine.kill_switch"))
    made.killed = "a test"
    this = turn(made, holds=False)
    assert this.fired == ["thrown"]
    assert set(made.state.alerts) == {("thrown", "")}
    assert made.letters.told[0][1] == "[warning] thrown firing"


def test_an_alert_of_another_mode_does_not_count() -> None:
    """An alert for live trading is silent on paper."""
    made = bench(alert("thrown", "engine.kill_switch", modes="[live]"))
    made.killed = "a test"
    assert turn(made, holds=False).fired == []


def test_in_recorded_time_nothing_waits_to_be_delivered() -> None:
    """Who replays a year pages nobody: the record says what was told, and no notice waits."""
    made = bench(alert("wide", WIDE, scope="symbol"))
    turn(made, holds=True)
    assert made.letters.told
    assert made.state.telling.waiting == {}


def test_a_quiet_cycle_writes_nothing() -> None:
    """An alert that neither moves nor has to remember anything leaves no record."""
    made = bench(alert("wide", WIDE, scope="symbol"))
    turn(made, holds=True)
    before = made.journal.last
    turn(made, holds=None)
    assert made.journal.last == before


@given(st.lists(st.sampled_from([True, False, None]), max_size=12), st.sampled_from(["", "2m"]))
@settings(max_examples=30)
def test_firing_and_resolved_take_turns(verdicts: list[bool | None], wait: str) -> None:
    """Over any course of things nothing is resolved that did not fire, nor fires twice in a row."""
    spec = {"dedupe": "1s", **({"for_": wait} if wait else {})}
    heard = [word for word in Run(spec, verdicts).go().heard if word]
    assert heard == ["firing", "resolved"] * (len(heard) // 2) + ["firing"] * (len(heard) % 2)


def test_times_of_a_phase_are_those_of_its_beginning() -> None:
    """`since` is when the phase began, `last_true` when the condition last held."""
    made = bench(alert("wide", WIDE, scope="symbol", keep_firing_for="1h"))
    turn(made, holds=True)
    turn(made, holds=True)
    turn(made, holds=False)
    state = made.state.alerts["wide", "BTC-USD"]
    assert (state.since, state.last_true) == (START, START.plus_s(60))
