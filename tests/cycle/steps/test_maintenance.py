"""Maintenance windows: when nothing is entered."""

from __future__ import annotations

import pytest
from cycle.small_sets import SCHEDULE, set_of

from engine.cycle.steps.maintenance import open_window
from engine.model.times import UtcTime

WEEKEND = '{days: [sat, sun], from: "22:00", to: "23:30", zone: Europe/Berlin}'
NIGHT = '{days: [fri], from: "23:00", to: "02:00", zone: UTC}'
DAY = '{days: [mon], from: "12:00", to: "12:00", zone: UTC}'

# 2026-03-06 is a Friday; Berlin is an hour ahead of UTC in winter, two in summer.
MOMENTS = [
    (WEEKEND, "2026-03-07T20:59:59Z", False),
    (WEEKEND, "2026-03-07T21:00:00Z", True),
    (WEEKEND, "2026-03-07T22:29:59Z", True),
    (WEEKEND, "2026-03-07T22:30:00Z", False),
    (WEEKEND, "2026-03-06T21:30:00Z", False),
    (WEEKEND, "2026-07-04T20:00:00Z", True),
    (WEEKEND, "2026-07-04T21:30:00Z", False),
    (NIGHT, "2026-03-06T22:59:00Z", False),
    (NIGHT, "2026-03-06T23:00:00Z", True),
    (NIGHT, "2026-03-07T01:59:00Z", True),
    (NIGHT, "2026-03-07T02:00:00Z", False),
    (NIGHT, "2026-03-06T01:00:00Z", False),
    (NIGHT, "2026-03-07T23:30:00Z", False),
    (DAY, "2026-03-02T11:59:00Z", False),
    (DAY, "2026-03-02T12:00:00Z", True),
    (DAY, "2026-03-03T11:59:00Z", True),
    (DAY, "2026-03-03T12:00:00Z", False),
]


@pytest.mark.parametrize(("window", "moment", "inside"), MOMENTS)
def test_a_window_is_open_in_its_own_zone(window: str, moment: str, *, inside: bool) -> None:
    """A window begins and ends by its zone's clock, summer time and midnight included."""
    schedule = set_of(f"{SCHEDULE}  maintenance: [{window}]\n").schedule
    found = open_window(schedule, UtcTime.parse(moment))
    assert (found is not None) is inside


def test_the_window_is_named() -> None:
    """What is told is the window as the document writes it, the first of those that are open."""
    schedule = set_of(f"{SCHEDULE}  maintenance: [{NIGHT}, {WEEKEND}]\n").schedule
    assert open_window(schedule, UtcTime.parse("2026-03-06T23:30:00Z")) == "23:00-02:00 UTC"


def test_without_windows_it_is_always_open_for_trading() -> None:
    """A schedule that names no window has none."""
    assert open_window(set_of().schedule, UtcTime.parse("2026-03-06T23:30:00Z")) is None
