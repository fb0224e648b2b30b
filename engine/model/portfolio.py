"""What is held and what is working, as the ledger knows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.model.numbers import ZERO

if TYPE_CHECKING:
    from decimal import Decimal

    from engine.model.orders import ExitPlan, Intent, OrderForm, OrderStatus, Side
    from engine.model.symbols import Symbol
    from engine.model.times import UtcTime


@dataclass(frozen=True, slots=True)
class Position:
    """Base units that our ledger bought and has not sold, with the plan to leave them.

    `cost` is what they cost in quote currency, fees apart; `peak_price` is the best bid seen
    at a cycle since entry, `last_exit` when an order to leave was last intended, `realised` what
    its sold part has gained, the fees of both sides included.
    """

    symbol: Symbol
    quantity: Decimal
    cost: Decimal
    fees: Decimal
    opened: UtcTime
    strategy: str
    plan: ExitPlan
    peak_price: Decimal
    blind_since: UtcTime | None = None
    last_exit: UtcTime | None = None
    entry_intent: int = 0
    realised: Decimal = ZERO

    @property
    def entry_price(self) -> Decimal:
        """Average price paid, in quote currency per base unit."""
        return self.cost / self.quantity


@dataclass(frozen=True, slots=True)
class WorkingOrder:
    """An intent that may still change what is held: counted in full until the venue says else.

    `worst_price` is the price at which it counts against limits; `parent` the intent that it goes
    on with. Of an order that is no more `wanted` the rest is not tried again. `filled_notional`
    and `fees` are what its fills so far add up to, in quote currency. It is `counted` in the pace
    once it may have left.
    """

    number: int
    client_order_id: str
    symbol: Symbol
    intent: Intent
    form: OrderForm
    quantity: Decimal
    limit_price: Decimal | None
    worst_price: Decimal
    reference_price: Decimal
    strategy: str
    reason: str
    ladder: str
    rung: int
    plan: ExitPlan | None
    created: UtcTime
    expires: UtcTime | None
    status: OrderStatus
    venue_order_id: str | None = None
    filled_quantity: Decimal = ZERO
    unknown_since: UtcTime | None = None
    parent: int | None = None
    conviction: float | None = None
    wanted: bool = True
    filled_notional: Decimal = ZERO
    fees: Decimal = ZERO
    counted: bool = False

    @property
    def side(self) -> Side:
        """Buy or sell."""
        return self.intent.side

    @property
    def remaining(self) -> Decimal:
        """Base units that could still be filled."""
        return self.quantity - self.filled_quantity


@dataclass(frozen=True, slots=True)
class ForeignOrder:
    """An order at our account that no intent of this ledger made, as the venue last told it.

    `ours` says that its id carries the stamp of one of our sets and our stream: an orphan.
    """

    venue_order_id: str
    client_order_id: str
    symbol: Symbol
    side: Side
    quantity: Decimal
    limit_price: Decimal | None
    status: OrderStatus
    filled_quantity: Decimal
    created: UtcTime
    ours: bool

    @property
    def remaining(self) -> Decimal:
        """Base units that could still be filled; none once it has ended."""
        return ZERO if self.status.final else self.quantity - self.filled_quantity
