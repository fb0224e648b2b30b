"""`trader run`: what a person reads, what a program gets, and what is refused before it starts."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from engine.adapters.system.disk import DirectoryDisk
from engine.ledger.reader import JournalReader
from engine.ledger.records import RecordKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Ran, Whole

ROOT = Path(__file__).resolve().parents[3]
CYCLE = re.compile(r"2026-01-05 \d\d:\d\d:\d\d +(\d+)  (ACTIVE|REDUCING|HALTED) ")
ORDER = re.compile(r"order   (BUY|SELL) .* ([0-9a-f-]{36})  set ([0-9a-f]{12})$", re.MULTILINE)
HASH = re.compile(r"^hash +([0-9a-f]{64})$", re.MULTILINE)


def _journal(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted((folder / "journal").iterdir()))


def _records(folder: Path, kind: RecordKind) -> list[dict[str, object]]:
    records = JournalReader(DirectoryDisk(folder)).records()
    return [record.fields() for record in records if record.kind is kind]


def test_heading_tells_rules_money_and_market(whole: Whole) -> None:
    """The heading names the set, its whole hash, the mode, and what was found in the recording."""
    head = whole.ran.out.partition("\n\n")[0]
    assert re.search(r"^policy set +tiny$", head, re.MULTILINE)
    assert HASH.search(head)
    assert "paper, account test, holding 10,000 USD" in head
    assert "2026-01-04 08:01:00 to 2026-01-05 14:00:00 UTC" in head
    assert "crossed: bid above ask, kept" in head
    assert "1 gap: SOL-USD silent" in head


def test_a_line_a_cycle(whole: Whole) -> None:
    """Every cycle has its line, in order and without a gap."""
    numbers = [int(each) for each, _ in CYCLE.findall(whole.ran.out)]
    assert numbers == [*range(1, 362)]


def test_orders_carry_the_set(whole: Whole) -> None:
    """Each order's id begins with the set's first twelve digits, which stand beside it."""
    found = HASH.search(whole.ran.out)
    assert found is not None
    orders = ORDER.findall(whole.ran.out)
    assert len(orders) == len(_records(whole.folder / "ledger", RecordKind.INTENT)) > 5
    for _, order_id, shown in orders:
        assert order_id.replace("-", "")[:12] == shown == found[1][:12]


def test_a_repeated_denial_is_told_once(whole: Whole) -> None:
    """Hundreds of denials are a handful of lines and a table with their number."""
    lines = [line for line in whole.ran.out.splitlines() if line.startswith("      DENIED")]
    denied = [
        each
        for each in _records(whole.folder / "ledger", RecordKind.DECISION)
        if each["verdict"] == "deny"
    ]
    assert len(denied) > 100
    assert 0 < len(lines) < 20
    assert re.search(rf"denied +{len(denied)}  by the policy set", whole.ran.out)
    assert "max_exposure: portfolio.at_risk_pct_after is" in whole.ran.out
    assert "may be at most 9 %" in whole.ran.out


def test_the_summary_adds_up(whole: Whole) -> None:
    """Orders, fills, fees and the last hash of the summary are those of the ledger."""
    out, folder = whole.ran.out, whole.folder / "ledger"
    fills = _records(folder, RecordKind.FILLED)
    orders = {each["client_order_id"] for each in fills}
    assert re.search(rf"filled +{len(orders)}  in {len(fills)} executions", out)
    assert re.search(rf"sent +{len(_records(folder, RecordKind.SENT))}$", out, re.MULTILINE)
    *_, last = JournalReader(DirectoryDisk(folder)).records()
    assert f"its hash     {last.hash}" in out
    assert "breakers tripped  daily_stop" in out
    assert "trader audit verify --ledger ledger" in out


def test_brief_leaves_quiet_cycles_out(
    ask: Callable[..., Ran], run_words: tuple[str, ...], tmp_path: Path
) -> None:
    """With --brief a cycle in which nothing happened has no line, and the others are as before."""
    ledger = ("--ledger", str(tmp_path / "ledger"), "--cycles", "16")
    out = ask(*run_words, *ledger, "--brief").out
    numbers = [int(each) for each, _ in CYCLE.findall(out)]
    assert 0 < len(numbers) < 16
    assert "16 cycles run" in out


def test_json_tells_every_decision(
    ask: Callable[..., Ran], whole_words: tuple[str, ...], whole: Whole, tmp_path: Path
) -> None:
    """One object a cycle; each decision of the ledger is in it, allowed or denied, and no other."""
    ledger = ("--ledger", str(tmp_path / "ledger"), "--format", "json")
    ran = ask(*whole_words, *ledger)
    cycles = [json.loads(line) for line in ran.out.splitlines()]
    assert [each["cycle"] for each in cycles] == [*range(1, 362)]
    told = [(o["symbol"], o["verdict"]) for c in cycles for o in (*c["orders"], *c["denied"])]
    recorded = _records(tmp_path / "ledger", RecordKind.DECISION)
    assert sorted(told) == sorted((d["symbol"], d["verdict"]) for d in recorded)
    for order in (o for c in cycles for o in c["orders"]):
        assert re.fullmatch("[0-9a-f]{64}", order["policy_set"])
        assert order["client_order_id"].replace("-", "")[:12] == order["policy_set"][:12]
    assert all(o["reasons"] and o["reasons"][0]["words"] for c in cycles for o in c["denied"])
    assert [name for c in cycles for name in c["tripped"]] == ["daily_stop"]
    assert sum(len(c["fills"]) for c in cycles) == len(_records(tmp_path / "ledger", _FILLED))
    # The text run before and this one decided over the same records, to the byte.
    assert _journal(tmp_path / "ledger") == _journal(whole.folder / "ledger")


_FILLED = RecordKind.FILLED


def test_a_ledger_is_continued(
    ask: Callable[..., Ran], run_words: tuple[str, ...], tmp_path: Path
) -> None:
    """A run over an existing ledger goes on after its last cycle, and says so."""
    ledger = ("--ledger", str(tmp_path / "ledger"))
    ask(*run_words, *ledger, "--cycles", "12")
    second = ask(*run_words, *ledger, "--cycles", "2").out
    assert "continued after cycle 12" in second
    assert [int(each) for each, _ in CYCLE.findall(second)] == [13, 14]


def test_a_ledger_at_its_end(
    whole: Whole, ask: Callable[..., Ran], whole_words: tuple[str, ...], ledger: str
) -> None:
    """Nothing is left to run after the recording's end: that is said, and is no error."""
    ran = ask(*whole_words, "--ledger", ledger)
    assert (ran.status, "at the end of this recording already" in ran.out) == (0, True)
    assert "0 cycles run" in ran.out
    assert _journal(Path(ledger)) == _journal(whole.folder / "ledger")


