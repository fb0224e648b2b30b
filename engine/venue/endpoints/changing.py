"""Orders looked at before, and changed after: preview, edit, and the preview of an edit.

In: requests that may do what they ask. Out: answers in the venue's words: what stands in the way is
listed in a 200.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from engine.adapters.coinbase import wire
from engine.venue.bodies.previews import (
    edit_preview_fields,
    edited_fields,
    preview_fields,
    refused_preview_fields,
)
from engine.venue.bodies.words import reply
from engine.venue.endpoints.reading import order_request
from engine.venue.orders import Configuration
from engine.venue.refusals import Refusal

if TYPE_CHECKING:
    from decimal import Decimal

    from engine.venue.endpoints.call import Call
    from engine.venue.fate import Preview
    from engine.venue.orders import Order, OrderRequest
    from engine.venue.passage import Reply
    from engine.venue.venue import Venue

_NAMELESS = "preview"


async def preview_order(venue: Venue, call: Call) -> Reply:
    """`POST /orders/preview`: an order without an id."""
    fields = {**wire.decode(call.asked.body), "client_order_id": _NAMELESS}
    request = order_request(fields)
    found = request if isinstance(request, Refusal) else venue.fate.preview(request)
    if isinstance(found, Refusal):
        return reply(refused_preview_fields(found))
    shown = _market(venue, request)
    return reply(preview_fields(found, *shown, venue.identity("preview", str(fields))))


def _market(venue: Venue, request: OrderRequest | Refusal) -> tuple[Decimal | None, Decimal | None]:
    """The best bid and ask of the product."""
    name = "" if isinstance(request, Refusal) else str(request.symbol)
    market = venue.market_of(name)
    if market is None:
        return None, None
    shown = venue.market.of(market)
    bid, ask = (side[0].price if side else None for side in (shown.bids, shown.asks))
    return bid, ask


async def edit_order(venue: Venue, call: Call) -> Reply:
    """`POST /orders/edit`: another price and size, and the end of the queue."""
    order, price, size = _asked(venue, call)
    if isinstance(order, Refusal):
        return reply(edited_fields(None, order))
    refusal = await venue.edit(order.order_id, price, size)
    return reply(edited_fields(order.order_id, refusal))


async def edit_preview(venue: Venue, call: Call) -> Reply:
    """`POST /orders/edit_preview`."""
    order, price, size = _asked(venue, call)
    if isinstance(order, Refusal):
        return reply(edit_preview_fields(order, None, None))
    request = replace(order.request, base_size=size, limit_price=price)
    found: Preview | Refusal = venue.fate.preview(request, order)
    return reply(edit_preview_fields(found, *_market(venue, request)))


def _asked(venue: Venue, call: Call) -> tuple[Order | Refusal, Decimal, Decimal]:
    """The order that is to be edited, or why not; its new price and size."""
    fields = wire.decode(call.asked.body)
    price, size = wire.number(fields, "price"), wire.number(fields, "size")
    venue.refresh()
    order = venue.fate.order(wire.text(fields, "order_id"))
    if order is None:
        return Refusal.ORDER_NOT_FOUND, price, size
    if order.request.configuration is not Configuration.LIMIT_GTC:
        return Refusal.ONLY_LIMIT_ORDER_EDITS_SUPPORTED, price, size
    return order, price, size
