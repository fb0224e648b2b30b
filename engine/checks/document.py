"""Policy tests and the facts that they begin with, as a person writes them.

In: plain data of one file. Out: frozen documents. They lie in the folder `tests` of a policy set
and are of none of its kinds: nothing that is tested can come from a test.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, WithJsonSchema

from engine.kinds.base import (
    Closed,
    Duration,
    Instant,
    Metadata,
    Name,
    Number,
    Positive,
    ProductName,
    Sentence,
)

_SCALAR: dict[str, Any] = {"anyOf": [{"type": "number"}, {"type": "boolean"}, {"type": "string"}]}
_ANY_OF_THEM: list[dict[str, Any]] = _SCALAR["anyOf"]

FactText = Annotated[
    object,
    WithJsonSchema(
        {
            "anyOf": [
                *_ANY_OF_THEM,
                {"type": "array", "minItems": 1, "maxItems": 1000, "items": _SCALAR},
            ]
        }
    ),
]
"""One value; `_` for none; a series such as `1+2x5`; or a list with a value for each cycle."""

Facts = Annotated[
    dict[str, FactText],
    Field(description="Facts by name; one that is not stated is one that nobody knows."),
]
"""Facts by name."""

RuleName = Annotated[str, Field(min_length=1, max_length=200)]

_PHASES: dict[str, Any] = {"enum": ["inactive", "pending", "firing", "resolved"]}


class ProductPart(Closed):
    """The product's grid and minimums, as the venue would state them."""

    base_increment: Positive = Field(description="Sizes are multiples of it.")
    price_increment: Positive = Field(description="Prices are multiples of it.")
    base_min_size: Positive = Field(description="The smallest quantity of an order.")
    quote_min_size: Positive = Field(description="The smallest value, in quote currency.")


class OrderPart(Closed):
    """An order that is put before the judge. A part that a test leaves out is the file's."""

    symbol: ProductName | None = Field(default=None, description="The product.")
    intent: Literal["entry", "add", "exit", "trim", "purge"] | None = Field(
        default=None, description="Why it is wanted; the side follows from it."
    )
    type: Literal["post_only", "limit_ioc", "market_ioc"] | None = Field(
        default=None, description="Left out: the first rung of the set's own ladder."
    )
    limit_price: Positive | None = Field(
        default=None, description="Left out: as the set's ladder prices it."
    )
    notional_usd: Positive | None = Field(
        default=None, description="How much, in the numeraire; the quantity is on the grid below."
    )
    quantity: Positive | None = Field(default=None, description="How much, in base units.")
    strategy: Name | None = Field(default=None, description="The strategy that wants it.")
    conviction: Number | None = Field(default=None, description="How sure the strategy is.")


class Expectation(Closed):
    """What must come out. What is not said may be anything, unless it is `exact`."""

    verdict: Literal["allow", "resize", "deny"] | None = Field(
        default=None, description="What the judge says of the order."
    )
    quantity: Annotated[Number, Field(ge=0)] | None = Field(
        default=None, description="The base units that it approves; 0 of a denied order."
    )
    reasons: tuple[RuleName, ...] | None = Field(
        default=None, description="Rules, or codes such as MAINTENANCE, that deny the order."
    )
    missing: tuple[RuleName, ...] | None = Field(
        default=None, description="Facts whose absence denies the order."
    )
    resized_by: tuple[RuleName, ...] | None = Field(
        default=None, description="Rules that make it smaller."
    )
    headroom: dict[RuleName, Number] | None = Field(
        default=None, description="What is left before a rule is breached, in the unit of its fact."
    )
    state: Literal["ACTIVE", "REDUCING", "HALTED"] | None = Field(
        default=None, description="What the account may do."
    )
    tripped: tuple[Name, ...] | None = Field(
        default=None, description="Breakers that are latched after the cycle."
    )
    alerts: (
        Annotated[
            dict[Name, object],
            WithJsonSchema(
                {
                    "type": "object",
                    "additionalProperties": {
                        "anyOf": [
                            _PHASES,
                            {"type": "array", "minItems": 1, "maxItems": 1000, "items": _PHASES},
                        ]
                    },
                }
            ),
        ]
        | None
    ) = Field(
        default=None, description="The alert's state after the cycle, or after each of all cycles."
    )
    tier: Name | None = Field(default=None, description="The product's tier; `none` when outside.")
    regime: Name | None = Field(default=None, description="How the market stands.")
    proposed_by: tuple[Name, ...] | None = Field(
        default=None, description="The strategy whose proposal for the product is the strongest."
    )
    rules: (
        Annotated[
            dict[RuleName, object],
            WithJsonSchema(
                {
                    "type": "object",
                    "additionalProperties": {
                        "anyOf": [{"type": "boolean"}, {"const": "undecided"}]
                    },
                }
            ),
        ]
        | None
    ) = Field(default=None, description="What single rules answer: true, false, undecided.")
    exact: bool = Field(
        default=False,
        description="Lists are complete: no other reason, breaker, alert or proposal.",
    )


