"""Which orders and executions a list is asked for: its filters, read once.

In: the query of a request. Out: `Choice`, which tells for each order and execution whether it is
meant. A filter that is not stated lets everything through; one that is repeated, or a list, lets
through each of its values. Refuses (`WireError`) dates that are none. There is no filter by client
order id, as at the real venue.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.adapters.coinbase import wire
from engine.venue.bodies.orders import order_type

if TYPE_CHECKING:
    from collections.abc import Iterable

    from engine.model.times import UtcTime
    from engine.venue.orders import Execution, Order
    from engine.venue.passage import Asked


@dataclass(frozen=True, slots=True)
class Choice:
    """What is asked for; an empty set asks for everything, a span is [first, last)."""

    orders: frozenset[str]
    products: frozenset[str]
    statuses: frozenset[str]
    sides: frozenset[str]
    kinds: frozenset[str]
    trades: frozenset[str]
    first: UtcTime | None
    last: UtcTime | None

    def of_order(self, order: Order) -> bool:
        """Whether an order is meant."""
        pairs = (
            (order.order_id, self.orders),
            (str(order.symbol), self.products),
            (order.status.value, self.statuses),
            (order.side.value, self.sides),
            (order_type(order.request.configuration), self.kinds),
        )
        return _all_in(pairs) and self._in_span(order.created)

    def of_execution(self, execution: Execution) -> bool:
        """Whether an execution is meant."""
        pairs = (
            (execution.order_id, self.orders),
            (str(execution.symbol), self.products),
            (execution.trade_id, self.trades),
        )
        return _all_in(pairs) and self._in_span(execution.time)

    def _in_span(self, time: UtcTime) -> bool:
        early = self.first is not None and time < self.first
        return not early and (self.last is None or time < self.last)


def _all_in(pairs: Iterable[tuple[str, frozenset[str]]]) -> bool:
    return all(not wanted or value in wanted for value, wanted in pairs)


def choice_of(asked: Asked, first: str, last: str) -> Choice:
    """The choice of a query, whose span is named by these keys; raises `WireError`."""
    return Choice(
        orders=frozenset((*asked.all("order_ids"), *asked.all("order_id"))),
        products=frozenset((*asked.all("product_ids"), *asked.all("product_id"))),
        statuses=frozenset(asked.all("order_status")),
        sides=frozenset(asked.all("order_side")),
        kinds=frozenset((*asked.all("order_types"), *asked.all("order_type"))),
        trades=frozenset(asked.all("trade_ids")),
        first=_moment(asked, first),
        last=_moment(asked, last),
    )


def _moment(asked: Asked, key: str) -> UtcTime | None:
    text = asked.one(key)
    return wire.moment({key: text.replace("+00:00", "Z")}, key) if text else None
