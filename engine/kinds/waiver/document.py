"""Waiver: a named, temporary exception to one rule."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field, model_validator

from engine.kinds.base import (
    Closed,
    Instant,
    Metadata,
    Name,
    Params,
    ProductName,
    Sentence,
    UniqueTexts,
)


class Instead(Closed):
    """The parameters that count while the waiver is in force."""

    params: Params = Field(min_length=1)


class WaiverScope(Closed):
    """Whom the waiver is for: an order that every list names that is not empty."""

    symbols: tuple[ProductName, ...] = Field(
        default=(), description="Only these products; empty: all that the rule binds."
    )
    groups: UniqueTexts = Field(
        default=(), description="Only assets in one of these groups; of a group limit, their caps."
    )
    strategies: tuple[Name, ...] = Field(
        default=(), description="Only orders that one of these strategies wants."
    )
    tiers: tuple[Name, ...] = Field(
        default=(), description="Only products that the universe has in one of these tiers."
    )


class WaiverSpec(Closed):
    """Which rule, for whom, what instead, until when, and who said so."""

    rule: str = Field(
        pattern=r"^(RiskLimit|ExecutionPolicy|UniverseFilter)/[a-z][a-z0-9_]*(#[a-z][a-z0-9_]*)?$",
        description="The rule that is waived, as Kind/name or Kind/name#part.",
    )
    scope: WaiverScope
    instead: Instead
    reason: Sentence = Field(description="Why, for the reviewer.")
    approved_by: Sentence = Field(description="Who answers for the exception.")
    valid_from: Instant = Field(alias="from", description="The instant at which it begins.")
    until: Instant = Field(description="The instant at which it ends.")
    at_end: Literal["hold", "trim"] = Field(
        description="What happens to a position that only the waiver allowed."
    )

    @model_validator(mode="after")
    def _check(self) -> WaiverSpec:
        if self.valid_from >= self.until:
            message = "the waiver ends before it begins"
            raise ValueError(message)
        return self


class WaiverDocument(Closed):
    """A named, temporary exception to one rule; expired, it has no effect."""

    KIND: ClassVar[str] = "Waiver"
    apiVersion: Literal["mandate/v1"]  # noqa: N815 - the document's own spelling
    kind: Literal["Waiver"]
    metadata: Metadata
    spec: WaiverSpec
