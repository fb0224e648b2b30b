"""A real Alertmanager on loopback, and the webhook that it tells: both gone when the block ends.

In: a directory for its files. Out: its address, and what came over the webhook, each alert with
the steady time of its arrival. The binary is Debian's; who has none skips.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import socket
import subprocess
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

BINARY = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")
_CONFIG = """
route:
  {{receiver: hook, group_by: ["..."], group_wait: 0s, group_interval: 1s, repeat_interval: 1h}}
receivers:
  - name: hook
    webhook_configs: [{{url: "{url}", send_resolved: true, max_alerts: 0}}]
"""


@dataclass(frozen=True, slots=True)
class Arrived:
    """One alert of a webhook call: when it came, its labels, `firing` or `resolved`."""

    at_s: float
    labels: dict[str, str]
    status: str


@dataclass(slots=True)
class Hook:
    """Receives JSON by POST; `calls` are the bodies of all, `arrived` the alerts of them."""

    calls: list[dict[str, Any]] = field(default_factory=list)
    arrived: list[Arrived] = field(default_factory=list)
    down: bool = False
    url: str = ""
    _open: set[asyncio.StreamWriter] = field(default_factory=set)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, as many requests as come over it."""
        self._open.add(writer)
        try:
            while True:
                await self._one(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self._open.discard(writer)
            writer.close()

    async def close(self) -> None:
        """Hang up on whoever is still there."""
        for each in list(self._open):
            each.close()
        while self._open:  # noqa: ASYNC110 - each connection ends by itself
            await asyncio.sleep(0.01)

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = next(
            int(line.partition(":")[2])
            for line in head.split("\r\n")
            if line.startswith("content-length:")
        )
        body = json.loads(await reader.readexactly(length))
        if not self.down:
            self._keep(body)
        status = "503 Down" if self.down else "200 OK"
        writer.write(f"HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n".encode())
        await writer.drain()

    def _keep(self, body: dict[str, Any]) -> None:
        self.calls.append(body)
        at_s = monotonic()
        for each in body.get("alerts", ()):
            self.arrived.append(Arrived(at_s, each["labels"], each["status"]))

    async def until(self, seen: Callable[[], bool], longest_s: float) -> None:
        """Wait for it; raises TimeoutError."""
        async with asyncio.timeout(longest_s):
            while not seen():  # noqa: ASYNC110 - another connection learns it
                await asyncio.sleep(0.01)


@asynccontextmanager
async def webhook() -> AsyncIterator[Hook]:
    """A webhook on a free port of loopback."""
    hook = Hook()
    server = await asyncio.start_server(hook.serve, "127.0.0.1", 0)
    hook.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook"
    try:
        yield hook
    finally:
        server.close()
        await hook.close()


@asynccontextmanager
async def alertmanager(folder: Path, hook: Hook) -> AsyncIterator[str]:
    """An Alertmanager that tells this webhook; its address."""
    assert BINARY is not None
    config, port = folder / "alertmanager.yml", _free_port()
    config.write_text(_CONFIG.format(url=hook.url), "utf-8")
    address = f"127.0.0.1:{port}"
    words = [
        BINARY,
        f"--config.file={config}",
        f"--storage.path={folder / 'data'}",
        f"--web.listen-address={address}",
        "--cluster.listen-address=",
    ]
    with (folder / "alertmanager.log").open("wb") as log:
        process = subprocess.Popen(words, stdout=log, stderr=log)  # noqa: ASYNC220, S603 - our own words
    try:
        await _until_open(port)
        yield f"http://{address}"
    finally:
        process.terminate()
        process.wait(10)


def _free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        port: int = door.getsockname()[1]
        return port


async def _until_open(port: int) -> None:
    async with asyncio.timeout(30):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                return
