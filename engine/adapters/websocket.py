"""Websockets: one connection, text messages in and out, an end to every wait.

In: a URL. Out: `Connection`. Raises `ConnectionLostError` for whatever ends it, silence included.
The only module that speaks websocket.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from websockets.asyncio.client import connect
from websockets.exceptions import InvalidHandshake, InvalidURI, WebSocketException

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator

    from websockets.asyncio.client import ClientConnection

_OPEN_S = 5.0
# Nothing is heard while an old connection says farewell, so it is not waited for.
_CLOSE_S = 0.5
# A whole book of a large product comes in one message of several megabytes.
_LARGEST = 64 * 1024 * 1024


class ConnectionLostError(Exception):
    """The connection could not be made, ended, or was silent for too long."""


class Connection(Protocol):
    """What a stream needs of a connection."""

    async def send(self, text: str) -> None:
        """Send one message; raises `ConnectionLostError`."""
        ...

    async def receive(self, within_s: float) -> bytes:
        """The next message; raises `ConnectionLostError` when none comes within so long."""
        ...


@dataclass(frozen=True, slots=True)
class _Open:
    socket: ClientConnection

    async def send(self, text: str) -> None:
        try:
            await self.socket.send(text)
        except (WebSocketException, OSError) as error:
            raise ConnectionLostError(type(error).__name__) from error

    async def receive(self, within_s: float) -> bytes:
        try:
            async with asyncio.timeout(within_s):
                return await self.socket.recv(decode=False)
        except TimeoutError as error:
            message = f"silent for {within_s:g} s"
            raise ConnectionLostError(message) from error
        except (WebSocketException, OSError) as error:
            raise ConnectionLostError(type(error).__name__) from error


@asynccontextmanager
async def connected(url: str, tls: ssl.SSLContext | None = None) -> AsyncIterator[Connection]:
    """A connection while the block runs; no proxy of the environment is used."""
    try:
        socket = await connect(
            url,
            ssl=tls,
            open_timeout=_OPEN_S,
            close_timeout=_CLOSE_S,
            max_size=_LARGEST,
            proxy=None,
            compression=None,
        )
    except (InvalidURI, InvalidHandshake, WebSocketException, OSError, TimeoutError) as error:
        raise ConnectionLostError(type(error).__name__) from error
    async with socket:
        yield _Open(socket)
