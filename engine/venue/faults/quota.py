"""How many requests a second the venue takes: signed and unsigned ones apart.

In: requests, a steady clock. Out: the headers that tell what is left, and a 429 in the place of an
answer where nothing is. A request that is refused so never reaches the venue.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from math import ceil
from typing import TYPE_CHECKING

from engine.venue.faults.replies import Headers, too_many
from engine.venue.passage import HangUp, Passage, Reply

if TYPE_CHECKING:
    from engine.ports import Clock
    from engine.venue.passage import Asked, Onward


@dataclass(frozen=True, slots=True)
class Quota:
    """Requests a second over time; as many may come at once."""

    private_per_s: float
    public_per_s: float


@dataclass(slots=True)
class _Bucket:
    """What is left of one quota."""

    per_s: float
    left: float
    at_s: float

    def take(self, now_s: float) -> bool:
        """Whether one more request is taken."""
        earned = (now_s - self.at_s) * self.per_s
        self.left, self.at_s = min(max(1.0, self.per_s), self.left + earned), now_s
        if self.left < 1.0:
            return False
        self.left -= 1.0
        return True

    def headers(self) -> Headers:
        """What the venue tells of it; the reset is when one more is taken."""
        missing_s = max(0.0, 1.0 - self.left) / self.per_s
        return (
            ("x-ratelimit-limit", f"{self.per_s:g}"),
            ("x-ratelimit-remaining", str(int(self.left))),
            ("x-ratelimit-reset", str(ceil(missing_s))),
        )


@dataclass(slots=True)
class MeteredPassage:
    """Counts requests before whatever else stands between the wire and the venue."""

    quota: Quota
    clock: Clock
    inner: Passage
    _private: _Bucket = field(init=False)
    _public: _Bucket = field(init=False)

    def __post_init__(self) -> None:
        now_s = self.clock.monotonic_s()
        private, public = self.quota.private_per_s, self.quota.public_per_s
        self._private = _Bucket(private, max(1.0, private), now_s)
        self._public = _Bucket(public, max(1.0, public), now_s)

    async def __call__(self, asked: Asked, onward: Onward) -> Reply | HangUp:
        """Let a request through, or refuse it as one too many."""
        bucket = self._private if asked.header("authorization") else self._public
        if not bucket.take(self.clock.monotonic_s()):
            return too_many(None, bucket.headers())
        told = await self.inner(asked, onward)
        if isinstance(told, HangUp):
            return told
        return replace(told, headers=(*told.headers, *bucket.headers()))
