"""A server on loopback that answers from a script: real sockets, and every kind of failure.

In: one step for each request that will come. Out: the requests that came. A step answers, hangs
up before or after it has read the request, or answers with a body that is cut off.
"""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer; `cut` sends that many bytes fewer than it promises."""

    body: object = field(default_factory=dict)
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    cut: int = 0

    def raw(self) -> bytes:
        """As it goes over the wire."""
        data = self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()
        lines = [f"HTTP/1.1 {self.status} X", f"content-length: {len(data)}", "connection: close"]
        lines += [f"{name}: {value}" for name, value in self.headers]
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + data[: len(data) - self.cut]


HANG_UP = Reply(status=0)
"""Read the request, say nothing, close."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that came: the words of its first line, its headers, and its body."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: object


@dataclass(slots=True)
class ScriptedServer:
    """Answers in order; a request beyond the script is a failure of the test."""

    script: list[Reply]
    asked: list[Asked] = field(default_factory=list)
    url: str = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, one request."""
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        except asyncio.IncompleteReadError:
            # Somebody connected and was held back.
            writer.close()
            return
        method, target, _ = head[0].split(" ", 2)
        headers = {k.lower(): v for k, _, v in (line.partition(": ") for line in head[1:] if line)}
        data = await reader.readexactly(int(headers.get("content-length", "0")))
        path, _, query = target.partition("?")
        self.asked.append(Asked(method, path, query, headers, json.loads(data) if data else None))
        reply = self.script.pop(0)
        if reply is not HANG_UP:
            writer.write(reply.raw())
            await writer.drain()
        writer.close()


@asynccontextmanager
async def serving(*script: Reply) -> AsyncIterator[ScriptedServer]:
    """A server with this script, on a free port of loopback."""
    scripted = ScriptedServer(list(script))
    server = await asyncio.start_server(scripted.serve, "127.0.0.1", 0)
    scripted.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield scripted
