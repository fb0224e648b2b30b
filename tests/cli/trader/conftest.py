"""One run of the tiny set over the demo that every question is put to, and a way to ask."""

from __future__ import annotations

import io
import shutil
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cli.main import run
from cli.trader import TRADER

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Path(__file__).parent
DEMO = HERE.parents[2] / "demo"


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command left behind."""

    status: int
    out: str
    err: str


def trader(*words: str) -> Ran:
    """Run the command in this process."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        status = run(TRADER, words)
    return Ran(status, out.getvalue(), err.getvalue())


def quotes() -> list[str]:
    """The demo's recordings as options."""
    return [word for path in sorted(DEMO.glob("*.csv")) for word in ("--quotes", str(path))]


@pytest.fixture
def ask() -> Callable[..., Ran]:
    """`trader` with some words; a relative path is relative to the current directory."""
    return trader


@pytest.fixture
def whole_words() -> tuple[str, ...]:
    """The words that run the tiny set over all of the demo."""
    return ("run", "--policies", str(HERE / "policies"), *quotes())


@pytest.fixture(scope="session")
def run_words(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, ...]:
    """The words that run the tiny set over the demo's first minutes: opened in no time."""
    folder = tmp_path_factory.mktemp("little")
    parts = {"synthetic_history": slice(-225, None), "synthetic_bars": slice(None, 175)}
    options = []
    for path in sorted(DEMO.glob("*.csv")):
        lines = path.read_text("utf-8").splitlines(keepends=True)
        body = [line for line in lines if not line.startswith("#")]
        rows = body[1:][parts.get(path.stem, slice(None, 350))]
        (folder / path.name).write_text("".join((body[0], *rows)), "utf-8")
        options += ["--quotes", str(folder / path.name)]
    return ("run", "--policies", str(HERE / "policies"), *options)


@dataclass(frozen=True, slots=True)
class Whole:
    """The run of the whole demo: what it printed, and where its ledger is."""

    ran: Ran
    folder: Path


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Whole:
    """The tiny set over all of the demo, in `ledger` below the folder."""
    folder = tmp_path_factory.mktemp("whole")
    words = ("run", "--policies", str(HERE / "policies"), *quotes(), "--ledger", "ledger")
    with chdir(folder):
        ran = trader(*words)
    assert (ran.status, "Traceback" in ran.err) == (0, False)
    return Whole(ran, folder)


@pytest.fixture
def ledger(whole: Whole, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A copy of the whole run's ledger, to ask and to spoil: the current directory's `ledger`."""
    shutil.copytree(whole.folder / "ledger", tmp_path / "ledger")
    monkeypatch.chdir(tmp_path)
    return "ledger"