def test_the_default_ledger_is_new(
    ask: Callable[..., Ran],
    run_words: tuple[str, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Without --ledger each run gets a directory of its own, named for the set."""
    monkeypatch.chdir(tmp_path)
    for _ in range(2):
        ask(*run_words, "--cycles", "1")
    assert sorted(path.name for path in (tmp_path / "runs").iterdir()) == ["tiny-1", "tiny-2"]


def test_dry_run_sends_nothing(
    ask: Callable[..., Ran], run_words: tuple[str, ...], tmp_path: Path
) -> None:
    """A lowered mode decides and stamps, but no order leaves."""
    ledger = ("--ledger", str(tmp_path / "ledger"), "--cycles", "12", "--mode", "dry_run")
    out = ask(*run_words, *ledger).out
    assert "would send" in out
    assert "dry run: nothing was sent" in out
    assert _records(tmp_path / "ledger", RecordKind.SENT) == []


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--ledger", "mysql://desk/ledger"), "M450"),
        (("--mode", "live"), "M441"),
        (("--quotes", "absent.csv"), "M500"),
    ],
    ids=["an address for a ledger", "a mode above the document's", "a recording that is absent"],
)
def test_refusals(
    words: tuple[str, ...],
    code: str,
    ask: Callable[..., Ran],
    run_words: tuple[str, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What cannot be run is refused with a code before the first record, and leaves nothing."""
    monkeypatch.chdir(tmp_path)
    ran = ask(*run_words, *words)
    assert (ran.status, ran.out) == (1, "")
    assert code in ran.err
    assert list(tmp_path.rglob("journal")) == []


def test_warnings_are_counted(
    ask: Callable[..., Ran], run_words: tuple[str, ...], tmp_path: Path
) -> None:
    """A set that loads with warnings runs; their number is said, and where to read them."""
    policies = tmp_path / "policies"
    shutil.copytree(run_words[2], policies)
    guards = policies / "execution.yaml"
    literal = guards.read_text("utf-8").replace("max_age_s, on", "max_age_s and quote.bid > 3, on")
    guards.write_text(literal, "utf-8")
    ledger = ("--ledger", str(tmp_path / "ledger"), "--cycles", "1")
    ran = ask("run", "--policies", str(policies), *run_words[3:], *ledger)
    assert ran.status == 0
    assert re.search(r"^\d warnings? about this policy set: `policy lint ", ran.err)


def test_a_venue_elsewhere(
    ask: Callable[..., Ran], run_words: tuple[str, ...], tmp_path: Path
) -> None:
    """Everything that stands against a run in real time is told at once, and nothing is made."""
    ledger = tmp_path / "ledger"
    options = ("--venue", "https://example.com", "--pace", "2", "--spread-bps", "3")
    ran = ask(*run_words[:3], *options, "--ledger", str(ledger))
    assert ran.status == 1
    assert [line[:4] for line in ran.err.splitlines() if line.startswith("M")] == [
        "M469",
        "M469",
        "M461",
        "M458",
        "M458",
    ]
    assert "Traceback" not in ran.err
    assert not ledger.exists()


@pytest.mark.long
def test_two_processes_write_the_same_bytes(run_words: tuple[str, ...], tmp_path: Path) -> None:
    """Two processes with other hash seeds print the same lines and write the same journal."""
    program = "from cli.trader import main; main()"
    printed = []
    for seed in ("1", "2"):
        ledger = ("--ledger", str(tmp_path / seed), "--cycles", "12", "--format", "json")
        finished = subprocess.run(  # noqa: S603 - our own words
            [sys.executable, "-c", program, *run_words, *ledger],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=False,
        )
        assert finished.returncode == 0
        printed.append(finished.stdout)
    assert printed[0] == printed[1]
    assert printed[0].count(b"\n") == 12
    assert _journal(tmp_path / "1") == _journal(tmp_path / "2")


@pytest.mark.parametrize(
    ("option", "typed"),
    [
        pytest.param("--metrics", "nowhere", id="a page without a port"),
        pytest.param("--metrics", "127.0.0.1:70000", id="a port that is none"),
        pytest.param("--otlp", "ftp://collector", id="a collector that is not asked over HTTP"),
        pytest.param("--otlp", "collector:4318", id="a collector without a scheme"),
    ],
)
def test_an_address_that_is_none_is_refused_before_the_run(
    ask: Callable[..., Ran], run_words: tuple[str, ...], option: str, typed: str
) -> None:
    """Else nobody would be told before the last cycle that nobody had heard."""
    ran = ask(*run_words, option, typed)
    assert (ran.status, ran.out) == (2, "")
    assert typed in ran.err
