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

    scope: Literal["symbol", "account"]
    when: FlagExpression
    params: Params = Field(default_factory=dict)
    modes: Modes = Field(default=("dry_run", "paper", "live"), min_length=1)
    # `for` is the field's name in every alerting system; Python keeps the word for itself.
    for_: Duration | None = Field(
        default=None, alias="for", description="How long it must hold before it fires."
    )
    keep_firing_for: Duration | None = Field(
        default=None, description="How long it goes on firing after the condition ended."
    )
    severity: Literal["info", "warning", "critical"]
    dedupe: Duration = Field(description="The shortest time between two messages of one alert.")
    escalate_after: Duration | None = Field(
        default=None, description="When nobody acknowledged it for this long, tell the next route."
    )
    route: Name


class AlertRuleDocument(Closed):
    """What a person must hear."""

    KIND: ClassVar[str] = "AlertRule"
    apiVersion: Literal["mandate/v1"]  # noqa: N815 - the document's own spelling
    kind: Literal["AlertRule"]
    metadata: Metadata
    spec: AlertRuleSpec
