"""Requests to the venue: signed, paced, with an end to every wait; reads are tried three times.

In: method, path, query, body. Out: the decoded object of an answer with status 200. Raises
`VenueError` and its kinds. An order is posted through `post_once`, which repeats nothing and
returns the answer as it came.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import orjson

from engine.adapters.coinbase import wire
from engine.adapters.coinbase.pacing import TRIES, RetryBudget, TokenBucket, delay_s, retry_after_s
from engine.adapters.http import Answer, HttpClient, LostError, NotSentError
from engine.ports import AuthRefusedError, RateLimitedError, UnreachableError, VenueError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from engine.adapters.coinbase.credentials import Credentials
    from engine.adapters.coinbase.wire import Wire
    from engine.model.times import UtcTime
    from engine.ports import Clock, Gate, Rng

PREFIX = "/api/v3/brokerage"
OLDER = "/v2"
_OK, _UNAUTHORISED, _FORBIDDEN, _TOO_MANY, _THEIR_FAULT = 200, 401, 403, 429, 500
_MOST_PAGES = 400
_CANCEL = f"{PREFIX}/orders/batch_cancel"
_CANCEL_S = 3.0
Query = tuple[tuple[str, str], ...]


@dataclass(slots=True)
class Rest:
    """The venue's REST interface; without credentials only its public half answers."""

    http: HttpClient
    base_url: str
    clock: Clock
    rng: Rng
    bucket: TokenBucket
    credentials: Credentials | None = None
    budget: RetryBudget = field(default_factory=RetryBudget)
    _began: tuple[UtcTime, float] = field(init=False)

    def __post_init__(self) -> None:
        self._began = self.clock.now(), self.clock.monotonic_s()

    async def get(self, path: str, query: Query = ()) -> dict[str, Wire]:
        """Read; tried up to three times with full jitter between."""
        return await self._repeated("GET", PREFIX + path, query, None)

    async def get_v2(self, path: str, query: Query = ()) -> dict[str, Wire]:
        """Read from the older interface, which alone tells what was paid in and out."""
        return await self._repeated("GET", OLDER + path, query, None)

    async def cancel(self, body: dict[str, Wire]) -> dict[str, Wire]:
        """Ask for cancels: like a read it may be repeated, since a second one changes nothing.

        So an answer is not waited for as long as that of an order: asking again costs less.
        """
        return await self._repeated("POST", _CANCEL, (), orjson.dumps(body))

    async def post_once(self, path: str, body: dict[str, Wire], gate: Gate) -> Answer:
        """Send once, if `gate` lets it. Raises `NotSentError`, `LostError` (`adapters.http`)."""
        await self.bucket.take()
        return await self._sent("POST", PREFIX + path, (), orjson.dumps(body), gate)

    async def pages(self, path: str, key: str, query: Query) -> AsyncIterator[dict[str, Wire]]:
        """Every object under `key` over all pages.

        Some lists tell `has_next`, others only a cursor: an empty cursor ends both. A cursor that
        comes back raises `VenueError`, since such a list would never end, and one that is cut
        short must not be taken for the whole.
        """
        cursor, seen = "", {""}
        for _ in range(_MOST_PAGES):
            asked = (*query, ("cursor", cursor)) if cursor else query
            fields = await self.get(path, asked)
            with reading():
                found = wire.objects(fields, key)
                more = wire.flag({"has_next": True, **fields}, "has_next")
                cursor = wire.optional_text(fields, "cursor")
            for each in found:
                yield each
            if not cursor or not more:
                return
            if cursor in seen:
                break
            seen.add(cursor)
        message = f"the pages of {path} have no end"
        raise VenueError(message)

    async def _repeated(
        self, method: str, path: str, query: Query, body: bytes | None
    ) -> dict[str, Wire]:
        self.budget.on_call()
        for failures in range(TRIES):
            try:
                return await self._tried(method, path, query, body)
            except AuthRefusedError:
                raise
            except VenueError as error:
                last = failures == TRIES - 1
                if last or not _worth_a_retry(error) or not self.budget.take():
                    raise
                await self._wait(failures, error)
        raise AssertionError  # pragma: no cover - the last try returns or raises

    async def _wait(self, failures: int, error: VenueError) -> None:
        seconds = delay_s(failures, self.rng)
        if isinstance(error, RateLimitedError) and error.retry_after_s is not None:
            seconds = max(seconds, error.retry_after_s)
        await self.clock.sleep_until(self.clock.now().plus_s(seconds))

    async def _tried(
        self, method: str, path: str, query: Query, body: bytes | None
    ) -> dict[str, Wire]:
        await self.bucket.take()
        try:
            if path == _CANCEL:
                async with asyncio.timeout(_CANCEL_S):
                    answer = await self._sent(method, path, query, body)
            else:
                answer = await self._sent(method, path, query, body)
        except (NotSentError, LostError, TimeoutError) as error:
            raise UnreachableError(str(error)) from error
        raise_for(answer)
        with reading():
            return wire.decode(answer.body)

    async def _sent(
        self, method: str, path: str, query: Query, body: bytes | None, gate: Gate | None = None
    ) -> Answer:
        answer = await self.http.request(
            method,
            path,
            query=query,
            body=body,
            headers=self._headers(method, path),
            gate=gate,
        )
        self.bucket.hear(answer.headers)
        if answer.status == _TOO_MANY:
            self.bucket.wait(retry_after_s(answer.headers) or 1.0)
        return answer

    def _headers(self, method: str, path: str) -> dict[str, str]:
        headers = {"accept": "application/json", "content-type": "application/json"}
        if self.credentials is not None:
            # The token names host and path without scheme and query (COINBASE.md).
            uri = f"{method} {urlsplit(self.base_url).netloc}{path}"
            token = self.credentials.token(self._signed_at(), self.rng, uri)
            headers["authorization"] = f"Bearer {token}"
        return headers

    def _signed_at(self) -> UtcTime:
        """The time by the wall clock of the start, which was compared with the venue's.

        A token is good for two minutes: a wall clock that is set in mid-run would make the venue
        refuse everything, cancels too.
        """
        wall, steady_s = self._began
        return wall.plus_s(self.clock.monotonic_s() - steady_s)


class RequestRefusedError(VenueError):
    """The venue understood and refuses: asking again would be refused again."""


class _Reading:
    """A class, since a generator takes twice as long, and every object of a list is read in one."""

    __slots__ = ()

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        """Say that it was the venue."""
        if isinstance(error, wire.WireError):
            raise VenueError(str(error)) from error


_READING = _Reading()


def reading() -> _Reading:
    """While a body is read: what cannot be read is a failure of the venue's (`VenueError`)."""
    return _READING


def raise_for(answer: Answer) -> None:
    """Raise what the status means; 200 alone passes."""
    status = answer.status
    if status == _OK:
        return
    message = f"status {status}"
    if status in {_UNAUTHORISED, _FORBIDDEN}:
        raise AuthRefusedError(message)
    if status == _TOO_MANY:
        raise RateLimitedError(message, retry_after_s(answer.headers))
    if status < _THEIR_FAULT:
        raise RequestRefusedError(message)
    raise VenueError(message)


def _worth_a_retry(error: VenueError) -> bool:
    return not isinstance(error, RequestRefusedError)
