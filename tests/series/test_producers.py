"""Each producer against a naive recomputation from its definition, and against symmetry."""

from __future__ import annotations

import math
import statistics
from array import array
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.model.times import NS_PER_S
from engine.series import PRODUCERS, BarColumns, Runtime, produce

if TYPE_CHECKING:
    from collections.abc import Callable

    MakeColumns = Callable[..., BarColumns]
    Naive = Callable[[BarColumns, int], float]

COUNT = 90


def _values(name: str, columns: BarColumns) -> array[float]:
    return produce([name], columns, runtime=Runtime.PLAIN).values[name]


def _naive_ema(columns: BarColumns, last: int) -> float:
    value = statistics.fmean(columns.close[:10])
    for close in columns.close[10 : last + 1]:
        value = value * (1 - 2 / 11) + close * 2 / 11
    return value


def _naive_wilder(values: list[float], bars: int) -> float:
    average = statistics.fmean(values[:bars])
    for each in values[bars:]:
        average = average - average / bars + each / bars
    return average


def _naive_rsi(columns: BarColumns, last: int) -> float:
    closes = columns.close[: last + 1]
    changes = [after - before for before, after in pairwise(closes)]
    up = _naive_wilder([max(each, 0) for each in changes], 14)
    down = _naive_wilder([max(-each, 0) for each in changes], 14)
    return 100 - 100 / (1 + up / down)


def _naive_atr_pct(columns: BarColumns, last: int) -> float:
    ranges = [
        max(
            columns.high[i] - columns.low[i],
            abs(columns.high[i] - columns.close[i - 1]),
            abs(columns.low[i] - columns.close[i - 1]),
        )
        for i in range(1, last + 1)
    ]
    return 100 * _naive_wilder(ranges, 14) / columns.close[last]


def _naive_zscore(columns: BarColumns, last: int) -> float:
    closes = columns.close[last - 19 : last + 1]
    return (closes[-1] - statistics.fmean(closes)) / statistics.pstdev(closes)


def _naive_volatility_pct(columns: BarColumns, last: int) -> float:
    closes = columns.close[last - 30 : last + 1]
    returns = [after / before - 1 for before, after in pairwise(closes)]
    return 100 * statistics.pstdev(returns)


def _naive_ratio(columns: BarColumns, last: int) -> float:
    short, long = columns.volume[last - 4 : last + 1], columns.volume[last - 29 : last + 1]
    return statistics.fmean(short) / statistics.fmean(long)


# name -> (bars until the first value, the definition in words of Python)
NAIVE: dict[str, tuple[int, Naive]] = {
    'change_pct("30m")': (31, lambda c, i: (c.close[i] - c.close[i - 30]) / c.close[i - 30] * 100),
    'highest("30m")': (31, lambda c, i: max(c.high[i - 30 : i])),
    'lowest("30m")': (31, lambda c, i: min(c.low[i - 30 : i])),
    'mean("30m")': (30, lambda c, i: statistics.fmean(c.close[i - 29 : i + 1])),
    'volume_ratio("5m", "30m")': (30, _naive_ratio),
    'volume_usd("30m")': (
        30,
        lambda c, i: math.fsum(c.volume[k] * c.close[k] for k in range(i - 29, i + 1)),
    ),
    'ema(10, "1m")': (10, _naive_ema),
    'rsi(14, "1m")': (15, _naive_rsi),
    'atr_pct(14, "1m")': (15, _naive_atr_pct),
    'zscore(20, "1m")': (20, _naive_zscore),
    'volatility_pct("30m")': (31, _naive_volatility_pct),
}


def test_every_producer_has_a_naive_definition_here() -> None:
    """No producer goes without an independent check."""
    assert {name.partition("(")[0] for name in NAIVE} == set(PRODUCERS)


