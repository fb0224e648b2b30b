"""Maintenance windows: hours in which nothing is entered. Exits run in them."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from datetime import datetime

    from engine.kinds.schedule.document import MaintenanceWindow, ScheduleSpec
    from engine.model.times import UtcTime

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def open_window(schedule: ScheduleSpec, now: UtcTime) -> str | None:
    """The window that `now` lies in, as text; None outside of all.

    A window that ends at or before its start goes on over midnight, into the day after.
    """
    for window in schedule.maintenance:
        local = now.datetime().replace(tzinfo=UTC).astimezone(ZoneInfo(window.zone))
        if _contains(window, local):
            return f"{window.start}-{window.to} {window.zone}"
    return None


def _contains(window: MaintenanceWindow, local: datetime) -> bool:
    clock = local.strftime("%H:%M")
    today = _DAYS[local.weekday()]
    yesterday = _DAYS[(local - timedelta(days=1)).weekday()]
    if window.start < window.to:
        return today in window.days and window.start <= clock < window.to
    late = today in window.days and clock >= window.start
    return late or (yesterday in window.days and clock < window.to)
