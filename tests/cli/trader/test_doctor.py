"""`trader doctor`: the page, the JSON, the status, and that nothing is changed."""

from __future__ import annotations

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
    answer = ask("doctor", "--ledger", ledger, "--go-live")
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
    assert data["go_live"] == []
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
