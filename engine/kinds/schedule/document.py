"""Schedule: when cycles run."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from engine.kinds.base import Closed, Duration, Metadata, Percent, Positive, TimeOfDay, Zone

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class BackOff(Closed):
    """Longer intervals when cycles run long."""

    when_cycle_over_s: Positive = Field(description="A cycle that took longer is a long one.")
    factor: Positive = Field(
        gt=1,
        le=10,
        json_schema_extra={"exclusiveMinimum": 1, "maximum": 10},
        description="How much longer the next interval is.",
    )
    max_interval: Duration = Field(description="No interval is longer than this.")


class MaintenanceWindow(Closed):
    """Hours in which nothing is entered; exits run."""

    days: tuple[Day, ...] = Field(min_length=1, description="The days on which it begins.")
    start: TimeOfDay = Field(
        alias="from",
        description='When it begins, as `"22:00"` in its zone.',
    )
    to: TimeOfDay = Field(description="When it ends; before `from`, on the next day.")
    zone: Zone = Field(description="An IANA zone, such as Europe/Berlin.")


class ScheduleSpec(Closed):
    """The rhythm of the loop."""

    interval: Duration = Field(description="From the start of one cycle to the next.")
    jitter_pct: Percent = Field(description="Live only; recordings run on the instant.")
    back_off: BackOff
    maintenance: tuple[MaintenanceWindow, ...] = Field(
        default=(), description="Hours in which nothing is entered."
    )
    skip_silence_over: Duration = Field(
        description="On recordings: a silence of every product longer than this is skipped and "
        "reported, since no cycle would learn anything in it."
    )


class ScheduleDocument(Closed):
    """When cycles run. A set has exactly one."""

    KIND: ClassVar[str] = "Schedule"
    apiVersion: Literal["mandate/v1"]  # noqa: N815 - the document's own spelling
    kind: Literal["Schedule"]
    metadata: Metadata
    spec: ScheduleSpec
