"""Numbers: kept here, bounded, deterministic, and mirrored without being read back."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from math import inf, nan
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.metrics import CallbackOptions, NoOpMeter

from engine.model.times import UtcTime
from engine.observe import instruments as table
from engine.observe.exposition import prometheus_name
from engine.observe.instruments import INSTRUMENTS, Counter, Gauge, Histogram, Label
from engine.observe.metrics import MAX_SERIES, Metrics, NumberSample, SpreadSample
from engine.observe.mirror import api_meter

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

SEEN = Counter("mandate.test.seen", "{thing}", "Things.", (Label("kind", ("a", "b")),))
LEVEL = Gauge("mandate.test.level", "1", "A level.", (Label("symbol"),))
TOOK = Histogram("mandate.test.took", "s", "Time.", (0.1, 1.0))


@dataclass
class StepClock:
    """A clock whose monotonic time goes on by a quarter of a second at each look."""

    looks: int = 0

    def now(self) -> UtcTime:
        """The beginning of time."""
        return UtcTime(0)

    def monotonic_s(self) -> float:
        """A quarter later than before."""
        self.looks += 1
        return self.looks / 4

    async def sleep_until(self, moment: UtcTime) -> None:
        """Return at once."""


@dataclass
class Heard:
    """An OpenTelemetry instrument that writes down what it is told."""

    told: list[tuple[float, Mapping[str, str]]] = field(default_factory=list)

    def record(self, amount: float, labels: Mapping[str, str]) -> None:
        """A histogram's call."""
        self.told.append((amount, labels))


class ListeningMeter(NoOpMeter):
    """A meter in memory; an instrument is created once, and what is only read is asked."""

    def __init__(self) -> None:
        super().__init__("test")
        self.heard: dict[tuple[str, str], Heard] = {}
        self.readings: dict[tuple[str, str], Callable[[CallbackOptions], object]] = {}

    def _create(self, name: str, unit: str = "", description: str = "", **_: object) -> Heard:
        assert (name, unit) not in self.heard
        assert description
        return self.heard.setdefault((name, unit), Heard())

    def _shown(self, name: str, callbacks: list[object], unit: str, description: str) -> object:
        assert (name, unit) not in self.readings
        assert description
        (self.readings[name, unit],) = callbacks  # type: ignore[assignment]  # a stand-in
        return object()

    def read(self) -> dict[tuple[str, str], list[tuple[float, dict[str, str]]]]:
        """What an SDK would be told if it asked now."""
        return {
            name: [(each.value, dict(each.attributes)) for each in ask(CallbackOptions())]  # type: ignore[attr-defined]  # observations
            for name, ask in self.readings.items()
        }

    create_histogram = _create  # type: ignore[assignment]  # a stand-in
    create_observable_counter = create_observable_gauge = _shown  # type: ignore[assignment]  # one too


def test_every_measurement_is_kept_and_mirrored() -> None:
    """Counters add, gauges replace, histograms sort into buckets, on both sides alike."""
    meter = ListeningMeter()
    metrics = Metrics(meter)
    for _ in range(2):
        metrics.count(SEEN, kind="a")
        metrics.set(LEVEL, 7, symbol="BTC-USD")
        metrics.record(TOOK, 0.1)
    metrics.count(SEEN, 2.5, kind="b")
    metrics.record(TOOK, 5)
    assert metrics.snapshot() == (
        NumberSample("mandate.test.level", (("symbol", "BTC-USD"),), 7),
        NumberSample("mandate.test.seen", (("kind", "a"),), 2),
        NumberSample("mandate.test.seen", (("kind", "b"),), 2.5),
        SpreadSample("mandate.test.took", (), (0.1, 1.0), (2, 0, 1), 5.2),
    )
    assert meter.heard == {("mandate.test.took", "s"): Heard([(0.1, {}), (0.1, {}), (5, {})])}
    assert meter.read() == {
        ("mandate.test.seen", "{thing}"): [(2, {"kind": "a"}), (2.5, {"kind": "b"})],
        ("mandate.test.level", "1"): [(7, {"symbol": "BTC-USD"})],
    }


def test_the_api_without_an_sdk_takes_everything_and_keeps_nothing() -> None:
    """Ours are the only numbers unless an operator brings an SDK."""
    metrics = Metrics(api_meter("1.0"))
    metrics.count(SEEN, kind="a")
    metrics.set(LEVEL, 1, symbol="x")
    metrics.record(TOOK, 1)
    assert metrics.value(SEEN, kind="a") == 1


