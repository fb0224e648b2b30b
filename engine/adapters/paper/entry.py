"""Whether an order may enter: the venue's own rules, before money and market are asked.

In: an approved order and its product. Out: the first refusal in the venue's words, or None.
The words are those of Coinbase Advanced Trade's order and preview failures, except where the
venue has none because it always has a market: a recording may not.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from engine.adapters.paper.money import exactly, is_amount, is_multiple
from engine.model.forms import FORMS
from engine.model.orders import OrderForm

if TYPE_CHECKING:
    from decimal import Decimal

    from engine.model.market import Product
    from engine.model.orders import ApprovedOrder
    from engine.model.times import UtcTime


class Refusal(Enum):
    """Why the venue does not take an order."""

    INVALID_PRODUCT_ID = "INVALID_PRODUCT_ID"
    ORDER_ENTRY_DISABLED = "ORDER_ENTRY_DISABLED"
    UNSUPPORTED_ORDER_CONFIGURATION = "UNSUPPORTED_ORDER_CONFIGURATION"
    INVALID_LIMIT_PRICE = "INVALID_LIMIT_PRICE"
    INVALID_PRICE_PRECISION = "INVALID_PRICE_PRECISION"
    INVALID_SIZE_PRECISION = "INVALID_SIZE_PRECISION"
    BASE_SIZE_TOO_SMALL = "PREVIEW_INVALID_BASE_SIZE_TOO_SMALL"
    QUOTE_SIZE_TOO_SMALL = "PREVIEW_INVALID_QUOTE_SIZE_TOO_SMALL"
    INVALID_REQUEST = "INVALID_REQUEST"
    INVALID_LIMIT_PRICE_POST_ONLY = "INVALID_LIMIT_PRICE_POST_ONLY"
    INSUFFICIENT_FUND = "INSUFFICIENT_FUND"
    DUPLICATE_CLIENT_ORDER_ID = "DUPLICATE_CLIENT_ORDER_ID"
    MISSING_MARKET_DATA = "MISSING_MARKET_TRADE_DATA"
    NO_SIZE_RECORDED = "no size recorded"


def matches(product: Product) -> bool:
    """Whether resting orders of the product can be filled now."""
    return bool(FORMS[product.status])


def limit_of(order: ApprovedOrder) -> Decimal | None:
    """The price that binds it: none for a market order, as on the wire."""
    return None if order.intent.form is OrderForm.MARKET_IOC else order.intent.limit_price


def entry_refusal(
    order: ApprovedOrder, product: Product, now: UtcTime, price: Decimal | None
) -> Refusal | None:
    """The first rule of the product that the order breaks.

    `price` values an order that has no limit; without one its notional is not judged.
    """
    form = order.intent.form
    if form not in FORMS[product.status]:
        return Refusal.ORDER_ENTRY_DISABLED
    if form is OrderForm.POST_ONLY and order.expires is not None and order.expires <= now:
        return Refusal.INVALID_REQUEST
    limit = limit_of(order)
    return (
        _limit_refusal(form, limit, product)
        or size_refusal(order.quantity, product)
        or notional_refusal(order.quantity, limit or price, product)
    )


def _limit_refusal(form: OrderForm, limit: Decimal | None, product: Product) -> Refusal | None:
    if form is OrderForm.MARKET_IOC:
        return None
    return (
        Refusal.UNSUPPORTED_ORDER_CONFIGURATION if limit is None else price_refusal(limit, product)
    )


def price_refusal(limit: Decimal, product: Product) -> Refusal | None:
    """What is wrong with a limit price: it is none, or off the product's grid."""
    if not is_amount(limit):
        return Refusal.INVALID_LIMIT_PRICE
    return None if is_multiple(limit, product.price_increment) else Refusal.INVALID_PRICE_PRECISION


def size_refusal(quantity: Decimal, product: Product) -> Refusal | None:
    """What is wrong with a size in base units: it is none, off the grid, or below the minimum."""
    if not is_amount(quantity):
        return Refusal.INVALID_REQUEST
    if not is_multiple(quantity, product.base_increment):
        return Refusal.INVALID_SIZE_PRECISION
    return Refusal.BASE_SIZE_TOO_SMALL if quantity < product.base_min_size else None


def notional_refusal(quantity: Decimal, price: Decimal | None, product: Product) -> Refusal | None:
    """Whether a size at a price is below the minimum; without a price it is not judged."""
    if price is None:
        return None
    with exactly():
        small = quantity * price < product.quote_min_size
    return Refusal.QUOTE_SIZE_TOO_SMALL if small else None
