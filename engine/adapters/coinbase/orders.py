"""Orders and fills in the venue's words: what we ask for, and what it says became of it.

In: an `ApprovedOrder`; objects of `/orders/historical`. Out: a request body with exactly one order
configuration; `VenueOrder` and `Fill`. A status that we do not know is UNKNOWN, never a guess.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.adapters.coinbase import wire
from engine.model.market import BookLevel
from engine.model.numbers import ZERO, canonical_number
from engine.model.orders import Fill, OrderForm, OrderStatus, Side, VenueOrder
from engine.observe.hush import kept_words

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from engine.adapters.coinbase.wire import Wire
    from engine.model.orders import ApprovedOrder

_STATUSES = {
    "PENDING": OrderStatus.OPEN,
    "OPEN": OrderStatus.OPEN,
    "QUEUED": OrderStatus.OPEN,
    "CANCEL_QUEUED": OrderStatus.OPEN,
    "EDIT_QUEUED": OrderStatus.OPEN,
    "FILLED": OrderStatus.FILLED,
    "CANCELLED": OrderStatus.CANCELLED,
    "EXPIRED": OrderStatus.CANCELLED,
    "FAILED": OrderStatus.REJECTED,
}
_RESTING = frozenset({"limit_limit_gtc", "limit_limit_gtd", "limit_limit_fok"})
_MARKET = "market_market_ioc"


def order_body(order: ApprovedOrder) -> dict[str, Wire]:
    """The body of `POST /orders`: every number is text, and exactly one configuration stands."""
    return {
        "client_order_id": order.client_order_id,
        "product_id": str(order.symbol),
        "side": order.intent.side.value,
        "order_configuration": _configuration(order),
    }


def _configuration(order: ApprovedOrder) -> dict[str, Wire]:
    size, price = canonical_number(order.quantity), order.intent.limit_price
    if order.intent.form is OrderForm.MARKET_IOC:
        return {_MARKET: {"base_size": size}}
    if price is None:
        message = f"intent {order.intent.number} is a limit order without a price"
        raise ValueError(message)
    limit: dict[str, Wire] = {"base_size": size, "limit_price": canonical_number(price)}
    if order.intent.form is OrderForm.LIMIT_IOC:
        return {"sor_limit_ioc": limit}
    if order.expires is None:
        return {"limit_limit_gtc": {**limit, "post_only": True}}
    return {"limit_limit_gtd": {**limit, "post_only": True, "end_time": str(order.expires)}}


def venue_order(fields: Mapping[str, Wire]) -> VenueOrder:
    """An order of `/orders/historical`, by its totals; raises `WireError`."""
    form, quantity, limit = _asked(wire.part(fields, "order_configuration"))
    filled = wire.optional_number(fields, "filled_size") or ZERO
    return VenueOrder(
        venue_order_id=wire.text(fields, "order_id"),
        client_order_id=wire.optional_text(fields, "client_order_id"),
        symbol=wire.product_name(fields),
        side=side_of(fields),
        form=form,
        quantity=filled if quantity is None else quantity,
        limit_price=limit,
        status=status_of(fields),
        filled_quantity=filled,
        filled_notional=wire.optional_number(fields, "filled_value") or ZERO,
        created=wire.moment(fields, "created_time"),
        reason=_reason(fields),
        fees=wire.optional_number(fields, "total_fees"),
    )


def _asked(configuration: Mapping[str, Wire]) -> tuple[OrderForm, Decimal | None, Decimal | None]:
    """Form, base size (None where it was asked for in quote currency) and limit price."""
    if len(configuration) != 1:
        message = "an order has exactly one configuration"
        raise wire.WireError(message)
    name = next(iter(configuration))
    asked = wire.part(configuration, name)
    quantity, limit = (wire.optional_number(asked, key) for key in ("base_size", "limit_price"))
    if name == _MARKET:
        return OrderForm.MARKET_IOC, quantity, None
    resting = name in _RESTING and wire.flag(asked, "post_only")
    return OrderForm.POST_ONLY if resting else OrderForm.LIMIT_IOC, quantity, limit


def _reason(fields: Mapping[str, Wire]) -> str:
    words = (wire.optional_text(fields, key) for key in ("reject_reason", "cancel_message"))
    said = ", ".join(each for each in words if each and each != "REJECT_REASON_UNSPECIFIED")
    return kept_words(said)


def status_of(fields: Mapping[str, Wire]) -> OrderStatus:
    """Where an order stands; UNKNOWN for a word that nobody documented."""
    return _STATUSES.get(wire.text(fields, "status"), OrderStatus.UNKNOWN)


def side_of(fields: Mapping[str, Wire], key: str = "side") -> Side:
    """Buy or sell; raises `WireError` for any other word."""
    word = wire.text(fields, key)
    try:
        return Side(word)
    except ValueError as error:
        message = f"`{key}` is neither BUY nor SELL: {word[:20]}"
        raise wire.WireError(message) from error


def fill_of(fields: Mapping[str, Wire], client_order_id: str) -> Fill:
    """One execution; the venue's fills do not name our id, so the caller looks it up."""
    price, size = wire.number(fields, "price"), wire.number(fields, "size")
    if price <= 0 or size <= 0:
        message = "a fill has a price and a size above zero"
        raise wire.WireError(message)
    return Fill(
        fill_id=wire.text(fields, "entry_id"),
        venue_order_id=wire.text(fields, "order_id"),
        client_order_id=client_order_id,
        symbol=wire.product_name(fields),
        side=side_of(fields),
        quantity=size / price if wire.flag(fields, "size_in_quote") else size,
        price=price,
        fee=wire.optional_number(fields, "commission") or ZERO,
        maker=wire.optional_text(fields, "liquidity_indicator") == "MAKER",
        time=wire.moment(fields, "trade_time"),
    )


def level_of(fields: Mapping[str, Wire]) -> BookLevel:
    """One level of a book."""
    return BookLevel(wire.number(fields, "price"), wire.number(fields, "size"))
