"""Two sets side by side as text: the money between them, and the orders that differ.

In: a `Difference`. Out: text; the first orders in full, the others by count.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.trader_verbs.shown import clock, columns, exact, money, percent, signed, stamp
from engine.cycle.records.telling import short_rule
from engine.model.numbers import ZERO
from engine.simulation.against import Change
from engine.simulation.figures import figures_of

if TYPE_CHECKING:
    from decimal import Decimal

    from engine.simulation.against import Changed, Difference
    from engine.simulation.figures import Figures
    from engine.simulation.result import OrderTold, Simulation

_SHOWN = 12


def comparison_page(found: Difference) -> str:
    """The table of both sets, and what differs."""
    base, head = figures_of(found.base), figures_of(found.head)
    rows = [
        ("against", stamp(found.base.policy_set.hash), "->", stamp(found.head.policy_set.hash), ""),
        ("result", signed(base.result), "->", signed(head.result), _by(found.result)),
        ("worst drawdown", _fall(base), "->", _fall(head), percent(found.drawdown_pct)),
        ("fees", money(base.fees), "->", money(head.fees), _by(found.fees)),
        ("orders allowed", *_counts(found.base, found.head, denied=False)),
        ("orders denied", *_counts(found.base, found.head, denied=True)),
    ]
    return columns(rows, right=(1, 3, 4), indent=0) + "\n" + _orders(found)


def _by(difference: Decimal | None) -> str:
    return "" if difference is None or difference == 0 else signed(difference)


def _fall(figures: Figures) -> str:
    return f"{0.0 if figures.drawdown is None else figures.drawdown.pct:.2f} %"


def _counts(base: Simulation, head: Simulation, *, denied: bool) -> tuple[str, str, str, str]:
    numbers = [len(each.denied if denied else each.sent) for each in (base, head)]
    moved = numbers[1] - numbers[0]
    return f"{numbers[0]:,}", "->", f"{numbers[1]:,}", f"{moved:+,}" if moved else ""


def _orders(found: Difference) -> str:
    if not found.orders:
        return "the same orders under both sets\n"
    counts = [f"{found.count(change)} {change.value}" for change in Change if found.count(change)]
    head = f"orders that differ: {', '.join(counts)}\n"
    rows = [_row(each) for each in found.orders[:_SHOWN]]
    more = len(found.orders) - _SHOWN
    return head + columns(rows, right=(4,)) + (f"  and {more:,} more\n" if more > 0 else "")


def _row(changed: Changed) -> tuple[str, ...]:
    intent = changed.order.intent
    names = ", ".join(map(short_rule, changed.refused_by))
    before, after = (_quantity(each) for each in (changed.base, changed.head))
    why = f"denied on the other side by {names}" if names else ""
    size = f"{exact(before)} -> {exact(after)}"
    what = f"{intent.side.value} {intent.symbol}"
    return clock(changed.order.time), changed.change.value, what, intent.intent.value, size, why


def _quantity(order: OrderTold | None) -> Decimal:
    return ZERO if order is None else order.decision.quantity
