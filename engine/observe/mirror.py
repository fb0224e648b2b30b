"""The way out to OpenTelemetry: each measurement once more, on a meter of its API.

In: instruments and measurements. Out: calls of the API, which does nothing until an operator
installs an SDK. Refuses nothing; an instrument is created at its first measurement.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from opentelemetry import metrics as opentelemetry

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.observe.instruments import Counter, Gauge, Histogram

SCOPE = "mandate"


def api_meter(version: str = "") -> opentelemetry.Meter:
    """The process's meter under our scope: a proxy until an SDK stands behind it."""
    return opentelemetry.get_meter(SCOPE, version)


class Mirror:
    """Our instruments as those of one meter."""

    def __init__(self, meter: opentelemetry.Meter) -> None:
        self._meter = meter
        self._counters: dict[str, opentelemetry.Counter] = {}
        self._gauges: dict[str, opentelemetry._Gauge] = {}
        self._histograms: dict[str, opentelemetry.Histogram] = {}

    def count(self, counter: Counter, amount: float, labels: Mapping[str, str]) -> None:
        """Add to the counter of that name."""
        found = self._counters.get(counter.name)
        if found is None:
            found = self._meter.create_counter(counter.name, counter.unit, counter.description)
            self._counters[counter.name] = found
        found.add(amount, dict(labels))

    def set(self, gauge: Gauge, value: float, labels: Mapping[str, str]) -> None:
        """Set the gauge of that name."""
        found = self._gauges.get(gauge.name)
        if found is None:
            found = self._meter.create_gauge(gauge.name, gauge.unit, gauge.description)
            self._gauges[gauge.name] = found
        found.set(value, dict(labels))

    def record(self, histogram: Histogram, value: float, labels: Mapping[str, str]) -> None:
        """Add to the histogram of that name, with our buckets as its advice."""
        found = self._histograms.get(histogram.name)
        if found is None:
            found = self._meter.create_histogram(
                histogram.name,
                histogram.unit,
                histogram.description,
                explicit_bucket_boundaries_advisory=histogram.bounds,
            )
            self._histograms[histogram.name] = found
        found.record(value, dict(labels))
