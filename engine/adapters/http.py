"""HTTP: one request and one answer, or a failure that says whether anything can have arrived.

In: method, path, query, body, headers. Out: `Answer` with the bytes of the body, whatever its
status. Raises `NotSentError` where no byte of the request left, `LostError` where nobody can say
what became of it. Nothing is retried, no proxy and no netrc of the environment is used, and every
wait has an end. The only module that speaks HTTP.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx

from engine.observe.hush import hush_of

if TYPE_CHECKING:
    import ssl
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from engine.ports import Gate

_CONNECT_S = 3.0
_READ_S = 10.0
# Each read may take its ten seconds: a server that sends a byte at a time is cut off by this.
_WHOLE_S = 30.0
_LARGEST = 16 * 1024 * 1024
# httpcore's name for the moment before it writes a request (its "trace" extension).
_FIRST_BYTE = "http11.send_request_headers.started"


class NotSentError(Exception):
    """No byte of the request left this machine: it can be said that nothing happened."""


class HeldBackError(NotSentError):
    """The gate let nothing leave, in its own words."""


class LostError(Exception):
    """The request may have arrived: nobody can say yet what became of it."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server said: a status, its headers by lower-case name, and the body's bytes."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class HttpClient:
    """Requests to one server; `base_url` is scheme, host and perhaps a port.

    What is `hidden` is taken out of every body that comes, so that a server that echoes our
    secrets or tokens puts them into no record and no message.
    """

    def __init__(
        self,
        base_url: str,
        tls: ssl.SSLContext | bool = True,  # noqa: FBT001, FBT002 - httpx's own type: True is "verify"
        hidden: Sequence[str] = (),
    ) -> None:
        self._hidden = hush_of(hidden)
        # retries=0 is the transport's default too; here it is a promise that a test reads.
        transport = httpx.AsyncHTTPTransport(verify=tls, retries=0, trust_env=False)
        self._client = httpx.AsyncClient(
            base_url=base_url,
            transport=transport,
            trust_env=False,
            follow_redirects=False,
            timeout=httpx.Timeout(_READ_S, connect=_CONNECT_S, pool=_CONNECT_S),
        )

    async def request(
        self,
        method: str,
        path: str,
        *,
        query: Sequence[tuple[str, str]] = (),
        body: bytes | None = None,
        headers: Mapping[str, str],
        gate: Gate | None = None,
    ) -> Answer:
        """Send once; raises `NotSentError` or `LostError`.

        A `gate` is asked when the connection stands and right before the first byte: with a
        reason from it nothing leaves, and `HeldBackError` bears the reason.
        """
        asked = self._client.build_request(
            method,
            path,
            params=list(query) or None,
            content=body,
            headers=dict(headers),
            extensions={} if gate is None else {"trace": _asking(gate)},
        )
        try:
            async with asyncio.timeout(_WHOLE_S):
                return await self._answer(asked)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise NotSentError(type(error).__name__) from error
        except (httpx.HTTPError, TimeoutError) as error:
            raise LostError(type(error).__name__) from error

    async def _answer(self, asked: httpx.Request) -> Answer:
        answer = await self._client.send(asked, stream=True)
        try:
            parts, size = [], 0
            async for part in answer.aiter_bytes():
                size += len(part)
                if size > _LARGEST:
                    message = f"a body above {_LARGEST} bytes"
                    raise LostError(message)
                parts.append(part)
        finally:
            await answer.aclose()
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return Answer(answer.status_code, headers, self._hidden(b"".join(parts)))

    async def close(self) -> None:
        """Close every connection."""
        await self._client.aclose()


def _asking(gate: Gate) -> Callable[[str, Mapping[str, object]], Awaitable[None]]:
    """The transport tells what it is about to do, and stops at what is raised then."""

    async def ask(event: str, _told: Mapping[str, object]) -> None:
        if event == _FIRST_BYTE and (reason := gate()) is not None:
            raise HeldBackError(reason)

    return ask
