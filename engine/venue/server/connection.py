"""One connection: every answer leaves in one write, and a connection can be cut.

In: bytes as the HTTP machinery makes them, piece by piece. Out: one write for all that was made
in one turn of the event loop. The application finds the connection in its scope (`CONNECTION`).
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from uvicorn.protocols.http.h11_impl import H11Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.types import ASGIApp, Receive, Scope, Send
    from uvicorn.config import Config
    from uvicorn.server import ServerState

CONNECTION = "venue.connection"


class Corked(asyncio.Transport):
    """A transport that writes once for each turn of the event loop."""

    def __init__(self, inner: asyncio.Transport) -> None:
        super().__init__()
        self._inner = inner
        self._waiting: list[bytes] = []

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Write with what else is written in this turn."""
        if not self._waiting:
            asyncio.get_running_loop().call_soon(self.flush)
        self._waiting.append(bytes(data))

    def writelines(self, list_of_data: Iterable[bytes | bytearray | memoryview]) -> None:
        """Write several pieces."""
        for each in list_of_data:
            self.write(each)

    def flush(self) -> None:
        """Write what waits."""
        data, self._waiting = b"".join(self._waiting), []
        if data and not self._inner.is_closing():
            self._inner.write(data)

    def close(self) -> None:
        """Write what waits, and close."""
        self.flush()
        self._inner.close()

    def abort(self) -> None:
        """Close without a word."""
        self._waiting.clear()
        self._inner.abort()

    def is_closing(self) -> bool:
        """Whether it is closed or about to be."""
        return self._inner.is_closing()

    def get_extra_info(self, name: str, default: object = None) -> object:
        """What the socket knows of itself."""
        return self._inner.get_extra_info(name, default)

    def pause_reading(self) -> None:
        """Stop the flow of what comes in."""
        self._inner.pause_reading()

    def resume_reading(self) -> None:
        """Let it flow again."""
        self._inner.resume_reading()

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Hand the connection over: a websocket writes for itself."""
        self.flush()
        self._inner.set_protocol(protocol)


class Connection(H11Protocol):
    """HTTP/1.1 over a corked transport, which the application can reach."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, object],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._corked: Corked | None = None
        inner: ASGIApp = self.app

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            scope[CONNECTION] = self._corked
            await inner(scope, receive, send)

        self.app = app

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # uvicorn narrows it so too
        """Put the cork between the machinery and the socket."""
        self._corked = Corked(transport)
        super().connection_made(self._corked)
