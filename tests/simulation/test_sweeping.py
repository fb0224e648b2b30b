"""Sweeps: units by content, what survives a kill, and one answer wherever they are worked."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import orjson
import pytest

from engine.errors import MandateError
from engine.policyset.policyset import PolicySet
from engine.run.sweeping.sweep import Swept, Wanted, Workers, planned, sweep
from engine.run.sweeping.work import variant
from engine.simulation.sweeping.axes import Edit, combinations, read_axes
from engine.simulation.sweeping.plot import drawn
from engine.simulation.sweeping.summary import points, rows_of
from engine.simulation.sweeping.units import Unit, refused
from engine.simulation.terms import Terms, instant

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared/data"
DEMO = tuple(ROOT / f"demo/synthetic_{name}.csv" for name in ("quotes", "bars", "history"))
PAPER = ROOT / "policies/paper"
POSITIONS = "RiskLimit/max_open_positions:params.max_positions_count"
SHORT = Terms(until=instant("--to", "2026-01-05T08:20:00Z"))


def units(*axes: str) -> tuple[Unit, ...]:
    """Variants of the paper set over minutes of the demo."""
    return planned(Wanted((PAPER,), read_axes(axes), (DEMO,), SHORT))


def run(found: tuple[Unit, ...], folder: Path, **workers: object) -> Swept:
    """Sweep, telling nobody."""
    folder.mkdir(exist_ok=True)
    return sweep(found, Workers(folder, **workers), lambda _count: None, lambda: None)  # type: ignore[arg-type]  # spread


AXES_THAT_ARE_NONE = {
    "no path": ("RiskLimit/max_position=1",),
    "no values": ("RiskLimit/max_position:params.x=",),
    "an empty value": ("RiskLimit/max_position:params.x=1,,2",),
    "a value twice": ("RiskLimit/max_position:params.x=1,1",),
    "an axis twice": ("A/a:x=1,2", "A/a:x=3"),
    "too many": tuple(f"A/a:x{n}={','.join(map(str, range(10)))}" for n in range(5)),
}


@pytest.mark.parametrize("typed", AXES_THAT_ARE_NONE.values(), ids=AXES_THAT_ARE_NONE)
def test_what_is_no_axis_is_refused(typed: tuple[str, ...]) -> None:
    """A slip in an axis is told before anything is simulated."""
    with pytest.raises(MandateError) as raised:
        read_axes(typed)
    assert {each.code for each in raised.value.diagnostics} <= {"M830", "M831"}


def test_axes_multiply() -> None:
    """Every combination once, the last axis first; lists are parted by semicolons."""
    axes = read_axes(("A/a:x=1,2", "A/a:spec.y=[1, 2];[3]"))
    found = [tuple(edit.value for edit in each) for each in combinations(axes)]
    assert found == [("1", "[1, 2]"), ("1", "[3]"), ("2", "[1, 2]"), ("2", "[3]")]
    assert axes[1].path == "y"
    assert [*combinations(())] == [()]


@pytest.mark.long
def test_a_variant_is_the_set_with_its_edits() -> None:
    """An edit moves the hash, its own value does not, and a wrong one is a finding."""
    three, four = (variant(PAPER, _edits(each)) for each in ("3", "4"))
    assert isinstance(three, PolicySet)
    assert isinstance(four, PolicySet)
    assert three.hash != four.hash
    unknown = variant(PAPER, (Edit("RiskLimit/max_ordr", "params.x", "1"),))
    wrong = variant(PAPER, _edits("many"))
    assert isinstance(unknown, tuple)
    assert isinstance(wrong, tuple)
    assert unknown[0].code == "M833"
    assert b"refused" in refused(wrong)


def _edits(value: str) -> tuple[Edit, ...]:
    return (Edit("RiskLimit/max_open_positions", "params.max_positions_count", value),)


def test_keys_are_content() -> None:
    """Where policies and recordings lie is in no key; edits, data and program are."""
    one, two = units(f"{POSITIONS}=1,2")
    assert one.key != two.key
    assert len(one.key) == 64
    moved = Unit(Path("/elsewhere"), one.edits, (), one.terms, one.base, one.data, one.engine)
    assert moved.key == one.key
    other = Unit(one.directory, one.edits, one.files, one.terms, one.base, one.data, "another")
    assert other.key != one.key


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Swept]:
    """Two variants, swept in this process, and where their results are."""
    folder = tmp_path_factory.mktemp("here")
    return folder, run(units(f"{POSITIONS}=1,2"), folder)


@pytest.mark.long
def test_a_sweep_goes_on_where_it_was(here: tuple[Path, Swept]) -> None:
    """What is there is found again, a torn result is worked anew, and the hash is the same."""
    folder, whole = here
    assert whole.worked == 2
    (folder / f"{whole.units[1].key}.json").write_bytes(b'{"result":')
    again = run(whole.units, folder)
    assert (again.worked, again.hash) == (1, whole.hash)
    rows = rows_of(whole.units, whole.results)
    assert [row.variant for row in rows] == ["1", "2"]
    assert "<svg" in drawn(POSITIONS, points(rows))


@pytest.mark.long
def test_a_cluster_gives_what_this_machine_gives(here: tuple[Path, Swept], tmp_path: Path) -> None:
    """Two workers of a Dask cluster on loopback and this process give one hash."""
    distributed = pytest.importorskip("distributed", reason="the extra cluster is not installed")
    _, local = here
    quiet = {"dashboard_address": None, "processes": False, "protocol": "tcp://"}
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, **quiet) as cluster:
        spread = run(local.units, tmp_path, address=cluster.scheduler_address)
    assert (spread.worked, spread.hash) == (2, local.hash)


def test_a_cluster_that_is_not_there_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An address where no scheduler answers is a finding, and nothing is kept."""
    pytest.importorskip("distributed", reason="the extra cluster is not installed")
    monkeypatch.setattr("engine.run.sweeping.cluster.ANSWERS_WITHIN_S", 0.5)
    with pytest.raises(MandateError) as raised:
        run(units(), tmp_path, address="tcp://127.0.0.1:9")
    assert [each.code for each in raised.value.diagnostics] == ["M834"]


