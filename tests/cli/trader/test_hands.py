"""The operator's hands: what they leave behind, what they say, and what the loop does with it."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from engine.adapters.system.lock import FileLock
from engine.model.times import UtcTime

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Ran

WHO = ("--who", "ann", "--reason", "looks  wrong")


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def _commands() -> list[dict[str, str]]:
    paths = sorted(Path("ledger/commands").glob("*.json"))
    return [json.loads(path.read_bytes()) for path in paths]


@pytest.fixture
def short(
    ask: Callable[..., Ran],
    run_words: tuple[str, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[[int], Ran]:
    """Runs the ledger in the current directory on by some cycles."""
    monkeypatch.chdir(tmp_path)

    def go_on(cycles: int) -> Ran:
        return ask(*run_words, "--ledger", "ledger", "--cycles", str(cycles))

    return go_on


def test_halt_and_resume(ask: Callable[..., Ran], short: Callable[[int], Ran]) -> None:
    """A halt is a switch and a record with who and why; resume ends it, and is one too."""
    short(2)
    halted = ask("halt", "--ledger", "ledger", *WHO)
    assert (halted.status, halted.out.splitlines()[0]) == (0, "the kill switch is thrown")
    assert re.fullmatch(
        r"looks wrong \(ann, [-0-9]+T[:0-9]+Z\)\n", Path("ledger/KILL_SWITCH").read_text("utf-8")
    )
    status = ask("status", "--ledger", "ledger").out
    assert status.startswith("state        HALTED by the kill switch: looks wrong (ann, ")
    told = short(1).out
    assert "HALTED  by ann: looks wrong" in told
    assert "TRIPPED kill_switch: engine.kill_switch; halted until re-armed by a person" in told
    resumed = ask("resume", "--ledger", "ledger", "--who", "bob", "--reason", "was fine")
    assert "the kill switch was: looks wrong (ann, " in resumed.out
    told = short(1).out
    assert "resumed by bob: was fine" in told
    assert "reset   kill_switch: was fine (bob)" in told
    assert "command resume by bob (was fine): resumed" in told
    assert "ACTIVE" in ask("status", "--ledger", "ledger").out.splitlines()[0]


def test_resume_without_a_halt(ask: Callable[..., Ran], ledger: str) -> None:
    """Where no switch is thrown, resume says so and leaves its command all the same."""
    ran = ask("resume", "--ledger", ledger, *WHO)
    assert "resume is ordered; there was no kill switch" in ran.out
    assert [each["verb"] for each in _commands()] == ["resume"]


def test_rearm(ask: Callable[..., Ran], ledger: str) -> None:
    """A tripped breaker that waits for a person is re-armed by a command; others are refused."""
    ran = ask("rearm", "daily_stop", "--ledger", ledger, *WHO)
    assert ran.status == 0
    assert "re-arming daily_stop is ordered; its document allows it from 2026-01-05T" in ran.out
    assert _commands() == [
        {"verb": "rearm", "target": "daily_stop", "who": "ann", "why": "looks wrong"}
    ]
    refused = ask("rearm", "weekly_stop", "--ledger", ledger, *WHO)
    assert refused.status == 1
    assert "M456: `weekly_stop` is not tripped, and no strategy that has executed" in refused.err
    assert "to be re-armed: daily_stop" in refused.err


def test_cancel_all(ask: Callable[..., Ran], ledger: str) -> None:
    """Cancelling everything is a command for the loop."""
    assert ask("cancel-all", "--ledger", ledger, *WHO).status == 0
    assert [each["verb"] for each in _commands()] == ["cancel-all"]


def test_who_is_the_user_by_default(
    ask: Callable[..., Ran], ledger: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without --who the user of the operating system is recorded."""
    monkeypatch.setenv("LOGNAME", "carol")
    ask("cancel-all", "--ledger", ledger, "--reason", "tidy")
    assert _commands()[0]["who"] == "carol"


def test_who_runs_the_ledger_is_told(ask: Callable[..., Ran], ledger: str) -> None:
    """With a trader at work the command says which process will take it in; else that none is."""
    alone = ask("cancel-all", "--ledger", ledger, *WHO).out
    assert "nobody runs this ledger" in alone
    with FileLock.acquire(Path(ledger) / "LOCK", UtcTime(0)):
        held = ask("cancel-all", "--ledger", ledger, *WHO).out
    assert re.search(r"process \d+ on .* runs this ledger: it cancels at its next tick", held)


