"""Orders as clients write them: bodies to requests.

In: the fields of a body. Out: `OrderRequest`, or the refusal. Fields that are not known are
passed over; numbers are text, and a number that is not text is read as one. Refuses a body with
no configuration, or with one that is not served.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.adapters.coinbase import wire
from engine.model.orders import Side
from engine.venue.orders import Configuration, OrderRequest, StopDirection
from engine.venue.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.adapters.coinbase.wire import Wire
    from engine.model.times import UtcTime

_SERVED = {each.value: each for each in Configuration}
_DIRECTIONS = {each.value: each for each in StopDirection}


def order_request(fields: Mapping[str, Wire]) -> OrderRequest | Refusal:
    """The order that a body asks for; raises `WireError` for a body that is none."""
    try:
        symbol = wire.product_name(fields)
    except wire.WireError:
        return Refusal.INVALID_PRODUCT_ID
    side = wire.optional_text(fields, "side")
    if side not in {"BUY", "SELL"}:
        return Refusal.INVALID_SIDE
    stated = {k: v for k, v in wire.part(fields, "order_configuration").items() if v is not None}
    if len(stated) != 1:
        return Refusal.UNSUPPORTED_ORDER_CONFIGURATION
    ((name, value),) = stated.items()
    if name not in _SERVED:
        return Refusal.UNSUPPORTED_ORDER_CONFIGURATION
    told = wire.as_object(value, f"`{name}`")
    request = OrderRequest(
        client_order_id=wire.optional_text(fields, "client_order_id"),
        symbol=symbol,
        side=Side(side),
        configuration=_SERVED[name],
        base_size=wire.optional_number(told, "base_size"),
        quote_size=wire.optional_number(told, "quote_size"),
        limit_price=wire.optional_number(told, "limit_price"),
        end_time=_end_time(told),
        post_only=wire.flag(told, "post_only"),
        stop_price=wire.optional_number(told, _stop_key(_SERVED[name])),
        stop_direction=_DIRECTIONS.get(wire.optional_text(told, "stop_direction")),
    )
    return _incomplete(request) or request


def _stop_key(configuration: Configuration) -> str:
    return "stop_trigger_price" if configuration.brackets else "stop_price"


def _end_time(told: Mapping[str, Wire]) -> UtcTime | None:
    return wire.moment(told, "end_time") if wire.optional_text(told, "end_time") else None


def _incomplete(request: OrderRequest) -> Refusal | None:
    """A refusal where the configuration lacks what it needs, or has what it cannot use."""
    configuration = request.configuration
    sizes = [size for size in (request.base_size, request.quote_size) if size is not None]
    if not request.client_order_id or len(sizes) != 1:
        return Refusal.INVALID_REQUEST
    if configuration.market == (request.limit_price is not None):
        return Refusal.UNSUPPORTED_ORDER_CONFIGURATION
    if request.quote_size is not None and not configuration.market:
        return Refusal.UNSUPPORTED_ORDER_CONFIGURATION
    if configuration.ends == (request.end_time is None) or _half_a_stop(request):
        return Refusal.INVALID_REQUEST
    if request.post_only and not configuration.plain:
        return Refusal.UNSUPPORTED_ORDER_CONFIGURATION
    return None


def _half_a_stop(request: OrderRequest) -> bool:
    """Whether a stop lacks its price or its direction, or another order has one of them."""
    configuration = request.configuration
    priced, directed = request.stop_price is not None, request.stop_direction is not None
    waits = configuration.stops or configuration.brackets
    return priced != waits or directed != configuration.stops
