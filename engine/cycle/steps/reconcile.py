"""Reconcile: what the venue says became of our orders enters the ledger here, and only here.

In: the venue's orders, fills and balances. Out: records of fills and ends; the count of
differences between what the venue holds and what the ledger adds up to. A venue that does not
answer is no fault of ours: the reading is not whole, and the desk says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.cycle.orders import cancelling
from engine.cycle.reconciling import balances, looking_back, scan
from engine.ledger import bodies
from engine.ledger.records import RecordKind
from engine.model.numbers import ZERO
from engine.model.orders import Mode, OrderStatus, Side
from engine.ports import VenueError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterable
    from decimal import Decimal

    from engine.cycle.desk import Desk
    from engine.ledger.bodies import Body
    from engine.model.orders import Fill, VenueOrder
    from engine.model.portfolio import WorkingOrder
    from engine.model.times import UtcTime

_ENDED = frozenset({OrderStatus.CANCELLED, OrderStatus.REJECTED, OrderStatus.NOT_SEEN})


async def run(desk: Desk, now: UtcTime) -> tuple[WorkingOrder, ...]:
    """Bring the ledger up to the venue's word; the orders that ended unfilled, as they stood."""
    if desk.mode is Mode.DRY_RUN:
        return ()
    desk.unread = None
    ended = await absorb(desk, now)
    if desk.unread is None:
        await _whole(desk, _compared(desk, now))
    return ended


async def _compared(desk: Desk, now: UtcTime) -> None:
    await scan.run(desk, now)
    await balances.compare(desk, now)


async def absorb(desk: Desk, now: UtcTime) -> tuple[WorkingOrder, ...]:
    """Take in fills first, then the ends of orders, so that an end never hides a fill.

    Returns the orders that ended with something left, as they stood at their end: none where the
    venue did not tell, which the next reading makes up for.
    """
    ended: list[WorkingOrder] = []
    await _whole(desk, _absorb(desk, now, ended))
    return tuple(ended)


async def read(desk: Desk, now: UtcTime) -> bool:
    """Take in fills and ends like `absorb`; whether the venue told all of it."""
    return await _whole(desk, _absorb(desk, now, []))


async def _whole(desk: Desk, reading: Awaitable[None]) -> bool:
    """Read; a failure of the venue ends the reading, and entries wait for one that is whole."""
    try:
        await reading
    except VenueError as failure:
        desk.unread = f"the account could not be read: {type(failure).__name__}"
        return False
    return True


async def _absorb(desk: Desk, now: UtcTime, ended: list[WorkingOrder]) -> None:
    state = desk.state
    start = state.genesis or now
    _take_in(desk, now, await desk.exchange.fills(state.last_fill or start))
    followed = [*state.working.values(), *(order for _, order in state.watched.values())]
    if not followed:
        return
    shown = await looking_back.orders(desk, now, followed)
    told = [(o, shown[o.client_order_id]) for o in followed if o.client_order_id in shown]
    for order, theirs in told:
        if order.venue_order_id is None:
            await _found(desk, now, order, theirs)
    short = [order for order, theirs in told if _fills_missing(desk, order, theirs)]
    if short:
        _take_in(desk, now, await looking_back.fills(desk, now, short))
    for order, theirs in told:
        if theirs.status in _ENDED and not _fills_missing(desk, order, theirs):
            _record_end(desk, now, order, theirs)
            ended.append(order)


def _take_in(desk: Desk, now: UtcTime, fills: Iterable[Fill]) -> None:
    for fill in fills:
        if fill.fill_id not in desk.state.fills_seen:
            record_fill(desk, now, fill)


async def _found(desk: Desk, now: UtcTime, order: WorkingOrder, told: VenueOrder) -> None:
    """It is there after all; one that was taken for never placed comes too late to be wanted."""
    late = order.number in desk.state.watched
    _record_found(desk, now, order, told.venue_order_id)
    if late and not told.status.final:
        await cancelling.cancel(desk, now, [desk.state.working[order.number]], "it came too late")


