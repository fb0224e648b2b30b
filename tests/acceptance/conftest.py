"""Acceptance: the shipped sets over real recordings, run by the real command in real processes.

The large runs are done once, whichever worker asks first; that over four days of Coinbase (2017
and 2018) in two processes at the same time that know nothing of each other. By day the second one
ends after eight hundred cycles, which is what both are compared in.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from fakes.once import once
from profiles import at_night

from engine.adapters.system.disk import DirectoryDisk
from engine.ledger.reader import JournalReader
from engine.ledger.records import Record, RecordKind, decode_body
from engine.model.times import NS_PER_S, UtcTime

ROOT = Path(__file__).parents[2]
POLICIES = ROOT / "policies"
_MAIN = "from cli.{0} import main; main()"
FOUR_DAYS = (
    "quotes/coinbase_l1_1m_2017-12_2018-04.parquet",
    "bars/coinbase_1m_2016-10_2017-12_2018-04.parquet",
)
CRASH = "bars/binance_5m_2021-05_crash.parquet"
FIRST, END = (UtcTime.parse(f"2021-05-{day}T00:00:00Z").ns for day in (17, 20))
PRODUCTS = ("AAVE", "ADA", "BTC", "DOT", "ETH", "LINK", "LTC", "MATIC", "SOL", "UNI", "XLM", "XRP")
TWINS = ("first", "second")
BAR_NS = 300 * NS_PER_S


def command(name: str, *arguments: str | Path) -> list[str]:
    """The words of one of the two commands, for this interpreter."""
    return [sys.executable, "-c", _MAIN.format(name), *map(str, arguments)]


def ran(name: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(  # noqa: S603 - our own interpreter and words
        command(name, *arguments), capture_output=True, text=True, cwd=ROOT, check=False
    )


def run_words(policies: Path, ledger: Path, quotes: list[Path], *more: str) -> list[str | Path]:
    """The arguments of `trader run`, told as JSON."""
    given = [word for each in quotes for word in ("--quotes", each)]
    return [
        "run",
        "--policies",
        policies,
        "--ledger",
        ledger,
        *given,
        "--format",
        "json",
        "--rules",
        *more,
    ]


@dataclass(frozen=True)
class FinishedRun:
    """What a run said, and what it recorded; `rules` counts how often each rule fired."""

    ledger: Path
    cycles: list[dict[str, Any]]
    rules: list[dict[str, Any]]

    @property
    def records(self) -> list[Record]:
        """Every record, its chain checked."""
        return list(JournalReader(DirectoryDisk(self.ledger)).records())

    def bodies(self, kind: RecordKind) -> list[dict[str, Any]]:
        """The bodies of one kind."""
        return [dict(decode_body(each.body)) for each in self.records if each.kind is kind]

    def told(self, name: str) -> list[dict[str, Any]]:
        """All orders (or denials) that the run told of."""
        return [each for cycle in self.cycles for each in cycle[name]]


def finished(ledger: Path, output: str) -> FinishedRun:
    """A run from its JSON lines, of which the last one counts the rules."""
    *cycles, last = [json.loads(line) for line in output.splitlines()]
    return FinishedRun(ledger, cycles, last["rules"])


def run_into(ledger: Path, policies: Path, quotes: list[Path], *more: str) -> None:
    """Run, and keep what was told beside the ledger."""
    done = ran("trader", *run_words(policies, ledger, quotes, *more))
    assert done.returncode == 0, done.stderr
    ledger.with_suffix(".jsonl").write_text(done.stdout)


def told_in(ledger: Path) -> FinishedRun:
    """The run whose output lies beside the ledger."""
    return finished(ledger, ledger.with_suffix(".jsonl").read_text())


@pytest.fixture(scope="session")
def four_days(recordings: Path) -> list[Path]:
    """Quotes and bars of four days, a row a minute."""
    return [recordings / each for each in FOUR_DAYS]


@pytest.fixture(scope="session")
def twins(
    four_days: list[Path], tmp_path_factory: pytest.TempPathFactory
) -> tuple[FinishedRun, FinishedRun]:
    """The same run twice, in two processes at once."""
    part = () if at_night() else ("--cycles", "800")
    folder = once(tmp_path_factory, "twins", lambda folder: run_twins(folder, four_days, part))
    first, second = (told_in(folder / name) for name in TWINS)
    return first, second


def run_twins(folder: Path, quotes: list[Path], part: tuple[str, ...]) -> None:
    """Let two processes run the set `recorded` side by side, the second so much of it."""
    processes = []
    for name, more in zip(TWINS, ((), part), strict=True):
        words = command("trader", *run_words(POLICIES / "recorded", folder / name, quotes, *more))
        with (folder / f"{name}.jsonl").open("w") as out:
            processes.append(subprocess.Popen(words, stdout=out, cwd=ROOT))  # noqa: S603 - our own interpreter and words
    assert [each.wait() for each in processes] == [0, 0]


@pytest.fixture(scope="session")
def recorded_run(twins: tuple[FinishedRun, FinishedRun]) -> FinishedRun:
    """One of the two."""
    return twins[0]


@pytest.fixture(scope="session")
def crash_bars(recordings: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three days of twelve products: a day to warm up, a calm one, and the crash."""
    folder = once(
        tmp_path_factory, "bars", lambda folder: write_bars(recordings, folder / "bars.parquet")
    )
    return folder / "bars.parquet"


def write_bars(recordings: Path, path: Path) -> None:
    """Cut the days and the products out of the recording."""
    names = [f"{each}-USDT" for each in PRODUCTS]
    whole = pl.read_parquet(recordings / CRASH)
    wanted = pl.col("ts").is_between(FIRST, END, closed="left") & pl.col("symbol").is_in(names)
    whole.filter(wanted).write_parquet(path)


@pytest.fixture(scope="session")
def closes(crash_bars: Path) -> dict[tuple[str, int], Decimal]:
    """The close of each product by the instant at which its bar was complete."""
    rows = pl.read_parquet(crash_bars).select("symbol", "ts", "close").iter_rows()
    return {(symbol, ts + BAR_NS): Decimal(repr(close)) for symbol, ts, close in rows}


@pytest.fixture(scope="session")
def crash(crash_bars: Path, tmp_path_factory: pytest.TempPathFactory) -> FinishedRun:
    """The run over the crash, by the real command."""
    model = ("--spread-bps", "10", "--depth", "100000")
    folder = once(
        tmp_path_factory,
        "crash",
        lambda folder: run_into(folder / "ledger", POLICIES / "bars", [crash_bars], *model),
    )
    return told_in(folder / "ledger")
