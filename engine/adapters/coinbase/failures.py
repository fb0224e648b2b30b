"""The words in which the venue refuses an order, as its documentation lists them.

In: the body of a 200 with `success: false`. Out: one word. A word that is not listed here is no
refusal that anybody may rely on: the order's fate is then unknown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.adapters.coinbase import wire

if TYPE_CHECKING:
    from engine.adapters.coinbase.wire import Wire

_ORDER = frozenset(
    [
        "UNSUPPORTED_ORDER_CONFIGURATION",
        "INVALID_SIDE",
        "INVALID_PRODUCT_ID",
        "INVALID_SIZE_PRECISION",
        "INVALID_PRICE_PRECISION",
        "INSUFFICIENT_FUND",
        "INSUFFICIENT_FUNDS",
        "INVALID_LEDGER_BALANCE",
        "ORDER_ENTRY_DISABLED",
        "INELIGIBLE_PAIR",
        "INVALID_LIMIT_PRICE_POST_ONLY",
        "INVALID_LIMIT_PRICE",
        "INVALID_NO_LIQUIDITY",
        "INVALID_REQUEST",
        "COMMANDER_REJECTED_NEW_ORDER",
        "UNTRADABLE_PRODUCT",
        "GEOFENCING_RESTRICTION",
        "END_TIME_TOO_FAR_IN_FUTURE",
        "LIMIT_PRICE_TOO_FAR_FROM_MARKET",
        "MISSING_MARKET_TRADE_DATA",
    ]
)
_PREVIEW = frozenset(
    [
        "PREVIEW_MISSING_COMMISSION_RATE",
        "PREVIEW_INVALID_SIDE",
        "PREVIEW_INVALID_ORDER_CONFIG",
        "PREVIEW_INVALID_PRODUCT_ID",
        "PREVIEW_INVALID_SIZE_PRECISION",
        "PREVIEW_INVALID_PRICE_PRECISION",
        "PREVIEW_MISSING_PRODUCT_PRICE_BOOK",
        "PREVIEW_INVALID_LEDGER_BALANCE",
        "PREVIEW_INSUFFICIENT_LEDGER_BALANCE",
        "PREVIEW_INVALID_LIMIT_PRICE_POST_ONLY",
        "PREVIEW_INVALID_LIMIT_PRICE",
        "PREVIEW_INVALID_NO_LIQUIDITY",
        "PREVIEW_INSUFFICIENT_FUND",
        "PREVIEW_INSUFFICIENT_FUNDS",
        "PREVIEW_INVALID_BASE_SIZE_TOO_LARGE",
        "PREVIEW_INVALID_BASE_SIZE_TOO_SMALL",
        "PREVIEW_INVALID_QUOTE_SIZE_TOO_LARGE",
        "PREVIEW_INVALID_QUOTE_SIZE_TOO_SMALL",
        "PREVIEW_INVALID_STOP_PRICE_PRECISION",
        "PREVIEW_STOP_PRICE_ABOVE_LIMIT_PRICE",
        "PREVIEW_STOP_PRICE_BELOW_LIMIT_PRICE",
        "PREVIEW_STOP_PRICE_ABOVE_LAST_TRADE_PRICE",
        "PREVIEW_STOP_PRICE_BELOW_LAST_TRADE_PRICE",
        "PREVIEW_INVALID_BRACKET_PRICES",
        "PREVIEW_INVALID_BRACKET_LIMIT_PRICE",
        "PREVIEW_INVALID_BRACKET_STOP_TRIGGER_PRICE",
    ]
)
DOCUMENTED = _ORDER | _PREVIEW
"""Words after which no order exists."""

WOULD_CROSS = frozenset({"INVALID_LIMIT_PRICE_POST_ONLY", "PREVIEW_INVALID_LIMIT_PRICE_POST_ONLY"})
"""The market moved towards a post-only: normal, and no refusal to count."""

_UNSAID = frozenset({"", "UNKNOWN_FAILURE_REASON", "UNKNOWN_PREVIEW_FAILURE_REASON"})
_KEYS = ("new_order_failure_reason", "preview_failure_reason", "error")


def failure_word(fields: dict[str, Wire]) -> str:
    """Why it was refused: the first of three places that says something; empty when none does."""
    told = wire.part(fields, "error_response")
    words = [wire.optional_text(told, key) for key in _KEYS]
    words.append(wire.optional_text(fields, "failure_reason"))
    return next((word for word in words if word not in _UNSAID), "")
