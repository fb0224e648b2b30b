"""`trader doctor`: the page, the JSON, the status, and that nothing is changed."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cli.exit_codes import ExitCode
from cli.trader_verbs.going_live_page import status_of_evidence, verdict
from engine.adapters.system.lock import FileLock
from engine.model.times import UtcTime
from engine.run.going_live import Evidence, Proof

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Ran
    from syrupy.assertion import SnapshotAssertion

POLICIES = Path(__file__).parent / "policies"
CLOCK = re.compile(r"the wall clock reads \S+?(?=[;\n])")
SECTIONS = {"armed", "missing", "tripped", "headroom", "routes", "waivers", "surroundings"}


def files(folder: Path) -> dict[Path, bytes]:
    """Every file below a folder."""
    return {each: each.read_bytes() for each in folder.rglob("*") if each.is_file()}


def told(page: str) -> str:
    """The page without what differs from machine to machine."""
    page = CLOCK.sub("the wall clock reads NOW", page)
    page = re.sub(r"[0-9a-f]{64}", "HASH", page)
    return re.sub(r"[0-9.,]+ GB free", "N GB free", page)


def test_the_page(ledger: str, ask: Callable[..., Ran], snapshot: SnapshotAssertion) -> None:
    """What is armed, missing, tripped and near, in eighty columns; status 1 for what is bad."""
    answer = ask("doctor", "--ledger", ledger)
    assert (answer.status, answer.err) == (1, "")
    assert max(len(line) for line in answer.out.splitlines()) <= 80
    assert told(answer.out) == snapshot


def test_nothing_is_changed_beside_a_running_trader(ledger: str, ask: Callable[..., Ran]) -> None:
    """Another process may hold the ledger: the doctor reads, says who it is, and writes nothing."""
    with FileLock.acquire(Path(ledger) / "LOCK", UtcTime.parse("2026-01-05T08:00:00Z")):
        before = files(Path(ledger))
        answer = ask("doctor", "--ledger", ledger)
        assert files(Path(ledger)) == before
    assert "lock: held by " in answer.out


def test_json_has_every_section(ledger: str, ask: Callable[..., Ran]) -> None:
    """The JSON has the sections as lists, and says whether all is fine."""
    data = json.loads(ask("doctor", "--ledger", ledger, "--format", "json").out)
    assert set(data) >= SECTIONS
    levels = {each["level"] for section in SECTIONS for each in data[section]}
    assert levels <= {"fine", "look", "bad"}
    assert data["fine"] is ("bad" not in levels)
    assert data["headroom"] == sorted(data["headroom"], key=lambda each: -each["used_pct"])


def test_a_set_alone_may_be_asked(ask: Callable[..., Ran]) -> None:
    """Without a ledger the set is looked at, and what only a ledger knows is left out."""
    answer = ask("doctor", "--policies", str(POLICIES), "--test-routes")
    assert "tripped\n  none\n" in answer.out
    assert "log tried: a test message arrived" in answer.out
    assert "nothing happened, this is a test" in answer.err


@pytest.mark.parametrize(
    ("words", "status", "code"),
    [
        ((), 2, "name a policy set with `--policies`"),
        (("--ledger", "nowhere"), 1, "M451"),
        (("--policies", "nowhere"), 1, "M140"),
        (("canary", "--policies", "nowhere"), 2, "are for `--go-live`"),
        (("soon", "--go-live", "--policies", "nowhere"), 2, "supervised"),
        (("--go-live", "--ledger", "nowhere", "--allowed-signers", "x"), 1, "M451"),
        (("--go-live", "--policies", "x", "--signers", "2"), 2, "none are named"),
    ],
)
def test_what_cannot_be_asked(
    ask: Callable[..., Ran], words: tuple[str, ...], status: int, code: str
) -> None:
    """A set or ledger that is not there is a finding; neither is a misuse."""
    answer = ask("doctor", *words)
    assert (answer.status, answer.out) == (status, "")
    assert code in answer.err


def test_a_ledger_of_another_release(ledger: str, ask: Callable[..., Ran]) -> None:
    """A set that is named is asked, and the ledger's own is said to be another one."""
    shipped = Path(__file__).parents[3] / "policies"
    answer = ask("doctor", "--ledger", ledger, "--policies", str(shipped))
    assert "is not active: the ledger runs" in answer.out


LIVE = Path(__file__).parents[3] / "policies" / "live"


def test_the_way_to_a_stage(ledger: str, ask: Callable[..., Ran]) -> None:
    """The verdict comes first, then every blocker with what was found, needed, and its mend."""
    words = ("doctor", "--go-live", "supervised", "--policies", str(LIVE), "--ledger", ledger)
    answer = ask(*words)
    assert (answer.status, answer.err) == (1, "")
    lines = answer.out.splitlines()
    assert lines[0].startswith("supervised: NOT YET, ")
    assert max(map(len, lines)) <= 80
    blockers = [each for each in lines if each.startswith("  BLOCKED")]
    assert lines[0].startswith(f"supervised: NOT YET, {len(blockers)} blockers")
    assert "  BLOCKED  market: paper at a recording" in answer.out
    assert "needed: 14.0 d" in answer.out
    data = json.loads(ask(*words, "--format", "json").out)
    assert (data["version"], data["stage"], data["verdict"]) == (1, "supervised", "lacking")
    lacking = [each for each in data["evidence"] if each["proof"] == "lacking"]
    assert len(lacking) == len(blockers)
    assert all(each["mend"] and each["needed"] for each in lacking)


def test_a_stage_is_that_of_the_deployment(ask: Callable[..., Ran]) -> None:
    """Without a stage it is the one that the set states, and no ledger is a blocker."""
    answer = ask("doctor", "--go-live", "--policies", str(LIVE))
    assert answer.out.startswith("supervised: NOT YET")
    assert "ledger: none was named" in answer.out


def test_a_ledger_that_was_changed_shows_nothing(
    ledger: str, ask: Callable[..., Ran], tmp_path: Path
) -> None:
    """One digit of one record is another: the chain is told as broken, and nothing is believed."""
    copy = tmp_path / "changed"
    shutil.copytree(ledger, copy)
    (journal,) = (copy / "journal").iterdir()
    lines = journal.read_bytes().splitlines(keepends=True)
    lines[2] = lines[2].replace(b'"cycle":1', b'"cycle":7', 1)
    journal.write_bytes(b"".join(lines))
    answer = ask("doctor", "--go-live", "--policies", str(LIVE), "--ledger", str(copy))
    assert answer.status == 1
    assert "BLOCKED  ledger: M4" in answer.out
    assert "alerts heard" not in answer.out


PIECES = {
    "nothing against it": ((Proof.SHOWN, Proof.LOOK), ExitCode.FINE, "NOTHING STANDS AGAINST IT"),
    "nobody can tell": ((Proof.SHOWN, Proof.UNTOLD), ExitCode.UNDECIDED, "NOBODY CAN TELL"),
    "a blocker": ((Proof.UNTOLD, Proof.LACKING), ExitCode.FINDINGS, "NOT YET, 1 blocker"),
}


@pytest.mark.parametrize(("proofs", "status", "words"), PIECES.values(), ids=PIECES)
def test_the_verdict_is_the_gravest(
    proofs: tuple[Proof, ...], status: ExitCode, words: str
) -> None:
    """What a script reads is the gravest piece of evidence, and the sentence says the same."""
    pieces = [Evidence("x", each, "found", "needed", "mend") for each in proofs]
    assert status_of_evidence(pieces) is status
    assert verdict(pieces).startswith(words)
