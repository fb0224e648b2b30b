"""Runs over a short synthetic recording: sixty products' worth of ticks in a quarter of an hour."""

from __future__ import annotations

import shutil
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pytest

from engine.adapters.recorded.files.writing import write_recording
from engine.adapters.system.disk import DirectoryDisk
from engine.ledger.reader import JournalReader
from engine.model.market import Quote
from engine.model.symbols import Symbol
from engine.model.times import UtcTime
from engine.policyset.opening import load_policy_set
from engine.run import RunSettings

if TYPE_CHECKING:
    from engine.ledger.records import Record
    from engine.policyset.policyset import PolicySet

POLICIES = Path(__file__).parents[2] / "policies"
START = UtcTime.parse("2025-11-22T10:00:00Z")
SECONDS = 80


class Settings(Protocol):
    """Settings of a run, with other values in them."""

    def __call__(self, **values: object) -> RunSettings:
        """Make them."""
        ...


def quotes() -> list[Quote]:
    """Three products, a quote a second each; prices swing so that targets and stops are reached."""
    found = []
    for second in range(SECONDS):
        for place, (base, price) in enumerate((("BTC", 20_000), ("ETH", 1_000), ("SOL", 50))):
            swing = ((second * (7 + place)) % 41 - 20) * Decimal("0.0004")
            bid = (price * (1 + swing)).quantize(Decimal("0.01"))
            ask = (bid * Decimal("1.0004")).quantize(Decimal("0.01"))
            much = Decimal(1000)
            moment = START.plus_s(second + 0.1 * place)
            found.append(Quote(Symbol(base, "USDT"), moment, bid, ask, much, much))
    return found


@pytest.fixture(scope="session")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The recording as a file."""
    path = tmp_path_factory.mktemp("market") / "quotes.csv"
    assert write_recording(path, quotes()) == ()
    return path


@pytest.fixture(scope="session")
def any_pair() -> PolicySet:
    """The set of the runs, loaded once."""
    return load_policy_set(POLICIES / "any_pair").required()


@pytest.fixture
def settings(recording: Path, tmp_path: Path) -> Settings:
    """Settings with other values in them."""
    base = RunSettings(POLICIES / "any_pair", tmp_path / "ledger", (recording,))
    return lambda **values: replace(base, **values)  # type: ignore[arg-type] # checked by the dataclass


def records(ledger: Path) -> list[Record]:
    """Every record, its chain checked."""
    return list(JournalReader(DirectoryDisk(ledger)).records())


def cut(source: Path, target: Path, lines: int) -> None:
    """A copy of a ledger that lost all but its first lines, as a crash may leave it."""
    shutil.copytree(source, target)
    journal = target / "journal" / "000001.jsonl"
    journal.write_bytes(b"".join(journal.read_bytes().splitlines(keepends=True)[:lines]))
