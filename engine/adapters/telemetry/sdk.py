"""OpenTelemetry's SDK of one process: numbers for Prometheus to fetch, and OTLP to a collector.

In: which of the two, and what this process calls itself. Out: `Telemetry`. Nothing global is set,
so two in one process (tests, several runs) do not hear each other. A collector that is away costs
its own threads a retry, and the loop nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import NoOpTracer
from prometheus_client import CollectorRegistry

from engine.observe.mirror import SCOPE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from opentelemetry.metrics import Meter
    from opentelemetry.sdk.metrics.export import MetricReader
    from opentelemetry.trace import Tracer

_METRICS, _TRACES = "/v1/metrics", "/v1/traces"
_PATIENCE_S = 5.0
"""How long a run waits for a collector that does not answer, at its end."""


@dataclass(frozen=True, slots=True)
class Telemetry:
    """What listens to one process; `registry` is what a page for Prometheus shows."""

    meters: MeterProvider
    tracers: TracerProvider | None
    registry: CollectorRegistry
    patience_s: float

    @property
    def meter(self) -> Meter:
        """Where numbers go."""
        return self.meters.get_meter(SCOPE)

    @property
    def tracer(self) -> Tracer:
        """Where spans go; without a collector nowhere, which costs nothing."""
        return NoOpTracer() if self.tracers is None else self.tracers.get_tracer(SCOPE)

    def close(self) -> None:
        """Send what is waiting, if somebody takes it, and let go."""
        wait_ms = int(1000 * self.patience_s)
        if self.tracers is not None:
            self.tracers.force_flush(wait_ms)
            self.tracers.shutdown()
        self.meters.shutdown(wait_ms)


def begin(
    attributes: Mapping[str, str], *, otlp: str | None = None, patience_s: float = _PATIENCE_S
) -> Telemetry:
    """Begin to listen; `otlp` is a collector's base address (`http://127.0.0.1:4318`).

    `attributes` are those of OpenTelemetry's resource, such as `service.name`. Credentials of a
    collector come from `OTEL_EXPORTER_OTLP_HEADERS`, which the exporter reads by itself.
    """
    registry = CollectorRegistry()
    resource = Resource.create(dict(attributes))
    # Nothing of ours is shown twice: scope and target would be labels on every line.
    page = PrometheusMetricReader(
        disable_target_info=True, scope_info_enabled=False, registry=registry
    )
    readers: list[MetricReader] = [page]
    tracers = None
    if otlp is not None:
        from opentelemetry.exporter.otlp.proto.http.metric_exporter import (  # noqa: PLC0415 - asked for seldom, and 100 ms
            OTLPMetricExporter,
        )
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415 - as above
            OTLPSpanExporter,
        )

        base = otlp.rstrip("/")
        numbers = OTLPMetricExporter(base + _METRICS, timeout=patience_s)
        spans = OTLPSpanExporter(base + _TRACES, timeout=patience_s)
        readers.append(PeriodicExportingMetricReader(numbers))
        tracers = TracerProvider(resource=resource, shutdown_on_exit=False)
        tracers.add_span_processor(BatchSpanProcessor(spans))
    meters = MeterProvider(readers, resource=resource, shutdown_on_exit=False)
    return Telemetry(meters, tracers, registry, patience_s)
