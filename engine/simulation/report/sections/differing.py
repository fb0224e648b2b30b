"""What differs from the other set: money, and every order that appears, vanishes or changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.cycle.records.telling import short_rule
from engine.markup import element, table
from engine.model.numbers import ZERO, canonical_number
from engine.simulation.against import Change
from engine.simulation.figures import figures_of
from engine.simulation.report.sections.wording import pct, signed, stamp, usd

if TYPE_CHECKING:
    from engine.markup import Html
    from engine.simulation.against import Changed, Difference
    from engine.simulation.figures import Figures
    from engine.simulation.result import OrderTold

_MOST_ROWS = 400


def differs(difference: Difference) -> Html:
    """Both sets side by side."""
    counts = [f"{difference.count(c):,} {c.value}" for c in Change if difference.count(c)]
    lead = ", ".join(counts) if counts else "The same orders under both sets."
    rows = [_row(each) for each in difference.orders[:_MOST_ROWS]]
    more = len(difference.orders) - len(rows)
    caption = "Orders that differ" + (f", the first {len(rows):,}" if more else "")
    heads = ("when", "", "what", "before", "after", "denied on the other side by")
    return element(
        "section",
        element("h2", "What differs from the other set"),
        element("p", lead, class_="lead"),
        table("Money", ("", "the other set", "this set", "difference"), _money(difference), 3),
        table(caption, heads, rows) if rows else element("p", "No order differs.", class_="note"),
        id="differs",
    )


def _money(difference: Difference) -> list[tuple[str, ...]]:
    base, head = figures_of(difference.base), figures_of(difference.head)
    sent = [len(each.sent) for each in (difference.base, difference.head)]
    denied = [len(each.denied) for each in (difference.base, difference.head)]
    return [
        ("result, USD", signed(base.result), signed(head.result), signed(difference.result)),
        ("worst drawdown", _fall(base), _fall(head), pct(difference.drawdown_pct)),
        ("fees, USD", usd(base.fees), usd(head.fees), signed(difference.fees)),
        ("orders allowed", f"{sent[0]:,}", f"{sent[1]:,}", f"{sent[1] - sent[0]:+,}"),
        ("orders denied", f"{denied[0]:,}", f"{denied[1]:,}", f"{denied[1] - denied[0]:+,}"),
    ]


def _fall(figures: Figures) -> str:
    return f"{0.0 if figures.drawdown is None else figures.drawdown.pct:.2f} %"


def _row(changed: Changed) -> tuple[str, ...]:
    order = changed.order
    return (
        stamp(order.time),
        changed.change.value,
        f"{order.intent.side.value} {order.intent.symbol} {order.intent.intent.value}",
        _size(changed.base),
        _size(changed.head),
        ", ".join(map(short_rule, changed.refused_by)),
    )


def _size(order: OrderTold | None) -> str:
    return canonical_number(ZERO if order is None else order.decision.quantity)
