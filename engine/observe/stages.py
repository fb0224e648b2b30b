"""How long a cycle takes, and each of its stages: a histogram's value and a span for either.

In: the numbers of a run, a clock, a tracer of OpenTelemetry's API. Out: context managers around the
work. Without a listener nothing is measured: `SILENT` costs a function call a stage.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from engine.observe.instruments import CYCLE_DURATION, STAGE_DURATION

if TYPE_CHECKING:
    from collections.abc import Iterator

    from opentelemetry.trace import Tracer

    from engine.observe.metrics import Metrics
    from engine.ports import Clock

_NOTHING: AbstractContextManager[None] = nullcontext()


class Stages(Protocol):
    """Whoever wants to know how long things take."""

    def cycle(self, number: int) -> AbstractContextManager[None]:
        """Around one whole cycle."""
        ...

    def stage(self, name: str) -> AbstractContextManager[None]:
        """Around one stage of it; `name` is one of `instruments.STAGES`."""
        ...


class Silent:
    """Nobody wants to know."""

    def cycle(self, _number: int) -> AbstractContextManager[None]:
        """Do nothing."""
        return _NOTHING

    def stage(self, _name: str) -> AbstractContextManager[None]:
        """Do nothing."""
        return _NOTHING


SILENT = Silent()


@dataclass(frozen=True, slots=True)
class TracedStages:
    """Both as numbers and as spans, a cycle's around those of its stages.

    A span of the API without an SDK is a shadow: it costs a microsecond and keeps nothing.
    """

    metrics: Metrics
    clock: Clock
    tracer: Tracer

    @contextmanager
    def cycle(self, number: int) -> Iterator[None]:
        """One whole cycle."""
        with (
            self.metrics.timed(CYCLE_DURATION, self.clock),
            self.tracer.start_as_current_span("cycle", attributes={"mandate.cycle.number": number}),
        ):
            yield

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """One stage of it."""
        with (
            self.metrics.timed(STAGE_DURATION, self.clock, stage=name),
            self.tracer.start_as_current_span(name),
        ):
            yield
