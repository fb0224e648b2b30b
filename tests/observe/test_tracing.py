"""Stages as numbers and spans: both are there, ids are told, and no failure's words."""

from __future__ import annotations

import io
import json
import logging

import pytest
from fakes.clock import ManualClock
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import NoOpTracer, StatusCode

from engine.observe.instruments import CYCLE_DURATION, STAGE_DURATION
from engine.observe.log import Log, LogForm, install, trace_ids_in_lines
from engine.observe.metrics import Metrics
from engine.observe.scrub import Scrubber
from engine.observe.tracing import TracedStages, trace_ids

SECRET = "password=CANARY-tale"  # noqa: S105 - planted


@pytest.fixture
def spans() -> InMemorySpanExporter:
    """What was exported."""
    return InMemorySpanExporter()


@pytest.fixture
def stages(spans: InMemorySpanExporter) -> TracedStages:
    """Stages whose spans are kept."""
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(spans))
    return TracedStages(Metrics(), ManualClock(), provider.get_tracer("test"))


def test_a_stage_is_a_part_of_its_cycle(stages: TracedStages, spans: InMemorySpanExporter) -> None:
    """A cycle's span is around those of its stages, and each counts once in its histogram."""
    with stages.cycle(7), stages.stage("facts"):
        pass
    part, whole = spans.get_finished_spans()
    assert (part.name, whole.name) == ("facts", "cycle")
    assert part.parent is not None
    assert part.parent.span_id == whole.context.span_id
    assert whole.attributes == {"mandate.cycle.number": 7}
    names = {each.name for each in stages.metrics.snapshot()}
    assert names == {CYCLE_DURATION.name, STAGE_DURATION.name}


def test_a_failure_is_told_without_its_words(
    stages: TracedStages, spans: InMemorySpanExporter
) -> None:
    """A span says that its work failed and by what sort of error; the text may hold a secret."""
    with pytest.raises(RuntimeError), stages.cycle(1):
        raise RuntimeError(SECRET)
    (only,) = spans.get_finished_spans()
    assert only.status.status_code is StatusCode.ERROR
    assert only.status.description == "RuntimeError"
    assert SECRET not in only.to_json()
    assert stages.metrics.snapshot()


def test_ids_are_those_of_the_span_that_we_are_in(stages: TracedStages) -> None:
    """Outside of any span there are none; where nobody keeps spans there are none either."""
    assert trace_ids() == {}
    with stages.cycle(1):
        outer = trace_ids()
        with stages.stage("facts"):
            inner = trace_ids()
    assert outer["trace_id"] == inner["trace_id"] != ""
    assert outer["span_id"] != inner["span_id"]
    with TracedStages(Metrics(), ManualClock(), NoOpTracer()).cycle(1):
        assert trace_ids() == {}


@pytest.mark.parametrize("form", LogForm)
def test_a_line_says_which_trace_it_belongs_to(stages: TracedStages, form: LogForm) -> None:
    """For as long as a run is watched its log lines carry the ids, in either form."""
    stream = io.StringIO()
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    try:
        install(stream, Scrubber(()), form, ManualClock())
        with trace_ids_in_lines(trace_ids), stages.cycle(1):
            Log("cycle").warning("within", number=1)
            ids = trace_ids()
        Log("cycle").warning("after")
    finally:
        root.handlers, root.level = before, level
        logging.captureWarnings(capture=False)
    within, after = stream.getvalue().splitlines()
    if form is LogForm.JSON:
        line = json.loads(within)
        assert {name: line[name] for name in ids} == ids
        assert line["fields"] == {"number": 1}
    else:
        assert within.endswith(f"number=1 trace_id={ids['trace_id']} span_id={ids['span_id']}")
    assert "trace_id" not in after
