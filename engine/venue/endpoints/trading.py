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
from engine.venue.endpoints.choosing import choice_of
from engine.venue.endpoints.paging import page_of
from engine.venue.endpoints.reading import order_request
from engine.venue.matching.charges import Charges, left_of
from engine.venue.refusals import Refusal

if TYPE_CHECKING:
    from decimal import Decimal

    from engine.venue.bodies.words import Fields
    from engine.venue.endpoints.call import Call
    from engine.venue.orders import Order
    from engine.venue.passage import Reply
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
    choice = choice_of(call.asked, "start_date", "end_date")
    venue.refresh()
    wanted = [each for each in reversed(venue.fate.orders()) if choice.of_order(each)]
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


async def list_fills(venue: Venue, call: Call) -> Reply:
    """`GET /orders/historical/fills`: newest first; told by a cursor alone."""
    choice = choice_of(call.asked, "start_sequence_timestamp", "end_sequence_timestamp")
    venue.refresh()
    wanted = [each for each in reversed(venue.fate.executions()) if choice.of_execution(each)]
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
