"""A simulation as data frames, and the script of the documentation that uses them."""

from __future__ import annotations

import runpy
import sys
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pytest

from engine import MandateError, frames
from engine.simulation.result import Series

if TYPE_CHECKING:
    from engine import Simulation
    from engine.simulation.frames import Frames

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def tables(afternoon: Simulation) -> Frames:
    """The afternoon's frames."""
    return frames(afternoon)


def test_every_decision_denial_and_silence_has_its_row(
    tables: Frames, afternoon: Simulation
) -> None:
    """Nothing is lost on the way: the frames have as many rows as the simulation has of each."""
    assert tables.decisions.height == len(afternoon.orders)
    assert tables.decisions.filter(verdict="deny").height == len(afternoon.denied)
    assert tables.denials["time"].n_unique() <= len(afternoon.denied)
    assert tables.silences.height == len(afternoon.silences)
    assert tables.silences["cycles"].sum() == sum(each.cycles for each in afternoon.silences)
    assert tables.fills.height == len(afternoon.fills)
    assert tables.series.height == afternoon.stepped
    assert tables.rules.height == len(afternoon.rules)
    told = sum(len(each.decision.evaluations) for each in afternoon.orders)
    assert tables.evaluations.height == told


def test_times_are_utc_and_money_adds_up(tables: Frames, afternoon: Simulation) -> None:
    """Times carry their zone; fees and results are those of the simulation."""
    assert tables.decisions.schema["time"] == pl.Datetime("ns", "UTC")
    assert tables.fills["fee"].sum() == pytest.approx(float(afternoon.fees))
    begun, ended = afternoon.begun_with, afternoon.ended_with
    assert begun is not None
    assert ended is not None
    assert tables.series["equity_usd"][-1] == pytest.approx(float(ended))
    if tables.trades["closed"].null_count() == 0:
        assert tables.trades["result_usd"].sum() == pytest.approx(float(ended - begun))


def test_frames_of_nothing_have_their_columns(tables: Frames, afternoon: Simulation) -> None:
    """Where nothing happened the frames are empty, and have the same columns and types."""
    none = Series([], [], [], {}, {}, [])
    calm = replace(afternoon, orders=(), fills=(), silences=(), rules=(), series=none)
    empty = frames(calm)
    for each in fields(empty):
        bare, full = getattr(empty, each.name), getattr(tables, each.name)
        assert bare.height == 0
        assert bare.schema == full.schema


def test_without_the_extra_it_is_named(
    afternoon: Simulation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who has no Polars is told which extra brings it."""
    monkeypatch.setitem(sys.modules, "polars", None)
    with pytest.raises(MandateError, match="M809"):
        frames(afternoon)


@pytest.mark.long
def test_the_script_of_the_documentation_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The example does what it says: three questions, and a page."""
    lines = (ROOT / "demo/synthetic_quotes.csv").read_text().splitlines(keepends=True)
    kept = [line for line in lines if line[0] in "#t" or int(line[:10]) < 1767600000 + 7200]
    quotes, page = tmp_path / "quotes.csv", tmp_path / "page.html"
    quotes.write_text("".join(kept))
    policies = ROOT / "tests/cli/trader/policies"
    monkeypatch.setattr(sys, "argv", ["simulate.py", str(policies), str(quotes), str(page)])
    runpy.run_path(str(ROOT / "docs/simulate.py"), run_name="__main__")
    told = capsys.readouterr().out
    assert "which rules refused most:" in told
    assert page.read_text().startswith("<!doctype html>")
