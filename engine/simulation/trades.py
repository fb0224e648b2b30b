"""Round trips: executions put together from the first buy to the last sale.

In: executions, oldest first. Out: `Trade`s in the order in which they began; one that is open at
the end has no end. Results are after the fees of both sides, in the product's quote currency.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from engine.model.numbers import ZERO

if TYPE_CHECKING:
    from collections.abc import Iterable
    from decimal import Decimal

    from engine.model.symbols import Symbol
    from engine.model.times import UtcTime
    from engine.simulation.result import FillTold


@dataclass(frozen=True, slots=True)
class Trade:
    """One position from flat to flat; dust that is left counts as sold for nothing."""

    symbol: Symbol
    strategy: str
    opened: UtcTime
    closed: UtcTime | None
    bought: Decimal
    sold: Decimal
    paid: Decimal
    received: Decimal
    fees: Decimal
    rate: Decimal | None
    reason: str
    left_by: str

    @property
    def result(self) -> Decimal | None:
        """What it brought in the numeraire; None while it is open, and without a rate."""
        if self.closed is None or self.rate is None:
            return None
        return (self.received - self.paid - self.fees) * self.rate

    @property
    def result_pct(self) -> Decimal | None:
        """The result as a share of what was paid."""
        result = self.result
        if result is None or self.rate is None or not self.paid:
            return None
        return 100 * result / (self.paid * self.rate)

    @property
    def held_s(self) -> float | None:
        """From the first buy to the last sale."""
        return None if self.closed is None else self.closed.since_s(self.opened)


def trades_of(fills: Iterable[FillTold]) -> tuple[Trade, ...]:
    """The round trips of a run that began with no position."""
    open_now: dict[Symbol, Trade] = {}
    done: list[Trade] = []
    for fill in fills:
        before = open_now.pop(fill.symbol) if fill.symbol in open_now else _begun(fill)
        trade = _with(before, fill)
        if fill.flat and not fill.bought:
            done.append(replace(trade, closed=fill.time))
        else:
            open_now[fill.symbol] = trade
    return tuple(sorted((*done, *open_now.values()), key=lambda t: (t.opened, t.symbol)))


def _begun(fill: FillTold) -> Trade:
    return Trade(
        symbol=fill.symbol,
        strategy=fill.wish.strategy,
        opened=fill.time,
        closed=None,
        bought=ZERO,
        sold=ZERO,
        paid=ZERO,
        received=ZERO,
        fees=ZERO,
        rate=fill.rate,
        reason=fill.wish.reason,
        left_by="",
    )


def _with(trade: Trade, fill: FillTold) -> Trade:
    worth = fill.quantity * fill.price
    if fill.bought:
        return replace(
            trade,
            bought=trade.bought + fill.quantity,
            paid=trade.paid + worth,
            fees=trade.fees + fill.fee,
        )
    return replace(
        trade,
        sold=trade.sold + fill.quantity,
        received=trade.received + worth,
        fees=trade.fees + fill.fee,
        left_by=fill.wish.reason,
    )