class Given(Closed):
    """What a test begins with. Each part is laid over the same part of what stands around it."""

    facts: Facts = Field(default_factory=dict)
    order: OrderPart | Literal["none"] | None = Field(
        default=None, description="The order that is judged in every cycle, or `none`."
    )
    expect: Expectation | None = Field(default=None, description="What must come out.")


class Case(Given):
    """One row of a table."""

    name: Sentence | None = Field(default=None, description="Left out: the facts that it states.")


class Checkpoint(Closed):
    """What must hold after an earlier cycle than the last."""

    cycle: int = Field(ge=1, le=1000, description="The number of the cycle; the first is 1.")
    expect: Expectation = Field(description="What must hold then.")


class PolicyTest(Given):
    """One test: facts, perhaps an order, and what must come out."""

    name: Sentence = Field(description="A sentence that is true of the policies.")
    mode: Literal["dry_run", "paper", "live"] | None = Field(
        default=None, description="The mode that is tested; left out, the Deployment's."
    )
    at: Instant | None = Field(default=None, description="The time of the first cycle.")
    every: Duration | None = Field(default=None, description="The time between two cycles.")
    product: ProductPart | None = Field(default=None, description="Its grid and minimums.")
    tripped: tuple[Name, ...] = Field(
        default=(), description="Breakers that were tripped when the first cycle began."
    )
    member_of: Name | None = Field(
        default=None, description="The tier that the product was in when the first cycle began."
    )
    matrix: Annotated[
        dict[str, tuple[FactText, ...]],
        WithJsonSchema(
            {
                "type": "object",
                "minProperties": 1,
                "additionalProperties": {
                    "type": "array",
                    "minItems": 1,
                    "maxItems": 100,
                    "items": _SCALAR,
                },
            }
        ),
    ] = Field(
        default_factory=dict,
        description="Facts with several values each: every combination is a case.",
    )
    cases: tuple[Case, ...] = Field(default=(), description="A table: each row is a case.")
    checkpoints: tuple[Checkpoint, ...] = Field(
        default=(), description="What must hold after cycles before the last."
    )


class PolicyTestsSpec(Closed):
    """Tests that share what they begin with."""

    given: Name | None = Field(
        default=None, description="The PolicyFacts that all tests of the file begin with."
    )
    at: Instant | None = Field(default=None, description="The time of the first cycle.")
    every: Duration | None = Field(default=None, description="The time between two cycles.")
    facts: Facts = Field(default_factory=dict)
    product: ProductPart | None = Field(default=None, description="Its grid and minimums.")
    order: OrderPart | None = Field(
        default=None, description="The order of every test that does not say otherwise."
    )
    tests: tuple[PolicyTest, ...] = Field(min_length=1, description="The tests.")


class PolicyTestsDocument(Closed):
    """Tests of the policy set in whose folder `tests` they lie."""

    KIND: ClassVar[str] = "PolicyTests"

    apiVersion: Literal["mandate/v1"]  # noqa: N815 - the document's own spelling
    kind: Literal["PolicyTests"]
    metadata: Metadata
    spec: PolicyTestsSpec


class PolicyFactsSpec(Closed):
    """Every fact, spelled out: nothing is known that is not here."""

    at: Instant | None = Field(default=None, description="The time of the first cycle.")
    every: Duration | None = Field(default=None, description="The time between two cycles.")
    facts: Facts
    product: ProductPart | None = Field(default=None, description="Its grid and minimums.")
    order: OrderPart | None = Field(default=None, description="The order of every test.")


class PolicyFactsDocument(Closed):
    """Facts that tests begin with, by the name that they give them."""

    KIND: ClassVar[str] = "PolicyFacts"

    apiVersion: Literal["mandate/v1"]  # noqa: N815 - the document's own spelling
    kind: Literal["PolicyFacts"]
    metadata: Metadata
    spec: PolicyFactsSpec


DOCUMENTS: dict[str, type[Closed]] = {
    PolicyTestsDocument.KIND: PolicyTestsDocument,
    PolicyFactsDocument.KIND: PolicyFactsDocument,
}
"""What a file of tests may be, by its kind."""
