"""Time: instants in UTC and durations in one written form.

In: aware datetimes, integer nanoseconds, or text. Out: `UtcTime`, or whole seconds.
Refuses naive datetimes, other zones' text without an offset, and durations in any other form.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

NS_PER_S = 1_000_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DURATION = re.compile(r"([1-9][0-9]{0,5})(s|m|h|d)")
_UNIT_S = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


@dataclass(frozen=True, slots=True, order=True)
class UtcTime:
    """An instant, in whole nanoseconds since 1970-01-01T00:00:00Z."""

    ns: int

    @classmethod
    def from_datetime(cls, moment: datetime) -> UtcTime:
        """Take an aware datetime; raises ValueError on a naive one."""
        if moment.tzinfo is None:
            message = "a time without a zone is not an instant"
            raise ValueError(message)
        delta = moment - _EPOCH
        seconds = delta.days * 86_400 + delta.seconds
        return cls(seconds * NS_PER_S + delta.microseconds * 1000)

    @classmethod
    def parse(cls, text: str) -> UtcTime:
        """Read `2025-11-22T10:00:00Z`, with up to nine decimals of a second; raises ValueError."""
        match = _INSTANT.fullmatch(text)
        if match is None:
            message = f"not a UTC instant: {text!r}"
            raise ValueError(message)
        fraction = match["fraction"]
        return cls(_second_ns(match["whole"]) + (int(fraction.ljust(9, "0")) if fraction else 0))

    def datetime(self) -> datetime:
        """The same instant, cut to microseconds."""
        return _EPOCH + timedelta(microseconds=self.ns // 1000)

    def plus_s(self, seconds: float) -> UtcTime:
        """The instant `seconds` later (earlier when negative)."""
        return UtcTime(self.ns + round(seconds * NS_PER_S))

    def since_s(self, earlier: UtcTime) -> float:
        """Seconds from `earlier` to here; negative when `earlier` is later."""
        return (self.ns - earlier.ns) / NS_PER_S

    def day_start(self) -> UtcTime:
        """Midnight UTC of this instant's day."""
        return UtcTime(self.ns - self.ns % (86_400 * NS_PER_S))

    def __str__(self) -> str:
        seconds, fraction = divmod(self.ns, NS_PER_S)
        decimals = f".{fraction:09d}".rstrip("0") if fraction else ""
        return f"{_second_text(seconds)}{decimals}Z"


_INSTANT = re.compile(
    r"(?P<whole>[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})(\.(?P<fraction>[0-9]{1,9}))?Z"
)


# The venue's lists and our records name the same seconds again and again.
@lru_cache(maxsize=1024)
def _second_ns(text: str) -> int:
    return UtcTime.from_datetime(datetime.fromisoformat(text + "+00:00")).ns


@lru_cache(maxsize=1024)
def _second_text(seconds: int) -> str:
    # isoformat without its `+00:00`: a third of what strftime takes.
    return (_EPOCH + timedelta(seconds=seconds)).isoformat()[:-6]


def duration_s(text: str) -> int:
    """Read `90s`, `15m`, `48h` or `7d` as whole seconds; raises ValueError on any other form."""
    match = _DURATION.fullmatch(text)
    if match is None:
        message = f"not a duration: {text!r}"
        raise ValueError(message)
    return int(match[1]) * _UNIT_S[match[2]]


def duration_text(seconds: int) -> str:
    """Write whole seconds in the largest unit that divides them: 3600 is `1h`."""
    unit = next(u for u in ("d", "h", "m", "s") if seconds % _UNIT_S[u] == 0)
    return f"{seconds // _UNIT_S[unit]}{unit}"
