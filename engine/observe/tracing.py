"""Stages as numbers and as spans of OpenTelemetry's API, and the ids of the span that we are in.

In: the numbers of a run, a clock, a tracer. Out: context managers around the work, a cycle's span
around those of its stages; the ids of the trace, for log lines. What a failure said is put into no
span: its text may hold anything, and the ledger keeps what a person needs of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from opentelemetry import context
from opentelemetry.trace import Status, StatusCode, get_current_span, set_span_in_context

from engine.observe.instruments import CYCLE_DURATION, STAGE_DURATION

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextvars import Token
    from types import TracebackType

    from opentelemetry.context.context import Context
    from opentelemetry.trace import Span, Tracer

    from engine.observe.instruments import Histogram
    from engine.observe.metrics import Metrics
    from engine.ports import Clock


@dataclass(frozen=True, slots=True)
class TracedStages:
    """Both as numbers and as spans; a tracer that keeps nothing costs next to nothing."""

    metrics: Metrics
    clock: Clock
    tracer: Tracer

    def cycle(self, number: int) -> Timed:
        """One whole cycle."""
        return Timed(self, CYCLE_DURATION, "cycle", {}, {"mandate.cycle.number": number})

    def stage(self, name: str) -> Timed:
        """One stage of it."""
        return Timed(self, STAGE_DURATION, name, {"stage": name}, None)


class Timed:
    """One stretch of work; a class and no generator, since a cycle has seven of them."""

    __slots__ = (
        "_attributes",
        "_begun_s",
        "_histogram",
        "_labels",
        "_name",
        "_span",
        "_stages",
        "_token",
    )

    def __init__(
        self,
        stages: TracedStages,
        histogram: Histogram,
        name: str,
        labels: dict[str, str],
        attributes: Mapping[str, int] | None,
    ) -> None:
        self._stages = stages
        self._histogram = histogram
        self._name = name
        self._labels = labels
        self._attributes = attributes
        self._span: Span | None = None
        self._token: Token[Context] | None = None

    def __enter__(self) -> None:
        """Begin to count, and a span where somebody keeps it."""
        span = self._stages.tracer.start_span(self._name, attributes=self._attributes)
        if span.is_recording():
            self._span, self._token = span, context.attach(set_span_in_context(span))
        self._begun_s = self._stages.clock.monotonic_s()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        """Record how long it took, also when it failed."""
        seconds = self._stages.clock.monotonic_s() - self._begun_s
        self._stages.metrics.record(self._histogram, seconds, **self._labels)
        if self._span is None or self._token is None:
            return
        context.detach(self._token)
        if kind is not None:
            self._span.set_status(Status(StatusCode.ERROR, kind.__name__))
        self._span.end()


def trace_ids() -> Mapping[str, str]:
    """The ids of the span that this line of work is in, as other programs write them; or none."""
    found = get_current_span().get_span_context()
    if not found.is_valid:
        return {}
    return {"trace_id": f"{found.trace_id:032x}", "span_id": f"{found.span_id:016x}"}
