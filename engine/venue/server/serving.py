"""The server itself: one application on two loopback ports, until it is told to stop.

In: an application, a TLS context. Out: HTTPS (and wss) on one port, plain HTTP (and ws, which the
official client may be given) on the other. Ports are bound before anything is served, so that
their numbers are known. Refuses every address but loopback.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import uvicorn

from engine.venue.server.connection import Connection

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Sequence
    from pathlib import Path

    from starlette.types import ASGIApp

LOOPBACK = "127.0.0.1"
_BACKLOG = 512
_POLL_S = 0.005
_GRACE_S = 1


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the venue answers."""

    secure_port: int
    plain_port: int

    @property
    def host(self) -> str:
        """Host and port, as the official client's `base_url` has it."""
        return f"{LOOPBACK}:{self.secure_port}"

    @property
    def rest(self) -> str:
        """The REST interface's base."""
        return f"https://{self.host}"

    @property
    def websocket(self) -> str:
        """The websocket over TLS."""
        return f"wss://{self.host}"

    @property
    def plain_websocket(self) -> str:
        """The websocket without TLS."""
        return f"ws://{LOOPBACK}:{self.plain_port}"


def tls_context(certificate: Path, private: Path) -> ssl.SSLContext:
    """A server's context for the certificate in these files."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, private)
    return context


def bound_socket(port: int) -> socket.socket:
    """A listening socket on loopback; 0 is any free port. Raises OSError."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((LOOPBACK, port))
    except OSError:
        listening.close()
        raise
    return listening


@asynccontextmanager
async def serving(
    app: ASGIApp, tls: ssl.SSLContext, secure: socket.socket, plain: socket.socket
) -> AsyncIterator[Addresses]:
    """Serve while the block runs; both sockets are closed at its end."""
    servers = (_Quiet(_config(app, tls)), _Quiet(_config(app, None)))
    addresses = Addresses(secure.getsockname()[1], plain.getsockname()[1])
    # Plain tasks and no group of them: what ends the block is told as it is, not in a group.
    tasks = [
        asyncio.create_task(server.serve(sockets=[listening]))
        for server, listening in zip(servers, (secure, plain), strict=True)
    ]
    try:
        while not _begun(servers, tasks):  # noqa: ASYNC110 - uvicorn tells by a flag alone
            await asyncio.sleep(_POLL_S)
        yield addresses
    finally:
        for server in servers:
            server.should_exit = True
        await asyncio.gather(*tasks)


def _begun(servers: Sequence[uvicorn.Server], tasks: Sequence[asyncio.Task[None]]) -> bool:
    """Whether each has started, or ended without: then its task tells why."""
    pairs = zip(servers, tasks, strict=True)
    return all(server.started or task.done() for server, task in pairs)


class _Quiet(uvicorn.Server):
    """A server that leaves signals to whoever started it."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _config(app: ASGIApp, tls: ssl.SSLContext | None) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=Connection,
        ws="websockets-sansio",
        loop="asyncio",
        lifespan="off",
        ssl_context_factory=None if tls is None else lambda _, __: tls,
        backlog=_BACKLOG,
        access_log=False,
        log_config=None,
        log_level="critical",
        server_header=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=_GRACE_S,
    )
