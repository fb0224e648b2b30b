"""Books summed up: fees by product and kind of execution, results by product.

In: fills and closed lots. Out: rows, one currency each: nothing is converted, since the ledger
holds no rate of the day.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from engine.model.numbers import ZERO

if TYPE_CHECKING:
    from collections.abc import Iterable
    from decimal import Decimal

    from engine.model.symbols import Symbol
    from engine.reporting.books import Fill
    from engine.reporting.lots import Closed

_BPS = 10_000


@dataclass(frozen=True, slots=True)
class Fees:
    """What executions of one product cost, resting or immediate."""

    symbol: Symbol
    maker: bool
    fills: int
    notional: Decimal
    fee: Decimal

    @property
    def bps(self) -> Decimal | None:
        """The fee in basis points of what was traded."""
        return _BPS * self.fee / self.notional if self.notional else None


@dataclass(frozen=True, slots=True)
class Result:
    """What one product's closed lots came to; `withdrawn` units are in none of the sums."""

    symbol: Symbol
    lots: int
    won: int
    quantity: Decimal
    proceeds: Decimal
    cost: Decimal
    fees: Decimal
    withdrawn: Decimal

    @property
    def result(self) -> Decimal:
        """Proceeds less cost and fees, in the quote currency."""
        return self.proceeds - self.cost - self.fees


def fees_of(fills: Iterable[Fill]) -> list[Fees]:
    """By product, resting orders first."""

    def key(fill: Fill) -> tuple[str, bool]:
        return (str(fill.symbol), not fill.maker)

    found = []
    for _, group in groupby(sorted(fills, key=key), key=key):
        each = list(group)
        notional = sum((fill.notional for fill in each), ZERO)
        fee = sum((fill.fee for fill in each), ZERO)
        found.append(Fees(each[0].symbol, each[0].maker, len(each), notional, fee))
    return found


def results_of(closed: Iterable[Closed]) -> list[Result]:
    """By product."""

    def key(lot: Closed) -> str:
        return str(lot.symbol)

    return [_result(list(group)) for _, group in groupby(sorted(closed, key=key), key=key)]


def _result(closed: list[Closed]) -> Result:
    sold = [each for each in closed if each.proceeds is not None]
    gone = [each for each in closed if each.proceeds is None]
    return Result(
        symbol=closed[0].symbol,
        lots=len(sold),
        won=sum(each.result is not None and each.result > 0 for each in sold),
        quantity=sum((each.quantity for each in sold), ZERO),
        proceeds=sum((each.proceeds or ZERO for each in sold), ZERO),
        cost=sum((each.cost for each in sold), ZERO),
        fees=sum((each.fees for each in sold), ZERO),
        withdrawn=sum((each.quantity for each in gone), ZERO),
    )
