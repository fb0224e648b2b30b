"""The stream in the venue's words: what each channel tells, every number as text.

In: values of the venue. Out: the fields of the events in messages. What is not known is an empty
text. Orders are told as totals and without the price of a fill; when one ends without being
filled in full its totals are told as zero, as the real venue does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.adapters.paper.money import exactly
from engine.model.numbers import ZERO
from engine.venue.bodies.orders import order_type
from engine.venue.bodies.products import candle_fields, product_fields
from engine.venue.bodies.words import Fields, moment, number
from engine.venue.orders import Status

if TYPE_CHECKING:
    from decimal import Decimal

    from engine.model.market import Trade
    from engine.model.times import UtcTime
    from engine.venue.candles import Candle
    from engine.venue.listing import Listing
    from engine.venue.market import ProductMarket
    from engine.venue.orders import Order

_NEVER = "0001-01-01T00:00:00Z"
_ZEROED = frozenset({Status.CANCELLED, Status.EXPIRED, Status.FAILED})


def level_fields(side: str, price: Decimal, size: Decimal, time: UtcTime) -> Fields:
    """One level of a book; a size of zero removes it."""
    return {
        "side": side,
        "event_time": moment(time),
        "price_level": number(price),
        "new_quantity": number(size),
    }


def trade_fields(name: str, trade_number: int, trade: Trade) -> Fields:
    """One trade; the side is that of the order that rested."""
    return {
        "product_id": name,
        "trade_id": str(trade_number),
        "price": number(trade.price),
        "size": number(trade.size),
        "time": moment(trade.time),
        "side": "BUY" if trade.taker_sold else "SELL",
    }


def stream_candle_fields(name: str, candle: Candle) -> Fields:
    """One bar of five minutes."""
    return {**candle_fields(candle), "product_id": name}


def stream_ticker_fields(name: str, shown: ProductMarket, day: Candle | None) -> Fields:
    """The newest price, the top of the book, and the last day as one bar."""
    bid = shown.bids[0] if shown.bids else None
    ask = shown.asks[0] if shown.asks else None
    return {
        "type": "ticker",
        "product_id": name,
        "price": number(shown.price),
        "volume_24_h": number(day.volume if day else None),
        "low_24_h": number(day.low if day else None),
        "high_24_h": number(day.high if day else None),
        "low_52_w": "",
        "high_52_w": "",
        "price_percent_chg_24_h": number(_change_pct(day, shown.price)),
        "best_bid": number(bid.price if bid else None),
        "best_bid_quantity": number(bid.size if bid else None),
        "best_ask": number(ask.price if ask else None),
        "best_ask_quantity": number(ask.size if ask else None),
    }


def _change_pct(day: Candle | None, price: Decimal | None) -> Decimal | None:
    if day is None or price is None:
        return None
    return round((price - day.open) / day.open * 100, 8)


def status_fields(listing: Listing, shown: ProductMarket, now: UtcTime) -> Fields:
    """One product of the channel `status`."""
    product = product_fields(listing, shown, now)
    stopped = product["trading_disabled"]
    return {
        "product_type": "SPOT",
        "id": product["product_id"],
        "base_currency": product["base_currency_id"],
        "quote_currency": product["quote_currency_id"],
        "base_increment": product["base_increment"],
        "quote_increment": product["quote_increment"],
        "display_name": product["display_name"],
        "status": "offline" if stopped else "online",
        "status_message": "",
        "min_market_funds": product["quote_min_size"],
    }


def user_order_fields(order: Order, told: Fields) -> Fields:
    """One order of the channel `user`; `told` is how a list of orders shows it."""
    zeroed = order.status in _ZEROED
    with exactly():
        left = ZERO if order.size is None or order.status.final else order.size - order.filled
    return {
        "avg_price": "0" if zeroed else told["average_filled_price"],
        "cancel_reason": told["cancel_message"],
        "client_order_id": told["client_order_id"],
        "completion_percentage": told["completion_percentage"],
        "contract_expiry_type": "UNKNOWN_CONTRACT_EXPIRY_TYPE",
        "creation_time": told["created_time"],
        "cumulative_quantity": "0" if zeroed else told["filled_size"],
        "end_time": moment(order.request.end_time) or _NEVER,
        "filled_value": "0" if zeroed else told["filled_value"],
        "leaves_quantity": number(left),
        "limit_price": number(order.limit_price),
        "number_of_fills": "0" if zeroed else told["number_of_fills"],
        "order_id": told["order_id"],
        "order_side": told["side"],
        "order_type": order_type(order.request.configuration).replace("_", " ").title(),
        "outstanding_hold_amount": told["outstanding_hold_amount"],
        "post_only": "true" if order.request.post_only else "false",
        "product_id": told["product_id"],
        "product_type": "SPOT",
        "reject_reason": "",
        "retail_portfolio_id": told["retail_portfolio_id"],
        "risk_managed_by": "UNKNOWN_RISK_MANAGEMENT_TYPE",
        "start_time": _NEVER,
        "status": told["status"],
        "stop_price": number(order.request.stop_price),
        "time_in_force": told["time_in_force"],
        "total_fees": "0" if zeroed else told["total_fees"],
        "total_value_after_fees": "0" if zeroed else told["total_value_after_fees"],
        "trigger_status": told["trigger_status"],
    }