def _fills_missing(desk: Desk, order: WorkingOrder, told: VenueOrder) -> bool:
    """Whether the venue filled more than its list of fills has told so far: the end waits."""
    ours = desk.state.order(order.number)
    return ours is not None and scan.beyond_grid(desk, told, ours)


def record_fill(desk: Desk, now: UtcTime, fill: Fill, recalled: Body | None = None) -> None:
    """Record one fill; `recalled` is the intent of an order that nobody here remembers any more."""
    number = desk.state.intent_of(fill.client_order_id)
    if not number:
        # Whose order it was is asked in this cycle still.
        desk.comparing.scanned = None
    if number in desk.state.watched:
        # It was taken for never placed, and is filled: it is ours again, with its plan.
        _record_found(desk, now, desk.state.watched[number][1], fill.venue_order_id)
    body: Body = {
        "intent": number,
        "fill_id": fill.fill_id,
        "client_order_id": fill.client_order_id,
        "venue_order_id": fill.venue_order_id,
        "symbol": str(fill.symbol),
        "side": fill.side.value,
        "quantity": bodies.written(fill.quantity),
        "price": bodies.written(fill.price),
        "fee": bodies.written(fill.fee),
        "maker": fill.maker,
        "time": str(fill.time),
        **({} if recalled is None else {"order": recalled}),
        **_told_to(desk),
    }
    order = desk.state.working.get(number)
    desk.recorder.record(RecordKind.FILLED, now, body)
    if order is not None:
        _check_fill(desk, now, order, fill)


def _told_to(desk: Desk) -> Body:
    """Who hears of an execution besides the ledger; nobody in recorded time."""
    alerting = desk.policy_set.deployment.alerting
    if not desk.posts or alerting is None or alerting.executions is None:
        return {}
    return {"to": [alerting.executions], "notice": desk.state.telling.next_notice}


def _check_fill(desk: Desk, now: UtcTime, order: WorkingOrder, fill: Fill) -> None:
    """A buy that cost more than what was approved, or filled more: halt, and say the numbers."""
    if order.side is not Side.BUY:
        return
    approved, paid = fill.quantity * order.worst_price, fill.quantity * fill.price
    slack = _slack(desk, order, approved)
    too_much = order.filled_quantity + fill.quantity > order.quantity
    if paid - approved <= slack and not too_much:
        return
    reason = (
        f"fill {fill.fill_id} of order {order.client_order_id}: {fill.quantity} at {fill.price} "
        f"for {paid}, approved {order.quantity} at {order.worst_price} at most"
    )
    desk.recorder.record(RecordKind.HALT, now, {"reason": reason, "who": "engine"})


def _slack(desk: Desk, order: WorkingOrder, approved: Decimal) -> Decimal:
    """How much more a buy may cost than what was approved, in its quote currency."""
    slack = desk.policy_set.execution.reconcile.slack
    rate = desk.valuation.rate(order.symbol.quote)
    least = slack.fill_usd / rate if rate else ZERO
    return max(least, approved * slack.fill_pct / 100)


def _record_found(desk: Desk, now: UtcTime, order: WorkingOrder, venue_order_id: str) -> None:
    """An order whose fate nobody knew is at the venue: it can be followed and cancelled again."""
    body: Body = {
        "intent": order.number,
        "client_order_id": order.client_order_id,
        "symbol": str(order.symbol),
        "venue_order_id": venue_order_id,
    }
    desk.recorder.record(RecordKind.ACKNOWLEDGED, now, body)


def _record_end(desk: Desk, now: UtcTime, order: WorkingOrder, told: VenueOrder) -> None:
    body: Body = {
        "intent": order.number,
        "client_order_id": order.client_order_id,
        "symbol": str(order.symbol),
        "reason": told.reason or told.status.value,
        "status": told.status.value,
        "filled_quantity": bodies.written(told.filled_quantity),
    }
    desk.recorder.record(RecordKind.CANCELLED, now, body)


async def agrees(desk: Desk, now: UtcTime) -> bool:
    """Whether everything the venue holds is what our records add up to."""
    whole = await _whole(desk, balances.compare(desk, now))
    return whole and not (desk.state.differences or desk.comparing.settling)
