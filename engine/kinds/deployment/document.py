"""Deployment: where and for whom the set trades; all of it can move an order, so all is sealed."""

from __future__ import annotations

from decimal import Decimal  # noqa: TC003 - pydantic reads the annotation
from typing import ClassVar, Literal

from pydantic import Field, field_validator, model_validator

from engine.kinds.base import (
    Closed,
    Currency,
    Duration,
    FlagExpression,
    Metadata,
    Name,
    NotNegative,
    Params,
    Positive,
    ProductName,
    Sentence,
)
from engine.kinds.deployment.alerting import LOG, Alerting, Route
from engine.kinds.deployment.trust import (  # noqa: TC001 - pydantic reads the annotations
    GoingLive,
    Supervision,
)

LEAST_LEASE_S = 2
"""It is renewed three times in it, by a server that may be an ocean away."""


class Account(Closed):
    """The account that the set may trade, and the portfolio that its key must belong to."""

    name: Name = Field(description="What we call it; each account has a ledger of its own.")
    portfolio_id: str | None = Field(
        default=None,
        pattern=r"^[0-9a-f-]{36}$",
        description="The venue's portfolio id; live trading checks the key against it.",
    )


class Rate(Closed):
    """A stated conversion: one unit of the currency is worth `value` of the numeraire."""

    value: Positive = Field(description="Units of the numeraire for one unit of the currency.")
    source: Sentence = Field(description="Who says so, and of when.")


class Fees(Closed):
    """What trading is assumed to cost, in bps of notional."""

    maker_bps: NotNegative = Field(description="Fee of an order that rested in the book.")
    taker_bps: NotNegative = Field(description="Fee of an order that took from the book.")


class Grid(Closed):
    """A product's increments and minimums, as the venue states them."""

    base_increment: Positive = Field(description="Sizes are multiples of this.")
    price_increment: Positive = Field(description="Prices are multiples of this.")
    base_min_size: Positive = Field(description="The smallest size of an order.")
    quote_min_size: NotNegative = Field(description="The smallest notional of an order.")


class PaperProduct(Grid):
    """One product of the paper venue."""

    symbol: ProductName = Field(description="The product, such as BTC-USD.")


class Paper(Closed):
    """The paper venue: what it lends, and what can be traded there."""

    cash: dict[Currency, NotNegative] = Field(
        min_length=1, description="What the account holds at genesis."
    )
    products: tuple[PaperProduct, ...] = Field(
        default=(), description="The products that are listed, each with its grid."
    )
    any_product: Grid | None = Field(
        default=None, description="The grid of products that are not listed; without it they halt."
    )


class Regime(Closed):
    """How the market's regime is told, by facts of one reference product.

    Crash is asked before bear before bull; none of them is chop, and undecided is unknown.
    """

    reference: ProductName = Field(description="The product whose bars tell the regime.")
    crash_when: FlagExpression = Field(description="Asked first.")
    bear_when: FlagExpression = Field(description="Asked when it is no crash.")
    bull_when: FlagExpression = Field(description="Asked when it is neither crash nor bear.")
    params: Params = Field(default_factory=dict)


class AdoptedExit(Closed):
    """How adopted coins are left; percentages of the bid at which they were adopted."""

    stop_pct: Positive = Field(description="Sell when the bid is this far below that price.")
    target_pct: Positive | None = Field(default=None, description="Sell this far above it.")
    trailing_pct: Positive | None = Field(
        default=None, description="Sell this far below the best price since."
    )
    max_hold: Duration | None = Field(default=None, description="Sell after this long.")
    blind_exit_after: Duration = Field(
        description="Sell when the stop has been undecidable for this long."
    )


class Adoption(Closed):
    """Under which plan coins that our ledger did not buy become ours to sell."""

    exit: AdoptedExit


class LedgerOutage(Closed):
    """What goes on while a shared ledger does not hold what the journal on this machine does."""

    do: Literal["halt_entries", "go_on_locally"] = Field(
        description="No new risk, so that resting entries are cancelled too, or trading as ever; "
        "exits go on either way."
    )
    after: Duration | None = Field(
        default=None,
        description="With `halt_entries`: how long that may last before; without it, at once.",
    )

    @model_validator(mode="after")
    def _check(self) -> LedgerOutage:
        if self.do == "go_on_locally" and self.after is not None:
            message = "`after` is when entries halt, and `go_on_locally` never halts them"
            raise ValueError(message)
        return self


