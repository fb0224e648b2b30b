"""The registry of producers, and what one series needs: windows, warm-up, tolerated silence.

In: canonical names such as `ema(20, "1h")`. Out: `Series`, all that book and batch need to run
it. Refuses, in words, names that no producer can answer on the given base bars.
"""

from __future__ import annotations

import hashlib
from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.expr.functions import SeriesArgument, SeriesCall, series_call
from engine.model.times import duration_s
from engine.series import smoothed, windows
from engine.series.cover import COVER_FIXED, set_up
from engine.series.state import BARS, REGION, ROW

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.series.state import Step

BASE_S = 60
MAX_WINDOW_S = 366 * 86_400
MAX_BARS = 50_000
TOLERATED_BARS = 3
TOLERATED_PCT = 5

# Of coverage, gap filling and aggregation, which every producer's values depend on.
PRODUCERS_VERSION = 1


@dataclass(frozen=True, slots=True)
class Producer:
    """One series function's producer.

    `version` rises with every change of a value's meaning or last bit. `lead_bars` are bars
    needed beyond the window, `floats_per_bar` the memory that one bar of it takes.
    """

    name: str
    version: int
    step: Step
    lead_bars: int
    floats_per_bar: int


PRODUCERS: dict[str, Producer] = {
    producer.name: producer
    for producer in (
        Producer("change_pct", 1, windows.change_pct, 1, 1),
        Producer("highest", 1, windows.highest, 1, 1),
        Producer("lowest", 1, windows.lowest, 1, 1),
        Producer("mean", 1, windows.mean, 0, 1),
        Producer("volume_ratio", 1, windows.volume_ratio, 0, 1),
        Producer("volume_usd", 1, windows.volume_usd, 0, 1),
        Producer("zscore", 1, windows.zscore, 0, 2),
        Producer("volatility_pct", 1, windows.volatility_pct, 1, 2),
        Producer("ema", 1, smoothed.ema, 0, 0),
        Producer("rsi", 1, smoothed.rsi, 1, 0),
        Producer("atr_pct", 1, smoothed.atr_pct, 1, 0),
    )
}


@dataclass(frozen=True, slots=True)
class Series:
    """One series fact on given base bars; `bars` are its lengths in bars of `bar_s` seconds."""

    name: str
    producer: Producer
    bars: tuple[int, ...]
    bar_s: int
    base_s: int

    @property
    def group(self) -> int:
        """Base bars in one bar of the series."""
        return self.bar_s // self.base_s

    @property
    def warm_up_bars(self) -> int:
        """Completed bars, of `bar_s`, before the first value."""
        return max(self.bars) + self.producer.lead_bars

    @property
    def warm_up_s(self) -> int:
        """The same in seconds; a coarser bar waits for its UTC boundary first."""
        return self.warm_up_bars * self.bar_s

    @property
    def gap_bars(self) -> int:
        """Silent base bars tolerated in the shortest window of the series."""
        return self._tolerated(min(self.bars))

    @property
    def gap_s(self) -> int:
        """The same in seconds: three base bars or 5 % of that window, whichever is more."""
        return self.gap_bars * self.base_s

    def new_cover(self) -> array[float]:
        """A cover that has seen nothing."""
        cover = _zeros(COVER_FIXED + self._tolerated(max(self.bars)))
        lengths = max(self.bars), min(self.bars)
        covered = tuple((each + self.producer.lead_bars) * self.group for each in lengths)
        tolerated = tuple(self._tolerated(each) for each in lengths)
        set_up(cover, self.group, (covered[0], covered[1]), (tolerated[0], tolerated[1]))
        return cover

    def new_state(self) -> array[float]:
        """A producer's memory that has seen nothing."""
        state = _zeros(REGION + 2 + self.producer.floats_per_bar * sum(self.bars))
        for place, bars in enumerate(self.bars, BARS):
            state[place] = bars
        return state

    def new_queue(self) -> array[float]:
        """Room for all bars that one base bar can complete: the silent ones before it, and it."""
        return _zeros((self._tolerated(max(self.bars)) // self.group + 2) * ROW)

    def _tolerated(self, bars: int) -> int:
        covered = (bars + self.producer.lead_bars) * self.group
        return max(TOLERATED_BARS, covered * TOLERATED_PCT // 100)


def plan(name: str, base_s: int = BASE_S) -> Series:
    """The series of a canonical name; raises ValueError with the words of `refusal`."""
    found = _plan(name, base_s)
    if isinstance(found, Series):
        return found
    raise ValueError(found)


def refusal(name: str, base_s: int = BASE_S) -> str | None:
    """Why no producer can answer `name` on base bars of `base_s` seconds; None when one can."""
    found = _plan(name, base_s)
    return found if isinstance(found, str) else None


def producers_hash(producers: Mapping[str, Producer] = PRODUCERS) -> str:
    """SHA-256 of what the producers mean, for the seal: declared versions, not source bytes."""
    lines = [f"producers={PRODUCERS_VERSION}"]
    lines += [f"{name}={producers[name].version}" for name in sorted(producers)]
    return hashlib.sha256("\n".join(("mandate/series", *lines)).encode()).hexdigest()


def _plan(name: str, base_s: int) -> Series | str:
    call = series_call(name)
    if call is None:
        return f"`{name}` is not a series fact in canonical form"
    bar_s = _bar_s(call, base_s)
    lengths_s = _lengths_s(call, bar_s)
    for length_s, unit_s in ((bar_s, base_s), *((each, bar_s) for each in lengths_s)):
        if length_s % unit_s:
            return f"`{name}` does not fit on bars of {unit_s} s: {length_s} s is not a multiple"
    if max(lengths_s) > MAX_WINDOW_S or max(lengths_s) // bar_s > MAX_BARS:
        return f"`{name}` looks back further than 366 days or {MAX_BARS} bars"
    bars = tuple(length_s // bar_s for length_s in lengths_s)
    return Series(name, PRODUCERS[call.function.name], bars, bar_s, base_s)


def _bar_s(call: SeriesCall, base_s: int) -> int:
    """The bar that the call names, else the base bar."""
    named = [
        duration_s(str(value))
        for (parameter, _), value in zip(call.function.parameters, call.arguments, strict=True)
        if parameter == "bar"
    ]
    return named[0] if named else base_s


def _lengths_s(call: SeriesCall, bar_s: int) -> tuple[int, ...]:
    """The windows of the call in seconds: durations, or counts of bars."""
    return tuple(
        int(value) * bar_s if kind is SeriesArgument.WHOLE else duration_s(str(value))
        for (parameter, kind), value in zip(call.function.parameters, call.arguments, strict=True)
        if parameter != "bar"
    )


def _zeros(count: int) -> array[float]:
    return array("d", bytes(8 * count))
