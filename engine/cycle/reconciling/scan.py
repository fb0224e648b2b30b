"""The scan: every order at the account since the last one, ours and those of others.

In: the venue's orders, at the start and then as often as the ExecutionPolicy says. Out: a record
for each order that no intent of this ledger made, and a halt where it carries our stamp (an
orphan); what the orders of ours that ended differ in from their fills in the ledger. It begins one
quarantine before the last scan, since the venue's list may be behind by that much.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.ledger import bodies
from engine.ledger.order_id import is_ours, order_id_prefix, stream_tag
from engine.ledger.records import RecordKind
from engine.model.numbers import ZERO
from engine.model.orders import Mode
from engine.model.portfolio import ForeignOrder

if TYPE_CHECKING:
    from collections.abc import Iterable
    from decimal import Decimal

    from engine.cycle.desk import Desk
    from engine.ledger.bodies import Body
    from engine.model.orders import VenueOrder
    from engine.model.portfolio import WorkingOrder
    from engine.model.times import UtcTime

ORDER = "order "
"""What a difference about an order is called, before the order's id."""


async def run(desk: Desk, now: UtcTime) -> None:
    """Read all orders if it is time; raises `VenueError`."""
    every_s = desk.policy_set.execution.reconcile.scan_every
    if not desk.comparing.scan_due(desk.state.scanned, now, every_s):
        return
    told = await desk.exchange.orders(_begin(desk, now))
    for order in told:
        number = desk.state.intent_of(order.client_order_id)
        if not number and order.client_order_id not in desk.state.probe_ids:
            _foreign(desk, now, order)
    desk.comparing.orders = _differences(desk, told)
    desk.comparing.note_scan(desk.state.scanned, now, every_s)


def _begin(desk: Desk, now: UtcTime) -> UtcTime:
    """Where the scan begins: early enough for every order that is still being asked about."""
    state, execution = desk.state, desk.policy_set.execution
    start = (state.genesis or now).plus_s(-execution.reconcile.look_back)
    if state.scanned is not None:
        start = state.scanned.plus_s(-execution.unknown_orders.quarantine)
    open_still = (each.created for each in state.foreign.values() if not each.status.final)
    return min((start, *open_still, *_disputed(desk)))


def _disputed(desk: Desk) -> list[UtcTime]:
    """When the orders were made that the last comparison named."""
    state = desk.state
    named = {name.removeprefix(ORDER) for name in state.differences if name.startswith(ORDER)}
    return [each.created for _, each in state.closed.values() if each.client_order_id in named]


# Orders that this ledger did not make


def _foreign(desk: Desk, now: UtcTime, told: VenueOrder) -> None:
    """Record an order of nobody here when it is new, or has moved; halt where it carries our stamp.

    One that had ended before this ledger began is a story of before.
    """
    state = desk.state
    before = state.genesis is not None and told.created < state.genesis
    known = state.foreign.get(told.venue_order_id)
    if known is None and before and told.status.final:
        return
    seen = _order(told, ours=_stamped(desk, told.client_order_id))
    if seen == known:
        return
    desk.recorder.record(RecordKind.FOREIGN_ORDER, now, _body(seen))
    if known is None and seen.ours:
        reason = orphan_words(seen)
        desk.recorder.record(RecordKind.HALT, now, {"reason": reason, "who": "engine"})


def _stamped(desk: Desk, client_order_id: str) -> bool:
    """Whether the id shows a set that was ever active here, and this stream."""
    state = desk.state
    prefixes = {order_id_prefix(each) for each in state.activated}
    return is_ours(client_order_id, prefixes, stream_tag(Mode(state.mode), state.account))


def _order(told: VenueOrder, *, ours: bool) -> ForeignOrder:
    return ForeignOrder(
        venue_order_id=told.venue_order_id,
        client_order_id=told.client_order_id,
        symbol=told.symbol,
        side=told.side,
        quantity=told.quantity,
        limit_price=told.limit_price,
        status=told.status,
        filled_quantity=told.filled_quantity,
        created=told.created,
        ours=ours,
    )


def _body(seen: ForeignOrder) -> Body:
    return {
        "venue_order_id": seen.venue_order_id,
        "client_order_id": seen.client_order_id,
        "symbol": str(seen.symbol),
        "side": seen.side.value,
        "quantity": bodies.written(seen.quantity),
        "limit_price": bodies.written(seen.limit_price),
        "status": seen.status.value,
        "filled_quantity": bodies.written(seen.filled_quantity),
        "created": str(seen.created),
        "ours": seen.ours,
    }


def orphan_words(order: ForeignOrder) -> str:
    """What a person should know of an order with our stamp that is in no record of ours."""
    price = "market" if order.limit_price is None else bodies.written(order.limit_price)
    return (
        f"orphan: order {order.venue_order_id} of the venue carries our stamp "
        f"({order.client_order_id}) and is not in this ledger: {order.side.value} "
        f"{bodies.written(order.quantity)} {order.symbol} at {price}, {order.status.value}. "
        "Another trader uses this account, or records were lost: find out which, cancel it at the"
        " venue, then `trader resume`"
    )


# Orders of ours


def _differences(desk: Desk, told: Iterable[VenueOrder]) -> dict[str, str]:
    """What ended orders of ours differ in, in words, by order id."""
    found: dict[str, str] = {}
    for order in told:
        ended = desk.state.closed.get(desk.state.intent_of(order.client_order_id))
        if ended is None or not order.status.final:
            continue
        words = difference(desk, ended[1], order)
        if words:
            found[ORDER + order.client_order_id] = words
    return found


def beyond_grid(desk: Desk, told: VenueOrder, ours: WorkingOrder) -> bool:
    """Whether the venue filled more than our fills add up to, by what could be a fill.

    A size that was divided on its way differs by less than the product's increment.
    """
    product = desk.products.get(ours.symbol)
    more = told.filled_quantity - ours.filled_quantity
    return more > 0 if product is None else more >= product.base_increment


def difference(desk: Desk, ours: WorkingOrder, told: VenueOrder) -> str:
    """Whether quantity, value and fees of an order agree with the sum of its fills; "" if so."""
    slack = desk.policy_set.execution.reconcile.slack
    pairs: list[tuple[str, Decimal | None, Decimal, Decimal]] = [
        ("filled", told.filled_quantity, ours.filled_quantity, ZERO),
        ("value", told.filled_notional, ours.filled_notional, slack.fill_usd),
        ("fees", told.fees, ours.fees, slack.fee_usd),
    ]
    rate = desk.valuation.rate(ours.symbol.quote)
    return "; ".join(
        f"{name}: venue {bodies.written(theirs)}, ledger {bodies.written(own)}"
        for name, theirs, own, most in pairs
        if theirs is not None and abs(theirs - own) > (most / rate if rate else ZERO)
    )
