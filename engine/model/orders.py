"""Orders: what is wanted, what was approved, and what the venue says became of it.

An `OrderIntent` is a wish; only the judge turns it into an `ApprovedOrder`, and only that
fits the exchange port. Quantities are base units, prices quote currency, all Decimal.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from decimal import Decimal

    from engine.model.symbols import Symbol
    from engine.model.times import UtcTime


class Side(Enum):
    """Buy base with quote, or sell it."""

    BUY = "BUY"
    SELL = "SELL"


class Intent(Enum):
    """Why an order is wanted: new risk (`entry`, `add`) or less of it (the others)."""

    ENTRY = "entry"
    ADD = "add"
    EXIT = "exit"
    TRIM = "trim"
    PURGE = "purge"

    @property
    def adds_risk(self) -> bool:
        """Whether such an order can make exposure larger."""
        return self is Intent.ENTRY or self is Intent.ADD

    @property
    def side(self) -> Side:
        """On spot, risk is added by buying and reduced by selling."""
        return Side.BUY if self.adds_risk else Side.SELL


class Mode(Enum):
    """How real it is; ordered from the least to the most risk."""

    DRY_RUN = "dry_run"
    PAPER = "paper"
    LIVE = "live"


class OrderForm(Enum):
    """How an order meets the book."""

    POST_ONLY = "post_only"
    LIMIT_IOC = "limit_ioc"
    MARKET_IOC = "market_ioc"


class OrderStatus(Enum):
    """Where an order stands, by the venue's word; UNKNOWN is a state of its own."""

    SENT = "sent"
    OPEN = "open"
    FILLED = "filled"
    CANCELLED = "cancelled"
    REJECTED = "rejected"
    UNKNOWN = "unknown"
    NOT_SEEN = "not_seen"

    @property
    def final(self) -> bool:
        """Whether nothing more can happen to it."""
        return self in _FINAL


_FINAL = frozenset(
    {OrderStatus.FILLED, OrderStatus.CANCELLED, OrderStatus.REJECTED, OrderStatus.NOT_SEEN}
)


@dataclass(frozen=True, slots=True)
class ExitPlan:
    """How a position will be left, fixed at entry; percentages of the average entry price.

    `when` is an expression in canonical text. A stop that has been undecidable for
    `blind_exit_after_s` sells.
    """

    stop_pct: Decimal
    blind_exit_after_s: int
    target_pct: Decimal | None = None
    trailing_pct: Decimal | None = None
    max_hold_s: int | None = None
    when: str | None = None


@dataclass(frozen=True, slots=True)
class OrderIntent:
    """One wish, priced: `quantity` is what is asked for, before any rule has seen it.

    `number` counts intents in the stream; `parent` is the number of the intent that this one
    replaces (a reprice or a fallback), `rung` its place on the ladder. It counts against limits
    at `worst_price`: the limit, or what a market order is assumed to reach at worst.
    """

    number: int
    symbol: Symbol
    intent: Intent
    form: OrderForm
    quantity: Decimal
    limit_price: Decimal | None
    reference_price: Decimal
    worst_price: Decimal
    strategy: str
    reason: str
    conviction: float | None = None
    plan: ExitPlan | None = None
    time_to_live_s: int | None = None
    parent: int | None = None
    ladder: str = "entry"
    rung: int = 0

    @property
    def side(self) -> Side:
        """The side that follows from why the order is wanted."""
        return self.intent.side


@dataclass(frozen=True, slots=True)
class ApprovedOrder:
    """An order that the judge allowed: the only thing that an exchange accepts.

    Only `engine.cycle.judge.approved` makes one, from a decision that allows it. `policy_set` is
    all 64 digits of the set that approved it.
    """

    client_order_id: str
    policy_set: str
    intent: OrderIntent
    quantity: Decimal
    expires: UtcTime | None

    @property
    def symbol(self) -> Symbol:
        """The product to trade."""
        return self.intent.symbol


@dataclass(frozen=True, slots=True)
class VenueOrder:
    """An order as the venue reports it; `filled_*` are totals, not differences.

    `fees` is what its executions cost together, None where the venue does not say.
    """

    venue_order_id: str
    client_order_id: str
    symbol: Symbol
    side: Side
    form: OrderForm
    quantity: Decimal
    limit_price: Decimal | None
    status: OrderStatus
    filled_quantity: Decimal
    filled_notional: Decimal
    created: UtcTime
    reason: str = ""
    fees: Decimal | None = None


@dataclass(frozen=True, slots=True)
class OrderChange:
    """What the venue told of one order without being asked: where it stands, and what is new.

    `filled_quantity` is a total; `fresh_*` is what came since it was last told: a fill, or several
    as one, without its fee. It says that the account is worth reading, and replaces no reading.
    """

    venue_order_id: str
    client_order_id: str
    symbol: Symbol
    side: Side
    status: OrderStatus
    filled_quantity: Decimal
    fresh_quantity: Decimal
    fresh_notional: Decimal


@dataclass(frozen=True, slots=True)
class MissedNews:
    """Nobody listened until here: anything may have happened to any order."""


OrderNews = OrderChange | MissedNews


@dataclass(frozen=True, slots=True)
class Fill:
    """One execution; `fee` is in quote currency, `maker` tells who rested."""

    fill_id: str
    venue_order_id: str
    client_order_id: str
    symbol: Symbol
    side: Side
    quantity: Decimal
    price: Decimal
    fee: Decimal
    maker: bool
    time: UtcTime


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """The venue took the order under `venue_order_id`."""

    venue_order_id: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """The venue refused the order, in its own words; a post-only that would cross says so."""

    reason: str
    would_cross: bool = False


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nobody can say yet whether the order exists."""

    reason: str


@dataclass(frozen=True, slots=True)
class NotSent:
    """No byte of the request left this machine: the order cannot exist."""

    reason: str


@dataclass(frozen=True, slots=True)
class Collision:
    """The venue answers with another order under our id; a person has to look."""

    venue_order_id: str
    reason: str


SubmitOutcome = Acknowledged | Rejected | Unknown | NotSent | Collision
