"""Two sets over one recording, side by side: which orders appear, vanish or change their size.

In: two simulations on the same terms. Out: `Changed` orders in the order of time, and the money
between the two. Orders are the same wish when product, intent, strategy and cycle are the same;
after the first difference the accounts differ, so a later one may follow from an earlier.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from engine.model.numbers import ZERO
from engine.simulation.blame import culprits
from engine.simulation.figures import figures_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from decimal import Decimal

    from engine.ledger.bodies import Body
    from engine.model.times import UtcTime
    from engine.simulation.result import OrderTold, Simulation

_Key = tuple["UtcTime", str, str, str, int]


class Change(Enum):
    """What became of an order under the other set; `base` is what there was before."""

    APPEARS = "appears"
    VANISHES = "vanishes"
    LARGER = "larger"
    SMALLER = "smaller"


@dataclass(frozen=True, slots=True)
class Changed:
    """One order that differs; `refused_by` is what denies it on the side where it is missing."""

    change: Change
    base: OrderTold | None
    head: OrderTold | None
    refused_by: tuple[str, ...]

    @property
    def order(self) -> OrderTold:
        """The order as the side that has it says."""
        found = self.base if self.head is None or self.change is Change.VANISHES else self.head
        # INVARIANT: an order that differs is on one side at least.
        assert found is not None  # noqa: S101 - narrows the type
        return found


@dataclass(frozen=True, slots=True)
class Difference:
    """What changes from `base` to `head`; money is head less base."""

    base: Simulation
    head: Simulation
    orders: tuple[Changed, ...]
    result: Decimal | None
    drawdown_pct: float
    fees: Decimal

    def count(self, change: Change) -> int:
        """How many orders change so."""
        return sum(each.change is change for each in self.orders)


def difference(base: Simulation, head: Simulation) -> Difference:
    """What differs between two sets on the same recording and terms."""
    ours, theirs = figures_of(head), figures_of(base)
    result = None
    if ours.result is not None and theirs.result is not None:
        result = ours.result - theirs.result
    falls = [0.0 if f.drawdown is None else f.drawdown.pct for f in (ours, theirs)]
    return Difference(
        base=base,
        head=head,
        orders=tuple(_changed(base, head)),
        result=result,
        drawdown_pct=falls[0] - falls[1],
        fees=ours.fees - theirs.fees,
    )


def _changed(base: Simulation, head: Simulation) -> list[Changed]:
    before, after = _by_wish(base.orders), _by_wish(head.orders)
    found = []
    for key in sorted({*before, *after}):
        change = _change(before.get(key), after.get(key))
        if change is not None:
            found.append(change)
    return found


def _change(base: OrderTold | None, head: OrderTold | None) -> Changed | None:
    was, now = _quantity(base), _quantity(head)
    if was == now:
        return None
    if not was:
        return Changed(Change.APPEARS, base, head, () if base is None else culprits(base))
    if not now:
        return Changed(Change.VANISHES, base, head, () if head is None else culprits(head))
    change = Change.LARGER if now > was else Change.SMALLER
    return Changed(change, base, head, ())


def _quantity(order: OrderTold | None) -> Decimal:
    return ZERO if order is None else order.decision.quantity


def _by_wish(orders: Iterable[OrderTold]) -> dict[_Key, OrderTold]:
    """Orders by what makes them the same wish; the count tells apart those of one cycle."""
    found: dict[_Key, OrderTold] = {}
    seen: Counter[tuple[UtcTime, str, str, str]] = Counter()
    for order in orders:
        intent = order.intent
        parts = (order.time, str(intent.symbol), intent.intent.value, intent.strategy)
        seen[parts] += 1
        found[(*parts, seen[parts])] = order
    return found


def difference_body(found: Difference) -> Body:
    """The difference as JSON."""
    return {
        "base": found.base.policy_set.hash,
        "head": found.head.policy_set.hash,
        "same_orders": not found.orders,
        "result_usd": None if found.result is None else str(found.result),
        "drawdown_pct": round(found.drawdown_pct, 4),
        "fees_usd": str(found.fees),
        "counts": {change.value: found.count(change) for change in Change},
        "orders": [_changed_body(each) for each in found.orders],
    }


def _changed_body(changed: Changed) -> Body:
    order = changed.order
    return {
        "change": changed.change.value,
        "time": str(order.time),
        "symbol": str(order.intent.symbol),
        "intent": order.intent.intent.value,
        "strategy": order.intent.strategy,
        "before": str(_quantity(changed.base)),
        "after": str(_quantity(changed.head)),
        "refused_by": [*changed.refused_by],
    }
