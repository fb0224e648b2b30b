"""What machines read of a run: over real sockets, as Prometheus and a collector see it."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import httpx
import pytest
from fakes.clock import ManualClock
from prometheus_client.parser import text_string_to_metric_families

from engine.adapters.telemetry import Answer, Telemetry, begin, serve
from engine.observe.exposition import prometheus_name
from engine.observe.instruments import INSTRUMENTS, STAGES, Counter, Gauge
from engine.observe.metrics import Metrics
from engine.observe.tracing import TracedStages

if TYPE_CHECKING:
    from collections.abc import Iterator

ATTRIBUTES = {"service.name": "mandate"}


@contextmanager
def listening(otlp: str | None = None, patience_s: float = 5) -> Iterator[Telemetry]:
    """Telemetry that is closed again."""
    found = begin(ATTRIBUTES, otlp=otlp, patience_s=patience_s)
    try:
        yield found
    finally:
        found.close()


@contextmanager
def page(telemetry: Telemetry, *, fine: bool = True) -> Iterator[httpx.Client]:
    """A page on a free port, and a client that knows it."""
    served = serve(("127.0.0.1", 0), telemetry.registry, {"/healthz": lambda: Answer(fine, "so")})
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{served.port}", timeout=10) as client:
            yield client
    finally:
        served.close()


def measure_everything(metrics: Metrics) -> None:
    """One value of every instrument, with any labels that it takes."""
    for each in INSTRUMENTS:
        labels = {label.name: (label.values or ('a"b\\c\nd',))[0] for label in each.labels}
        if isinstance(each, Counter):
            metrics.count(each, **labels)
        elif isinstance(each, Gauge):
            metrics.set(each, 1, **labels)
        else:
            metrics.record(each, 0.2, **labels)


def test_every_instrument_stands_on_the_page_under_the_name_that_rules_are_written_with() -> None:
    """What `policy export` asks Prometheus for is what Prometheus is told."""
    with listening() as telemetry, page(telemetry) as client:
        measure_everything(Metrics(telemetry.meter))
        answer = client.get("/metrics")
    assert answer.status_code == httpx.codes.OK
    told = {
        sample.name
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }
    for each in INSTRUMENTS:
        name = prometheus_name(each)
        assert name in told or {f"{name}_bucket", f"{name}_sum", f"{name}_count"} <= told
    # No other labels than ours: each would be one more to write in every rule.
    assert "otel_scope" not in answer.text
    assert "target_info" not in answer.text


def test_hostile_labels_come_back_as_they_were() -> None:
    """A label may hold whatever a venue names its products."""
    with listening() as telemetry, page(telemetry) as client:
        measure_everything(Metrics(telemetry.meter))
        families = list(text_string_to_metric_families(client.get("/metrics").text))
    labels = [s.labels for f in families for s in f.samples if f.name == "mandate_position_value"]
    assert labels == [{"symbol": 'a"b\\c\nd'}]


@pytest.mark.parametrize(
    ("method", "path", "fine", "status"),
    [
        pytest.param("GET", "/healthz", True, 200, id="a loop that turns is healthy"),
        pytest.param("HEAD", "/healthz", True, 200, id="a question without a body is answered"),
        pytest.param("GET", "/healthz", False, 503, id="one that does not is to be restarted"),
        pytest.param("GET", "/", True, 404, id="there is nothing else"),
        pytest.param("POST", "/metrics", True, 405, id="nothing is written here"),
        pytest.param("DELETE", "/healthz", True, 405, id="nor removed"),
    ],
)
def test_the_page_is_only_read(method: str, path: str, *, fine: bool, status: int) -> None:
    """It answers what it was asked to answer, and nothing can be done through it."""
    with listening() as telemetry, page(telemetry, fine=fine) as client:
        assert client.request(method, path).status_code == status


@contextmanager
def collector() -> Iterator[tuple[str, dict[str, bytes]]]:
    """A collector's HTTP door, which keeps the last body by path."""
    heard: dict[str, bytes] = {}

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            heard[self.path] = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/", heard
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def test_a_collector_hears_numbers_and_spans_before_the_run_is_over() -> None:
    """Closing sends what waits: the last cycles are those that somebody will ask about."""
    with collector() as (address, heard):
        with listening(otlp=address) as telemetry:
            metrics = Metrics(telemetry.meter)
            stages = TracedStages(metrics, ManualClock(), telemetry.tracer)
            with stages.cycle(7), stages.stage(STAGES[0]):
                pass
        assert b"mandate.cycle.duration" in heard["/v1/metrics"]
        assert b"mandate.cycle.number" in heard["/v1/traces"]
        assert STAGES[0].encode() in heard["/v1/traces"]


def test_a_collector_that_is_away_ends_nothing() -> None:
    """Closing gives up after its time; the run's own end is another matter."""
    with collector() as (address, _):
        pass
    with listening(otlp=address, patience_s=0.1) as telemetry:
        stages = TracedStages(Metrics(telemetry.meter), ManualClock(), telemetry.tracer)
        with stages.cycle(1):
            pass
