"""Live and batch are one meaning: the same bits, and the same answer for what is unknown."""

from __future__ import annotations

import importlib.util
import math
import subprocess
import sys
from array import array
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from profiles import examples

from engine.model.symbols import Symbol
from engine.model.times import NS_PER_S, UtcTime
from engine.series import BASE_S, BarColumns, BarSource, Runtime, SeriesBook, produce
from engine.series.batch import SeriesRun
from engine.series.compiled import quickest

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from engine.model.market import Bar

    MakeColumns = Callable[..., BarColumns]
    AsBars = Callable[[BarColumns, Symbol], list[Bar]]

BTC = Symbol("BTC", "USD")
MINUTE_NS = 60 * NS_PER_S
NAMES = (
    'change_pct("60m")',
    'highest("24h")',
    'lowest("4h")',
    'mean("90m")',
    'volume_ratio("15m", "4h")',
    'volume_usd("24h")',
    'ema(20, "5m")',
    'rsi(14, "15m")',
    'atr_pct(14, "1m")',
    'zscore(60, "1m")',
    'zscore(12, "5m")',
    'volatility_pct("6h")',
)
RECORDED = Path(__file__).parents[2].parent / "shared" / "data" / "bars"

needs_numba = pytest.mark.skipif(
    importlib.util.find_spec("numba") is None, reason="needs the extra `simulate`"
)


def _live(
    bars: list[Bar], names: Sequence[str], source: BarSource = BarSource.RECORDED
) -> dict[str, array[float]]:
    """Each series' value after each bar that was taken, from the book; NaN where absent."""
    book = SeriesBook(names)
    values = {name: array("d") for name in sorted(names)}
    for bar in bars:
        book.on_bar(bar, source)
        now = book.completed(bar.symbol)
        known = book.values(bar.symbol, now) if now else {}
        if now == bar.time.plus_s(60):
            for name, column in values.items():
                column.append(known.get(name, math.nan))
    return values


def _bits(column: array[float]) -> bytes:
    """Bytes of the values, with one spelling of NaN."""
    return array("d", (math.nan if math.isnan(each) else each for each in column)).tobytes()


def _known(column: array[float]) -> int:
    return sum(1 for each in column if not math.isnan(each))


@pytest.mark.long
@needs_numba
@pytest.mark.parametrize(
    ("bars", "values"),
    [
        pytest.param(4_000, 20_000, id="twenty thousand values"),
        pytest.param(43_000, 500_000, id="half a million", marks=pytest.mark.nightly),
    ],
)
def test_live_values_equal_the_compiled_ones_to_the_last_bit(
    market: MakeColumns, as_bars: AsBars, bars: int, values: int
) -> None:
    """Per bar in Python and compiled over columns, values and unknowns are the same bits."""
    columns = market(7, bars, silence=0.0005)
    live = _live(as_bars(columns, BTC), NAMES)
    batch = produce(NAMES, columns, runtime=Runtime.COMPILED).values
    assert {name for name in NAMES if _bits(live[name]) != _bits(batch[name])} == set()
    assert sum(_known(column) for column in live.values()) >= values
    assert all(_known(column) < len(column) for column in live.values())


@pytest.mark.long
@needs_numba
@settings(deadline=None, max_examples=25)
@given(
    st.integers(0, 10_000), st.sampled_from([0.0, 0.02, 0.1, 0.5]), st.integers(1, 40), st.data()
)
def test_runtimes_agree_for_any_silence(
    market: MakeColumns,
    as_bars: AsBars,
    seed: int,
    silence: float,
    longest: int,
    data: st.DataObject,
) -> None:
    """Book, plain loops and compiled loops agree whatever minutes are missing."""
    columns = market(seed, 400, silence=silence, longest=longest, first=seed)
    names = data.draw(st.lists(st.sampled_from(SHORT_NAMES), min_size=1, unique=True))
    live = _live(as_bars(columns, BTC), names)
    for runtime in Runtime:
        batch = produce(names, columns, runtime=runtime).values
        assert {n: _bits(live[n]) for n in names} == {n: _bits(batch[n]) for n in names}


SHORT_NAMES = (
    'change_pct("7m")',
    'highest("30m")',
    'lowest("1h")',
    'mean("2h")',
    'volume_ratio("5m", "1h")',
    'volume_ratio("1h", "5m")',
    'volume_usd("1h")',
    'ema(9, "3m")',
    'rsi(5, "5m")',
    'atr_pct(14, "1m")',
    'zscore(20, "1m")',
    'volatility_pct("1h")',
)


@pytest.mark.long
@needs_numba
@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10_000), st.lists(st.integers(0, 400 * 60), min_size=1, max_size=40))
def test_as_of_is_what_the_book_would_have_known(
    market: MakeColumns, as_bars: AsBars, seed: int, offsets_s: list[int]
) -> None:
    """At any instant, the columns answer what `SeriesBook.values` answered then."""
    columns = market(seed, 200, silence=0.05, longest=9)
    start = columns.opened_ns[0]
    instants = array("q", (start + each * NS_PER_S for each in sorted(offsets_s)))
    book = SeriesBook(SHORT_NAMES)
    waiting = as_bars(columns, BTC)
    expected = {name: array("d") for name in SHORT_NAMES}
    for instant in instants:
        while waiting and waiting[0].time.ns + MINUTE_NS <= instant:
            book.on_bar(waiting.pop(0))
        known = book.values(BTC, UtcTime(instant))
        for name, column in expected.items():
            column.append(known.get(name, math.nan))
    for runtime in Runtime:
        found = produce(SHORT_NAMES, columns, runtime=runtime).at(instants)
        assert {n: _bits(c) for n, c in found.items()} == {n: _bits(c) for n, c in expected.items()}


