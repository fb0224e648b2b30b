"""The page that machines read: `/metrics` for Prometheus, and whether the process lives.

In: a registry, questions by path, an address. Out: a server in threads of its own, which reads and
never writes. Refuses every other path (404) and method (405). Who can reach the address can read
equity and positions: it is the operator who names it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from prometheus_client import make_wsgi_app

from engine.adapters.web_server import serve_app

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from prometheus_client import CollectorRegistry

    from engine.adapters.web_server import Server

METRICS = "/metrics"


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether it is so, and a sentence about it."""

    fine: bool
    says: str


def serve(
    address: tuple[str, int],
    registry: CollectorRegistry,
    questions: Mapping[str, Callable[[], Answer]],
) -> Server:
    """Begin to serve; raises OSError where the address cannot be had."""
    return serve_app(address, _app(make_wsgi_app(registry), questions), "metrics page")


def _app(
    metrics: WSGIApplication, questions: Mapping[str, Callable[[], Answer]]
) -> WSGIApplication:
    def answer(environment: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        path = environment["PATH_INFO"]
        if environment["REQUEST_METHOD"] not in {"GET", "HEAD"}:
            return _text(start, "405 Method Not Allowed", "this page is only read")
        if path == METRICS:
            return metrics(environment, start)
        question = questions.get(path)
        if question is None:
            known = ", ".join((METRICS, *questions))
            return _text(start, "404 Not Found", f"nothing here; there is {known}")
        told = question()
        return _text(start, "200 OK" if told.fine else "503 Service Unavailable", told.says)

    return answer


def _text(start: StartResponse, status: str, says: str) -> Iterable[bytes]:
    start(status, [("Content-Type", "text/plain; charset=utf-8"), ("Cache-Control", "no-store")])
    return [f"{says}\n".encode()]
