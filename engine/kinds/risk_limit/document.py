"""RiskLimit: what every order must satisfy, or is made smaller for, or is denied."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field, model_validator

from engine.kinds.base import (
    Closed,
    Duration,
    FlagExpression,
    Intents,
    Metadata,
    Modes,
    Params,
    Percent,
    Sentence,
    Stages,
)


class Trim(Closed):
    """Brings a holding back to the limit, once it has been above it for long enough."""

    after: Duration = Field(
        description="How long a holding must have been above the limit, by decided facts, "
        "without a break."
    )
    at_least_pct: Percent = Field(
        description="A sale of a smaller share of the position is not worth its cost."
    )


class RiskLimitSpec(Closed):
    """A rule with its scope, or the words that none is wanted."""

    scope: Literal["order", "symbol", "group", "strategy", "portfolio", "account"] = Field(
        description="What the limit looks at; a breach refuses only orders in it."
    )
    intents: Intents = Field(min_length=1, description="The intents that this limit binds.")
    modes: Modes = Field(
        default=("dry_run", "paper", "live"), min_length=1, description="Where it counts."
    )
    require: FlagExpression | None = Field(
        default=None, description="What must be true of the order for it to pass."
    )
    params: Params = Field(default_factory=dict, description="The numbers that `require` uses.")
    on_breach: Literal["deny", "resize"] = Field(
        description="Deny the order, or make it as large as the rule allows."
    )
    minimum: bool = Field(
        default=False, description="A dust or minimum rule: checked after sizing."
    )
    stage: Stages = Field(description="Only `enforce` denies and resizes; others are recorded.")
    trim: Trim | None = Field(
        default=None,
        description="What becomes of a holding above the limit; without it, nothing.",
    )
    unlimited: bool = Field(default=False, description="True says in words: no limit is wanted.")
    reason: Sentence | None = Field(default=None, description="Why there is no limit.")

    @model_validator(mode="after")
    def _check(self) -> RiskLimitSpec:
        if self.unlimited == (self.require is not None):
            message = "a limit has either `require`, or `unlimited: true` with a reason"
            raise ValueError(message)
        if self.unlimited and self.reason is None:
            message = "`unlimited: true` needs a `reason`"
            raise ValueError(message)
        if self.minimum and self.on_breach == "resize":
            message = "a minimum cannot make an order smaller: use `on_breach: deny`"
            raise ValueError(message)
        if self.trim is not None and (self.scope != "symbol" or self.require is None):
            message = "`trim` needs a `require` of `scope: symbol`: it says of what to sell"
            raise ValueError(message)
        return self


class RiskLimitDocument(Closed):
    """What every order of the named intents must satisfy."""

    KIND: ClassVar[str] = "RiskLimit"
    apiVersion: Literal["mandate/v1"]  # noqa: N815 - the document's own spelling
    kind: Literal["RiskLimit"]
    metadata: Metadata
    spec: RiskLimitSpec
