"""A plain client of the venue for tests: one signed request, and what came back."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from engine.adapters.coinbase.credentials import credentials_of
from engine.adapters.http import HttpClient
from engine.adapters.system.clock import SystemClock
from engine.adapters.system.rng import SystemRng

if TYPE_CHECKING:
    import ssl
    from collections.abc import Sequence

    from fakes.venue import KeyPair

BASE = "/api/v3/brokerage"


class _Reachable(Protocol):
    @property
    def rest(self) -> str: ...

    @property
    def host(self) -> str: ...

    def tls(self) -> ssl.SSLContext: ...

    def key(self, label: str = ...) -> KeyPair: ...


@dataclass(frozen=True, slots=True)
class Told:
    """A status, and the body as JSON (or its bytes where it is none)."""

    status: int
    body: object

    @property
    def fields(self) -> dict[str, object]:
        """The body, which must be an object."""
        assert isinstance(self.body, dict), self.body
        return self.body


def ask(
    venue: _Reachable,
    method: str,
    path: str,
    *,
    query: Sequence[tuple[str, str]] = (),
    body: object = None,
    label: str | None = "es256",
) -> Told:
    """One request; `label` None sends no key. Paths below the API's base begin with a slash."""
    whole = path if path.startswith(("/v2", "/venue", "/api")) else BASE + path
    headers = {"content-type": "application/json"}
    if label is not None:
        key = venue.key(label)
        credentials = credentials_of(key.name, key.secret)
        uri = f"{method} {venue.host}{whole}"
        token = credentials.token(SystemClock().now(), SystemRng(), uri)
        headers["authorization"] = f"Bearer {token}"
    data = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()

    async def send() -> Told:
        client = HttpClient(venue.rest, venue.tls())
        try:
            answer = await client.request(method, whole, query=query, body=data, headers=headers)
        finally:
            await client.close()
        try:
            return Told(answer.status, json.loads(answer.body))
        except ValueError:
            return Told(answer.status, answer.body)

    return asyncio.run(send())
