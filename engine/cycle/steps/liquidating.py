"""A person's liquidate: everything of a product, or of all, is sold by the stop's ladder.

In: the ledger's word of what a person ordered. Out: positions that leave until they are flat, past
a halt and past latches; entries of the same products are refused meanwhile. It does not pass the
kill switch: that file means that nothing leaves this machine, whoever asks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.cycle.judging.situation import Block
from engine.model.decisions import ReasonCode

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from engine.cycle.desk import Desk
    from engine.model.orders import OrderIntent
    from engine.model.portfolio import Position

_KILL_SWITCH = ("by", "kill_switch")


def ordered(desk: Desk, position: Position) -> str | None:
    """Why a person wants this position sold; None when nobody does."""
    order = desk.state.liquidating.get(position.symbol)
    return None if order is None else f"liquidated by {order.who}: {order.why}"


def unanswered(desk: Desk, position: Position) -> bool:
    """Whether no order to leave was intended since the person asked for it."""
    order = desk.state.liquidating.get(position.symbol)
    last = position.last_exit
    return order is not None and (last is None or last < order.since)


def blocks(desk: Desk, intent: OrderIntent, standing: Iterable[Block]) -> Iterator[Block]:
    """What still stands in an order's way: for what is liquidated, a halt lets sells through."""
    liquidated = intent.symbol in desk.state.liquidating
    if liquidated and intent.intent.adds_risk:
        yield Block(ReasonCode.LIQUIDATING.value, (), exits_too=False)
    for block in standing:
        halted = block.code == ReasonCode.HALTED.value and _KILL_SWITCH not in block.values
        if not (liquidated and halted and not intent.intent.adds_risk):
            yield block


def finished(desk: Desk) -> list[str]:
    """The products of which nothing is left to sell, and nothing under way."""
    dust = desk.dust()
    return [
        str(symbol)
        for symbol in sorted(desk.state.liquidating)
        if (symbol not in desk.state.positions or symbol in dust)
        and not desk.state.working_for(symbol)
    ]
