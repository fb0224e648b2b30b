"""What the simulated venue says of itself, in the shapes of COINBASE.md.

In: the venue's truth. Out: plain objects for JSON; every number is text.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from engine.model.times import UtcTime

if TYPE_CHECKING:
    from decimal import Decimal

    from histories.venue.book import Execution, Listing, Order

Fields = dict[str, object]
_ENDS = {"CANCELLED", "EXPIRED", "FAILED"}


# Lists show the same orders and fills again and again; nobody changes what is shown.
@lru_cache(maxsize=1024)
def order_fields(order: Order, skew_ns: int) -> Fields:
    """One order of `/orders/historical`; totals are zeroed on final states of some venues."""
    return {
        "order_id": order.order_id,
        "client_order_id": order.client_id,
        "product_id": str(order.symbol),
        "product_type": "SPOT",
        "side": order.side,
        "status": order.status,
        "order_configuration": _configuration(order),
        "filled_size": _text(order.filled),
        "filled_value": _text(order.value),
        "total_fees": _text(order.fees),
        "fee": "",
        "created_time": _moment(order.created_ns + skew_ns),
        "reject_reason": "REJECT_REASON_UNSPECIFIED",
        "cancel_message": "User requested cancel" if order.status in _ENDS else "",
    }


def _configuration(order: Order) -> Fields:
    if order.limit is None:
        return {"market_market_ioc": {"base_size": _text(order.size)}}
    asked: Fields = {"base_size": _text(order.size), "limit_price": _text(order.limit)}
    if order.kind == "ioc":
        return {"sor_limit_ioc": asked}
    if order.ends_ns is None:
        return {"limit_limit_gtc": {**asked, "post_only": True}}
    asked |= {"post_only": True, "end_time": _moment(order.ends_ns)}
    return {"limit_limit_gtd": asked}


@lru_cache(maxsize=1024)
def fill_fields(fill: Execution, skew_ns: int) -> Fields:
    """One entry of `/orders/historical/fills`; it does not name our id."""
    return {
        "entry_id": fill.fill_id,
        "trade_id": f"t-{fill.fill_id}",
        "order_id": fill.order.order_id,
        "trade_time": _moment(fill.time_ns + skew_ns),
        "trade_type": "FILL",
        "price": _text(fill.price),
        "size": _text(fill.size),
        "commission": _text(fill.fee),
        "product_id": str(fill.order.symbol),
        "side": fill.order.side,
        "size_in_quote": False,
        "liquidity_indicator": "MAKER" if fill.maker else "TAKER",
    }


def account_fields(currency: str, units: Decimal, hold: Decimal) -> Fields:
    """One entry of `/accounts`."""
    return {
        "uuid": f"account-{currency}",
        "currency": currency,
        "available_balance": {"value": _text(units - hold), "currency": currency},
        "hold": {"value": _text(hold), "currency": currency},
        "active": True,
    }


def product_fields(listing: Listing) -> Fields:
    """One entry of `/products`."""
    return {
        "product_id": str(listing.symbol),
        "product_type": "SPOT",
        "base_increment": _text(listing.base_increment),
        "price_increment": _text(listing.price_increment),
        "quote_increment": "0.01",
        "base_min_size": _text(listing.base_increment),
        "quote_min_size": "1",
        "status": "online",
        "is_disabled": False,
        "trading_disabled": listing.halted,
        "cancel_only": False,
        "limit_only": False,
        "post_only": False,
        "auction_mode": False,
        "view_only": False,
    }


def taken_fields(order: Order, asked: Fields) -> Fields:
    """The answer to an order that was taken; it echoes the request, whatever stands there."""
    echo = {key: asked[key] for key in ("client_order_id", "product_id", "side")}
    told = {"order_id": order.order_id, **echo}
    return {"success": True, "success_response": told, "order_configuration": {}}


def refused_fields(word: str) -> Fields:
    """A 200 that says no."""
    told = {"error": word, "message": "", "error_details": "", "new_order_failure_reason": word}
    return {"success": False, "failure_reason": "UNKNOWN_FAILURE_REASON", "error_response": told}


def _text(number: Decimal) -> str:
    return f"{number:f}"


def _moment(ns: int) -> str:
    return str(UtcTime(ns))
