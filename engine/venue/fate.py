"""The port behind which an order's fate stands.

In: requests that were read and market events. Out: orders, executions, balances. Today orders
meet the honest matching of `engine.venue.matching`; whoever judges and forwards the orders of
other people's bots implements the same six calls. What happens is told through `news` while a
call runs, so that it can be made durable before anybody is answered.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from engine.model.market import MarketEvent
    from engine.model.times import UtcTime
    from engine.venue.orders import Balance, Execution, Order, OrderRequest
    from engine.venue.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Placed:
    """Taken under this id, which is an earlier order's when the client order id was used before."""

    order_id: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What an order would come to: `total` is paid or received, `fee` in it.

    `average` is the price of what would be filled at once, `slippage_ratio` how far that is from
    the best price; both are 0 where nothing would be.
    """

    size: Decimal
    notional: Decimal
    total: Decimal
    fee: Decimal
    average: Decimal
    slippage_ratio: Decimal


class Fate(Protocol):
    """What becomes of orders."""

    async def place(self, request: OrderRequest) -> Placed | Refusal:
        """Take an order, or refuse it."""
        ...

    def preview(self, request: OrderRequest, instead_of: Order | None = None) -> Preview | Refusal:
        """What an order would do now, without doing it; what `instead_of` binds counts as free."""
        ...

    async def cancel(self, order_id: str) -> Refusal | None:
        """Cancel a working order; the refusal when there is nothing to cancel."""
        ...

    async def edit(self, order_id: str, price: Decimal, size: Decimal) -> Refusal | None:
        """Change a resting order's price and size, or say why not."""
        ...

    def pass_time(self) -> None:
        """End what expired meanwhile."""
        ...

    def on_event(self, event: MarketEvent) -> None:
        """Take in what the market shows."""
        ...

    def order(self, order_id: str) -> Order | None:
        """One order as it stands."""
        ...

    def orders(self) -> Sequence[Order]:
        """Every order as it stands, oldest first."""
        ...

    def executions(self) -> Sequence[Execution]:
        """Every execution, oldest first."""
        ...

    def balances(self) -> Sequence[Balance]:
        """What is held of each currency, by name."""
        ...

    @property
    def now(self) -> UtcTime:
        """The venue's time, which never runs backwards."""
        ...
