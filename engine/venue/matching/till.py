"""The account's money: what is there, what working orders bind, what executions move.

In: orders as they stand, executions, transfers. Out: balances, and whether an order can be paid.
Refuses to go below zero (`OverdrawnError`): withdrawals are asked about before, everything else
would be a mistake of the venue.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.adapters.paper.matching import total
from engine.adapters.paper.money import exactly
from engine.adapters.paper.wallet import OverdrawnError, Wallet
from engine.model.orders import Side
from engine.venue.matching.charges import left_of
from engine.venue.orders import Balance

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from decimal import Decimal

    from engine.model.market import BookLevel
    from engine.venue.matching.charges import Charges
    from engine.venue.orders import Execution, Order


class Till:
    """The money of one account."""

    def __init__(self, cash: Mapping[str, Decimal], charges: Charges) -> None:
        self._wallet = Wallet(cash)
        self._charges = charges

    def balances(self) -> Sequence[Balance]:
        """What is held of each currency, by name."""
        units = self._wallet.units()
        with exactly():
            return [
                Balance(name, held, held - self._wallet.free(name))
                for name, held in sorted(units.items())
            ]

    def affords(self, order: Order, taken: Sequence[BookLevel]) -> bool:
        """Whether free money covers all of it at its limit, or what a market order takes."""
        if order.side is Side.SELL:
            size = total(taken)[0] if order.size is None else left_of(order)
            return size <= self._wallet.free(order.symbol.base)
        if order.limit_price is not None:
            currency, units = self._charges.bound(order)
            return units <= self._wallet.free(currency)
        free = self._wallet.free(order.symbol.quote)
        budget = order.request.quote_size
        if budget is not None:
            return budget <= free
        return self._charges.cost(order, total(taken)[1]) <= free

    def bind(self, order: Order) -> None:
        """Bind what the rest of an order can still cost, instead of what it bound before."""
        if order.status.final or not order.request.configuration.rests:
            self.release(order.order_id)
        else:
            self._wallet.hold(order.order_id, *self._charges.bound(order))

    def release(self, order_id: str) -> None:
        """Let go of what an order binds."""
        self._wallet.release(order_id)

    def book(self, execution: Execution) -> None:
        """Move the money of one execution; what was bound for it goes first."""
        self.release(execution.order_id)
        bought = execution.side is Side.BUY
        with exactly():
            notional = execution.size * execution.price
            quote = -notional - execution.fee if bought else notional - execution.fee
            base = execution.size if bought else -execution.size
        self._wallet.move(execution.symbol.base, base)
        self._wallet.move(execution.symbol.quote, quote)

    def move(self, currency: str, units: Decimal) -> None:
        """Take in a deposit, or a withdrawal (negative) of what no order binds."""
        with exactly():
            left = self._wallet.free(currency) + units
        if left < 0:
            message = f"{currency} that no order binds would stand at {left}"
            raise OverdrawnError(message)
        self._wallet.move(currency, units)
