"""The figures of a simulation: drawdown, thinning, days, and that the parts make the whole."""

from __future__ import annotations

from array import array
from math import inf, isnan, nan
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model.numbers import ZERO
from engine.simulation.figures import days_of, deepest_fall, falls_pct, figures_of
from engine.simulation.result import Series
from engine.simulation.thinning import kept
from engine.simulation.trades import trades_of

if TYPE_CHECKING:
    from engine import Simulation


def series(*equity: float) -> Series:
    """A series of these equities, a nanosecond apart."""
    times = array("q", range(len(equity)))
    return Series(times, equity, equity, {}, {}, [0] * len(equity))


FALLS = {
    "never fell": ((1, 2, 3), None),
    "fell and came back": ((10, 8, 10, 11), (20.0, 2.0, 0, 1, 2)),
    "fell and stayed": ((10, 9, 8), (20.0, 2.0, 0, 2, None)),
    "the deeper of two": ((10, 9, 10, 7, 9), (30.0, 3.0, 2, 3, None)),
    "the first of two that are as deep": ((10, 8, 10, 8, 11), (20.0, 2.0, 0, 1, 2)),
    "what nobody knows is no fall": ((10, nan, 9, nan), (10.0, 1.0, 0, 2, None)),
    "nothing known": ((nan, nan), None),
}


@pytest.mark.parametrize(("equity", "fall"), FALLS.values(), ids=FALLS)
def test_the_deepest_fall(
    equity: tuple[float, ...], fall: tuple[float, float, int, int, int | None] | None
) -> None:
    """The deepest fall from a height, with its beginning, its bottom and its end."""
    found = deepest_fall(series(*equity))
    if fall is None or found is None:
        assert found is fall is None
        return
    pct, usd, peak, bottom, recovered = fall
    assert (found.pct, found.usd) == (pytest.approx(pct), pytest.approx(usd))
    assert (found.peak.ns, found.bottom.ns) == (peak, bottom)
    assert (None if found.recovered is None else found.recovered.ns) == recovered


VALUES = st.lists(
    st.one_of(st.floats(1, 1e6, allow_nan=False), st.just(nan)), min_size=1, max_size=200
)


@given(VALUES)
def test_the_deepest_fall_is_the_worst_of_all_cycles(equity: list[float]) -> None:
    """No cycle is further below its height than the deepest fall says."""
    found = deepest_fall(series(*equity))
    falls = [each for each in falls_pct(series(*equity)) if not isnan(each)]
    assert max(falls, default=0.0) == pytest.approx(0.0 if found is None else found.pct)


@given(VALUES, st.integers(3, 60))
def test_thinning_keeps_both_ends_and_the_extremes(values: list[float], most: int) -> None:
    """Whatever is left out, the lowest, the highest, the first and the last value are there."""
    at = kept(values, most)
    assert at == sorted(set(at))
    assert {at[0], at[-1]} == {0, len(values) - 1}
    shown = [values[place] for place in at]
    known = [each for each in values if not isnan(each)]
    if known:
        least, highest = min(known), max(known)
        assert min((each for each in shown if not isnan(each)), default=inf) == least
        assert max((each for each in shown if not isnan(each)), default=-inf) == highest
    assert len(at) <= max(len(values) if len(values) <= most else 0, most + 5)


def test_the_parts_make_the_whole(afternoon: Simulation) -> None:
    """Days add up to the result, trades to what was realised, counts to the orders."""
    figures, days = figures_of(afternoon), days_of(afternoon)
    assert figures.result is not None
    assert sum(each.result for each in days) == pytest.approx(float(figures.result))
    assert sum((each.fees for each in days), ZERO) == figures.fees == afternoon.fees
    assert sum(each.allowed for each in days) == len(afternoon.sent)
    assert sum(each.denied for each in days) == len(afternoon.denied)
    closed = [each.result for each in trades_of(afternoon.fills) if each.result is not None]
    assert figures.trades == len(closed) == figures.won + figures.lost > 0
    if all(each.closed for each in trades_of(afternoon.fills)):
        assert float(sum(closed, ZERO)) == pytest.approx(float(afternoon.realised))
    assert 0 < figures.exposure_mean_pct <= figures.exposure_most_pct
