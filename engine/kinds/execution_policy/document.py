"""ExecutionPolicy: how an order reaches the venue, a ladder per intent, and its guards."""

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
    Name,
    NotNegative,
    Params,
    Percent,
    Positive,
    Stages,
)


class Rung(Closed):
    """One try: an order form, how far from the market, and for how long."""

    order: Literal["post_only", "limit_ioc", "market_ioc"] = Field(
        description="Rest in the book, take up to a collar, or take at any price."
    )
    collar_bps: NotNegative | None = Field(
        default=None,
        description="For limit_ioc: how far through the market the limit may reach.",
    )
    time_to_live: Duration | None = Field(
        default=None, description="For post_only: how long it rests before the next rung."
    )

    @model_validator(mode="after")
    def _check(self) -> Rung:
        if (self.order == "limit_ioc") != (self.collar_bps is not None):
            message = "`collar_bps` goes with `limit_ioc`, and only with it"
            raise ValueError(message)
        if (self.order == "post_only") != (self.time_to_live is not None):
            message = "`time_to_live` goes with `post_only`, and only with it"
            raise ValueError(message)
        return self


class Ladders(Closed):
    """The rungs for each reason to trade, tried in order, each after a confirmed cancel."""

    entry: tuple[Rung, ...] = Field(
        min_length=1, max_length=8, description="To enter, and to add to a position."
    )
    exit: tuple[Rung, ...] = Field(
        min_length=1, max_length=8, description="To leave at a target, a time or a signal."
    )
    exit_stop: tuple[Rung, ...] = Field(
        min_length=1,
        max_length=8,
        description="Begins with an immediate order; its last rung is repeated until out.",
    )
    trim: tuple[Rung, ...] = Field(
        min_length=1, max_length=8, description="To bring a position back under its limit."
    )

    @model_validator(mode="after")
    def _check(self) -> Ladders:
        if self.exit_stop[0].order == "post_only":
            message = "a stop begins with an immediate order"
            raise ValueError(message)
        if self.exit_stop[-1].order == "post_only":
            message = "a stop never gives up: its last rung is an immediate order"
            raise ValueError(message)
        return self


class Guard(Closed):
    """A condition on the market or the order, right before it is sent."""

    name: Name = Field(description="What denials and waivers call the guard.")
    intents: Intents = Field(min_length=1, description="The intents that this guard binds.")
    modes: Modes = Field(
        default=("dry_run", "paper", "live"), min_length=1, description="Where it counts."
    )
    require: FlagExpression = Field(description="What must be true when the order is sent.")
    on_breach: Literal["deny", "resize"] = Field(
        description="Deny the order, or make it as large as the guard allows."
    )
    minimum: bool = Field(
        default=False, description="A dust or minimum guard: checked after sizing."
    )
    stage: Stages = Field(description="Only `enforce` denies and resizes; others are recorded.")


class UnknownOrders(Closed):
    """How long nobody may say that an order, whose fate is unknown, was never placed."""

    quarantine: Duration = Field(
        default=300,
        ge=60,
        description="At least 60 s, and more than twice the longest that the venue's list was ever"
        " behind: only then two complete scans without the order tell that it was never placed.",
    )


class Slack(Closed):
    """How far numbers may lie apart and still agree; amounts are in the numeraire."""

    balance_usd: NotNegative = Field(
        description="A balance of the venue and ours; a coin without a price must agree exactly."
    )
    fill_usd: NotNegative = Field(
        description="What a buy cost above what was approved; the larger of this and `fill_pct`."
    )
    fill_pct: Percent = Field(description="The same, in percent of what was approved.")
    fee_usd: NotNegative = Field(
        description="The fees of one order, by its fills and by the venue's own total."
    )


class ProbeSpec(Closed):
    """What `trader doctor --probe-duplicate-id` may do at the venue."""

    max_usd: Positive = Field(
        description="No probe is worth more, in the product's quote currency."
    )
    below_bid_pct: Positive = Field(
        lt=100,
        json_schema_extra={"exclusiveMaximum": 100},
        description="How far below the bid it rests; 50 is half of the price.",
    )
    time_to_live: Duration = Field(
        description="When a probe ends by itself, whatever becomes of us."
    )


class Reconcile(Closed):
    """How the account is compared with the ledger; nothing here has a default."""

    scan_every: Duration = Field(
        ge=10,
        le=3600,
        description="Between two readings of all orders since the one before; the first is at the"
        " start.",
    )
    look_back: Duration = Field(
        description="How long before its genesis a new ledger looks for orders of an earlier one,"
        " and how long back transfers are looked for that explain a difference."
    )
    settles_within_s: NotNegative = Field(
        le=300,
        json_schema_extra={"minimum": 0, "maximum": 300},
        description="How long fills and balances of the venue may lag behind each other: a younger"
        " difference is unknown, and no difference yet; entries wait for it.",
    )
    slack: Slack
    accept_transfers_usd: NotNegative = Field(
        description="A transfer that the venue tells of is booked by itself up to this value; a"
        " larger one, and a difference that no transfer explains, wait for a person. 0: always a"
        " person."
    )
    probe: ProbeSpec | None = Field(
        default=None, description="Left out, the venue is not probed for repeated order ids."
    )


class ExecutionPolicySpec(Closed):
    """Ladders and guards, and what is done about orders that nobody knows of."""

    ladders: Ladders
    guards: tuple[Guard, ...] = Field(
        default=(), description="Conditions that are asked again right before the send."
    )
    params: Params = Field(default_factory=dict)
    unknown_orders: UnknownOrders = Field(
        default_factory=UnknownOrders, description="Left out, the quarantine is five minutes."
    )
    reconcile: Reconcile

    @model_validator(mode="after")
    def _check(self) -> ExecutionPolicySpec:
        names = [guard.name for guard in self.guards]
        if len(set(names)) != len(names):
            message = "two guards have one name"
            raise ValueError(message)
        return self


class ExecutionPolicyDocument(Closed):
    """How orders reach the venue. A set has exactly one."""

    KIND: ClassVar[str] = "ExecutionPolicy"
    apiVersion: Literal["mandate/v1"]  # noqa: N815 - the document's own spelling
    kind: Literal["ExecutionPolicy"]
    metadata: Metadata
    spec: ExecutionPolicySpec
