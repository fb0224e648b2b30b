"""Previews and edits in the venue's words.

In: a preview or a refusal. Out: the fields of `/orders/preview`, `/orders/edit` and
`/orders/edit_preview`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.venue.bodies.words import Fields, number
from engine.venue.refusals import Refusal

if TYPE_CHECKING:
    from decimal import Decimal

    from engine.venue.fate import Preview

_PREVIEW = "UNKNOWN_PREVIEW_FAILURE_REASON"


def preview_fields(
    preview: Preview, bid: Decimal | None, ask: Decimal | None, identity: str
) -> Fields:
    """`/orders/preview` of an order that would be taken."""
    return {
        "order_total": number(preview.total),
        "commission_total": number(preview.fee),
        "errs": [],
        "warning": [],
        "quote_size": number(preview.notional),
        "base_size": number(preview.size),
        "best_bid": number(bid),
        "best_ask": number(ask),
        "is_max": False,
        "order_margin_total": "",
        "leverage": "",
        "long_leverage": "",
        "short_leverage": "",
        "slippage": number(preview.slippage_ratio),
        "preview_id": identity,
        "average_filled_price": number(preview.average),
    }


def refused_preview_fields(refusal: Refusal) -> Fields:
    """`/orders/preview` of an order that would not be taken."""
    return {
        "order_total": "0",
        "commission_total": "0",
        "errs": [refusal.as_preview],
        "warning": [],
        "quote_size": "0",
        "base_size": "0",
        "best_bid": "",
        "best_ask": "",
        "is_max": False,
        "order_margin_total": "",
        "leverage": "",
        "long_leverage": "",
        "short_leverage": "",
        "slippage": "0",
        "preview_id": "",
        "average_filled_price": "0",
    }


def edited_fields(order_id: str | None, refusal: Refusal | None) -> Fields:
    """`/orders/edit`."""
    if refusal is None:
        return {"success": True, "success_response": {"order_id": order_id}, "errors": []}
    return {
        "success": False,
        "error_response": {"error_details": "", "edit_order_failure_reason": refusal.as_edit},
        "errors": [_edit_error(refusal)],
    }


def _edit_error(refusal: Refusal) -> Fields:
    return {"edit_failure_reason": refusal.as_edit, "preview_failure_reason": refusal.as_preview}


def edit_preview_fields(
    found: Preview | Refusal, bid: Decimal | None, ask: Decimal | None
) -> Fields:
    """`/orders/edit_preview`."""
    if isinstance(found, Refusal):
        return {"errors": [_edit_error(found)]}
    return {
        "errors": [],
        "slippage": number(found.slippage_ratio),
        "order_total": number(found.total),
        "commission_total": number(found.fee),
        "quote_size": number(found.notional),
        "base_size": number(found.size),
        "best_bid": number(bid),
        "best_ask": number(ask),
        "average_filled_price": number(found.average),
    }
