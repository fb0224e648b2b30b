"""AlertRule: what a person must hear, when, and through which route."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from engine.kinds.base import (
    Closed,
    Duration,
    FlagExpression,
    Metadata,
    Modes,
    Name,
    Params,
)


class AlertRuleSpec(Closed):
    """A condition with its life cycle: inactive, pending, firing, resolved."""

    scope: Literal["symbol", "account"] = Field(description="One alert a symbol, or one in all.")
    when: FlagExpression = Field(description="What the alert is about.")
    params: Params = Field(default_factory=dict)
    modes: Modes = Field(
        default=("dry_run", "paper", "live"), min_length=1, description="Where it counts."
    )
    # `for` is the field's name in every alerting system; Python keeps the word for itself.
    for_: Duration | None = Field(
        default=None, alias="for", description="How long it must hold before it fires."
    )
    keep_firing_for: Duration | None = Field(
        default=None, description="How long it goes on firing after the condition ended."
    )
    severity: Literal["info", "warning", "critical"] = Field(description="How urgent it is.")
    dedupe: Duration = Field(description="The shortest time between two messages of one alert.")
    escalate_after: Duration | None = Field(
        default=None, description="When nobody acknowledged it for this long, tell the next route."
    )
    route: Name = Field(description="Whom to tell, by the name of a configured notifier.")


class AlertRuleDocument(Closed):
    """What a person must hear."""

    KIND: ClassVar[str] = "AlertRule"
    apiVersion: Literal["mandate/v1"]  # noqa: N815 - the document's own spelling
    kind: Literal["AlertRule"]
    metadata: Metadata
    spec: AlertRuleSpec
