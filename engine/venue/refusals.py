"""The words in which the venue refuses: one enum, and how each looks in a body.

The words are those of Coinbase Advanced Trade's documentation of order, preview, cancel and edit
failures. Refuses nothing itself.
"""

from __future__ import annotations

from enum import Enum

from engine.adapters.coinbase.failures import DOCUMENTED


class Refusal(Enum):
    """Why something is not done."""

    INVALID_REQUEST = "INVALID_REQUEST"
    INVALID_SIDE = "INVALID_SIDE"
    INVALID_PRODUCT_ID = "INVALID_PRODUCT_ID"
    UNSUPPORTED_ORDER_CONFIGURATION = "UNSUPPORTED_ORDER_CONFIGURATION"
    ORDER_ENTRY_DISABLED = "ORDER_ENTRY_DISABLED"
    INVALID_LIMIT_PRICE = "INVALID_LIMIT_PRICE"
    INVALID_LIMIT_PRICE_POST_ONLY = "INVALID_LIMIT_PRICE_POST_ONLY"
    INVALID_PRICE_PRECISION = "INVALID_PRICE_PRECISION"
    INVALID_SIZE_PRECISION = "INVALID_SIZE_PRECISION"
    BASE_SIZE_TOO_SMALL = "PREVIEW_INVALID_BASE_SIZE_TOO_SMALL"
    BASE_SIZE_TOO_LARGE = "PREVIEW_INVALID_BASE_SIZE_TOO_LARGE"
    QUOTE_SIZE_TOO_SMALL = "PREVIEW_INVALID_QUOTE_SIZE_TOO_SMALL"
    QUOTE_SIZE_TOO_LARGE = "PREVIEW_INVALID_QUOTE_SIZE_TOO_LARGE"
    INSUFFICIENT_FUND = "INSUFFICIENT_FUND"
    MISSING_MARKET_DATA = "MISSING_MARKET_TRADE_DATA"
    NO_LIQUIDITY = "INVALID_NO_LIQUIDITY"
    COMMANDER_REJECTED = "COMMANDER_REJECTED_NEW_ORDER"
    UNKNOWN_CANCEL_ORDER = "UNKNOWN_CANCEL_ORDER"
    ORDER_NOT_FOUND = "ORDER_NOT_FOUND"
    ONLY_LIMIT_ORDER_EDITS_SUPPORTED = "ONLY_LIMIT_ORDER_EDITS_SUPPORTED"
    CANNOT_EDIT_TO_BELOW_FILLED_SIZE = "CANNOT_EDIT_TO_BELOW_FILLED_SIZE"
    ONLY_OPEN_ORDERS_CAN_BE_EDITED = "ONLY_OPEN_ORDERS_CAN_BE_EDITED"
    INVALID_EDITED_SIZE = "INVALID_EDITED_SIZE"
    INVALID_EDITED_PRICE = "INVALID_EDITED_PRICE"

    @property
    def as_preview(self) -> str:
        """The word of the preview for it; the venue says that it has none where it has none."""
        word = self.value if self.of_preview else f"PREVIEW_{self.value}"
        return word if word in DOCUMENTED else "UNKNOWN_PREVIEW_FAILURE_REASON"

    @property
    def as_edit(self) -> str:
        """The word of an edit for it; the venue says that it has none where it has none."""
        return self.value if self in _EDITS else "UNKNOWN_EDIT_ORDER_FAILURE_REASON"

    @property
    def of_preview(self) -> bool:
        """Whether the venue names it as a failure of its preview."""
        return self.value.startswith("PREVIEW_")


_EDITS = frozenset(
    {
        Refusal.ORDER_NOT_FOUND,
        Refusal.ONLY_LIMIT_ORDER_EDITS_SUPPORTED,
        Refusal.CANNOT_EDIT_TO_BELOW_FILLED_SIZE,
        Refusal.ONLY_OPEN_ORDERS_CAN_BE_EDITED,
        Refusal.INVALID_EDITED_SIZE,
        Refusal.INVALID_EDITED_PRICE,
    }
)