def test_other_files_than_planned_are_refused(tmp_path: Path) -> None:
    """A worker that sees another set than was planned does not answer for it."""
    (one,) = units()
    other = Unit(one.directory, one.edits, one.files, one.terms, "0" * 64, one.data, one.engine)
    with pytest.raises(MandateError) as raised:
        run((other,), tmp_path)
    assert [each.code for each in raised.value.diagnostics] == ["M832"]
    assert not [*tmp_path.iterdir()]


KILLED = """
import os, sys
from pathlib import Path
from test_sweeping import run, units, POSITIONS, sweep, Workers
done = []
def count():
    done.append(1)
    if len(done) == 2: os._exit(9)
sweep(units(f"{POSITIONS}=1,2,3,4"), Workers(Path(sys.argv[1])), lambda n: None, count)
"""


@pytest.mark.nightly
def test_a_killed_sweep_loses_at_most_one_unit(tmp_path: Path) -> None:
    """Killed at half, a sweep has what was done, works the rest, and ends at the same hash."""
    killed = subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-c", KILLED, str(tmp_path)], cwd=Path(__file__).parent, check=False
    )
    assert killed.returncode == 9
    found = units(f"{POSITIONS}=1,2,3,4")
    resumed = run(found, tmp_path)
    assert resumed.worked <= 3
    assert resumed.hash == run(found, tmp_path / "whole").hash


@pytest.mark.nightly
def test_a_hundred_variants_are_the_same_on_a_cluster(tmp_path: Path) -> None:
    """A hundred variants over the four days of Coinbase: a pool and two workers give one hash."""
    distributed = pytest.importorskip("distributed", reason="the extra cluster is not installed")
    quotes = SHARED / "quotes/coinbase_l1_1m_2017-12_2018-04.parquet"
    if not quotes.exists():
        pytest.skip(f"no recorded data at {SHARED}")
    axes = (
        f"{POSITIONS}={','.join(map(str, range(1, 11)))}",
        f"Strategy/momentum:params.rise_60m_pct={','.join(str(n / 4) for n in range(2, 12))}",
    )
    found = planned(Wanted((ROOT / "policies/recorded",), read_axes(axes), ((quotes,),), Terms()))
    assert len(found) == 100
    here = run(found, tmp_path / "here", jobs=2)
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as it:
        spread = run(found, tmp_path / "cluster", address=it.scheduler_address)
    assert here.hash == spread.hash
    assert not any("refused" in orjson.loads(each) for each in here.results.values())
