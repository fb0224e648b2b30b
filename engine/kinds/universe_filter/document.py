"""UniverseFilter: what may be traded, in tiers, with hysteresis."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field, model_validator

from engine.kinds.base import (
    Closed,
    Currency,
    Duration,
    FlagExpression,
    Instant,
    Metadata,
    Name,
    Params,
    Positive,
    ProductName,
    Sentence,
)


class Tier(Closed):
    """A class of products: who enters, and who may stay."""

    name: Name = Field(description="What strategies and rules call the tier.")
    require: FlagExpression = Field(description="What a product must show to enter the tier.")
    stay: FlagExpression | None = Field(
        default=None,
        description="What it must go on showing; without it, what it needed to enter.",
    )
    params: Params = Field(default_factory=dict)


class Exclusion(Closed):
    """A product that may not be traded, or not before an instant."""

    symbol: ProductName = Field(description="The product, such as BTC-USD.")
    reason: Sentence = Field(description="Why, for the reviewer.")
    until: Instant | None = Field(default=None, description="When it ends; without it, never.")


class Purge(Closed):
    """Sells what has left the universe, slice by slice."""

    after: Duration = Field(
        description="How long a holding must have missed what every tier asks to stay, by decided "
        "facts, without a break."
    )
    slice_pct: Positive = Field(
        le=100,
        json_schema_extra={"maximum": 100},
        description="The share of the holding that one slice sells.",
    )
    every: Duration = Field(description="The shortest time between two slices.")


class UniverseFilterSpec(Closed):
    """Tiers in order; a product belongs to the first that takes it."""

    quote_currencies: tuple[Currency, ...] = Field(
        min_length=1, description="Only products quoted in these are traded."
    )
    tiers: tuple[Tier, ...] = Field(
        min_length=1, description="Asked in order: the first that a product fits is its tier."
    )
    params: Params = Field(
        default_factory=dict, description="Numbers that every tier may use, such as a ratio."
    )
    leave_after: Duration = Field(
        description="How long a product must miss what its tier asks before it leaves."
    )
    on_undecided: Literal["keep", "leave"] = Field(
        description="What happens to a member about which facts are missing."
    )
    groups: dict[str, tuple[Currency, ...]] = Field(
        description="Themes by base asset; an asset may be in several."
    )
    exclude: tuple[Exclusion, ...] = Field(
        default=(), description="Products that may not be traded, whatever their tier."
    )
    purge: Purge | None = Field(
        default=None,
        description="What becomes of a holding that left the universe; without it, nothing.",
    )
    max_symbols: int = Field(
        ge=1,
        le=1000,
        description="At most this many; members come first, then what is held.",
    )

    @model_validator(mode="after")
    def _check(self) -> UniverseFilterSpec:
        names = [tier.name for tier in self.tiers]
        if len(set(names)) != len(names):
            message = "two tiers have one name"
            raise ValueError(message)
        return self


class UniverseFilterDocument(Closed):
    """What may be traded. A set has exactly one."""

    KIND: ClassVar[str] = "UniverseFilter"
    apiVersion: Literal["mandate/v1"]  # noqa: N815 - the document's own spelling
    kind: Literal["UniverseFilter"]
    metadata: Metadata
    spec: UniverseFilterSpec
