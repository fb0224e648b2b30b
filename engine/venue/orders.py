"""Orders as the venue keeps them: what was asked, how far it got, and each execution.

In: requests that were read from bodies. Out: frozen values; a change is another value, so that
whoever was told of one may keep it. Sizes are base units, prices and fees quote currency.
Refuses nothing: the matching asks only for what the state allows.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING

from engine.adapters.paper.money import exactly
from engine.model.numbers import ZERO
from engine.model.orders import Side

if TYPE_CHECKING:
    from engine.model.symbols import Symbol
    from engine.model.times import UtcTime


COLLAR_RATIO = Decimal("0.05")
"""How far beyond its stop a bracket goes once that is reached: 5 %, as the venue documents it."""


class Configuration(Enum):
    """The order configurations that are served, by their key in the body."""

    MARKET_IOC = "market_market_ioc"
    MARKET_FOK = "market_market_fok"
    LIMIT_IOC = "sor_limit_ioc"
    LIMIT_FOK = "limit_limit_fok"
    LIMIT_GTC = "limit_limit_gtc"
    LIMIT_GTD = "limit_limit_gtd"
    STOP_LIMIT_GTC = "stop_limit_stop_limit_gtc"
    STOP_LIMIT_GTD = "stop_limit_stop_limit_gtd"
    BRACKET_GTC = "trigger_bracket_gtc"
    BRACKET_GTD = "trigger_bracket_gtd"

    @property
    def rests(self) -> bool:
        """Whether what is not filled at once stays with the venue."""
        return not self.market and self not in {Configuration.LIMIT_IOC, Configuration.LIMIT_FOK}

    @property
    def ends(self) -> bool:
        """Whether it names the time at which it ends."""
        return self in {
            Configuration.LIMIT_GTD,
            Configuration.STOP_LIMIT_GTD,
            Configuration.BRACKET_GTD,
        }

    @property
    def plain(self) -> bool:
        """Whether it is a limit order that rests and waits for nothing."""
        return self in {Configuration.LIMIT_GTC, Configuration.LIMIT_GTD}

    @property
    def stops(self) -> bool:
        """Whether it is no order of the book before its stop is reached."""
        return self in {Configuration.STOP_LIMIT_GTC, Configuration.STOP_LIMIT_GTD}

    @property
    def brackets(self) -> bool:
        """Whether it rests at its limit and has a stop on the other side of the market."""
        return self in {Configuration.BRACKET_GTC, Configuration.BRACKET_GTD}

    @property
    def whole(self) -> bool:
        """Whether it is filled completely at once, or not at all."""
        return self in {Configuration.MARKET_FOK, Configuration.LIMIT_FOK}

    @property
    def market(self) -> bool:
        """Whether it names no price."""
        return self in {Configuration.MARKET_IOC, Configuration.MARKET_FOK}


class StopDirection(Enum):
    """Which way the price goes that a stop waits for, in the venue's words."""

    UP = "STOP_DIRECTION_STOP_UP"
    DOWN = "STOP_DIRECTION_STOP_DOWN"


class Status(Enum):
    """Where an order stands, in the venue's words."""

    PENDING = "PENDING"
    OPEN = "OPEN"
    FILLED = "FILLED"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"
    FAILED = "FAILED"

    @property
    def final(self) -> bool:
        """Whether nothing more can happen to it."""
        return self not in {Status.PENDING, Status.OPEN}


@dataclass(frozen=True, slots=True)
class OrderRequest:
    """What was asked for; one of `base_size` and `quote_size` is set.

    `stop_price` is a stop-limit's stop, or a bracket's trigger, whose direction its side says.
    """

    client_order_id: str
    symbol: Symbol
    side: Side
    configuration: Configuration
    base_size: Decimal | None = None
    quote_size: Decimal | None = None
    limit_price: Decimal | None = None
    end_time: UtcTime | None = None
    post_only: bool = False
    stop_price: Decimal | None = None
    stop_direction: StopDirection | None = None

    @property
    def waits_for(self) -> StopDirection | None:
        """Which way the price must go; None where there is no stop."""
        if self.configuration.brackets:
            return StopDirection.DOWN if self.side is Side.SELL else StopDirection.UP
        return self.stop_direction


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of a resting order's price and size."""

    price: Decimal
    size: Decimal
    time: UtcTime


@dataclass(frozen=True, slots=True)
class Order:
    """An order and how far it got; `size` and `limit_price` as they stand after edits.

    `number` counts orders of this venue from 1. `size` is None for a market order in quote
    currency. `queued` is when it took its place among resting orders. `fees` are charged in
    whole steps; `owed` is what the rates alone come to, so that parts never pay more than a whole.
    `triggered` is when its stop was reached; a bracket's `limit_price` is another since then.
    """

    number: int
    order_id: str
    request: OrderRequest
    size: Decimal | None
    limit_price: Decimal | None
    created: UtcTime
    queued: UtcTime
    changed: UtcTime
    status: Status = Status.OPEN
    filled: Decimal = ZERO
    notional: Decimal = ZERO
    fees: Decimal = ZERO
    owed: Decimal = ZERO
    fills_count: int = 0
    reason: str = ""
    edits: tuple[Edit, ...] = ()
    triggered: UtcTime | None = None

    @property
    def waits(self) -> bool:
        """Whether its stop is still to be reached."""
        return self.request.stop_price is not None and self.triggered is None

    @property
    def dormant(self) -> bool:
        """Whether it is no order of the book yet."""
        return self.request.configuration.stops and self.waits

    @property
    def symbol(self) -> Symbol:
        """The product."""
        return self.request.symbol

    @property
    def side(self) -> Side:
        """Buys or sells."""
        return self.request.side

    @property
    def rest_price(self) -> Decimal:
        """The price at which it rests; raises ValueError for a market order, which cannot."""
        if self.limit_price is None:
            message = f"{self.order_id} has no price to rest at"
            raise ValueError(message)
        return self.limit_price

    @property
    def collar_price(self) -> Decimal | None:
        """How far a bracket goes once its stop is reached; None where there is no stop."""
        stop = self.request.stop_price
        if stop is None:
            return None
        sign = 1 if self.side is Side.BUY else -1
        with exactly():
            return stop * (1 + sign * COLLAR_RATIO)

    @property
    def worst_price(self) -> Decimal:
        """The price at which it can cost most; raises ValueError for a market order."""
        price, beyond = self.rest_price, self.collar_price
        if beyond is None or not (self.request.configuration.brackets and self.waits):
            return price
        return max(price, beyond)


@dataclass(frozen=True, slots=True)
class Execution:
    """One execution of an order; `number` counts executions of this venue from 1."""

    number: int
    entry_id: str
    trade_id: str
    order_id: str
    client_order_id: str
    symbol: Symbol
    side: Side
    size: Decimal
    price: Decimal
    fee: Decimal
    maker: bool
    time: UtcTime


@dataclass(frozen=True, slots=True)
class Balance:
    """What an account holds of one currency: `held` is the part that working orders bind."""

    currency: str
    units: Decimal
    held: Decimal

    @property
    def available(self) -> Decimal:
        """What no order binds."""
        return self.units - self.held
