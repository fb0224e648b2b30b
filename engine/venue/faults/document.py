"""The fault plan as a person writes it: what goes wrong by script, and how much by chance.

In: plain data. Out: a frozen document. It belongs to no policy set, and so is of no kind of one.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from engine.kinds.base import Closed, Metadata, NotNegative, Percent, Positive, ProductName
from engine.venue.faults.kinds import Effect, FaultKind  # noqa: TC001 - pydantic reads the annotations
from engine.venue.faults.mishaps import MishapKind  # noqa: TC001 - the same

Method = Literal["GET", "POST"]
Status = Literal[400, 401, 403, 404, 429, 500, 502, 503, 504]
Seconds = Annotated[NotNegative, Field(le=600, json_schema_extra={"maximum": 600})]


class FaultPart(Closed):
    """One fault. Each kind has its own parts; see `policy explain M611`."""

    kind: FaultKind = Field(description="What goes wrong.")
    hold_s: Seconds | None = Field(
        default=None, description="How long the connection is silent before it ends; 0 resets it."
    )
    delay_s: Seconds | None = Field(
        default=None, description="How much later the request arrives, or the answer is whole."
    )
    lag_s: Seconds | None = Field(
        default=None, description="What is younger than this is not in the list yet."
    )
    lasts_s: Seconds | None = Field(
        default=None, description="How long the product stays as the fault made it."
    )
    status: Status | None = Field(default=None, description="The status of the answer.")
    effect: Effect | None = Field(
        default=None, description="`before`: nothing happens; `after`: it happens all the same."
    )
    retry_after_s: int | None = Field(
        default=None, ge=0, le=600, description="What `Retry-After` says; left out, there is none."
    )
    reset_s: int | None = Field(
        default=None, ge=0, le=600, description="What `x-ratelimit-reset` says, with none left."
    )
    word: str | None = Field(
        default=None,
        pattern=r"^[A-Z][A-Z0-9_]{0,63}$",
        description="The reason of the refusal, in the venue's words or in others.",
    )
    product: ProductName | None = Field(
        default=None, description="Which product; left out, the one that the request names."
    )


class ScriptedFault(Closed):
    """Which requests have which fault; the first entry that means a request decides."""

    method: Method = Field(description="The request's method.")
    path: str = Field(
        pattern=r"^/[A-Za-z0-9_/*-]*$",
        max_length=200,
        description="The request's path, such as `/orders`; `*` stands for one part.",
    )
    having: str | None = Field(
        default=None, min_length=1, max_length=200, description="Text that its body holds."
    )
    skip: int = Field(
        default=0, ge=0, le=1_000_000, description="So many such requests are spared."
    )
    times: int | None = Field(
        default=None,
        ge=1,
        le=1_000_000,
        description="So many after them are hit; or all.",
    )
    fault: FaultPart


class ChanceOfFaults(Closed):
    """Faults by chance: the same seed spoils the same requests in the same way."""

    rate_pct: Percent = Field(description="How many of all requests go wrong.")
    faults: tuple[FaultKind, ...] = Field(
        min_length=1, description="Those that may; each request draws among those that fit it."
    )
    late_arrival_s: tuple[Positive, Positive] = Field(description="The earliest and the latest.")
    list_lag_s: tuple[NotNegative, NotNegative] = Field(description="The least and the most.")
    hold_s: tuple[NotNegative, NotNegative] = Field(
        description="How long a connection that is lost stays silent, at least and at most."
    )
    lasts_s: tuple[Positive, Positive] = Field(
        description="How long a product stays halted or coarse, at least and at most."
    )
    drip_s: tuple[Positive, Positive] = Field(
        description="How long a slow answer takes, at least and at most."
    )


class ScriptedMishap(Closed):
    """Which messages of the stream have which mishap."""

    channel: str = Field(
        pattern=r"^[a-z0-9_]{1,32}$", description="The channel that they carry, such as `l2_data`."
    )
    mishap: MishapKind = Field(description="What becomes of the message.")
    lasts_s: Seconds = Field(default=Decimal(0), description="How long a silence or freeze is.")
    skip: int = Field(default=0, ge=0, le=1_000_000, description="So many messages are spared.")
    times: int | None = Field(
        default=None,
        ge=1,
        le=1_000_000,
        description="So many after them are hit; or all.",
    )


class ChanceOfMishaps(Closed):
    """Mishaps by chance: a connection carries many messages, and one mishap can end it."""

    rate_pct: Percent = Field(description="How many of all messages go wrong.")
    mishaps: tuple[MishapKind, ...] = Field(min_length=1, description="Those that may.")
    lasts_s: tuple[NotNegative, NotNegative] = Field(
        description="How long a silence or freeze is, at least and at most."
    )


class Streams(Closed):
    """What goes wrong in the websocket's messages."""

    script: tuple[ScriptedMishap, ...] = Field(
        default=(), max_length=1000, description="What goes wrong at which message."
    )
    chance: ChanceOfMishaps | None = Field(
        default=None, description="What may happen to every message that the script spares."
    )


class QuotaPart(Closed):
    """How many requests the venue takes; beyond them it answers with 429."""

    private_per_s: Positive = Field(description="Requests a second that are signed.")
    public_per_s: Positive = Field(description="Requests a second that are not.")


class FaultPlanSpec(Closed):
    """The plan."""

    seed: int = Field(ge=0, le=2**63 - 1, description="Decides every draw.")
    script: tuple[ScriptedFault, ...] = Field(
        default=(), max_length=1000, description="What goes wrong at which request."
    )
    chance: ChanceOfFaults | None = Field(
        default=None, description="What may happen to every request that the script spares."
    )
    streams: Streams | None = Field(
        default=None, description="The same for the messages of the websocket."
    )
    quota: QuotaPart | None = Field(
        default=None, description="How many requests are taken; left out, any number."
    )


class FaultPlanDocument(Closed):
    """What goes wrong at a venue on purpose."""

    KIND: ClassVar[str] = "FaultPlan"
    apiVersion: Literal["mandate/v1"]  # noqa: N815 - the document's own spelling
    kind: Literal["FaultPlan"]
    metadata: Metadata
    spec: FaultPlanSpec
