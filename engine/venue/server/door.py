"""The door of the venue: from a request on the wire to an answer on the wire.

In: an ASGI request. It becomes `Asked`, goes through the passage, is checked for its key and its
right, and is answered from the table of routes. Out: one answer, or a connection that is cut.
Refuses with 401 what no key of ours signed, 403 what the key may not do, 404 what is not served,
400 what cannot be read.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route as HttpRoute
from starlette.routing import WebSocketRoute

from engine.adapters.coinbase.wire import WireError
from engine.venue.bodies.words import BAD, FORBIDDEN, NOT_FOUND, failed
from engine.venue.endpoints.call import Call
from engine.venue.endpoints.routes import routed
from engine.venue.memory import MemoryLostError
from engine.venue.passage import Asked, HangUp, Reply, straight
from engine.venue.server.connection import CONNECTION
from engine.venue.server.keys import TokenRefusedError
from engine.venue.stream.streams import Streams

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import Receive, Scope, Send

    from engine.venue.endpoints.routes import Route
    from engine.venue.passage import Passage
    from engine.venue.rights import Right
    from engine.venue.server.connection import Corked
    from engine.venue.server.keys import KeyRing
    from engine.venue.venue import Venue

_METHODS = ["GET", "POST", "PUT", "DELETE"]
_UNAUTHORISED, _THEIR_FAULT = 401, 500
_BEARER = "bearer "
_PIECES = 10


@dataclass(slots=True)
class Door:
    """One venue behind its keys; `passage` may be set to another at any time."""

    venue: Venue
    keys: KeyRing
    passage: Passage = straight
    streams: Streams = field(init=False)

    def __post_init__(self) -> None:
        self.streams = Streams(self.venue, self.keys)

    def app(self) -> Starlette:
        """The application: requests, and the stream for whoever asks for a websocket."""
        stream = WebSocketRoute("/{path:path}", self.streams.serve)
        return Starlette(routes=[stream, HttpRoute("/{path:path}", self._served, methods=_METHODS)])

    async def _served(self, request: Request) -> Response:
        asked = Asked(
            method=request.method,
            path=request.url.path,
            query=tuple(request.query_params.multi_items()),
            headers=tuple((name.lower(), value) for name, value in request.headers.items()),
            body=await request.body(),
        )
        return _Written(await self.passage(asked, self.answer))

    async def answer(self, asked: Asked) -> Reply:
        """The venue's own answer, with its effect."""
        found = routed(asked.method, asked.path)
        if found is None:
            return failed(NOT_FOUND, "NOT_FOUND", "no such path")
        route, named = found
        rights = self._rights(asked)
        if rights is None or (route.right is not None and not rights):
            return Reply(_UNAUTHORISED, b"Unauthorized\n", (("content-type", "text/plain"),))
        if route.right is not None and route.right not in rights:
            return failed(FORBIDDEN, "PERMISSION_DENIED", "Missing required scopes")
        return await self._answered(route, Call(asked, named, rights))

    async def _answered(self, route: Route, call: Call) -> Reply:
        try:
            return await route.answer(self.venue, call)
        except WireError as error:
            return failed(BAD, "INVALID_ARGUMENT", str(error))
        except MemoryLostError:
            return failed(_THEIR_FAULT, "INTERNAL", "internal server error")

    def _rights(self, asked: Asked) -> frozenset[Right] | None:
        """What the request's key may do: nothing without one, None for one that is refused."""
        written = asked.header("authorization")
        if not written:
            return frozenset()
        token = written[len(_BEARER) :] if written.lower().startswith(_BEARER) else ""
        uri = f"{asked.method} {asked.header('host')}{asked.path}"
        try:
            return self.keys.signer(token, self.venue.clock.now(), uri).rights
        except TokenRefusedError:
            return None


async def _dripped(body: bytes, over_s: float, send: Send) -> bytes:
    """Send a body in pieces over so many seconds; returns the last piece, which ends the answer."""
    size = max(1, -(-len(body) // _PIECES))
    while len(body) > size:
        await send({"type": "http.response.body", "body": body[:size], "more_body": True})
        await asyncio.sleep(over_s / _PIECES)
        body = body[size:]
    return body


class _Written(Response):
    """A reply on the wire: whole, cut short, or not at all."""

    def __init__(self, answered: Reply | HangUp) -> None:
        super().__init__()
        self._answered = answered

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's signature
        connection: Corked = scope[CONNECTION]
        answered = self._answered
        if isinstance(answered, HangUp):
            connection.abort()
            return
        length = ("content-length", str(len(answered.body)))
        headers = [
            (k.encode("latin-1"), v.encode("latin-1")) for k, v in (*answered.headers, length)
        ]
        await send({"type": "http.response.start", "status": answered.status, "headers": headers})
        shown = answered.body[: max(0, len(answered.body) - answered.cut)]
        if answered.over_s > 0:
            shown = await _dripped(shown, answered.over_s, send)
        await send({"type": "http.response.body", "body": shown, "more_body": answered.cut > 0})
        if answered.cut:
            connection.close()
