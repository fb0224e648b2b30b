"""Positions: the lots that our orders bought, their cost, plan and peak.

In: fills of our orders, marks of cycles, changed plans. Out: `state.positions`. Units that no
plan of ours asked for are cash and never a position.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from engine.ledger import bodies
from engine.ledger.state import Deed, Overdue
from engine.model.numbers import ZERO
from engine.model.orders import Intent
from engine.model.portfolio import Position
from engine.model.symbols import Symbol

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from engine.ledger.bodies import Json
    from engine.ledger.state import State
    from engine.model.portfolio import WorkingOrder
    from engine.model.times import UtcTime


def bought(
    state: State,
    time: UtcTime,
    symbol: Symbol,
    body: Mapping[str, Json],
    order: WorkingOrder | None,
) -> None:
    """Add what was bought to the position, or open it with the plan of its order."""
    quantity, price = bodies.number(body, "quantity"), bodies.number(body, "price")
    fee = bodies.number(body, "fee")
    held = state.positions.get(symbol)
    if held is not None:
        grown = replace(
            held,
            quantity=held.quantity + quantity,
            cost=held.cost + quantity * price,
            fees=held.fees + fee,
        )
        state.positions[symbol] = _with_plan_of(grown, order, time, price)
        return
    if order is None or order.plan is None:
        # Units that no plan of ours asked for: cash says so, but they are not ours to sell.
        return
    state.positions[symbol] = Position(
        symbol,
        quantity,
        quantity * price,
        fee,
        time,
        order.strategy,
        order.plan,
        price,
        entry_intent=order.number,
    )


def _with_plan_of(
    held: Position, order: WorkingOrder | None, time: UtcTime, price: Decimal
) -> Position:
    """An entry over what was left as dust: the position is a new one, with the entry's plan."""
    if order is None or order.plan is None or order.number == held.entry_intent:
        return held
    if order.intent is not Intent.ENTRY:
        return held
    return replace(
        held,
        opened=time,
        strategy=order.strategy,
        plan=order.plan,
        peak_price=price,
        blind_since=None,
        last_exit=None,
        entry_intent=order.number,
    )


def sold(state: State, time: UtcTime, symbol: Symbol, body: Mapping[str, Json]) -> None:
    """Take what was sold out of the position and book the result."""
    held = state.positions.get(symbol)
    if held is None:
        return
    quantity = min(bodies.number(body, "quantity"), held.quantity)
    left = held.quantity - quantity
    cost = held.cost - held.cost * left / held.quantity
    fees = held.fees - held.fees * left / held.quantity
    gain = quantity * bodies.number(body, "price") - bodies.number(body, "fee") - cost - fees
    state.realised += gain
    rest = replace(
        held,
        quantity=left,
        cost=held.cost - cost,
        fees=held.fees - fees,
        realised=held.realised + gain,
    )
    if left > 0:
        state.positions[symbol] = rest
        return
    del state.positions[symbol]
    # A position sold in slices is one gain or one loss.
    lost = rest.realised < 0
    state.pace.losses_in_a_row = state.pace.losses_in_a_row + 1 if lost else 0
    state.pace.note(Deed.LOSS if lost else Deed.WIN, symbol, time)


def adopt(state: State, time: UtcTime, symbol: Symbol, body: Mapping[str, Json]) -> None:
    """Take coins that we did not buy for our own, as if bought now at the price told."""
    quantity, price = bodies.number(body, "quantity"), bodies.number(body, "price")
    held = state.positions.get(symbol)
    if held is not None:
        cost = held.cost + quantity * price
        state.positions[symbol] = replace(held, quantity=held.quantity + quantity, cost=cost)
        return
    state.positions[symbol] = Position(
        symbol,
        quantity,
        quantity * price,
        ZERO,
        time,
        bodies.text(body, "strategy"),
        bodies.plan_of(bodies.mapping(body, "plan")),
        price,
    )


def give_up(state: State, asset: str, *, at_most: Decimal) -> dict[Symbol, Decimal]:
    """Let go of units of an asset that are no longer there; they were no sale and no result."""
    held = [each for each in state.held() if each.symbol.base == asset]
    short = sum((each.quantity for each in held), ZERO) - max(ZERO, state.cash.get(asset, ZERO))
    short = min(short, at_most)
    gone: dict[Symbol, Decimal] = {}
    for each in held:
        units = min(each.quantity, short - sum(gone.values(), ZERO))
        if units <= 0:
            break
        gone[each.symbol] = units
        _shrink(state, each, each.quantity - units)
    return gone


def _shrink(state: State, held: Position, left: Decimal) -> None:
    if left == 0:
        del state.positions[held.symbol]
        return
    share = left / held.quantity
    state.positions[held.symbol] = replace(
        held, quantity=left, cost=held.cost * share, fees=held.fees * share
    )


def mark(state: State, symbol: Symbol, mark: Json) -> None:
    """Keep the peak bid and since when the position is blind."""
    position = state.positions.get(symbol)
    if position is None or not isinstance(mark, dict):
        return
    bid = bodies.optional_number(mark, "bid")
    peak = position.peak_price if bid is None else max(position.peak_price, bid)
    blind = bodies.optional_moment(mark, "blind_since")
    if (peak, blind) != (position.peak_price, position.blind_since):
        state.positions[symbol] = replace(position, peak_price=peak, blind_since=blind)


def mark_overdue(state: State, told: Mapping[str, Json]) -> None:
    """Keep of which holdings a rule wants less, since when, and when a slice was sold."""
    state.overdue = {
        name: Overdue(
            bodies.moment(each, "since"),
            bodies.number(each, "quantity"),
            bodies.optional_moment(each, "sliced"),
        )
        for name, each in told.items()
        if isinstance(each, dict)
    }


def plan_changed(state: State, _time: UtcTime, body: Mapping[str, Json]) -> None:
    """Give an open position another exit plan."""
    symbol = Symbol.parse(bodies.text(body, "symbol"))
    held = state.positions.get(symbol)
    if held is not None:
        plan = bodies.plan_of(bodies.mapping(body, "plan"))
        state.positions[symbol] = replace(held, plan=plan)