@pytest.mark.parametrize("verb", ["halt", "resume", "cancel-all", "rearm", "liquidate"])
@pytest.mark.parametrize(("answer", "status"), [("y\n", 0), ("n\n", 1), ("", 1)])
def test_a_terminal_is_asked(
    verb: str,
    answer: str,
    status: int,
    ask: Callable[..., Ran],
    ledger: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """On a terminal each asks first, and only a yes does anything; --yes does not ask."""
    target = ("daily_stop",) if verb == "rearm" else ()
    monkeypatch.setattr("sys.stdin", _Terminal(answer))
    ran = ask(verb, *target, "--ledger", ledger, *WHO)
    assert ran.status == status
    assert ran.err.partition("?")[2].startswith(" [y/N] ")
    assert bool(_commands()) is (status == 0)
    assert ask(verb, *target, "--ledger", ledger, *WHO, "--yes").status == 0


def test_tighten_is_for_a_stated_time(ask: Callable[..., Ran], short: Callable[[int], Ran]) -> None:
    """Without a time it is no command; with one it is taken in, and shown as what is tripped."""
    short(2)
    assert ask("tighten", "--ledger", "ledger", *WHO).status == 2
    ordered = ask("tighten", "BTC-USD", "--for", "4h", "--ledger", "ledger", *WHO)
    assert ordered.out.splitlines()[0] == "no new risk in BTC-USD for 4h is ordered"
    assert [(each["verb"], each["target"]) for each in _commands()] == [
        ("tighten", "BTC-USD 14400")
    ]
    assert "no new risk in BTC-USD until" in short(1).out
    assert "tightened:BTC-USD" in ask("status", "--ledger", "ledger").out
    refused = ask("rearm", "tightened:BTC-USD", "--ledger", "ledger", *WHO)
    assert refused.status == 1


def _value(verb: Callable[..., Ran], ledger: str, *words: str) -> Ran:
    return verb("tighten", *words, "--for", "12h", "--ledger", ledger, *WHO)


def test_tighten_a_value(ask: Callable[..., Ran], short: Callable[[int], Ran]) -> None:
    """It says what changes and under which set, leaves one command, and a recording refuses it."""
    short(2)
    ordered = _value(ask, "ledger", "max_exposure", "params.max_exposure_pct=5")
    assert (ordered.status, ordered.err) == (0, "")
    assert ordered.out.splitlines()[0] == (
        "RiskLimit/max_exposure params.max_exposure_pct: 9 -> 5, for 12h: ordered"
    )
    (command,) = _commands()
    assert (command["verb"], json.loads(command["target"])) == (
        "tighten",
        {
            "document": "RiskLimit/max_exposure",
            "path": "params.max_exposure_pct",
            "seconds": 43_200,
            "value": "5",
        },
    )
    assert "refused: a run over a recording has one set" in short(1).out


LOOSER = {
    "looser": (("max_exposure", "params.max_exposure_pct=15"), 1, "M930"),
    "undirected": (("account", "liquidate_into=USDC"), 1, "M931"),
    "the same": (("max_exposure", "params.max_exposure_pct=9.0"), 1, "M932"),
    "ways out": (("account", "read_only=true"), 1, "M933"),
    "no such path": (("max_exposure", "params.max_pct=1"), 1, "M151"),
    "no such document": (("RiskLimit/max_exposur", "params.max_pct=1"), 1, "M150"),
    "no value": (("max_exposure", "5"), 2, "`5` is not PATH=VALUE"),
    "nothing of a document": (("max_exposure",), 2, "what of `max_exposure`? add PATH=VALUE"),
}


@pytest.mark.parametrize(("words", "status", "says"), LOOSER.values(), ids=LOOSER)
def test_what_tighten_refuses(
    ask: Callable[..., Ran], ledger: str, words: tuple[str, ...], status: int, says: str
) -> None:
    """At once, with its own code and a mend, and nothing is left for the loop."""
    refused = _value(ask, ledger, *words)
    assert (refused.status, refused.out) == (status, "")
    assert says in refused.err
    assert _commands() == []


def test_liquidate_swaps_the_switch_for_a_halt(
    ask: Callable[..., Ran], short: Callable[[int], Ran]
) -> None:
    """The file is taken away after a halt is ordered, so nothing trades on and the sale passes."""
    short(2)
    ask("halt", "--ledger", "ledger", *WHO)
    short(1)
    ordered = ask("liquidate", "--ledger", "ledger", *WHO)
    assert (ordered.status, ordered.out.splitlines()[0]) == (0, "selling everything is ordered")
    assert [each["verb"] for each in _commands()] == ["halt", "liquidate"]
    assert not Path("ledger/KILL_SWITCH").exists()
    short(1)
    assert ask("status", "--ledger", "ledger").out.startswith("state        HALTED: looks wrong")


def test_liquidate_names_one_product(ask: Callable[..., Ran], short: Callable[[int], Ran]) -> None:
    """With a product only that is ordered to be sold, and nothing is halted by the verb."""
    short(2)
    ordered = ask("liquidate", "BTC-USD", "--ledger", "ledger", *WHO)
    assert ordered.out.splitlines()[0] == "selling BTC-USD is ordered"
    assert [(each["verb"], each["target"]) for each in _commands()] == [("liquidate", "BTC-USD")]


@pytest.mark.parametrize("named", ["", "ab" * 32])
def test_reload(ask: Callable[..., Ran], ledger: str, named: str) -> None:
    """A command for the loop, with the set that was named; and where to see what became of it."""
    words = ("--set", named) if named else ()
    ran = ask("reload", "--ledger", ledger, *words, *WHO)
    assert ran.status == 0
    assert "is ordered" in ran.out
    assert f"`trader status --ledger {ledger}`" in ran.out
    (command,) = _commands()
    assert (command["verb"], command["target"], command["who"]) == ("reload", named, "ann")


def test_a_recording_refuses_to_reload(
    ask: Callable[..., Ran], short: Callable[[int], Ran]
) -> None:
    """The next run over the recording says so, and goes on as it was."""
    short(2)
    ask("reload", "--ledger", "ledger", *WHO)
    told = short(1).out
    assert "refused: a run over a recording has one set from its first cycle to its last" in told


def test_a_hash_is_whole(ask: Callable[..., Ran], ledger: str) -> None:
    """Its first digits name a set no better than its name does."""
    ran = ask("reload", "--ledger", ledger, "--set", "84d4e07754bb", *WHO)
    assert ran.status == 2
    assert "`policy hash DIR` prints its 64 digits" in ran.err