class Watchdog(Closed):
    """What a process of its own does when the loop stops beating."""

    silence: Duration = Field(
        description="Without a beat for so long, entries are cancelled at the venue. A loop beats "
        "ten times a second, and not while a cycle waits for the venue."
    )


class DeploymentSpec(Closed):
    """Mode, account and money; nothing here has a default that could add risk."""

    mode: Literal["dry_run", "paper", "live"] = Field(
        description="The riskiest mode that this set may run in: decide only, a paper venue, live."
    )
    venue: Literal["coinbase"] = Field(description="Where the account is.")
    account: Account
    read_only: bool = Field(description="True forbids every order that would leave the machine.")
    live_enabled: bool = Field(description="Live trading starts only where this says true.")
    stage: Literal["supervised", "canary", "full"] = Field(
        description="How far the set is trusted: a person watches, small sizes, all of it."
    )
    numeraire: Currency = Field(description="The currency in which equity and limits count.")
    rates: dict[Currency, Rate] = Field(
        description="Stated rates of other quote currencies; a currency without one is unpriced."
    )
    equity_planned_usd: tuple[Positive, Positive] = Field(
        description="The smallest and largest equity that the set is written for; lint uses both."
    )
    holdings_not_ours: Literal["ignore", "count", "adopt"] = Field(
        description="Coins that our ledger did not buy: unseen, part of equity, or ours to sell."
    )
    adopt: Adoption | None = Field(
        default=None, description="The plan of adopted coins; needed with `adopt`, and only there."
    )
    unpriced: Literal["zero", "last", "block"] = Field(
        description="A coin without a price: worth nothing, its last price, or no new entries."
    )
    liquidate_into: Currency = Field(description="What `trader liquidate` sells into.")
    fees: Fees
    regime: Regime
    paper: Paper | None = Field(default=None, description="Needed where the mode is paper.")
    on_ledger_outage: LedgerOutage | None = Field(
        default=None, description="Needed to run with a shared ledger: `--ledger postgresql://…`."
    )
    lease: Duration | None = Field(
        default=None,
        description="Needed to run with a shared ledger: how long its lease on the account lasts "
        "that nobody renews, at least 2s. Whoever was silent for longer sends nothing before the "
        "server says that the account is still his.",
    )
    watchdog: Watchdog | None = Field(
        default=None, description="Needed for `trader watchdog`, which waits no longer than this."
    )
    alerting: Alerting | None = Field(
        default=None,
        description="Where alerts go; needed for live trading. Without it there is the log alone.",
    )
    supervision: Supervision | None = Field(
        default=None,
        description="How a person is asked about each order; needed for live trading in stage "
        "supervised.",
    )
    going_live: GoingLive | None = Field(
        default=None,
        description="What must be shown before each stage; `trader doctor --go-live` asks for it.",
    )

    @property
    def routes(self) -> dict[str, Route]:
        """Every route by its name; `log` is there without being named."""
        named = {} if self.alerting is None else self.alerting.routes
        return {LOG: Route(through=LOG), **named}

    @field_validator("lease")
    @classmethod
    def _renewed_in_time(cls, lease: int | None) -> int | None:
        if lease is not None and lease < LEAST_LEASE_S:
            message = f"a lease below {LEAST_LEASE_S}s ends while the server is only slow"
            raise ValueError(message)
        return lease

    @field_validator("equity_planned_usd")
    @classmethod
    def _in_order(cls, planned: tuple[Decimal, Decimal]) -> tuple[Decimal, Decimal]:
        low, high = planned
        if low > high:
            message = "the smallest planned equity is above the largest"
            raise ValueError(message)
        return planned

    @model_validator(mode="after")
    def _check(self) -> DeploymentSpec:
        if self.mode == "paper" and self.paper is None:
            message = "paper mode says what the paper venue lends: `paper: {cash, products}`"
            raise ValueError(message)
        if (self.holdings_not_ours == "adopt") != (self.adopt is not None):
            message = (
                "`holdings_not_ours: adopt` says how adopted coins are left, with `adopt: {exit}`,"
                " and no other word needs it"
            )
            raise ValueError(message)
        if self.supervision is not None and self.supervision.route not in self.routes:
            message = f"`supervision` tells `{self.supervision.route}`, which is no route of ours"
            raise ValueError(message)
        return self


class DeploymentDocument(Closed):
    """Where and for whom a policy set trades. A set has exactly one."""

    KIND: ClassVar[str] = "Deployment"
    apiVersion: Literal["mandate/v1"]  # noqa: N815 - the document's own spelling
    kind: Literal["Deployment"]
    metadata: Metadata
    spec: DeploymentSpec
