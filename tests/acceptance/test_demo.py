"""The demo shows what the README says that it shows."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from fakes.once import once

ROOT = Path(__file__).resolve().parents[2]
FILES = ("synthetic_quotes", "synthetic_bars", "synthetic_history")
PROGRAM = "from cli.trader import main; main()"


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What `make run` prints, over a fresh ledger."""
    return (once(tmp_path_factory, "demo", run_demo) / "told.txt").read_text()


def run_demo(folder: Path) -> None:
    """Run it, and keep what it prints."""
    quotes = [part for name in FILES for part in ("--quotes", f"demo/{name}.csv")]
    words = ["run", "--policies", "policies/paper", *quotes, "--mode", "paper", "--brief"]
    words += ["--ledger", str(folder / "ledger")]
    done = subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-c", PROGRAM, *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    (folder / "told.txt").write_text(done.stdout)


def test_the_readme_quotes_the_demo(told: str) -> None:
    """Each line of the README's excerpt is a line of the demo, as far as it is quoted."""
    text = (ROOT / "README.md").read_text()
    excerpt = next(block for block in text.split("```") if "TRIPPED" in block)
    lines = [line.partition("…")[0].rstrip() for line in excerpt.strip().splitlines()]
    assert len(lines) > 2
    assert [line for line in lines if line not in told] == []


SHOWN = {
    "orders go out": "allowed, sent",
    "entries are refused": "DENIED",
    "a spread blow-out is refused": "spread: quote.spread_bps is",
    "a thin book is refused": "depth: order.depth_ratio is",
    "a dead feed stops its product": "TRIPPED stale_data:SOL-USD",
    "a crossed book stops its product": "TRIPPED crossed_book:ETH-USD",
    "the crash trips the daily stop": "TRIPPED daily_stop",
    "a person hears of it": "daily_stop_hit firing (critical)",
}


@pytest.mark.parametrize("words", SHOWN.values(), ids=SHOWN)
def test_the_demo_shows_things_worth_refusing(told: str, words: str) -> None:
    """What the script of the market is for happens under the shipped paper set."""
    assert words in told


def test_an_alert_about_a_position_ends_with_it(told: str) -> None:
    """What fired about a product that was sold is resolved: nothing is held, so nothing is hit."""
    lines = [line for line in told.splitlines() if "alert   stop_loss_hit:" in line]
    fired = sum(" firing " in line for line in lines)
    assert fired == sum(" resolved " in line for line in lines) > 0


def test_what_the_daily_stop_began_it_finishes(told: str) -> None:
    """After the trip nothing is bought any more, and at the end nothing is held."""
    after = told.partition("TRIPPED daily_stop")[2]
    assert "allowed, sent" in after
    assert not [line for line in after.splitlines() if " BUY " in line and "allowed" in line]
    assert "positions\n  none" in after
