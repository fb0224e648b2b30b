"""Which shown size an order meets: the arithmetic of filling, without any state.

In: levels, best first, and what an order wants. Out: what it takes of them, level by level.
Refuses to take more than is shown, past a limit, or at a price that only touches a resting one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.adapters.paper.money import exactly
from engine.model.market import BookLevel
from engine.model.numbers import ZERO
from engine.model.orders import Side

if TYPE_CHECKING:
    from collections.abc import Iterable
    from decimal import Decimal


def reaches(side: Side, limit: Decimal, price: Decimal) -> bool:
    """Whether an order of `side` with `limit` may trade at `price`."""
    return price <= limit if side is Side.BUY else price >= limit


def goes_through(side: Side, limit: Decimal, price: Decimal) -> bool:
    """Whether `price` is strictly better than the limit of a resting order of `side`.

    At the touch nothing is known: others may stand before us in the queue.
    """
    return price < limit if side is Side.BUY else price > limit


def takings(levels: Iterable[BookLevel], quantity: Decimal) -> list[BookLevel]:
    """The price and size that `quantity` takes of each level, until it is satisfied."""
    taken: list[BookLevel] = []
    left = quantity
    with exactly():
        for level in levels:
            if left == 0:
                break
            size = min(level.size, left)
            taken.append(BookLevel(level.price, size))
            left -= size
    return taken


def through(
    side: Side, limit: Decimal, levels: Iterable[BookLevel], left: Decimal
) -> list[BookLevel]:
    """What of these levels goes through a resting order of `side`, of which `left` is unfilled."""
    return takings([each for each in levels if goes_through(side, limit, each.price)], left)


def total(taken: Iterable[BookLevel]) -> tuple[Decimal, Decimal]:
    """Quantity and notional of takings."""
    quantity = notional = ZERO
    with exactly():
        for each in taken:
            quantity += each.size
            notional += each.size * each.price
    return quantity, notional
