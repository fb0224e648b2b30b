"""A small server of this process's own: one WSGI application, in threads of its own.

In: an address, an application. Out: a running `Server`. Raises OSError where the address cannot be
had. A slow reader keeps nobody waiting, nor the process from ending; one that says nothing is
left after a while.
"""

from __future__ import annotations

import socket
from dataclasses import dataclass
from socketserver import ThreadingMixIn
from threading import Thread
from typing import TYPE_CHECKING
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

_JOIN_S = 5.0
_SILENCE_S = 10.0


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True

    def server_bind(self) -> None:
        """Without asking a name server what this machine is called: nobody reads it."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]
        self.setup_environ()


class _ServerOfSix(_Server):
    address_family = socket.AF_INET6


class _Quiet(WSGIRequestHandler):
    """Writes nothing to stderr: a request every few seconds is no news."""

    timeout = _SILENCE_S

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Say nothing."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running server; `port` is the one that was free where none was named."""

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


def serve_app(address: tuple[str, int], app: WSGIApplication, name: str) -> Server:
    """Begin to serve; raises OSError where the address cannot be had."""
    kind = _ServerOfSix if ":" in address[0] else _Server
    server = make_server(*address, app, server_class=kind, handler_class=_Quiet)
    thread = Thread(target=server.serve_forever, name=name, daemon=True)
    thread.start()
    return Server(server, thread)
