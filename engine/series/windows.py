"""Producers over a fixed window of completed bars: exact functions of that window.

In: `step(state, rows, at)`, see `state`; n is the window in bars. Out: the value after that bar,
NaN until the window is covered. NaN volume (bars built from quotes) makes volume unknown.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from engine.series.blocks import push_highest, push_moments, push_sum
from engine.series.state import (
    BARS,
    CLOSE,
    COUNT,
    HIGH,
    INDEX,
    KEPT,
    LOW,
    OTHER,
    REGION,
    SECOND,
    UNKNOWN,
    VOLUME,
)

if TYPE_CHECKING:
    from engine.series.state import Floats


def change_pct(state: Floats, rows: Floats, at: int) -> float:
    """Change over the window: `100 * (close / close n bars before - 1)`, signed, in percent.

    Known from bar n + 1 on. The plain holding-period return.
    """
    bars = int(state[BARS])
    slot = REGION + int(rows[at + INDEX]) % bars
    before = state[slot]
    close = rows[at + CLOSE]
    state[slot] = close
    state[COUNT] += 1.0
    if state[COUNT] <= bars:
        return UNKNOWN
    return 100.0 * (close / before - 1.0)


def highest(state: Floats, rows: Floats, at: int) -> float:
    """Highest high of the n bars *before* the latest one, so that a breakout can exceed it.

    Known from bar n + 1 on. The upper Donchian channel without the current bar.
    """
    held = state[KEPT]
    bars = int(state[BARS])
    state[KEPT] = push_highest(state, REGION, bars, int(rows[at + INDEX]), rows[at + HIGH])
    state[COUNT] += 1.0
    return held if state[COUNT] > bars else UNKNOWN


def lowest(state: Floats, rows: Floats, at: int) -> float:
    """Lowest low of the n bars *before* the latest one, so that a breakdown can undercut it.

    Known from bar n + 1 on. The lower Donchian channel without the current bar: `highest` of
    the negated lows, which is exact.
    """
    held = state[KEPT]
    bars = int(state[BARS])
    state[KEPT] = push_highest(state, REGION, bars, int(rows[at + INDEX]), -rows[at + LOW])
    state[COUNT] += 1.0
    return -held if state[COUNT] > bars else UNKNOWN


def mean(state: Floats, rows: Floats, at: int) -> float:
    """Arithmetic mean of the last n closes, the latest included. Known from bar n on."""
    bars = int(state[BARS])
    total = push_sum(state, REGION, bars, int(rows[at + INDEX]), rows[at + CLOSE])
    state[COUNT] += 1.0
    return total / bars if state[COUNT] >= bars else UNKNOWN


def volume_ratio(state: Floats, rows: Floats, at: int) -> float:
    """Mean volume per bar in the short window over that in the long one.

    Both end with the latest bar. Known once the longer is covered; no volume in the long
    window is a division by zero, undecided.
    """
    volume = rows[at + VOLUME]
    if math.isnan(volume):
        state[COUNT] = 0.0
        return UNKNOWN
    index = int(rows[at + INDEX])
    short = int(state[BARS])
    long = int(state[SECOND])
    recent = push_sum(state, REGION, short, index, volume)
    usual = push_sum(state, REGION + 1 + short, long, index, volume)
    state[COUNT] += 1.0
    if state[COUNT] < long or state[COUNT] < short or usual == 0.0:
        return UNKNOWN
    return (recent / short) / (usual / long)


def volume_usd(state: Floats, rows: Floats, at: int) -> float:
    """Traded value in the window, `sum(volume * close)`, in the product's *quote currency*.

    The caller converts where that is not the dollar. Known from bar n on.
    """
    volume = rows[at + VOLUME]
    if math.isnan(volume):
        state[COUNT] = 0.0
        return UNKNOWN
    bars = int(state[BARS])
    value = volume * rows[at + CLOSE]
    total = push_sum(state, REGION, bars, int(rows[at + INDEX]), value)
    state[COUNT] += 1.0
    return total if state[COUNT] >= bars else UNKNOWN


def zscore(state: Floats, rows: Floats, at: int) -> float:
    """`(close - mean) / stdev` of the last n closes, the latest included.

    The standard deviation is the population's (divisor n). Known from bar n on; n equal closes
    have none, and the score is undecided.
    """
    bars = int(state[BARS])
    close = rows[at + CLOSE]
    push_moments(state, REGION, bars, int(rows[at + INDEX]), close)
    state[COUNT] += 1.0
    if state[COUNT] < bars or state[OTHER] <= 0.0:
        return UNKNOWN
    return (close - state[KEPT]) / math.sqrt(state[OTHER] / bars)


def volatility_pct(state: Floats, rows: Floats, at: int) -> float:
    """Standard deviation of the last n one-bar returns `close / previous close - 1`, times 100.

    Population's (divisor n), of one bar's length, not annualised. Known from bar n + 1 on.
    """
    close = rows[at + CLOSE]
    before = state[SECOND]
    state[SECOND] = close
    state[COUNT] += 1.0
    if state[COUNT] < 2.0:  # noqa: PLR2004 - one return takes two closes
        return UNKNOWN
    bars = int(state[BARS])
    push_moments(state, REGION, bars, int(rows[at + INDEX]), close / before - 1.0)
    return 100.0 * math.sqrt(state[OTHER] / bars) if state[COUNT] > bars else UNKNOWN
