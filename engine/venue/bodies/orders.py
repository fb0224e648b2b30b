"""Orders and executions in the venue's words.

In: orders, executions, refusals. Out: the fields of `/orders`, `/orders/historical` and `/fills`.
The numbers of the request are told as they stand after edits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.adapters.paper.money import exactly
from engine.model.numbers import ZERO
from engine.model.orders import Side
from engine.venue.bodies.words import Fields, moment, number
from engine.venue.orders import Configuration, Status

if TYPE_CHECKING:
    from decimal import Decimal

    from engine.venue.orders import Execution, Order, OrderRequest
    from engine.venue.refusals import Refusal

_MESSAGES = {"INSUFFICIENT_FUND": "Insufficient balance in source account"}
_UNSAID = "UNKNOWN_FAILURE_REASON"
_IN_FORCE = {
    Configuration.LIMIT_GTC: "GOOD_UNTIL_CANCELLED",
    Configuration.LIMIT_GTD: "GOOD_UNTIL_DATE_TIME",
    Configuration.LIMIT_IOC: "IMMEDIATE_OR_CANCEL",
    Configuration.MARKET_IOC: "IMMEDIATE_OR_CANCEL",
    Configuration.LIMIT_FOK: "FILL_OR_KILL",
    Configuration.MARKET_FOK: "FILL_OR_KILL",
    Configuration.STOP_LIMIT_GTC: "GOOD_UNTIL_CANCELLED",
    Configuration.STOP_LIMIT_GTD: "GOOD_UNTIL_DATE_TIME",
    Configuration.BRACKET_GTC: "GOOD_UNTIL_CANCELLED",
    Configuration.BRACKET_GTD: "GOOD_UNTIL_DATE_TIME",
}


def configuration_fields(
    request: OrderRequest, size: Decimal | None, price: Decimal | None
) -> Fields:
    """The order configuration, with the one key that names it."""
    fields: Fields = {}
    if request.quote_size is not None:
        fields["quote_size"] = number(request.quote_size)
    if size is not None:
        fields["base_size"] = number(size)
    if price is not None:
        fields["limit_price"] = number(price)
    if request.end_time is not None:
        fields["end_time"] = moment(request.end_time)
    if request.stop_price is not None:
        key = "stop_trigger_price" if request.configuration.brackets else "stop_price"
        fields[key] = number(request.stop_price)
    if request.stop_direction is not None:
        fields["stop_direction"] = request.stop_direction.value
    if request.configuration.plain:
        fields["post_only"] = request.post_only
    return {request.configuration.value: fields}


def order_fields(order: Order, user_id: str, portfolio_id: str, held: Decimal) -> Fields:
    """One order of `/orders/historical`; `held` is what it binds."""
    request = order.request
    # What a bracket's order became at its stop is not what was asked for.
    asked = request.limit_price if request.configuration.brackets else order.limit_price
    with exactly():
        after = order.notional + (order.fees if order.side is Side.BUY else -order.fees)
    return {
        "order_id": order.order_id,
        "product_id": str(order.symbol),
        "user_id": user_id,
        "order_configuration": configuration_fields(request, order.size, asked),
        "side": order.side.value,
        "client_order_id": request.client_order_id,
        "status": order.status.value,
        "time_in_force": _IN_FORCE[request.configuration],
        "created_time": moment(order.created),
        "completion_percentage": number(_completion_pct(order)),
        "filled_size": number(order.filled),
        "average_filled_price": number(_average(order)),
        "fee": "",
        "number_of_fills": str(order.fills_count),
        "filled_value": number(order.notional),
        "pending_cancel": False,
        "size_in_quote": order.size is None,
        "total_fees": number(order.fees),
        "size_inclusive_of_fees": order.size is None,
        "total_value_after_fees": number(after),
        "trigger_status": _trigger_status(order),
        "order_type": order_type(request.configuration),
        "reject_reason": "REJECT_REASON_UNSPECIFIED",
        "settled": order.status.final and order.filled > 0,
        "product_type": "SPOT",
        "reject_message": "",
        "cancel_message": order.reason,
        "order_placement_source": "RETAIL_ADVANCED",
        "outstanding_hold_amount": number(held),
        "is_liquidation": False,
        "last_fill_time": moment(order.changed) if order.fills_count else None,
        "edit_history": [
            {
                "price": number(each.price),
                "size": number(each.size),
                "replace_accept_timestamp": moment(each.time),
            }
            for each in order.edits
        ],
        "leverage": "",
        "margin_type": "UNKNOWN_MARGIN_TYPE",
        "retail_portfolio_id": portfolio_id,
        "originating_order_id": "",
        "attached_order_id": "",
        "attached_order_configuration": None,
    }


def order_type(configuration: Configuration) -> str:
    """The kind of an order, in the venue's words."""
    if configuration.market:
        return "MARKET"
    if configuration.stops:
        return "STOP_LIMIT"
    return "BRACKET" if configuration.brackets else "LIMIT"


def _trigger_status(order: Order) -> str:
    if order.request.stop_price is None:
        return "INVALID_ORDER_TYPE"
    return "STOP_PENDING" if order.waits else "STOP_TRIGGERED"


def _completion_pct(order: Order) -> Decimal:
    if order.status is Status.FILLED:
        return ZERO + 100
    return ZERO if not order.size else round(order.filled / order.size * 100, 8)


def _average(order: Order) -> Decimal:
    return round(order.notional / order.filled, 16) if order.filled else ZERO


def fill_fields(execution: Execution, user_id: str, portfolio_id: str) -> Fields:
    """One execution of `/orders/historical/fills`."""
    return {
        "entry_id": execution.entry_id,
        "trade_id": execution.trade_id,
        "order_id": execution.order_id,
        "trade_time": moment(execution.time),
        "trade_type": "FILL",
        "price": number(execution.price),
        "size": number(execution.size),
        "commission": number(execution.fee),
        "product_id": str(execution.symbol),
        "sequence_timestamp": moment(execution.time),
        "liquidity_indicator": "MAKER" if execution.maker else "TAKER",
        "size_in_quote": False,
        "user_id": user_id,
        "side": execution.side.value,
        "retail_portfolio_id": portfolio_id,
    }


def taken_fields(request: OrderRequest, order_id: str) -> Fields:
    """The answer to an order that was taken; it echoes the request, whatever stands behind."""
    return {
        "success": True,
        "success_response": {
            "order_id": order_id,
            "product_id": str(request.symbol),
            "side": request.side.value,
            "client_order_id": request.client_order_id,
            "attached_order_id": "",
        },
        "order_configuration": configuration_fields(
            request, request.base_size, request.limit_price
        ),
    }


def refused_fields(refusal: Refusal) -> Fields:
    """The answer to an order that was not taken: a 200 all the same."""
    word = refusal.value
    return {
        "success": False,
        "failure_reason": _UNSAID,
        "error_response": {
            "error": _UNSAID if refusal.of_preview else word,
            "message": _MESSAGES.get(word, ""),
            "error_details": "",
            "preview_failure_reason": refusal.as_preview,
            "new_order_failure_reason": _UNSAID if refusal.of_preview else word,
        },
    }
