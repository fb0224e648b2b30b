"""`trader run` over bars: nothing is traded on them until a person states the spread."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Ran

HEADER = "ts,symbol,open,high,low,close,volume"
T0 = 1_767_600_000 * 10**9


@pytest.fixture
def bars(tmp_path: Path) -> Path:
    """Ten minutes of one product."""
    rows = [f"{T0 + n * 60 * 10**9},BTC-USD,100,101,99,100,5" for n in range(10)]
    path = tmp_path / "bars.csv"
    path.write_text("\n".join((HEADER, *rows, "")))
    return path


def words(tmp_path: Path, bars: Path, *more: str) -> list[str]:
    """A run of the tiny set over the bars."""
    given = ["--quotes", str(bars), "--ledger", str(tmp_path / "ledger"), *more]
    return ["run", "--policies", str(Path(__file__).parent / "policies"), *given]


def test_bars_alone_are_refused_with_the_option_that_mends_it(
    ask: Callable[..., Ran], bars: Path, tmp_path: Path
) -> None:
    """A run that could decide nothing does not begin."""
    ran = ask(*words(tmp_path, bars))
    assert ran.status == 1
    assert "M515" in ran.err
    assert "--spread-bps 10" in ran.err
    assert not (tmp_path / "ledger").exists()


def test_the_heading_calls_derived_quotes_derived(
    ask: Callable[..., Ran], bars: Path, tmp_path: Path
) -> None:
    """With the spread and the depth that were stated, and as not recorded."""
    ran = ask(*words(tmp_path, bars, "--spread-bps", "10", "--depth", "50000"))
    assert ran.status == 0, ran.err
    told = "quotes derived from bars at their close, spread 10 bps, 50,000 of the quote currency"
    assert f"{told} at each side; not recorded" in ran.out


def test_a_depth_needs_a_spread_and_a_spread_is_a_number(
    ask: Callable[..., Ran], bars: Path, tmp_path: Path
) -> None:
    """Refused before the recording is opened: a finding, and a usage error."""
    alone = ask(*words(tmp_path, bars, "--depth", "5"))
    assert (alone.status, "M514" in alone.err) == (1, True)
    typed = ask(*words(tmp_path, bars, "--spread-bps", "ten"))
    assert (typed.status, "`ten` is not a number" in typed.err) == (2, True)
