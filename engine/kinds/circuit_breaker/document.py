"""CircuitBreaker: a state that stops trading until its reset."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field, model_validator

from engine.kinds.base import (
    Closed,
    Duration,
    FlagExpression,
    Metadata,
    Modes,
    Params,
    Stages,
)


class ResetAfter(Closed):
    """Resets by itself, this long after the trip, once the condition no longer holds."""

    after: Duration = Field(description="How long after the trip.")


class Rearm(Closed):
    """What a person must respect when re-arming."""

    not_before: Duration = Field(description="The shortest time between trip and re-arming.")
    high_water_mark: Literal["reset", "keep"] = Field(
        description="Whether the drawdown counts anew from the equity at re-arming."
    )


class ResetRearm(Closed):
    """Resets only by a person's `trader rearm` (or `trader resume` for the kill switch)."""

    rearm: Rearm


class CircuitBreakerSpec(Closed):
    """When it trips, what it stops, and how it resets."""

    scope: Literal["symbol", "venue", "account"] = Field(description="What a trip stops.")
    trip_when: FlagExpression = Field(
        description="Trips when this holds; never on facts that are missing."
    )
    params: Params = Field(default_factory=dict)
    modes: Modes = Field(
        default=("dry_run", "paper", "live"), min_length=1, description="Where it counts."
    )
    while_tripped: Literal["reducing", "halted"] = Field(
        description="Reducing lets cancels and exits through; halted only a person's liquidate."
    )
    cancel: Literal["entries", "all", "none"] = Field(
        description="Which working orders are cancelled: at the trip, and entries that appear"
        " later. `all` takes the exits that were working at the trip too, not those made after it."
    )
    on_trip: Literal["exit_all", "none"] = Field(
        description="Whether the trip also sells every position of its scope by the ladder of"
        " stops; it does not reset by itself before they are sold."
    )
    reset: ResetAfter | ResetRearm | Literal["next_utc_day"] = Field(
        description="By itself after a time or at midnight UTC, or by a person."
    )
    stage: Stages = Field(description="Only `enforce` stops anything; others are recorded.")

    @model_validator(mode="after")
    def _check(self) -> CircuitBreakerSpec:
        if self.on_trip == "exit_all" and self.while_tripped == "halted":
            message = "`halted` lets nothing be sold, so `exit_all` never could: use `reducing`"
            raise ValueError(message)
        if self.on_trip == "exit_all" and self.cancel == "none":
            message = "`exit_all` sells what working entries buy: cancel `entries`, or `all`"
            raise ValueError(message)
        return self


class CircuitBreakerDocument(Closed):
    """A state that stops trading, with a latch that outlives restarts."""

    KIND: ClassVar[str] = "CircuitBreaker"
    apiVersion: Literal["mandate/v1"]  # noqa: N815 - the document's own spelling
    kind: Literal["CircuitBreaker"]
    metadata: Metadata
    spec: CircuitBreakerSpec
