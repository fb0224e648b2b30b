"""Yes and no to an order that waits, at a second terminal and at the run's own."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from fakes.bench import Bench, buy, done
from fakes.deployments import deployment

from cli.trader_verbs.running.asking import Terminal
from engine.adapters.system.disk import DirectoryDisk
from engine.cycle import operator
from engine.cycle.orders.sending import place
from engine.ledger.journal import Journal
from engine.ledger.records import RecordKind, encode_body
from engine.model.times import UtcTime
from engine.run.settings import RunSettings

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Ran

FUTURE = UtcTime.parse("2099-01-01T00:00:00Z")
MOST = "at most 400.00 USD at 100,000 or better"
PAST = UtcTime.parse("2026-01-05T08:00:00Z")


def asked(number: int, until: UtcTime) -> dict[str, object]:
    """A question."""
    return {
        "ask": number, "symbol": "BTC-USD", "why": "entry", "strategy": "breakout", "reason": "up",
        "quantity": "0.004", "worst_price": "100000", "policy_set": "aa", "until": until,
        "to": ["desk"], "words": "asks",
    }  # fmt: skip


@pytest.fixture
def ledger(tmp_path: Path) -> str:
    """Two questions: one that waits, and one whose time is over; and one that was answered."""
    journal = Journal.open(DirectoryDisk(tmp_path / "ledger"))
    begun = {"mode": "paper", "account": "main", "nonce": "00", "cash": {}}
    said = {
        "ask": 3, "symbol": "BTC-USD", "answer": "no", "who": "bob", "reason": "x",
        "holds_until": FUTURE,
    }  # fmt: skip
    told = (
        (RecordKind.GENESIS, begun),
        (RecordKind.ASKED, asked(1, FUTURE)),
        (RecordKind.ASKED, asked(2, PAST)),
        (RecordKind.ASKED, asked(3, FUTURE)),
        (RecordKind.ANSWERED, said),
    )
    for kind, body in told:
        journal.append(kind, PAST, encode_body(body))
    journal.sync()
    return str(tmp_path / "ledger")


def test_the_questions_are_told(ledger: str, ask: Callable[..., Ran]) -> None:
    """Without a number the orders that wait are told, each with what it may cost at most."""
    answer = ask("approve", "--ledger", ledger)
    assert answer.status == 0
    assert answer.out.splitlines() == [
        "1 order for a yes or a no:",
        f"  1: entry 0.004 BTC-USD, {MOST}, until 2099-01-01 00:00:00 UTC; breakout: up",
    ]
    page = ask("status", "--ledger", ledger).out
    assert "orders that a person is asked about" in page
    data = json.loads(ask("status", "--ledger", ledger, "--format", "json").out)
    assert [each["answer"] for each in data["asks"]] == [None, None, "no"]


@pytest.mark.parametrize("verb", ["approve", "refuse"])
def test_an_answer_is_left_for_the_loop(ledger: str, ask: Callable[..., Ran], verb: str) -> None:
    """The command lies in its file, with who and why."""
    answer = ask(verb, "1", "--ledger", ledger, "--who", "ann", "--reason", "looks  good")
    assert answer.status == 0
    assert "nobody runs this ledger" in answer.out
    (command,) = operator.take_commands(DirectoryDisk(Path(ledger)))
    assert (command.verb, command.target, command.who) == (verb, "1", "ann")
    assert command.why == "looks good"


WRONG = {
    "a number that nobody was asked about": (("7",), "M942: nobody is asked about order 7"),
    "one whose time is over": (("2",), "M942: order 2 was to be answered until 2026-01-05"),
    "one that was answered": (("3",), "M942: bob said no to order 3 already"),
}


@pytest.mark.parametrize(("words", "told"), WRONG.values(), ids=WRONG)
def test_an_answer_is_about_a_question(
    ledger: str, ask: Callable[..., Ran], words: tuple[str, ...], told: str
) -> None:
    """What cannot be answered is refused, with the questions that can."""
    answer = ask("approve", *words, "--ledger", ledger)
    assert answer.status == 1
    assert told in answer.err
    assert "questions that wait: 1" in answer.err
    assert list(operator.take_commands(DirectoryDisk(Path(ledger)))) == []


def test_nothing_waits(tmp_path: Path, ask: Callable[..., Ran]) -> None:
    """A ledger without a question says so; and a number is one."""
    journal = Journal.open(DirectoryDisk(tmp_path))
    begun = {"mode": "paper", "account": "main", "nonce": "00", "cash": {}}
    journal.append(RecordKind.GENESIS, PAST, encode_body(begun))
    journal.sync()
    assert ask("approve", "--ledger", str(tmp_path)).out == "no order waits for a yes\n"
    assert ask("approve", "soon", "--ledger", str(tmp_path)).status == 2


def test_the_terminal_of_the_run(tmp_path: Path) -> None:
    """Each question is shown once; `y`, or `n 1`, becomes a command, and other words a help."""
    bench = Bench((deployment(mode="paper", modes="[paper]"),))
    bench.desk.attended = True
    done(place(bench.desk, bench.round(), buy()))
    said: list[str] = []
    session = SimpleNamespace(desk=bench.desk, settings=RunSettings(tmp_path, tmp_path / "ledger"))
    terminal = Terminal(session, said.append)  # type: ignore[arg-type]  # as much of a session as it needs
    terminal.look()
    terminal.look()
    assert len(said) == 1
    assert "entry" in said[0]
    for line in ("", "what", "y 7", "n x"):
        terminal.hear(line)
    assert said[1:] == [
        "answer `y` or `n`, or `y 3` for order 3\n",
        "no such order waits for an answer\n",
        "no such order waits for an answer\n",
    ]
    terminal.hear("Y")
    terminal.hear("y")
    verbs = [each.verb for each in operator.take_commands(DirectoryDisk(tmp_path / "ledger"))]
    assert verbs == ["approve"]
    assert said[-2:] == ["approve 1\n", "no such order waits for an answer\n"]
