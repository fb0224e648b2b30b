"""Numbers about the running engine, kept here and mirrored to OpenTelemetry.

In: an instrument of the table, a value, its labels. Out: `snapshot()`, sorted, for `trader
status` and tests; and the same numbers on a meter, when one is given. Nothing is ever
read back from OpenTelemetry, which keeps no numbers unless an operator installs its SDK.
Refuses NaN, infinity and shrinking counters by counting them: a number never stops a trade.
"""

from __future__ import annotations

from bisect import bisect_left
from contextlib import contextmanager
from dataclasses import dataclass
from math import inf, isfinite
from typing import TYPE_CHECKING

from engine.observe.mirror import Mirror

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from opentelemetry.metrics import Meter

    from engine.observe.instruments import Counter, Gauge, Histogram, Instrument
    from engine.ports import Clock

MAX_SERIES = 500
OTHER = "other"
Labels = tuple[tuple[str, str], ...]


@dataclass(slots=True)
class _Spread:
    """What a histogram remembers: counts by bucket (the last one unbounded), and the sum."""

    counts: list[int]
    sum: float = 0.0


@dataclass(frozen=True, slots=True)
class NumberSample:
    """A counter's or gauge's value under one set of labels."""

    name: str
    labels: Labels
    value: float


@dataclass(frozen=True, slots=True)
class SpreadSample:
    """A histogram under one set of labels; `counts` has one more entry than `bounds`."""

    name: str
    labels: Labels
    bounds: tuple[float, ...]
    counts: tuple[int, ...]
    sum: float

    @property
    def count(self) -> int:
        """How many values there were."""
        return sum(self.counts)

    def quantile_bound(self, ratio: float) -> float | None:
        """The edge of the bucket in which that share (0-1) of the values is reached.

        None without values, infinity when it is reached beyond the last edge.
        """
        reached = 0
        for edge, count in zip((*self.bounds, inf), self.counts, strict=True):
            reached += count
            if count and reached >= ratio * self.count:
                return edge
        return None


Sample = NumberSample | SpreadSample


class Metrics:
    """The numbers of one running engine; passed to whoever measures, never global.

    At most `MAX_SERIES` sets of labels an instrument: what comes later, and a value that a
    closed label does not list, is counted under `other`. One thread measures; a meter may be read
    from others. `refused_count` tells how many measurements made no sense.
    """

    def __init__(self, meter: Meter | None = None) -> None:
        self._mirror = None if meter is None else Mirror(meter)
        self._numbers: dict[Counter | Gauge, dict[Labels, float]] = {}
        self._spreads: dict[Histogram, dict[Labels, _Spread]] = {}
        self.refused_count = 0

    def count(self, counter: Counter, amount: float = 1, /, **labels: str) -> None:
        """Add to a counter; an amount below zero is refused."""
        if self._refuses(amount, at_least=0):
            return
        series = self._series(counter)
        key = _key(counter, labels, series)
        series[key] = series.get(key, 0) + amount

    def set(self, gauge: Gauge, value: float, /, **labels: str) -> None:
        """Say how a value stands now."""
        if self._refuses(value):
            return
        series = self._series(gauge)
        series[_key(gauge, labels, series)] = value

    def record(self, histogram: Histogram, value: float, /, **labels: str) -> None:
        """Add one value to a histogram."""
        if self._refuses(value):
            return
        series = self._spreads.setdefault(histogram, {})
        key = _key(histogram, labels, series)
        spread = series.setdefault(key, _Spread([0] * (len(histogram.bounds) + 1)))
        spread.counts[bisect_left(histogram.bounds, value)] += 1
        spread.sum += value
        if self._mirror is not None:
            self._mirror.record(histogram, value, key)

    @contextmanager
    def timed(self, histogram: Histogram, clock: Clock, /, **labels: str) -> Iterator[None]:
        """Record how long the block took, by the monotonic clock, also when it raised."""
        begin_s = clock.monotonic_s()
        try:
            yield
        finally:
            self.record(histogram, clock.monotonic_s() - begin_s, **labels)

    def value(self, instrument: Counter | Gauge, /, **labels: str) -> float | None:
        """A counter's or gauge's value under exactly these labels; None when never measured."""
        series = self._numbers.get(instrument, {})
        return series.get(tuple((label.name, labels[label.name]) for label in instrument.labels))

    def snapshot(self) -> tuple[Sample, ...]:
        """Everything measured, by name and labels: equal runs give equal snapshots."""
        numbers = (
            NumberSample(instrument.name, labels, value)
            for instrument, series in self._numbers.items()
            for labels, value in series.items()
        )
        spreads = (
            SpreadSample(instrument.name, labels, instrument.bounds, tuple(each.counts), each.sum)
            for instrument, series in self._spreads.items()
            for labels, each in series.items()
        )
        return tuple(sorted((*numbers, *spreads), key=lambda each: (each.name, each.labels)))

    def _series(self, instrument: Counter | Gauge) -> dict[Labels, float]:
        series = self._numbers.get(instrument)
        if series is None:
            series = self._numbers[instrument] = {}
            if self._mirror is not None:
                self._mirror.show(instrument, series)
        return series

    def _refuses(self, value: float, at_least: float = -inf) -> bool:
        refused = not (isfinite(value) and value >= at_least)
        self.refused_count += refused
        return refused


def _key(instrument: Instrument, labels: dict[str, str], known: Mapping[Labels, object]) -> Labels:
    """The labels in the instrument's order, within its bounds; ValueError on other names."""
    # Nearly every measurement is one more of a series that was let in before.
    asked = tuple([(e.name, labels[e.name]) for e in instrument.labels if e.name in labels])
    if asked in known and len(asked) == len(labels):
        return asked
    if len(labels) != len(instrument.labels) or any(
        label.name not in labels for label in instrument.labels
    ):
        wanted = ", ".join(label.name for label in instrument.labels)
        message = f"{instrument.name} takes the labels ({wanted})"
        raise ValueError(message)
    key = tuple(
        (label.name, labels[label.name] if _lists(label.values, labels[label.name]) else OTHER)
        for label in instrument.labels
    )
    if key in known or len(known) < MAX_SERIES:
        return key
    return tuple((label.name, OTHER) for label in instrument.labels)


def _lists(values: tuple[str, ...], value: str) -> bool:
    return not values or value in values
