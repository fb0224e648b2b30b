"""Happenings as JSON, exactly: what is written is read back equal.

In: an order, an execution, a transfer, a listing. Out: fields of plain values, numbers as text,
times as nanoseconds. Refuses (KeyError, TypeError, ValueError) fields that are none of these.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, assert_never

from engine.model.market import Product, ProductStatus
from engine.model.numbers import canonical_number
from engine.model.orders import Side
from engine.model.symbols import Symbol
from engine.model.times import UtcTime
from engine.venue.listing import Listing
from engine.venue.news import Executed, ListingChanged, OrderChanged, Transferred
from engine.venue.orders import (
    Configuration,
    Edit,
    Execution,
    Order,
    OrderRequest,
    Status,
    StopDirection,
)
from engine.venue.transfers import Transfer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.venue.news import Happening

Plain = str | int | bool | None | list["Plain"] | dict[str, "Plain"]
Fields = dict[str, Plain]


def written(happening: Happening) -> Fields:
    """A happening as fields, its kind first."""
    match happening:
        case OrderChanged(order):
            return {"kind": "order", **_order_fields(order)}
        case Executed(execution):
            return {"kind": "execution", **_execution_fields(execution)}
        case Transferred(transfer):
            return {"kind": "transfer", **_transfer_fields(transfer)}
        case ListingChanged(listing):
            return {"kind": "listing", **_listing_fields(listing)}
        case _:
            assert_never(happening)


def read(fields: Mapping[str, Plain]) -> Happening:
    """The happening that `written` wrote."""
    match fields["kind"]:
        case "order":
            return OrderChanged(_order(fields))
        case "execution":
            return Executed(_execution(fields))
        case "transfer":
            return Transferred(_transfer(fields))
        case "listing":
            return ListingChanged(_listing(fields))
        case other:
            message = f"no such kind: {other!r}"
            raise ValueError(message)


def _order_fields(order: Order) -> Fields:
    request = order.request
    return {
        "number": order.number,
        "order_id": order.order_id,
        "request": {
            "client_order_id": request.client_order_id,
            "symbol": str(request.symbol),
            "side": request.side.value,
            "configuration": request.configuration.value,
            "base_size": _text(request.base_size),
            "quote_size": _text(request.quote_size),
            "limit_price": _text(request.limit_price),
            "end_time": None if request.end_time is None else request.end_time.ns,
            "post_only": request.post_only,
            "stop_price": _text(request.stop_price),
            "stop_direction": request.stop_direction and request.stop_direction.value,
        },
        "size": _text(order.size),
        "limit_price": _text(order.limit_price),
        "created": order.created.ns,
        "queued": order.queued.ns,
        "changed": order.changed.ns,
        "status": order.status.value,
        "filled": _text(order.filled),
        "notional": _text(order.notional),
        "fees": _text(order.fees),
        "owed": _text(order.owed),
        "fills_count": order.fills_count,
        "reason": order.reason,
        "edits": [[_text(each.price), _text(each.size), each.time.ns] for each in order.edits],
        "triggered": None if order.triggered is None else order.triggered.ns,
    }


def _order(fields: Mapping[str, Plain]) -> Order:
    return Order(
        number=_whole(fields["number"]),
        order_id=_word(fields["order_id"]),
        request=_request(as_object(fields["request"])),
        size=_optional(fields["size"]),
        limit_price=_optional(fields["limit_price"]),
        created=UtcTime(_whole(fields["created"])),
        queued=UtcTime(_whole(fields["queued"])),
        changed=UtcTime(_whole(fields["changed"])),
        status=Status(fields["status"]),
        filled=_number(fields["filled"]),
        notional=_number(fields["notional"]),
        fees=_number(fields["fees"]),
        owed=_number(fields["owed"]),
        fills_count=_whole(fields["fills_count"]),
        reason=_word(fields["reason"]),
        edits=tuple(_edit(as_list(each)) for each in as_list(fields["edits"])),
        triggered=_optional_time(fields.get("triggered")),
    )


def _request(fields: Mapping[str, Plain]) -> OrderRequest:
    # A venue that remembers from before there were stops wrote nothing of them.
    direction = fields.get("stop_direction")
    return OrderRequest(
        client_order_id=_word(fields["client_order_id"]),
        symbol=Symbol.parse(_word(fields["symbol"])),
        side=Side(fields["side"]),
        configuration=Configuration(fields["configuration"]),
        base_size=_optional(fields["base_size"]),
        quote_size=_optional(fields["quote_size"]),
        limit_price=_optional(fields["limit_price"]),
        end_time=_optional_time(fields["end_time"]),
        post_only=bool(fields["post_only"]),
        stop_price=_optional(fields.get("stop_price")),
        stop_direction=None if direction is None else StopDirection(direction),
    )


def _edit(told: Sequence[Plain]) -> Edit:
    price, size, time_ns = told
    return Edit(_number(price), _number(size), UtcTime(_whole(time_ns)))


def _execution_fields(execution: Execution) -> Fields:
    return {
        "number": execution.number,
        "entry_id": execution.entry_id,
        "trade_id": execution.trade_id,
        "order_id": execution.order_id,
        "client_order_id": execution.client_order_id,
        "symbol": str(execution.symbol),
        "side": execution.side.value,
        "size": _text(execution.size),
        "price": _text(execution.price),
        "fee": _text(execution.fee),
        "maker": execution.maker,
        "time": execution.time.ns,
    }


def _execution(fields: Mapping[str, Plain]) -> Execution:
    return Execution(
        number=_whole(fields["number"]),
        entry_id=_word(fields["entry_id"]),
        trade_id=_word(fields["trade_id"]),
        order_id=_word(fields["order_id"]),
        client_order_id=_word(fields["client_order_id"]),
        symbol=Symbol.parse(_word(fields["symbol"])),
        side=Side(fields["side"]),
        size=_number(fields["size"]),
        price=_number(fields["price"]),
        fee=_number(fields["fee"]),
        maker=bool(fields["maker"]),
        time=UtcTime(_whole(fields["time"])),
    )


def _transfer_fields(transfer: Transfer) -> Fields:
    return {
        "transfer_id": transfer.transfer_id,
        "currency": transfer.currency,
        "units": _text(transfer.units),
        "time": transfer.time.ns,
    }


def _transfer(fields: Mapping[str, Plain]) -> Transfer:
    return Transfer(
        transfer_id=_word(fields["transfer_id"]),
        currency=_word(fields["currency"]),
        units=_number(fields["units"]),
        time=UtcTime(_whole(fields["time"])),
    )


def _listing_fields(listing: Listing) -> Fields:
    product = listing.product
    return {
        "symbol": str(product.symbol),
        "base_increment": _text(product.base_increment),
        "price_increment": _text(product.price_increment),
        "base_min_size": _text(product.base_min_size),
        "quote_min_size": _text(product.quote_min_size),
        "status": product.status.value,
        "quote_increment": _text(listing.quote_increment),
        "base_max_size": _text(listing.base_max_size),
        "quote_max_size": _text(listing.quote_max_size),
        "base_name": listing.base_name,
        "quote_name": listing.quote_name,
        "alias": listing.alias,
        "alias_to": list(listing.alias_to),
    }


def _listing(fields: Mapping[str, Plain]) -> Listing:
    product = Product(
        symbol=Symbol.parse(_word(fields["symbol"])),
        base_increment=_number(fields["base_increment"]),
        price_increment=_number(fields["price_increment"]),
        base_min_size=_number(fields["base_min_size"]),
        quote_min_size=_number(fields["quote_min_size"]),
        status=ProductStatus(fields["status"]),
    )
    return Listing(
        product=product,
        quote_increment=_number(fields["quote_increment"]),
        base_max_size=_number(fields["base_max_size"]),
        quote_max_size=_number(fields["quote_max_size"]),
        base_name=_word(fields["base_name"]),
        quote_name=_word(fields["quote_name"]),
        alias=_word(fields["alias"]),
        alias_to=tuple(_word(each) for each in as_list(fields["alias_to"])),
    )


def _text(value: Decimal | None) -> str | None:
    return None if value is None else canonical_number(value)


def _optional(value: Plain) -> Decimal | None:
    return None if value is None else _number(value)


def _optional_time(value: Plain) -> UtcTime | None:
    return None if value is None else UtcTime(_whole(value))


def _number(value: Plain) -> Decimal:
    return Decimal(_word(value))


def _word(value: Plain) -> str:
    if not isinstance(value, str):
        message = f"not a text: {value!r}"
        raise TypeError(message)
    return value


def _whole(value: Plain) -> int:
    if not isinstance(value, int):
        message = f"not a whole number: {value!r}"
        raise TypeError(message)
    return value


def as_list(value: Plain) -> Sequence[Plain]:
    """`value` as a list; raises TypeError."""
    if not isinstance(value, list):
        message = f"not a list: {value!r}"
        raise TypeError(message)
    return value


def as_object(value: Plain) -> Mapping[str, Plain]:
    """`value` as an object; raises TypeError."""
    if not isinstance(value, dict):
        message = f"not an object: {value!r}"
        raise TypeError(message)
    return value
