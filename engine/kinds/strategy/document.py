"""Strategy: what is wanted, and how the position will be left again."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field, model_validator

from engine.kinds.base import (
    Closed,
    Duration,
    FlagExpression,
    Metadata,
    Name,
    NumberExpression,
    Params,
    Percent,
    Positive,
    UniqueNames,
    UniqueProducts,
    UniqueTexts,
)

BUDGET_PARAMETER = "budget_at_risk_pct"
ADDS_PARAMETER = "max_adds_count"


class ExitPlanSpec(Closed):
    """How a position is left, fixed in the ledger at entry; percentages of the entry price."""

    stop_pct: Positive = Field(description="Sell when the bid is this far below the entry price.")
    target_pct: Positive | None = Field(default=None, description="Sell this far above it.")
    trailing_pct: Positive | None = Field(
        default=None, description="Sell this far below the best price since entry."
    )
    max_hold: Duration | None = Field(default=None, description="Sell after this long.")
    when: FlagExpression | None = Field(default=None, description="Sell when this holds.")
    blind_exit_after: Duration = Field(
        description="Sell when the stop has been undecidable for this long."
    )
    applies_to_open: bool = Field(
        default=False, description="Whether a wider plan also widens positions that are open."
    )


class Canary(Closed):
    """A smaller size for weak conviction."""

    below_conviction: Positive = Field(description="Conviction below this is weak.")
    size_ratio: Positive = Field(
        lt=1,
        json_schema_extra={"exclusiveMaximum": 1},
        description="The share of the full size that is asked for.",
    )


class Budget(Closed):
    """What the strategy may have at risk, in pct of equity."""

    at_risk_pct: Percent = Field(description="The most that all its positions may be worth.")


class Addition(Closed):
    """When to buy more of what the strategy itself holds; the exit plan stays the position's."""

    when: FlagExpression = Field(description="When to add, in terms of `signals.NAME` too.")
    size_pct: NumberExpression = Field(description="How much to ask for, in pct of equity.")
    max_adds_count: int = Field(ge=1, le=100, description="At most so many within 24 hours.")
    below_water: bool = Field(
        default=False, description="Whether it may add to a position that has lost."
    )


class StrategySpec(Closed):
    """Signals, the entry that they make, its size, and the exit plan."""

    enabled: bool = Field(default=False, description="A strategy is off unless it says true.")
    tiers: UniqueNames = Field(min_length=1, description="The tiers that it may trade.")
    symbols: UniqueProducts = Field(
        default=(), description="Only these of them, and those of `groups`; neither: all."
    )
    groups: UniqueTexts = Field(
        default=(), description="Only products of these groups, and those of `symbols`."
    )
    signals: dict[Name, FlagExpression] = Field(
        min_length=1, description="Named questions to the market, for `entry` and `conviction`."
    )
    entry: FlagExpression = Field(description="When to enter, in terms of `signals.NAME`.")
    conviction: NumberExpression = Field(
        description="From 0 to 1; per symbol the strongest conviction wins."
    )
    min_conviction: Positive = Field(
        le=1, json_schema_extra={"maximum": 1}, description="Below this it does not enter."
    )
    canary: Canary | None = Field(default=None, description="A smaller size when in doubt.")
    size_pct: NumberExpression = Field(description="How much to ask for, in pct of equity.")
    add: Addition | None = Field(default=None, description="Whether and when it buys more.")
    params: Params = Field(default_factory=dict)
    exit: ExitPlanSpec
    budget: Budget

    @model_validator(mode="after")
    def _check(self) -> StrategySpec:
        for name in (BUDGET_PARAMETER, ADDS_PARAMETER):
            if name in self.params:
                message = f"`{name}` is the set's own name for a number of this strategy"
                raise ValueError(message)
        return self


class StrategyDocument(Closed):
    """What is wanted: a pure function of facts, off unless it says enabled."""

    KIND: ClassVar[str] = "Strategy"
    apiVersion: Literal["mandate/v1"]  # noqa: N815 - the document's own spelling
    kind: Literal["Strategy"]
    metadata: Metadata
    spec: StrategySpec
