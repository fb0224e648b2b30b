"""Facts of the clock, from the cycle's one reading of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.expr.nodes import Value
    from engine.model.times import UtcTime


def clock_facts(now: UtcTime) -> dict[str, Value]:
    """Day of the week (1 Monday) and hour, in UTC."""
    moment = now.datetime()
    return {
        "clock.weekday_utc": float(moment.isoweekday()),
        "clock.hour_utc": float(moment.hour),
    }
