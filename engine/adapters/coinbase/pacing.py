"""Asking no faster than the venue allows: a token bucket, and retries that stay few.

In: the clock, chance, what the venue's headers say. Out: waits. Nothing here decides about an
order: only reads and cancels are ever repeated.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.ports import Clock, Rng

TRIES = 3
_CAP_S = 30.0
_BASE_S = 1.0
_SHARE = 0.1
_TICK_S = 1e-6
_LEFT = "x-ratelimit-remaining"
_RESET = "x-ratelimit-reset"


def delay_s(failures: int, rng: Rng) -> float:
    """Full jitter: anything from 0 to `min(30, 2^n)` seconds after the n-th failure (F1)."""
    return rng.uniform(0.0, min(_CAP_S, _BASE_S * 2.0**failures))


@dataclass(slots=True)
class RetryBudget:
    """Retries are at most a tenth of all calls, so that an outage is not made worse by us.

    `most` is what may be saved up, and what there is at the start.
    """

    most: float = 10.0
    left: float = 10.0

    def on_call(self) -> None:
        """A first try adds its share."""
        self.left = min(self.most, self.left + _SHARE)

    def take(self) -> bool:
        """Whether one more retry may be made; it is spent when it may."""
        if self.left < 1.0:
            return False
        self.left -= 1.0
        return True


@dataclass(slots=True)
class TokenBucket:
    """At most `rate_per_s` requests a second over time by the monotonic clock, `burst` at once.

    What the venue's own headers say makes it wait longer, never less.
    """

    clock: Clock
    rate_per_s: float
    burst: float
    _tokens: float = field(init=False)
    _at_s: float = field(init=False)
    _not_before_s: float | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self._tokens = self.burst
        self._at_s = self.clock.monotonic_s()

    async def take(self) -> None:
        """Return once one more request may be sent."""
        while (missing_s := self._held_s()) > 0 or not self._taken():
            missing_s = missing_s or (1.0 - self._tokens) / self.rate_per_s
            # A clock of whole nanoseconds cannot wait for less: the last bit would take for ever.
            await self.clock.sleep_until(self.clock.now().plus_s(max(_TICK_S, missing_s)))

    def _held_s(self) -> float:
        """How long the venue still wants nothing to be asked."""
        until_s = self._not_before_s
        return 0.0 if until_s is None else max(0.0, until_s - self.clock.monotonic_s())

    def _taken(self) -> bool:
        now = self.clock.monotonic_s()
        earned = (now - self._at_s) * self.rate_per_s
        self._tokens, self._at_s = min(self.burst, self._tokens + earned), now
        if self._tokens < 1.0:
            return False
        self._tokens -= 1.0
        return True

    def hear(self, headers: Mapping[str, str]) -> None:
        """Take in what an answer says of the quota: none left means to wait for its reset."""
        left, reset = (_seconds(headers.get(name)) for name in (_LEFT, _RESET))
        if left is not None and left < 1.0 and reset is not None:
            self.wait(reset)

    def wait(self, seconds: float) -> None:
        """Let nothing through for so long (at most 30 s)."""
        until_s = self.clock.monotonic_s() + min(_CAP_S, max(0.0, seconds))
        self._not_before_s = max(until_s, self._not_before_s or until_s)


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """What a `Retry-After` in seconds says; None without one, or with a date, which is ignored."""
    return _seconds(headers.get("retry-after"))


def _seconds(text: str | None) -> float | None:
    try:
        value = float(text) if text is not None else None
    except ValueError:
        return None
    return value if value is not None and 0.0 <= value < 1e6 else None  # noqa: PLR2004 - NaN and infinity are outside as well