@pytest.mark.parametrize("name", NAIVE)
@settings(deadline=None, max_examples=15)
@given(seed=st.integers(0, 10_000))
def test_values_are_the_definition(market: MakeColumns, name: str, seed: int) -> None:
    """Known from the stated bar on, and within 1e-9 of the naive recomputation."""
    warm_up, naive = NAIVE[name]
    columns = market(seed, COUNT, first=27_000_000 + seed)
    values = _values(name, columns)
    assert all(math.isnan(each) for each in values[: warm_up - 1])
    expected = [naive(columns, i) for i in range(warm_up - 1, COUNT)]
    assert list(values[warm_up - 1 :]) == pytest.approx(expected, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("name", ['mean("24h")', 'volume_usd("24h")', 'volatility_pct("24h")'])
def test_nothing_drifts(market: MakeColumns, name: str) -> None:
    """After a burst of huge values has left the window, the result is as good as a fresh one."""
    columns = market(11, 5_000)
    for i in range(100, 110):
        columns.high[i] = columns.close[i] = 1e15
        columns.volume[i] = 1e12
    fresh = BarColumns(*(each[2_000:] for each in (columns.opened_ns, *columns.shown)))
    assert _values(name, columns)[-1] == _values(name, fresh)[-1]


WINDOWED = [name for name in NAIVE if name.partition("(")[0] not in {"ema", "rsi", "atr_pct"}]


@pytest.mark.parametrize("name", WINDOWED)
@settings(deadline=None, max_examples=10)
@given(seed=st.integers(0, 10_000), start=st.integers(1, 300))
def test_windows_do_not_remember_when_they_began(
    market: MakeColumns, name: str, seed: int, start: int
) -> None:
    """A trader that was restarted computes the same bits as one that never stopped."""
    columns = market(seed, 400)
    later = BarColumns(*(each[start:] for each in (columns.opened_ns, *columns.shown)))
    warm_up = NAIVE[name][0]
    left = _values(name, columns)[start + warm_up - 1 :]
    assert left.tobytes() == _values(name, later)[warm_up - 1 :].tobytes()


def _mirrored(columns: BarColumns, level: float) -> BarColumns:
    """The same market upside down around a price level."""
    return BarColumns(
        columns.opened_ns,
        array("d", (2 * level - each for each in columns.low)),
        array("d", (2 * level - each for each in columns.high)),
        array("d", (2 * level - each for each in columns.close)),
        columns.volume,
    )


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 10_000))
def test_a_mirrored_market_gives_mirrored_values(market: MakeColumns, seed: int) -> None:
    """Upside down, changes and scores change sign, highs become lows, strength becomes 100 - it."""
    columns = market(seed, COUNT)
    level = 2 * max(columns.high)
    mirror = _mirrored(columns, level)
    for name in ('change_pct("30m")', 'zscore(20, "1m")'):
        pairs = zip(_values(name, columns), _values(name, mirror), strict=True)
        assert all(math.isnan(a) or a * b < 0 or abs(a) + abs(b) < 1e-9 for a, b in pairs)
    for name, other, total in (
        ('zscore(20, "1m")', 'zscore(20, "1m")', 0.0),
        ('highest("30m")', 'lowest("30m")', 2 * level),
        ('rsi(14, "1m")', 'rsi(14, "1m")', 100.0),
    ):
        ahead, behind = _values(name, columns)[-1], _values(other, mirror)[-1]
        assert ahead + behind == pytest.approx(total, abs=1e-6)


def _flat(count: int, volume: float) -> BarColumns:
    opened = array("q", (minute * 60 * NS_PER_S for minute in range(1, count + 1)))
    prices = (array("d", [0.1] * count) for _ in range(3))
    return BarColumns(opened, *prices, array("d", [volume] * count))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ('change_pct("30m")', 0.0),
        ('volatility_pct("30m")', 0.0),
        ('atr_pct(14, "1m")', 0.0),
        ('volume_usd("30m")', 0.0),
        ('zscore(20, "1m")', math.nan),
        ('rsi(14, "1m")', math.nan),
        ('volume_ratio("5m", "30m")', math.nan),
    ],
)
def test_a_market_that_never_moves(name: str, value: float) -> None:
    """No movement is zero movement; what would divide by zero is undecided, never invented."""
    found = _values(name, _flat(COUNT, 0.0))[-1]
    assert found == value or (math.isnan(found) and math.isnan(value))


def test_a_breakout_is_above_the_highest_before_it(market: MakeColumns) -> None:
    """`highest` leaves out the latest bar, so a new high stands above it."""
    columns = market(1, COUNT)
    columns.close[-1] = columns.high[-1] = 10_000.0
    assert _values('highest("30m")', columns)[-1] < 10_000.0


def test_a_falling_market_has_a_strength_of_zero_and_a_rising_one_a_hundred() -> None:
    """Wilder's index has its ends where nothing rises, or nothing falls."""
    columns = _flat(COUNT, 1.0)
    for i in range(COUNT):
        columns.low[i] = columns.close[i] = columns.high[i] = 100.0 - i
    assert _values('rsi(14, "1m")', columns)[-1] == 0.0
    assert _values('rsi(14, "1m")', _mirrored(columns, 200.0))[-1] == 100.0
