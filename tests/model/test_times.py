"""Times: instants in UTC, to the nanosecond, and durations in one form."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model.times import NS_PER_S, UtcTime, duration_s, duration_text

INSTANTS = st.integers(0, 4_000_000_000 * NS_PER_S).map(UtcTime)


@given(INSTANTS)
def test_an_instant_is_read_back_from_its_text(moment: UtcTime) -> None:
    """No digit of a nanosecond is lost, none is added."""
    assert UtcTime.parse(str(moment)) == moment


@given(INSTANTS, INSTANTS)
def test_instants_are_ordered_as_their_text_of_whole_seconds(a: UtcTime, b: UtcTime) -> None:
    """And their distance is antisymmetric."""
    assert a.since_s(b) == -b.since_s(a)
    assert (a < b) == (a.ns < b.ns)


@given(INSTANTS)
def test_a_datetime_is_the_same_instant_cut_to_microseconds(moment: UtcTime) -> None:
    """There and back loses less than a microsecond."""
    back = UtcTime.from_datetime(moment.datetime())
    assert 0 <= moment.ns - back.ns < 1000


def test_a_zone_is_taken_in_and_a_naive_time_refused() -> None:
    """What has no zone is not an instant."""
    local = datetime(2025, 11, 22, 11, tzinfo=timezone(timedelta(hours=1)))
    assert UtcTime.from_datetime(local) == UtcTime.parse("2025-11-22T10:00:00Z")
    with pytest.raises(ValueError, match="zone"):
        UtcTime.from_datetime(local.replace(tzinfo=None))


@pytest.mark.parametrize(
    "text",
    [
        "2025-11-22T10:00:00",
        "2025-11-22 10:00:00Z",
        "2025-11-22T10:00:00+01:00",
        "2025-11-22T10:00:00.Z",
        "2025-11-22T10:00:00.0123456789Z",
        "2025-11-22",
        "2025-13-22T10:00:00Z",
        "2025-11-22T10:00:00Z\n",
    ],
)
def test_other_forms_are_refused(text: str) -> None:
    """One form, and a real date."""
    with pytest.raises(ValueError, match=r".+"):
        UtcTime.parse(text)


@given(INSTANTS)
def test_a_day_begins_at_midnight(moment: UtcTime) -> None:
    """At most a day before, at an hour of zero."""
    start = moment.day_start()
    assert 0 <= moment.since_s(start) < 86_400
    assert str(start).endswith("T00:00:00Z")


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("15m", 900), ("48h", 172_800), ("7d", 604_800)]
)
def test_durations_are_read(text: str, seconds: int) -> None:
    """In each unit."""
    assert duration_s(text) == seconds


@pytest.mark.parametrize("text", ["", "0s", "1w", "1.5h", "-1m", "15 m", "1h30m", "01s", "15M"])
def test_other_durations_are_refused(text: str) -> None:
    """One form only."""
    with pytest.raises(ValueError, match="duration"):
        duration_s(text)


@given(st.integers(1, 900_000))
def test_a_duration_is_read_back_from_the_largest_unit(seconds: int) -> None:
    """And the number is the smallest that says it."""
    assert duration_s(duration_text(seconds)) == seconds


def test_seconds_are_added_to_the_nanosecond() -> None:
    """A fraction is rounded, and a negative one goes back."""
    assert UtcTime(0).plus_s(1.5).ns == 1_500_000_000
    assert UtcTime(NS_PER_S).plus_s(-1) == UtcTime(0)
    assert datetime(1970, 1, 1, tzinfo=UTC) == UtcTime(0).datetime()
