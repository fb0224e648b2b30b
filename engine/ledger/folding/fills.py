"""Fills: one fill, seen once, moves balances, the position, the pace and its order.

In: fill records, a second time too. Out: the state after it. Refuses nothing: a fill happened.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from engine.ledger import bodies
from engine.ledger.alerts import ToldAlert
from engine.ledger.folding import alerts, money, orders, positions
from engine.ledger.folding.windows import prune, prune_pairs
from engine.ledger.state import Deed, FeePaid
from engine.model.notices import News
from engine.model.orders import Intent, Side
from engine.model.symbols import Symbol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.ledger.bodies import Json
    from engine.ledger.state import State
    from engine.model.portfolio import WorkingOrder
    from engine.model.times import UtcTime

EXECUTION = "execution"
"""What such a notice is about: no rule of any set, but a fill."""
STOP_LADDER = "exit_stop"
"""The ladder of an order that had to leave: a stop, a trailing stop, a breaker, or blindness."""


def filled(state: State, time: UtcTime, body: Mapping[str, Json]) -> None:
    """Book one fill; a fill id that was seen before changes nothing."""
    fill_id = bodies.text(body, "fill_id")
    if fill_id in state.fills_seen:
        return
    state.fills_seen.add(fill_id)
    if "notice" in body:
        _tell(state, time, body)
    state.last_fill = bodies.moment(body, "time")
    symbol = Symbol.parse(bodies.text(body, "symbol"))
    number = bodies.whole(body, "intent")
    if not number:
        money.traded_by_hand(state, symbol, body)
        state.pace.by_hand.append(time)
        prune(state.pace.by_hand, time)
        return
    money.move_for_fill(state, symbol, body)
    order = state.order(number) or orders.recalled(time, body)
    if bodies.text(body, "side") == Side.BUY.value:
        positions.bought(state, time, symbol, body, order)
    else:
        positions.sold(state, time, symbol, body)
    _note_execution(state, time, symbol, order)
    _note_fee(state, time, symbol, body)
    if order is not None:
        _advance(state, time, order, body)


def _tell(state: State, time: UtcTime, body: Mapping[str, Json]) -> None:
    """An execution is told at once to whoever is to hear of it."""
    symbol = bodies.text(body, "symbol")
    words = " ".join(bodies.text(body, each) for each in ("side", "quantity"))
    text = f"{words} {symbol} at {bodies.text(body, 'price')}, fee {bodies.text(body, 'fee')}"
    order = bodies.optional_text(body, "client_order_id") or "of nobody here"
    told = ToldAlert(time, News.EXECUTED, time, "info", f"{text}, order {order}", ())
    to = tuple(bodies.texts(body, "to"))
    alerts.post(state, (EXECUTION, symbol), told, to, bodies.whole(body, "notice"))


def _advance(state: State, time: UtcTime, order: WorkingOrder, body: Mapping[str, Json]) -> None:
    """Add the fill to what its order adds up to; one that is filled to its end works no more."""
    quantity = bodies.number(body, "quantity")
    moved = replace(
        order,
        filled_quantity=order.filled_quantity + quantity,
        filled_notional=order.filled_notional + quantity * bodies.number(body, "price"),
        fees=order.fees + bodies.number(body, "fee"),
    )
    if order.number in state.closed:
        state.closed[order.number] = (state.closed[order.number][0], moved)
    if order.number not in state.working:
        return
    state.working[order.number] = moved
    if moved.remaining <= 0:
        orders.close(state, time, order.number)


def _note_execution(
    state: State, time: UtcTime, symbol: Symbol, order: WorkingOrder | None
) -> None:
    pace = state.pace
    pace.note(Deed.TRADE, symbol, time)
    if order is not None and order.ladder == STOP_LADDER:
        pace.note(Deed.STOP, symbol, time)
    if order is not None and order.intent.adds_risk:
        pace.note(Deed.ENTRY, symbol, time)
        count = pace.executions_since_arm.get(order.strategy, 0)
        pace.executions_since_arm[order.strategy] = count + 1
    # An order adds once, in however many parts it is filled; an entry opens and adds nothing.
    if order is not None and order.intent is Intent.ADD and not order.filled_quantity:
        pace.adds.append((time, symbol))
        prune_pairs(pace.adds, time, lambda each: each[0])


def _note_fee(state: State, time: UtcTime, symbol: Symbol, body: Mapping[str, Json]) -> None:
    notional = bodies.number(body, "quantity") * bodies.number(body, "price")
    maker, fee = bodies.flag(body, "maker"), bodies.number(body, "fee")
    state.pace.fees.append(FeePaid(time, maker, symbol.quote, notional, fee))
    prune_pairs(state.pace.fees, time, lambda each: each.time)
