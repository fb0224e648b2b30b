"""Schedule: when cycles run."""

from __future__ import annotations

from typing import ClassVar, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator

from engine.kinds.base import Closed, Duration, Metadata, Percent, Positive

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
    start: str = Field(
        alias="from",
        pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$",
        description='When it begins, as `"22:00"` in its zone.',
    )
    to: str = Field(
        pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$",
        description="When it ends; before `from`, on the next day.",
    )
    zone: str = Field(description="An IANA zone, such as Europe/Berlin.", max_length=64)

    @field_validator("zone")
    @classmethod
    def _known(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            message = f"`{zone}` is not an IANA zone"
            raise ValueError(message) from error
        return zone


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
