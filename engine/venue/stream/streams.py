"""The stream on its sockets: one session a connection, from the handshake to its end.

In: websocket connections, on any path. Out: each session's messages as they are made. Closes a
connection that asks for nothing within five seconds, and one that is silent for long without
heartbeats. Times here are real time: they are promises to a client, not part of the market.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from starlette.websockets import WebSocketDisconnect

from engine.venue.faults.mishaps import StreamPlan, StreamPlanner
from engine.venue.stream.session import Cut, Pause, Session

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from starlette.websockets import WebSocket

    from engine.venue.server.keys import KeyRing
    from engine.venue.venue import Venue


@dataclass(frozen=True, slots=True)
class StreamTimes:
    """How long a client may ask for nothing, may hear nothing, and between two heartbeats."""

    first_ask_s: float = 5.0
    silence_s: float = 75.0
    beat_s: float = 1.0


@dataclass(slots=True)
class Streams:
    """The websocket server of a venue; `planner` may be set to another at any time."""

    venue: Venue
    keys: KeyRing
    times: StreamTimes = field(default_factory=StreamTimes)
    planner: StreamPlanner = field(default_factory=lambda: StreamPlanner(StreamPlan()))

    async def serve(self, socket: WebSocket) -> None:
        """One connection, to its end."""
        await socket.accept()
        session = Session(self.venue, self.keys, self.planner)
        self.venue.listen(session.on_news)
        try:
            await _first_of(
                self._hear(socket, session), self._send(socket, session), self._beat(session)
            )
        finally:
            self.venue.leave(session.on_news)

    async def _hear(self, socket: WebSocket, session: Session) -> None:
        try:
            async with asyncio.timeout(self.times.first_ask_s):
                session.on_message(await socket.receive_text())
            while True:
                session.on_message(await socket.receive_text())
        except (WebSocketDisconnect, KeyError):
            # A message of bytes has no text: whoever sends one is not one of our clients.
            return
        except TimeoutError:
            await socket.close(1008, "no subscription")

    async def _send(self, socket: WebSocket, session: Session) -> None:
        while True:
            try:
                patience_s = None if session.kept_open else self.times.silence_s
                async with asyncio.timeout(patience_s):
                    outgoing = await session.outbox.get()
            except TimeoutError:
                if session.kept_open:
                    continue
                await socket.close(1001, "no messages")
                return
            match outgoing:
                case Cut():
                    await socket.close(1011, "internal error")
                    return
                case Pause(seconds):
                    await asyncio.sleep(seconds)
                case data:
                    try:
                        await socket.send_text(data.decode())
                    except (WebSocketDisconnect, RuntimeError):
                        return

    async def _beat(self, session: Session) -> None:
        while True:
            await asyncio.sleep(self.times.beat_s)
            self.venue.refresh()
            session.on_second()


async def _first_of(*parts: Coroutine[object, object, None]) -> None:
    """Run all until one ends; the others end with it, and what one raises is raised."""
    tasks = [asyncio.ensure_future(each) for each in parts]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for each in done:
            each.result()
    finally:
        for each in tasks:
            each.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
