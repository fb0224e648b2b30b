"""`policy simulate`: what it tells and writes, what it refuses, what it says of bad data."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Outcome

ROOT = Path(__file__).parents[3]
TINY = ROOT / "tests/cli/trader/policies"
WINDOW = ("--from", "2026-01-05T09:40:00Z", "--to", "2026-01-05T10:00:00Z")


@pytest.fixture(scope="session")
def an_hour(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's quotes around its first orders: opened in no time."""
    lines = (ROOT / "demo/synthetic_quotes.csv").read_text().splitlines(keepends=True)
    begin, end = (1767600000 + 60 * minutes for minutes in (60, 125))
    kept = [line for line in lines if line[0] in "#t" or begin <= int(line[:10]) < end]
    file = tmp_path_factory.mktemp("market") / "quotes.csv"
    file.write_text("".join(kept))
    return file


@pytest.fixture
def simulate(an_hour: Path, policy: Callable[..., Outcome]) -> Callable[..., Outcome]:
    """`policy simulate` of the tiny set over the demo's quotes, with these words too."""

    def call(*words: str, quotes: Path = an_hour, directory: Path = TINY) -> Outcome:
        return policy("simulate", str(directory), "--quotes", str(quotes), *words)

    return call


@pytest.fixture
def tighter(tmp_path: Path) -> Path:
    """The tiny set with a smaller most for one position."""
    copy = shutil.copytree(TINY, tmp_path / "tighter")
    file = copy / "risk.yaml"
    text = file.read_text()
    assert "max_position_pct: 4}" in text
    file.write_text(text.replace("max_position_pct: 4}", "max_position_pct: 1}"))
    return copy


def test_a_reviewer_reads_what_happened(simulate: Callable[..., Outcome]) -> None:
    """The page has the hash, the money, the orders, and what this market did not test."""
    told = simulate(*WINDOW)
    assert (told.status, told.err) == (0, "")
    for words in ("hash ", "result ", "worst drawdown", "orders ", "not tested by this market"):
        assert words in told.out


def test_the_json_is_the_same_bytes(simulate: Callable[..., Outcome], tmp_path: Path) -> None:
    """Two simulations on the same terms write equal files, which hold what stdout holds."""
    files = [tmp_path / name for name in ("one.json", "two.json")]
    for file in files:
        assert simulate(*WINDOW, "--json", str(file)).status == 0
    assert files[0].read_bytes() == files[1].read_bytes()
    told = simulate(*WINDOW, "--json", "-")
    assert told.out.encode() == files[0].read_bytes()
    found = json.loads(told.out)
    assert found["cycles"] > 0
    assert len(found["orders"]) == sum(d["allowed"] + d["denied"] for d in found["days"])
    assert {"figures", "series", "trades", "denials", "rules", "breakers", "estimate"} <= {*found}


COUNTED_IN_STEPPED = ("stepped", "rules", "never_fired", "silences")


def test_cycles_that_change_nothing_can_be_left_out(
    simulate: Callable[..., Outcome], tmp_path: Path
) -> None:
    """`--prescreen` writes the same, but for what is counted in the cycles that were stepped."""
    shipped, file = ROOT / "policies/paper", tmp_path / "found.json"
    whole = json.loads(simulate(*WINDOW, "--json", "-", directory=shipped).out)
    page = simulate(*WINDOW, "--json", str(file), "--prescreen", directory=shipped).out
    sparse = json.loads(file.read_text())
    assert sparse["stepped"] < whole["stepped"] == whole["cycles"]
    assert {*sparse["never_fired"]} <= {*whole["never_fired"]}
    assert f"{sparse['stepped']:,} of them stepped" in page
    for name in COUNTED_IN_STEPPED:
        del whole[name], sparse[name]
    assert whole == sparse


