"""The way out to OpenTelemetry: our numbers as the instruments of one meter of its API.

In: instruments and where their numbers are kept. Out: calls of the API, which does nothing until an
operator installs an SDK. Counters and gauges are read when somebody asks, so that they cost the
loop nothing; histograms, which no API lets be read, hear each value. Refuses nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from opentelemetry import metrics as opentelemetry

from engine.observe.instruments import Counter, Gauge

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from opentelemetry.metrics import CallbackOptions, Observation

    from engine.observe.instruments import Histogram

    Labels = tuple[tuple[str, str], ...]
    Reading = Callable[[CallbackOptions], Iterable[Observation]]

SCOPE = "mandate"


def api_meter(version: str = "") -> opentelemetry.Meter:
    """The process's meter under our scope: a proxy until an SDK stands behind it."""
    return opentelemetry.get_meter(SCOPE, version)


class Mirror:
    """Our instruments as those of one meter."""

    def __init__(self, meter: opentelemetry.Meter) -> None:
        self._meter = meter
        self._histograms: dict[str, opentelemetry.Histogram] = {}
        self._attributes: dict[Labels, dict[str, str]] = {}

    def show(self, instrument: Counter | Gauge, series: Mapping[Labels, float]) -> None:
        """Let the numbers of a counter or a gauge be read, from any thread, for ever after."""
        create = (
            self._meter.create_observable_counter
            if isinstance(instrument, Counter)
            else self._meter.create_observable_gauge
        )
        create(instrument.name, [_reading(series)], instrument.unit, instrument.description)

    def record(self, histogram: Histogram, value: float, labels: Labels) -> None:
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
        attributes = self._attributes.get(labels)
        if attributes is None:
            attributes = self._attributes[labels] = dict(labels)
        found.record(value, attributes)


def _reading(series: Mapping[Labels, float]) -> Reading:
    def read(_options: CallbackOptions) -> Iterable[Observation]:
        # Copied in one step: the loop may add a series while another thread reads.
        return [opentelemetry.Observation(value, dict(key)) for key, value in [*series.items()]]

    return read
