"""What is held, ordered and being sold, as parts of a console's panel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.trader_verbs.console.panel import Cell, Part, Tone
from cli.trader_verbs.shown import average, clock, exact, lasting, percent
from engine.cycle.records.telling import one_line
from engine.model.orders import OrderStatus

if TYPE_CHECKING:
    from engine.model.portfolio import ForeignOrder, WorkingOrder
    from engine.run.status import HeldPosition, Status

_NEAR_STOP_PCT = 0.5


def positions(status: Status) -> Part:
    """Each position, what it stands at, and how far its stop is."""
    heads = ("product", "quantity", "bought at", "bid", "result", "stop at", "to the stop", "held")
    rows = tuple(_position(each, status) for each in status.positions)
    return Part("positions", "Positions", heads, rows, "nothing is held", frozenset(range(1, 8)))


def _position(held: HeldPosition, status: Status) -> tuple[Cell, ...]:
    position, now = held.position, status.state.last_cycle
    age = "" if now is None else lasting(now.since_s(position.opened))
    result, room = held.result_pct, held.to_stop_pct
    tone = Tone.QUIET if not result else Tone.GOOD if result > 0 else Tone.BAD
    near = room is None or room < _NEAR_STOP_PCT
    return (
        Cell(str(position.symbol)),
        Cell(exact(position.quantity)),
        Cell(average(position.entry_price)),
        Cell("none", Tone.WARN) if held.bid is None else Cell(exact(held.bid)),
        Cell(percent(result), tone),
        Cell(average(held.stop_price)),
        Cell("unknown" if room is None else f"{room:.2f} %", Tone.WARN if near else Tone.PLAIN),
        Cell(age, Tone.QUIET),
    )


def orders(status: Status) -> Part:
    """Orders under way, those of unknown fate and those that nobody here made first."""
    heads = ("status", "order", "left", "of", "price", "until", "id")
    ours = sorted(status.state.working.values(), key=lambda o: (not _doubtful(o), o.number))
    rows = (*map(_working, ours), *map(_foreign, status.foreign))
    urgent = any(row[0].tone is Tone.BAD for row in rows)
    numbers = frozenset({2, 3, 4})
    return Part("orders", "Orders", heads, rows, "no order is under way", numbers, urgent)


def _working(order: WorkingOrder) -> tuple[Cell, ...]:
    word = order.status.value
    return (
        Cell(word.upper(), Tone.BAD) if _doubtful(order) else Cell(word),
        Cell(f"{order.side.value} {order.symbol}"),
        Cell(exact(order.remaining)),
        Cell(exact(order.quantity)),
        Cell("market" if order.limit_price is None else exact(order.limit_price)),
        Cell("" if order.expires is None else clock(order.expires)),
        Cell(order.client_order_id, Tone.QUIET),
    )


def _doubtful(order: WorkingOrder) -> bool:
    return order.status is OrderStatus.UNKNOWN


def _foreign(order: ForeignOrder) -> tuple[Cell, ...]:
    return (
        Cell("ORPHAN", Tone.BAD) if order.ours else Cell("of others", Tone.WARN),
        Cell(f"{order.side.value} {order.symbol}"),
        Cell(exact(order.remaining)),
        Cell(exact(order.quantity)),
        Cell("market" if order.limit_price is None else exact(order.limit_price)),
        Cell(order.status.value),
        Cell(order.venue_order_id, Tone.QUIET),
    )


def liquidating(status: Status) -> Part:
    """What a person is selling, and what a rule wants less of."""
    heads = ("product", "since", "by", "why")
    sold = [
        (Cell(str(symbol)), Cell(clock(e.since)), Cell(e.who), Cell(one_line(e.why)))
        for symbol, e in sorted(status.state.liquidating.items())
    ]
    wanted = []
    for name, each in sorted(status.state.overdue.items()):
        rule, symbol = name.rsplit(" ", 1)
        why = f"held {exact(each.quantity)} then, more than it allows"
        wanted.append((Cell(symbol), Cell(clock(each.since)), Cell(rule), Cell(why)))
    return Part("selling", "Being sold", heads, (*sold, *wanted), "nothing is being sold")