def test_without_the_extra_every_cycle_is_stepped(
    simulate: Callable[..., Outcome], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who asks for fewer cycles without Polars is told which extra brings it."""
    monkeypatch.setitem(sys.modules, "engine.simulation.prescreening.screen", None)
    told = simulate(*WINDOW, "--prescreen")
    assert (told.status, told.out) == (1, "")
    assert "M850: leaving cycles out needs the extra `simulate`" in told.err
    assert "leave `--prescreen` out" in told.err


def test_a_tighter_set_shows_the_orders_that_change(
    simulate: Callable[..., Outcome], tighter: Path, tmp_path: Path
) -> None:
    """`--against` names the orders of one set that are smaller, or gone, under the other."""
    file = tmp_path / "found.json"
    told = simulate(*WINDOW, "--against", str(TINY), "--json", str(file), directory=tighter)
    found = json.loads(file.read_bytes())["against"]
    assert not found["same_orders"]
    assert found["counts"]["smaller"] + found["counts"]["vanishes"] > 0
    assert "orders that differ:" in told.out


def test_a_set_against_itself_differs_in_nothing(simulate: Callable[..., Outcome]) -> None:
    """The same set on both sides has the same orders."""
    assert "the same orders under both sets" in simulate(*WINDOW, "--against", str(TINY)).out


@pytest.mark.long
def test_a_baseline_holds_until_a_figure_moves(
    simulate: Callable[..., Outcome], tighter: Path, tmp_path: Path
) -> None:
    """Equal figures pass; a figure beyond its tolerance fails with its name; a tolerance allows."""
    file = tmp_path / "baseline.json"
    assert simulate(*WINDOW, "--json", str(file)).status == 0
    words = (*WINDOW, "--baseline", str(file))
    assert simulate(*words).status == 0
    moved = simulate(*words, directory=tighter)
    assert moved.status == 1
    assert "M805: `turnover` is " in moved.err
    names = {line.split("`")[1] for line in moved.err.splitlines() if "M805" in line}
    allowed = [word for name in names for word in ("--tolerance", f"{name}=100000%")]
    counted = [word.replace("100000%", "100000") for word in allowed]
    assert simulate(*words, *counted, directory=tighter).status == 0


NO_BASELINE = {
    "empty": ("", "M802: the baseline is empty"),
    "an empty object": ("{}", "M802: the baseline is empty"),
    "no json": ("a,b", "M802: the baseline is not the JSON of a simulation"),
    "of nothing": ('{"format": "mandate/simulation/v1", "cycles": 0}', "M802: the baseline is not"),
}


@pytest.mark.parametrize(("text", "words"), NO_BASELINE.values(), ids=NO_BASELINE)
def test_what_is_no_baseline_is_refused(
    text: str, words: str, simulate: Callable[..., Outcome], tmp_path: Path
) -> None:
    """A comparison with nothing would always hold, so it is none."""
    file = tmp_path / "baseline.json"
    file.write_text(text)
    told = simulate("--to", "2026-01-05T09:05:00Z", "--baseline", str(file))
    assert told.status == 1
    assert words in told.err


def test_a_baseline_of_other_terms_is_refused(
    simulate: Callable[..., Outcome], tmp_path: Path
) -> None:
    """Figures on other terms say nothing of the set."""
    file = tmp_path / "baseline.json"
    end = ("--to", "2026-01-05T09:05:00Z")
    assert simulate(*end, "--json", str(file)).status == 0
    told = simulate(*end, "--latency", "1", "--baseline", str(file))
    assert (told.status, "M803" in told.err) == (1, True)


MISUSED = {
    "no instant": (("--from", "yesterday"), "M806: `--from yesterday` is no instant"),
    "no figure": (("--tolerance", "resutl=1", "--baseline", "{0}"), "`result`"),
    "no tolerance": (("--tolerance", "result=a"), "M804: `result=a` is no tolerance"),
    "no baseline": (("--tolerance", "result=1"), "M804: a tolerance says how far"),
    "no place": (("--json", "/nowhere/at/all.json"), "M807: cannot write it"),
    "no file": (("--baseline", "/nowhere/at/all.json"), "M802: cannot read it"),
    "no set": (("--against", "nothing"), "M701"),
    "no stress": (("--stress", "0"), "M800: a stress of 0 is none"),
    "no latency": (("--latency", "-1"), "M800: no order takes -1.0 s"),
}


@pytest.mark.parametrize(("words", "said"), MISUSED.values(), ids=MISUSED)
def test_a_misuse_is_said_in_words(
    words: tuple[str, ...], said: str, simulate: Callable[..., Outcome], tmp_path: Path
) -> None:
    """What cannot be followed is a finding with its mend, and status 1."""
    file, end = tmp_path / "baseline.json", ("--to", "2026-01-05T09:01:00Z")
    if "{0}" in words:
        assert simulate(*end, "--json", str(file)).status == 0
    told = simulate(*end, *(each.format(file) for each in words))
    assert told.status == 1
    assert said in told.err


def test_stress_doubles_what_is_heard(simulate: Callable[..., Outcome]) -> None:
    """Twice the messages: nearly twice the events, under another hash, and as many cycles."""
    end = ("--to", "2026-01-05T09:30:00Z")
    calm, busy = (
        json.loads(simulate(*end, *words, "--json", "-").out) for words in ((), ("--stress", "2"))
    )
    assert 1.9 < busy["recording"]["events"] / calm["recording"]["events"] < 2.0
    assert busy["recording"]["hash"] != calm["recording"]["hash"]
    assert busy["cycles"] == calm["cycles"]


HEADER = "ts,symbol,bid,ask,bid_size,ask_size\n"
GOOD = [f"{1767600000 + 10 * n}000000000,BTC-USD,100,100.1,5,5\n" for n in range(30)]


def _broken(change: dict[int, str], header: str = HEADER) -> str:
    return header + "".join(change.get(n, line) for n, line in enumerate(GOOD))


def _fields(row: int, **changed: str) -> str:
    names = HEADER.strip().split(",")
    values = dict(zip(names, GOOD[row].strip().split(","), strict=True)) | changed
    return ",".join(values[name] for name in names) + "\n"


COUNTED = {
    "unsorted": (_broken({3: GOOD[4], 4: GOOD[3]}), "1 unsorted: rows earlier"),
    "duplicate": (_broken({3: GOOD[3] + GOOD[3]}), "1 duplicate: equal rows"),
    "crossed": (_broken({3: _fields(3, bid="101")}), "1 crossed: bid above ask, kept"),
    "NaN": (_broken({3: _fields(3, bid="NaN")}), "1 bad number: "),
    "negative": (_broken({3: _fields(3, ask="-1")}), "1 bad number: "),
    "unknown symbol": (_broken({3: _fields(3, symbol="bitcoin")}), "1 unknown symbol: "),
    "no time": (_broken({3: _fields(3, ts="")}), "1 no time: "),
    "gap": (_broken(dict.fromkeys(range(5, 20), "")), "1 gap: BTC-USD silent, longest 160 s"),
}


@pytest.mark.long
@pytest.mark.parametrize(("text", "words"), COUNTED.values(), ids=COUNTED)
def test_bad_rows_are_counted_and_told(
    text: str, words: str, simulate: Callable[..., Outcome], tmp_path: Path
) -> None:
    """What was wrong with rows is on the page with its count, and in the JSON; nothing is lost."""
    file = tmp_path / "quotes.csv"
    file.write_text(text)
    written = tmp_path / "found.json"
    told = simulate("--json", str(written), quotes=file)
    assert told.status == 0, told.err
    assert words in told.out
    found = json.loads(written.read_bytes())["recording"]
    dropped = {"duplicate", "unknown_symbol", "no_time"}
    lost = sum(each["count"] for each in found["defects"] if each["kind"] in dropped)
    assert found["rows"] == found["events"] + lost


def _truncated(path: Path) -> None:
    pl.DataFrame({"ts": [1], "symbol": ["BTC-USD"], "bid": [1.0], "ask": [1.0]}).write_parquet(path)
    path.write_bytes(path.read_bytes()[:-20])


REFUSED = {
    "missing columns": ("ts,symbol,bid\n1767600000000000000,BTC-USD,1\n", "M504: no column `ask`"),
    "empty file": ("", "M503: the file is empty"),
    "no rows": (HEADER, "M503: no rows"),
    "bars without a spread": (
        "ts,symbol,open,high,low,close,volume\n"
        + "".join(f"{1767600000 + 60 * n}000000000,BTC-USD,1,1,1,1,1\n" for n in range(9)),
        "M515: the recording holds bars and no quotes",
    ),
}


@pytest.mark.parametrize(("text", "words"), REFUSED.values(), ids=REFUSED)
def test_a_file_that_cannot_be_used_is_refused(
    text: str, words: str, simulate: Callable[..., Outcome], tmp_path: Path
) -> None:
    """A recording that holds nothing to run on is refused with its place and a mend."""
    file = tmp_path / "quotes.csv"
    file.write_text(text)
    told = simulate(quotes=file)
    assert told.status == 1
    assert words in told.err


def test_a_truncated_parquet_file_is_refused(
    simulate: Callable[..., Outcome], tmp_path: Path
) -> None:
    """Half a file is no recording."""
    file = tmp_path / "quotes.parquet"
    _truncated(file)
    told = simulate(quotes=file)
    assert (told.status, "M502: damaged Parquet file" in told.err) == (1, True)


def test_bars_with_a_stated_spread_are_simulated(
    simulate: Callable[..., Outcome], tmp_path: Path
) -> None:
    """Quotes that are derived are told as derived."""
    file = tmp_path / "bars.csv"
    file.write_text(REFUSED["bars without a spread"][0])
    told = simulate("--spread-bps", "10", "--depth", "50000", quotes=file)
    assert told.status == 0, told.err
    assert "quotes derived from bars at their close, spread 10 bps" in told.out