@needs_numba
@settings(deadline=None, max_examples=examples(day=10, night=250))
@given(st.integers(0, 10_000), st.lists(st.integers(0, 299), max_size=4))
def test_parts_are_the_whole(market: MakeColumns, seed: int, cuts: list[int]) -> None:
    """Bars taken in parts, empty ones too, leave every bit as the same bars taken at once."""
    columns = market(seed, 300, silence=0.05, longest=9)
    regular = columns.opened_ns[:]
    columns.opened_ns[50] = regular[40]
    edges = [0, *(min(cut, len(regular) - 1) for cut in sorted(cuts)), len(regular)]
    instants = array("q", (regular[0] + each * 30 * NS_PER_S for each in range(900)))
    for runtime in Runtime:
        whole = produce(SHORT_NAMES, columns, runtime=runtime).at(instants)
        run = SeriesRun(SHORT_NAMES, BASE_S, runtime)
        for first, end in pairwise(edges):
            shown = (column[first:end] for column in columns.shown)
            part = run.take(BarColumns(columns.opened_ns[first:end], *shown))
            ends = regular[end] + MINUTE_NS if end < len(regular) else instants[-1] + 1
            begins = regular[first] + MINUTE_NS if first else 0
            own = [place for place, at in enumerate(instants) if begins <= at < ends]
            known = part.at(array("q", (instants[place] for place in own)))
            for name in SHORT_NAMES:
                assert _bits(known[name]) == _bits(array("d", (whole[name][p] for p in own)))


def test_defects_are_left_out_alike(market: MakeColumns, as_bars: AsBars) -> None:
    """Late, repeated, shifted and impossible bars change nothing, live or in a batch."""
    columns = market(3, 300)
    columns.opened_ns[50] = columns.opened_ns[40]
    columns.opened_ns[60] += 1
    columns.high[70] = columns.low[70] / 2
    columns.low[80] = 0.0
    columns.volume[90] = -1.0
    live = _live(as_bars(columns, BTC), SHORT_NAMES)
    batch = produce(SHORT_NAMES, columns, runtime=Runtime.PLAIN)
    assert len(batch.closed_ns) == 295
    assert {n: _bits(live[n]) for n in SHORT_NAMES} == {
        n: _bits(batch.values[n]) for n in SHORT_NAMES
    }


def test_unknown_volume_is_nan_in_columns_and_a_source_in_the_book(
    market: MakeColumns, as_bars: AsBars
) -> None:
    """Bars from quotes leave volume series unknown and all others as they are."""
    columns = market(5, 200)
    live = _live(as_bars(columns, BTC), SHORT_NAMES, BarSource.QUOTES)
    blind = array("d", [math.nan] * 200)
    shown = (columns.opened_ns, columns.high, columns.low, columns.close, blind)
    batch = produce(SHORT_NAMES, BarColumns(*shown), runtime=Runtime.PLAIN)
    for name in SHORT_NAMES:
        assert _bits(live[name]) == _bits(batch.values[name])
        assert (_known(live[name]) == 0) == name.startswith("volume_")


@needs_numba
def test_short_recordings_are_not_worth_a_compiler(market: MakeColumns) -> None:
    """Without a stated runtime, only long recordings are compiled for."""
    assert produce(SHORT_NAMES, market(1, 50)).runtime is Runtime.PLAIN
    assert quickest(10_000_000) is Runtime.COMPILED


def test_columns_of_different_length_are_a_mistake_of_the_caller() -> None:
    """Columns of bars have one length."""
    with pytest.raises(ValueError, match="differ in length"):
        BarColumns(array("q", [0]), *(array("d") for _ in range(4)))


def test_numba_is_not_imported_before_a_batch_is_run() -> None:
    """Importing the series package costs no compiler."""
    code = "import sys, engine.series; sys.exit('numba' in sys.modules or 'numpy' in sys.modules)"
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, check=False)  # noqa: S603 - our own code
    assert done.returncode == 0


@needs_numba
@pytest.mark.skipif(not RECORDED.is_dir(), reason="recorded bars (shared/data) are absent")
def test_recorded_minutes_agree_to_the_last_bit(as_bars: AsBars) -> None:
    """On recorded one-minute bars, with their gaps, live and compiled values are the same bits."""
    polars = pytest.importorskip("polars")
    path = next(iter(sorted(RECORDED.glob("coinbase_1m_*.parquet"))))
    frame = polars.read_parquet(path).sort("symbol", "ts", maintain_order=True)
    frame = frame.filter(polars.col("symbol") == frame["symbol"][0]).head(8_000)
    shown = (
        array("d", frame[each].cast(polars.Float64)) for each in ("high", "low", "close", "volume")
    )
    columns = BarColumns(array("q", frame["ts"]), *shown)
    live = _live(as_bars(columns, BTC), NAMES)
    batch = produce(NAMES, columns, runtime=Runtime.COMPILED).values
    assert {name for name in NAMES if _bits(live[name]) != _bits(batch[name])} == set()
    assert sum(_known(column) for column in live.values()) > 10_000
