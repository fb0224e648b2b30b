"""The catalogue, M9xx: what watches a run from outside."""

from __future__ import annotations

from engine.codes.code import Code

OPERATIONS_CODES: tuple[Code, ...] = (
    Code(
        "M900",
        "telemetry is not installed",
        "OpenTelemetry's SDK and the page for Prometheus are an extra: a trader that nobody "
        "watches does not carry them. A run that was asked to be watched and cannot be is refused, "
        "since somebody relies on it.",
        "trader run --policies policies --metrics 127.0.0.1:9464",
    ),
    Code(
        "M901",
        "the page for Prometheus cannot be served",
        "The address is taken, or is none of this machine. The run is refused before its first "
        "cycle: alerts about a page that never was would be silent.",
        "trader run --policies policies --metrics 127.0.0.1:80",
    ),
)
