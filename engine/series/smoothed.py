"""Producers with a memory that fades: exponential mean, Wilder's strength and true range.

In: `step(state, rows, at)`, see `state`. Out: the value after that bar, NaN until the seed is
complete. The seed is an average of the first bars after a restart, so two lives with other
beginnings agree only as that seed fades; each docstring says how fast.
"""

# ruff: noqa: FURB136 - min and max may differ between runtimes on signed zeros

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.series.state import (
    BARS,
    CLOSE,
    COUNT,
    HIGH,
    KEPT,
    LOW,
    OTHER,
    REGION,
    SECOND,
    UNKNOWN,
)

if TYPE_CHECKING:
    from engine.series.state import Floats


def ema(state: Floats, rows: Floats, at: int) -> float:
    """Exponential mean of the closes: `value += 2 / (n + 1) * (close - value)`.

    Seeded by the mean of the first n. Known from bar n on; the seed's weight falls to 14 % in
    another n bars, to 2 % in 2 n.
    """
    bars = state[BARS]
    close = rows[at + CLOSE]
    state[COUNT] += 1.0
    if state[COUNT] > bars:
        state[KEPT] += 2.0 / (bars + 1.0) * (close - state[KEPT])
        return state[KEPT]
    state[OTHER] = close if state[COUNT] == 1.0 else state[OTHER] + close
    state[KEPT] = state[OTHER] / bars
    return state[KEPT] if state[COUNT] == bars else UNKNOWN


def rsi(state: Floats, rows: Floats, at: int) -> float:
    """Relative strength index, `100 * up / (up + down)`, 0 to 100.

    `up` and `down` are Wilder's averages of the bar-to-bar rises and falls of the close: the
    mean of the first n, then `(average * (n - 1) + new) / n`. Known from bar n + 1 on; a market
    that never moved has none (0 / 0, undecided). The seed's weight falls to 37 % in n bars.
    Source: J. Welles Wilder, New Concepts in Technical Trading Systems, 1978, section VI.
    """
    close = rows[at + CLOSE]
    change = close - state[KEPT]
    state[KEPT] = close
    state[COUNT] += 1.0
    if state[COUNT] == 1.0:
        state[OTHER] = 0.0
        state[REGION] = 0.0
        return UNKNOWN
    bars = state[BARS]
    changes = state[COUNT] - 1.0
    state[OTHER] = wilder(state[OTHER], change if change > 0.0 else 0.0, changes, bars)
    state[REGION] = wilder(state[REGION], -change if change < 0.0 else 0.0, changes, bars)
    moved = state[OTHER] + state[REGION]
    if changes < bars or moved == 0.0:
        return UNKNOWN
    return 100.0 * state[OTHER] / moved


def atr_pct(state: Floats, rows: Floats, at: int) -> float:
    """Average true range in percent of the latest close.

    True range is the largest of high - low and the distances of high and low from the close
    before; its average is Wilder's, seeded by the mean of the first n. Known from bar n + 1 on.
    The seed's weight falls to 37 % in n bars.
    Source: J. Welles Wilder, New Concepts in Technical Trading Systems, 1978, section III.
    """
    before = state[KEPT]
    close = rows[at + CLOSE]
    state[KEPT] = close
    state[COUNT] += 1.0
    if state[COUNT] == 1.0:
        state[SECOND] = 0.0
        return UNKNOWN
    high = rows[at + HIGH]
    low = rows[at + LOW]
    top = high if high > before else before
    bottom = low if low < before else before
    bars = state[BARS]
    state[SECOND] = wilder(state[SECOND], top - bottom, state[COUNT] - 1.0, bars)
    return 100.0 * state[SECOND] / close if state[COUNT] > bars else UNKNOWN


def wilder(average: float, value: float, values: float, bars: float) -> float:
    """Wilder's average after `values` values: a plain sum / n until n, then his recursion."""
    if values > bars:
        return (average * (bars - 1.0) + value) / bars
    total = average + value
    return total / bars if values == bars else total
