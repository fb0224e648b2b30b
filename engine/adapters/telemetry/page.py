"""The page that machines read: `/metrics` for Prometheus, and whether the process lives.

In: a registry, questions by path, an address. Out: a server in threads of its own, which reads and
never writes. Refuses every other path (404) and method (405). Who can reach the address can read
equity and positions: it is the operator who names it.
"""

from __future__ import annotations

from dataclasses import dataclass
from socketserver import ThreadingMixIn
from threading import Thread
from typing import TYPE_CHECKING
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import make_wsgi_app

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from prometheus_client import CollectorRegistry

METRICS = "/metrics"
_JOIN_S = 5.0


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether it is so, and a sentence about it."""

    fine: bool
    says: str


class _Server(ThreadingMixIn, WSGIServer):
    """A slow reader does not keep the next one waiting, nor the process from ending."""

    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    """Writes nothing to stderr: a scrape every few seconds is no news."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Say nothing."""


@dataclass(frozen=True, slots=True)
class Page:
    """A running page; `port` is the one that was free where none was named."""

    server: WSGIServer
    thread: Thread

    @property
    def port(self) -> int:
        """Where it listens."""
        return self.server.server_port

    def close(self) -> None:
        """Stop listening."""
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(_JOIN_S)


def serve(
    address: tuple[str, int],
    registry: CollectorRegistry,
    questions: Mapping[str, Callable[[], Answer]],
) -> Page:
    """Begin to serve; raises OSError where the address cannot be had."""
    app = _app(make_wsgi_app(registry), questions)
    server = make_server(*address, app, server_class=_Server, handler_class=_Quiet)
    thread = Thread(target=server.serve_forever, name="metrics page", daemon=True)
    thread.start()
    return Page(server, thread)


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
