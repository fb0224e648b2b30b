"""What a person does about alerts at a terminal: seen it, silence it, see that it arrives."""

from __future__ import annotations

import json
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cli.trader_verbs.alerts_json import alerts_json
from cli.trader_verbs.alerts_page import alert_rows, message_rows
from engine.ledger.alerts import Acknowledged, AlertState, DeadLetter, RouteTest, Silence
from engine.ledger.records import RecordKind, encode_body, seal
from engine.model.notices import News, Notice
from engine.model.times import UtcTime
from engine.run.status import Status

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Ran

WHO = ("--who", "ann", "--reason", "planned  work")
POLICIES = str(Path(__file__).parent / "policies")
NOON = UtcTime.parse("2026-01-05T12:00:00Z")
LATER = NOON.plus_s(3600)


@pytest.fixture
def short(
    ask: Callable[..., Ran],
    run_words: tuple[str, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[[], Ran]:
    """Runs the ledger in the current directory on by a cycle."""
    monkeypatch.chdir(tmp_path)
    return lambda: ask(*run_words, "--ledger", "ledger", "--cycles", "1")


def test_a_silence_lasts_until_it_is_ended(
    ask: Callable[..., Ran], short: Callable[[], Ran]
) -> None:
    """It is left for the loop, recorded with who and why, listed, and ended by its number."""
    short()
    assert ask("silence", "list", "--ledger", "ledger").out == "no alert is silenced\n"
    said = ask("silence", "add", "losing", "--for", "4h", "--ledger", "ledger", *WHO)
    assert (said.status, said.out.splitlines()[0]) == (0, "silencing losing for 4h is ordered")
    told = short().out
    assert (
        "command silence losing 14400 by ann (planned work): silence 1: nobody is told of" in told
    )
    listed = ask("silence", "list", "--ledger", "ledger").out
    assert listed.startswith("1  losing  until 2026-")
    assert listed.endswith("ann: planned work\n")
    silences = json.loads(ask("silence", "list", "--ledger", "ledger", "--format", "json").out)
    assert silences["silences"][0]["who"] == "ann"
    assert "silenced" not in ask("status", "--ledger", "ledger").out
    wrong = ask("silence", "expire", "2", "--ledger", "ledger", *WHO)
    assert (wrong.status, "M907: there is no silence 2" in wrong.err) == (1, True)
    assert "silences: 1" in wrong.err
    ask("silence", "expire", "1", "--ledger", "ledger", *WHO)
    short()
    assert ask("silence", "list", "--ledger", "ledger").out == "no alert is silenced\n"


REFUSED = {
    "a rule that is none": (
        ("silence", "add", "loosing", "--for", "1h"),
        "M906: the set has no alert `loosing`",
        "did you mean `losing`?",
    ),
    "a product of an alert about the account": (
        ("silence", "add", "losing:BTC-USD", "--for", "1h"),
        "M906: `losing` is about the account, and has no products",
        "silence `losing`",
    ),
    "an alert that does not fire": (
        ("ack", "nothing"),
        "M906: `nothing` does not fire",
        "nothing fires at the moment",
    ),
    "all, where nothing fires": (("ack", "--all"), "M906: no alert fires", "nothing fires"),
}


@pytest.mark.parametrize(("words", "finding", "mend"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_meant_is_refused_before_it_is_left(
    words: tuple[str, ...],
    finding: str,
    mend: str,
    ask: Callable[..., Ran],
    short: Callable[[], Ran],
) -> None:
    """In words, with what could be meant; and no command lies there."""
    short()
    ran = ask(*words, "--ledger", "ledger", *WHO)
    assert ran.status == 1
    assert finding in ran.err
    assert mend in ran.err
    assert not list(Path("ledger").glob("commands/*"))


def test_one_alert_is_named_or_all_are(ask: Callable[..., Ran], short: Callable[[], Ran]) -> None:
    """Neither, and both, are a misuse."""
    short()
    for words in ((), ("losing", "--all")):
        ran = ask("ack", *words, "--ledger", "ledger", *WHO)
        assert (ran.status, ran.err) == (2, "trader ack: name one alert, or `--all`\n")


def test_a_set_alone_tries_its_routes_from_here(ask: Callable[..., Ran]) -> None:
    """Each route with what came of it; one that the set does not have did not answer."""
    ran = ask("alert", "test", "--policies", POLICIES)
    assert (ran.status, ran.out) == (0, "sent by this command\n  log  arrived\n")
    ran = ask("alert", "test", "--policies", POLICIES, "--route", "pager", "--format", "json")
    assert ran.status == 1
    told = json.loads(ran.out)["routes"]
    assert told == [
        {"route": "pager", "answered": False, "why": "the set in force has no such route"}
    ]
    assert ask("alert", "test").status == 2


def test_a_ledger_that_nobody_runs_tries_the_routes_of_its_set(
    ask: Callable[..., Ran], short: Callable[[], Ran]
) -> None:
    """From this process, since no loop could."""
    short()
    ran = ask("alert", "test", "--ledger", "ledger")
    assert (ran.status, ran.out) == (0, "sent by this command\n  log  arrived\n")


def _status() -> Status:
    status = Status()
    status.last = seal(7, NOON, RecordKind.CYCLE, encode_body({}), "0" * 64)
    state, telling = status.state, status.state.telling
    seen = Acknowledged(NOON, "ann", "on it")
    state.alerts["stale", "BTC-USD"] = AlertState(
        "firing", NOON, NOON, escalated=True, severity="warning", text="9 > 5", acknowledged=seen
    )
    state.alerts["slow", ""] = AlertState("pending", NOON, NOON)
    telling.silences[3] = Silence(3, "stale", "", NOON, LATER, "bob", "planned")
    notice = Notice(
        4, "desk", News.FIRING, "stale", "BTC-USD", "warning", "9 > 5", since=NOON, time=NOON
    )
    telling.waiting[4, "desk"] = notice
    telling.dead = deque([DeadLetter(notice, LATER, 9, "403")])
    telling.dead_count, telling.delivered_count = 12, 30
    telling.tests["desk"] = RouteTest(NOON, "403")
    return status


def test_a_page_says_who_has_seen_it_and_what_never_arrived() -> None:
    """All that a person asks before doing something."""
    status = _status()
    assert [row[:2] for row in alert_rows(status)] == [
        ("slow", "pending"),
        (
            "stale:BTC-USD",
            "firing, escalated, seen by ann, silenced (3) until 2026-01-05 13:00:00",
        ),
    ]
    assert message_rows(status) == [
        ("waiting", "1", "the oldest since 2026-01-05 12:00:00, for desk"),
        ("NEVER DELIVERED", "12", "the newest:"),
        ("", "at 2026-01-05 13:00:00", "stale:BTC-USD firing, for desk: 403"),
    ]
    assert message_rows(Status()) == []


def test_programs_read_the_same() -> None:
    """Alerts, silences, messages and routes, with names and times."""
    told = alerts_json(_status())
    assert told["alerts"][1] == {  # type: ignore[index]  # a list
        "rule": "stale",
        "key": "BTC-USD",
        "phase": "firing",
        "since": str(NOON),
        "severity": "warning",
        "text": "9 > 5",
        "escalated": True,
        "acknowledged": {"time": str(NOON), "who": "ann", "why": "on it"},
        "silence": 3,
    }
    messages = told["messages"]
    assert isinstance(messages, dict)
    assert (messages["delivered"], messages["dead"]) == (30, 12)
    assert messages["waiting"][0]["alert"] == "stale:BTC-USD"  # type: ignore[index,call-overload]  # rows
    assert messages["dead_letters"][0]["why"] == "403"  # type: ignore[index,call-overload]  # rows
    assert told["routes"] == {"desk": {"time": str(NOON), "answered": False, "why": "403"}}
