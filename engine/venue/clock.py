"""The venue's time: whole microseconds, as its bodies tell them.

An instant that a body names is then the very instant that is kept: whoever asks for what happened
since it is not told less, and whoever compares finds it equal.
"""

from __future__ import annotations

from engine.model.times import UtcTime

_NS = 1000


def to_microseconds(time: UtcTime) -> UtcTime:
    """The instant, down to its microsecond."""
    return UtcTime(time.ns - time.ns % _NS)
