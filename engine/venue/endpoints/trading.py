"""Orders over REST: placed, cancelled, asked for, and their executions.

In: requests that may do what they ask. Out: answers in the venue's words. A refused order is a 200
with `success: false`; a body that cannot be read is a 400.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.adapters.coinbase import wire
from engine.model.numbers import ZERO
from engine.model.orders import Side
from engine.venue.bodies.orders import fill_fields, order_fields, refused_fields, taken_fields
from engine.venue.bodies.words import BAD, NOT_FOUND, failed, reply
from engine.venue.endpoints.paging import page_of
from engine.venue.endpoints.reading import order_request
from engine.venue.matching.charges import Charges, left_of
from engine.venue.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from engine.model.times import UtcTime
    from engine.venue.bodies.words import Fields
    from engine.venue.endpoints.call import Call
    from engine.venue.orders import Execution, Order
    from engine.venue.passage import Asked, Reply
    from engine.venue.venue import Venue

_PAGE = 1000
_MOST_CANCELS = 100


async def create_order(venue: Venue, call: Call) -> Reply:
    """`POST /orders`."""
    request = order_request(wire.decode(call.asked.body))
    if isinstance(request, Refusal):
        return reply(refused_fields(request))
    outcome = await venue.place(request)
    if isinstance(outcome, Refusal):
        return reply(refused_fields(outcome))
    return reply(taken_fields(request, outcome.order_id))


async def cancel_orders(venue: Venue, call: Call) -> Reply:
    """`POST /orders/batch_cancel`."""
    told = wire.decode(call.asked.body).get("order_ids")
    if not isinstance(told, list) or not told:
        return failed(BAD, "INVALID_ARGUMENT", "order_ids is required")
    if len(told) > _MOST_CANCELS:
        return failed(BAD, "INVALID_ARGUMENT", f"at most {_MOST_CANCELS} order_ids a call")
    order_ids = [each if isinstance(each, str) else "" for each in told]
    refusals = await venue.cancel_several(order_ids)
    results = [_cancelled(*each) for each in zip(order_ids, refusals, strict=True)]
    return reply({"results": results})


def _cancelled(order_id: str, refusal: Refusal | None) -> Fields:
    word = "UNKNOWN_CANCEL_FAILURE_REASON" if refusal is None else refusal.value
    return {"success": refusal is None, "failure_reason": word, "order_id": order_id}


async def get_order(venue: Venue, call: Call) -> Reply:
    """`GET /orders/historical/{order_id}`."""
    venue.refresh()
    order = venue.fate.order(call.named["order_id"])
    if order is None:
        return failed(NOT_FOUND, "NOT_FOUND", "order with this orderID was not found")
    return reply({"order": shown_order(venue, order)})


def shown_order(venue: Venue, order: Order) -> Fields:
    """An order as every body and message shows it."""
    return order_fields(
        order, venue.identity("user", 1), venue.settings.portfolio_id, _held(venue, order)
    )


def _held(venue: Venue, order: Order) -> Decimal:
    if order.status.final or not order.request.configuration.rests:
        return ZERO
    if order.side is Side.SELL:
        return left_of(order)
    return Charges(venue.settings.fees).bound(order)[1]


async def list_orders(venue: Venue, call: Call) -> Reply:
    """`GET /orders/historical/batch`: newest first."""
    venue.refresh()
    wanted = [each for each in reversed(venue.fate.orders()) if _asked_for(each, call.asked)]
    page = page_of(wanted, call.asked, lambda each: each.order_id, most=_PAGE)
    if page is None:
        return failed(BAD, "INVALID_ARGUMENT", "limit or cursor is invalid")
    return reply(
        {
            "orders": [shown_order(venue, each) for each in page.entries],
            "sequence": "0",
            "has_next": bool(page.cursor),
            "cursor": page.cursor,
        }
    )


def _asked_for(order: Order, asked: Asked) -> bool:
    request = order.request
    chosen = (
        ("order_ids", order.order_id),
        ("product_ids", str(order.symbol)),
        ("product_id", str(order.symbol)),
        ("order_status", order.status.value),
        ("order_side", order.side.value),
        ("order_types", "MARKET" if request.configuration.market else "LIMIT"),
    )
    for key, value in chosen:
        wanted = asked.all(key)
        if wanted and value not in wanted:
            return False
    first, last = _moment(asked, "start_date"), _moment(asked, "end_date")
    return (first is None or order.created >= first) and (last is None or order.created < last)


def _moment(asked: Asked, key: str) -> UtcTime | None:
    """The instant under a query key; raises `WireError` for one that is none."""
    text = asked.one(key)
    return wire.moment({key: text.replace("+00:00", "Z")}, key) if text else None


async def list_fills(venue: Venue, call: Call) -> Reply:
    """`GET /orders/historical/fills`: newest first; told by a cursor alone."""
    venue.refresh()
    wanted = _fills_asked_for(venue.fate.executions(), call.asked)
    page = page_of(wanted, call.asked, lambda each: each.entry_id, most=_PAGE)
    if page is None:
        return failed(BAD, "INVALID_ARGUMENT", "limit or cursor is invalid")
    user_id, portfolio_id = venue.identity("user", 1), venue.settings.portfolio_id
    return reply(
        {
            "fills": [fill_fields(each, user_id, portfolio_id) for each in page.entries],
            "cursor": page.cursor,
        }
    )


def _fills_asked_for(found: Sequence[Execution], asked: Asked) -> list[Execution]:
    first = _moment(asked, "start_sequence_timestamp")
    last = _moment(asked, "end_sequence_timestamp")
    orders = (*asked.all("order_ids"), *asked.all("order_id"))
    products = (*asked.all("product_ids"), *asked.all("product_id"))
    trades = asked.all("trade_ids")
    return [
        each
        for each in reversed(found)
        if (not orders or each.order_id in orders)
        and (not products or str(each.symbol) in products)
        and (not trades or each.trade_id in trades)
        and (first is None or each.time >= first)
        and (last is None or each.time <= last)
    ]
