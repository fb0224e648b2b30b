"""Lots: which of the coins that were bought were sold, by the method that a person's books use.

In: what comes in and what goes out, of one product at a time. Out: lots that are open, and those
that were closed, each with its cost and both of its fees. Taking more than there is takes all that
there is: the fold says how much is ours.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING

from engine.model.numbers import ZERO

if TYPE_CHECKING:
    from engine.model.symbols import Symbol
    from engine.model.times import UtcTime


_GRID = Decimal("1e-12")
"""Of a shared amount, in the quote currency: far below what any venue books."""


class Method(Enum):
    """Which lot is sold first: the oldest, the dearest, or a part of all of them."""

    FIFO = "fifo"
    HIFO = "hifo"
    AVERAGE = "average"


@dataclass(frozen=True, slots=True)
class Lot:
    """Units that came in together: `cost` in the quote currency, `fees` apart from it."""

    symbol: Symbol
    opened: UtcTime
    quantity: Decimal
    cost: Decimal
    fees: Decimal

    @property
    def unit_cost(self) -> Decimal:
        """The price of one unit, without fees."""
        return self.cost / self.quantity


@dataclass(frozen=True, slots=True)
class Closed:
    """A lot that left, or a part of one; `proceeds` None where it was withdrawn and not sold.

    `fees` are those of buying and of selling together.
    """

    symbol: Symbol
    opened: UtcTime
    closed: UtcTime
    quantity: Decimal
    cost: Decimal
    fees: Decimal
    proceeds: Decimal | None

    @property
    def result(self) -> Decimal | None:
        """Proceeds less cost and fees, in the quote currency; nothing for a withdrawal."""
        return None if self.proceeds is None else self.proceeds - self.cost - self.fees


@dataclass(slots=True)
class Lots:
    """The open lots of one product, in the order in which they came in."""

    method: Method
    open: list[Lot] = field(default_factory=list)

    def add(self, lot: Lot) -> None:
        """Units came in. On average there is one lot, as old as its oldest part."""
        if self.method is not Method.AVERAGE or not self.open:
            self.open.append(lot)
            return
        held = self.open[0]
        self.open[0] = replace(
            held,
            quantity=held.quantity + lot.quantity,
            cost=held.cost + lot.cost,
            fees=held.fees + lot.fees,
        )

    def take(self, quantity: Decimal) -> list[Lot]:
        """The lots that so many units are; the last one may be a part."""
        taken: list[Lot] = []
        while quantity > 0 and self.open:
            place = self._next()
            lot = self.open[place]
            if lot.quantity <= quantity:
                taken.append(self.open.pop(place))
            else:
                part, self.open[place] = _split(lot, quantity)
                taken.append(part)
            quantity -= taken[-1].quantity
        return taken

    def _next(self) -> int:
        if self.method is not Method.HIFO:
            return 0
        # Of equally dear ones the oldest: `max` takes the first.
        return max(range(len(self.open)), key=lambda place: self.open[place].unit_cost)


def _split(lot: Lot, quantity: Decimal) -> tuple[Lot, Lot]:
    """A part of so many units, and the rest; their costs add up to the whole's, to the last digit.

    As the ledger's fold divides a position: what is left is worked out, and the part is what it
    is not.
    """
    left = lot.quantity - quantity
    rest = replace(
        lot,
        quantity=left,
        cost=lot.cost * left / lot.quantity,
        fees=lot.fees * left / lot.quantity,
    )
    part = replace(lot, quantity=quantity, cost=lot.cost - rest.cost, fees=lot.fees - rest.fees)
    return part, rest


def closed_by_sale(
    parts: list[Lot], time: UtcTime, proceeds: Decimal, fee: Decimal
) -> list[Closed]:
    """Share what a sale brought, and its fee, among the lots that it closed, by their units.

    The last takes what the others left, so the shares add up to the whole, to the last digit.
    """
    units = sum((each.quantity for each in parts), ZERO)
    found: list[Closed] = []
    left, fee_left = proceeds, fee
    for place, each in enumerate(parts):
        last = place == len(parts) - 1
        brought = left if last else _share(proceeds, each.quantity / units)
        paid = fee_left if last else _share(fee, each.quantity / units)
        left, fee_left = left - brought, fee_left - paid
        found.append(
            Closed(
                each.symbol,
                each.opened,
                time,
                each.quantity,
                each.cost,
                each.fees + paid,
                brought,
            )
        )
    return found


def _share(whole: Decimal, part: Decimal) -> Decimal:
    # On a grid, since a quotient of 28 digits leaves a rest that 28 digits cannot hold.
    return (whole * part).quantize(_GRID)


def withdrawn(parts: list[Lot], time: UtcTime) -> list[Closed]:
    """Lots that left without being sold: no result."""
    return [
        Closed(each.symbol, each.opened, time, each.quantity, each.cost, each.fees, None)
        for each in parts
    ]
