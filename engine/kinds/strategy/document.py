"""Strategy: what is wanted, and how the position will be left again."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, PlainSerializer, model_validator

from engine.kinds.base import (
    Closed,
    Duration,
    FactExpression,
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
SEALED_FILE = "source.py"
"""What a seal writes for the name of a source: its text is sealed, and its name means nothing."""
WISHES = ("signals", "entry", "conviction", "size_pct")
"""What a strategy without a source of its own says in expressions."""


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


def _sealed_name(_file: str) -> str:
    return SEALED_FILE


class PythonSource(Closed):
    """A strategy whose wishes are the answer of one pure function, in a file beside the document.

    The file's name is not sealed: its text is.
    """

    file: Annotated[str, PlainSerializer(_sealed_name)] = Field(
        pattern=r"^[a-z][a-z0-9_]*\.py$",
        max_length=64,
        description="The source, in the directory of the document that names it.",
    )
    facts: tuple[FactExpression, ...] = Field(
        description="All that it is told of a product; nothing else reaches it."
    )
    max_steps: int = Field(
        ge=1,
        le=10_000_000,
        description="So many turns of loops and calls of its own functions at most, a cycle.",
    )


class StrategySpec(Closed):
    """Signals, the entry that they make, its size, and the exit plan; or Python for the first."""

    enabled: bool = Field(default=False, description="A strategy is off unless it says true.")
    tiers: UniqueNames = Field(min_length=1, description="The tiers that it may trade.")
    symbols: UniqueProducts = Field(
        default=(), description="Only these of them, and those of `groups`; neither: all."
    )
    groups: UniqueTexts = Field(
        default=(), description="Only products of these groups, and those of `symbols`."
    )
    signals: dict[Name, FlagExpression] | None = Field(
        default=None,
        min_length=1,
        description="Named questions to the market, for `entry` and `conviction`.",
    )
    entry: FlagExpression | None = Field(
        default=None, description="When to enter, in terms of `signals.NAME`."
    )
    conviction: NumberExpression | None = Field(
        default=None, description="From 0 to 1; per symbol the strongest conviction wins."
    )
    python: PythonSource | None = Field(
        default=None,
        description="A source instead of `signals`, `entry`, `conviction` and `size_pct`.",
    )
    min_conviction: Positive = Field(
        le=1, json_schema_extra={"maximum": 1}, description="Below this it does not enter."
    )
    canary: Canary | None = Field(default=None, description="A smaller size when in doubt.")
    size_pct: NumberExpression | None = Field(
        default=None, description="How much to ask for, in pct of equity."
    )
    add: Addition | None = Field(default=None, description="Whether and when it buys more.")
    params: Params = Field(default_factory=dict)
    exit: ExitPlanSpec
    budget: Budget

    @model_validator(mode="after")
    def _check(self) -> StrategySpec:
        said = [name for name in WISHES if getattr(self, name) is not None]
        if self.python is None and len(said) != len(WISHES):
            missing = ", ".join(f"`{name}`" for name in WISHES if name not in said)
            message = f"a strategy without `python` needs {missing}"
            raise ValueError(message)
        if self.python is not None and (said or self.add is not None):
            other = said[0] if said else "add"
            message = f"`{other}` has no meaning beside `python`: the source says what is wanted"
            raise ValueError(message)
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
