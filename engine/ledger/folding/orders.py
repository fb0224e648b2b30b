"""Orders on their way: intended, sent, acknowledged, refused, unknown, gone; and those of others.

In: the records of one order's life but its fills. Out: `state.working` and the pace of it;
`state.closed`, where an ended order is known for a day, since a fill of it may come late.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from engine.ledger import bodies
from engine.ledger.folding import asks
from engine.ledger.folding.windows import DAY_S, prune
from engine.ledger.state import Deed
from engine.model.orders import Intent, OrderForm, OrderStatus, Side
from engine.model.portfolio import ForeignOrder, WorkingOrder
from engine.model.symbols import Symbol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.ledger.bodies import Json
    from engine.ledger.state import State
    from engine.model.times import UtcTime

_FAILED = frozenset({OrderStatus.REJECTED.value, OrderStatus.NOT_SEEN.value})


def intent(state: State, time: UtcTime, body: Mapping[str, Json]) -> None:
    """Count an order from the moment it is intended."""
    order = _working_order(time, body)
    state.next_intent = order.number + 1
    state.working[order.number] = order
    state.intents[order.client_order_id] = order.number
    parent = body.get("parent")
    if isinstance(parent, int):
        state.ended.pop(parent, None)
    asks.used(state, body)
    held = state.positions.get(order.symbol)
    # A trim is no try to leave: a stop does not wait for news because of one.
    if held is not None and order.intent is Intent.EXIT:
        state.positions[order.symbol] = replace(held, last_exit=time)
    state.pace.last_like[order.symbol, order.side.value, order.strategy] = time


def _working_order(time: UtcTime, body: Mapping[str, Json]) -> WorkingOrder:
    plan, conviction = body.get("plan"), body.get("conviction")
    return WorkingOrder(
        number=bodies.whole(body, "intent"),
        client_order_id=bodies.text(body, "client_order_id"),
        symbol=Symbol.parse(bodies.text(body, "symbol")),
        intent=Intent(bodies.text(body, "why")),
        form=OrderForm(bodies.text(body, "form")),
        quantity=bodies.number(body, "quantity"),
        limit_price=bodies.optional_number(body, "limit_price"),
        worst_price=bodies.number(body, "worst_price"),
        reference_price=bodies.number(body, "reference_price"),
        strategy=bodies.text(body, "strategy"),
        reason=bodies.text(body, "reason"),
        ladder=bodies.text(body, "ladder"),
        conviction=conviction if isinstance(conviction, float) else None,
        rung=bodies.whole(body, "rung"),
        parent=None if body.get("parent") is None else bodies.whole(body, "parent"),
        plan=bodies.plan_of(plan) if isinstance(plan, dict) else None,
        created=time,
        expires=bodies.optional_moment(body, "expires"),
        status=OrderStatus.SENT,
    )


def recalled(time: UtcTime, body: Mapping[str, Json]) -> WorkingOrder | None:
    """The order that a late fill carries with it, since it ended longer ago than we remember."""
    told = body.get("order")
    return _working_order(time, told) if isinstance(told, dict) else None


def sent(state: State, time: UtcTime, body: Mapping[str, Json]) -> None:
    """It leaves, or may have left."""
    number = bodies.whole(body, "intent")
    state.working[number] = _count(state, time, state.working[number])


def _counted(state: State, time: UtcTime, order: WorkingOrder) -> WorkingOrder:
    # A process that is killed takes with it that an order was sent: what is learnt of one that
    # does not count yet counts it.
    return order if order.counted else _count(state, time, order)


def _count(state: State, time: UtcTime, order: WorkingOrder) -> WorkingOrder:
    """Count a message; an order when it adds risk, and an entry when it follows no other."""
    state.orders_sent += 1
    pace = state.pace
    pace.messages.append(time)
    prune(pace.messages, time)
    if order.intent.adds_risk:
        pace.orders.append(time)
        prune(pace.orders, time)
    if order.intent.adds_risk and order.parent is None:
        pace.entries.append(time)
        prune(pace.entries, time)
    return replace(order, counted=True)


def acknowledged(state: State, time: UtcTime, body: Mapping[str, Json]) -> None:
    """The venue has it: from now on it is open."""
    number = bodies.whole(body, "intent")
    venue_id = bodies.text(body, "venue_order_id")
    late = state.watched.pop(number, None)
    order = state.working[number] if late is None else late[1]
    order = _counted(state, time, order)
    state.working[number] = replace(order, status=OrderStatus.OPEN, venue_order_id=venue_id)
    if late is not None:
        state.pace.late.append(time)
        prune(state.pace.late, time)
    state.pace.acknowledged.append(time)
    prune(state.pace.acknowledged, time)


def rejected(state: State, time: UtcTime, body: Mapping[str, Json]) -> None:
    """The venue refused it: it is gone."""
    order = close(state, time, bodies.whole(body, "intent"))
    # A post-only that would cross is the market moving, not a refusal to count against us.
    if bodies.flag(body, "would_cross"):
        return
    state.pace.rejected.append(time)
    prune(state.pace.rejected, time)
    _failed(state, time, order)


def unknown(state: State, time: UtcTime, body: Mapping[str, Json]) -> None:
    """Nobody knows what became of it: it counts in full until someone does."""
    number = bodies.whole(body, "intent")
    order = _counted(state, time, state.working[number])
    state.working[number] = replace(order, status=OrderStatus.UNKNOWN, unknown_since=time)


def cancelled(state: State, time: UtcTime, body: Mapping[str, Json]) -> None:
    """It cannot fill any more; what the venue ended with a rest waits for its next rung.

    One that never left, or that the venue refused after all, has failed.
    """
    order = close(state, time, bodies.whole(body, "intent"))
    # Only the venue's word about an end tells what was filled by then.
    if order is not None and order.wanted and "filled_quantity" in body:
        state.ended[order.number] = order
    if body.get("sent") is False or body.get("status") in _FAILED:
        _failed(state, time, order)


def close(state: State, time: UtcTime, number: int) -> WorkingOrder | None:
    """It works no more; who asks within a day still learns what it was."""
    order = state.working.pop(number, None)
    for old in [each for each, (since, _) in state.closed.items() if _old(since, time)]:
        del state.closed[old]
    if order is not None:
        state.closed[number] = (time, order)
    return order


def foreign(state: State, time: UtcTime, body: Mapping[str, Json]) -> None:
    """Keep an order that we did not make: while it is open, and for a day after it was made."""
    order = ForeignOrder(
        venue_order_id=bodies.text(body, "venue_order_id"),
        client_order_id=bodies.text(body, "client_order_id"),
        symbol=Symbol.parse(bodies.text(body, "symbol")),
        side=Side(bodies.text(body, "side")),
        quantity=bodies.number(body, "quantity"),
        limit_price=bodies.optional_number(body, "limit_price"),
        status=OrderStatus(bodies.text(body, "status")),
        filled_quantity=bodies.number(body, "filled_quantity"),
        created=bodies.moment(body, "created"),
        ours=bodies.flag(body, "ours"),
    )
    gone = [k for k, o in state.foreign.items() if o.status.final and _old(o.created, time)]
    for each in gone:
        del state.foreign[each]
    state.foreign[order.venue_order_id] = order


def not_seen(state: State, time: UtcTime, body: Mapping[str, Json]) -> None:
    """The venue never had it, as far as anybody can see: it is watched for a day."""
    order = state.working.pop(bodies.whole(body, "intent"), None)
    _failed(state, time, order)
    for number in [each for each, (since, _) in state.watched.items() if _old(since, time)]:
        del state.watched[number]
    if order is not None:
        state.watched[order.number] = (time, order)


def _old(since: UtcTime, now: UtcTime) -> bool:
    return now.since_s(since) > DAY_S


def _failed(state: State, time: UtcTime, order: WorkingOrder | None) -> None:
    if order is not None:
        state.pace.note(Deed.FAILURE, order.symbol, time)


def cancel(state: State, time: UtcTime, body: Mapping[str, Json]) -> None:
    """Count the message of a cancel; what is cancelled for good wants no next rung."""
    number = bodies.whole(body, "intent")
    order = state.working.get(number)
    if order is not None and body.get("for_good") is True:
        state.working[number] = replace(order, wanted=False)
    state.pace.messages.append(time)
    prune(state.pace.messages, time)