def test_a_value_never_measured_is_none() -> None:
    """Nothing is zero that nobody counted."""
    metrics = Metrics()
    assert metrics.value(SEEN, kind="a") is None
    metrics.count(SEEN, kind="a")
    assert metrics.value(SEEN, kind="b") is None


def test_labels_are_bounded() -> None:
    """An unlisted value, and a series beyond the limit, are counted as other."""
    metrics = Metrics()
    metrics.count(SEEN, kind="zebra")
    assert metrics.value(SEEN, kind="other") == 1
    for number in range(MAX_SERIES + 10):
        metrics.set(LEVEL, number, symbol=f"S{number}")
    metrics.set(LEVEL, -1, symbol="S0")
    assert len(metrics.snapshot()) == 1 + MAX_SERIES + 1
    assert metrics.value(LEVEL, symbol="S0") == -1
    assert metrics.value(LEVEL, symbol="other") == MAX_SERIES + 9


@pytest.mark.parametrize("labels", [{}, {"kid": "a"}, {"kind": "a", "more": "b"}])
def test_labels_that_an_instrument_does_not_have_are_a_programmers_mistake(
    labels: dict[str, str],
) -> None:
    """A misspelt label would be a silent second truth."""
    with pytest.raises(ValueError, match=r"takes the labels \(kind\)"):
        Metrics().count(SEEN, **labels)


def test_numbers_that_make_no_sense_are_refused_and_counted() -> None:
    """A measurement never raises because of its value, and never spoils a sum."""
    meter = ListeningMeter()
    metrics = Metrics(meter)
    for value in (nan, inf, -inf):
        metrics.count(SEEN, value, kind="a")
        metrics.set(LEVEL, value, symbol="x")
        metrics.record(TOOK, value)
    metrics.count(SEEN, -1, kind="a")
    assert (metrics.snapshot(), metrics.refused_count) == ((), 10)
    assert meter.heard == {}


def test_a_block_is_timed_by_the_monotonic_clock_also_when_it_raises() -> None:
    """A failing step took its time too."""
    metrics, clock = Metrics(), StepClock()
    with metrics.timed(TOOK, clock):
        pass
    with pytest.raises(KeyError), metrics.timed(TOOK, clock):
        raise KeyError
    (sample,) = metrics.snapshot()
    assert isinstance(sample, SpreadSample)
    assert (sample.count, sample.sum) == (2, 0.5)


@given(values=st.lists(st.floats(0, 10), max_size=30), ratio=st.floats(0.01, 1))
def test_a_quantile_is_bounded_by_its_buckets_edge(values: Sequence[float], ratio: float) -> None:
    """That share of the values lies at or below the edge, and not below the one before."""
    metrics = Metrics()
    for value in values:
        metrics.record(TOOK, value)
    spread = next(iter(metrics.snapshot()), SpreadSample("", (), (0.1, 1.0), (0, 0, 0), 0))
    assert isinstance(spread, SpreadSample)
    edge = spread.quantile_bound(ratio)
    if edge is None:
        assert not values
        return
    assert sum(value <= edge for value in values) >= ratio * len(values)
    below = max((each for each in (0.1, 1.0) if each < edge), default=-1.0)
    assert sum(value <= below for value in values) < ratio * len(values)


def test_the_table_keeps_to_the_conventions() -> None:
    """Names are ours, unique, dotted and lower case; everything is described and listed."""
    names = [each.name for each in INSTRUMENTS]
    assert len(set(names)) == len(names)
    for each in INSTRUMENTS:
        assert re.fullmatch(r"mandate(\.[a-z]+(_[a-z]+)*)+", each.name), each.name
        assert re.fullmatch(r"s|1|\{[a-z]+\}", each.unit), each.name
        assert each.description.endswith(".")
        assert all(re.fullmatch(r"[a-z_]+", label.name) for label in each.labels)
        if isinstance(each, Histogram):
            assert list(each.bounds) == sorted(set(each.bounds))
    kinds = (Counter, Gauge, Histogram)
    public = [value for value in vars(table).values() if isinstance(value, kinds)]
    assert sorted(each.name for each in public) == sorted(names)
    assert len({prometheus_name(each) for each in INSTRUMENTS}) == len(names)
