"""Whether an order may enter: the product's own rules, before money and market are asked.

In: a request and its listing. Out: the first refusal, or None. Sizes in quote currency lie on the
quote increment, sizes in base currency on the base increment, prices on the price increment.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.adapters.paper.entry import notional_refusal, price_refusal, size_refusal
from engine.adapters.paper.money import exactly, is_amount, is_multiple
from engine.model.forms import FORMS
from engine.model.orders import OrderForm
from engine.venue.orders import Configuration
from engine.venue.refusals import Refusal

if TYPE_CHECKING:
    from decimal import Decimal

    from engine.adapters.paper import Refusal as PaperRefusal
    from engine.model.times import UtcTime
    from engine.venue.listing import Listing
    from engine.venue.orders import OrderRequest

_LIMITS = frozenset(Configuration) - {Configuration.MARKET_IOC, Configuration.MARKET_FOK}


def trades(listing: Listing) -> bool:
    """Whether resting orders of the product can be filled now."""
    return bool(FORMS[listing.product.status])


def entry_refusal(
    request: OrderRequest, listing: Listing, now: UtcTime, best: Decimal | None
) -> Refusal | None:
    """The first rule that the order breaks; `best` values an order that names no price."""
    if _form(request) not in FORMS[listing.product.status]:
        return Refusal.ORDER_ENTRY_DISABLED
    if request.end_time is not None and request.end_time <= now:
        return Refusal.INVALID_REQUEST
    return (
        _price_refusal(request, listing)
        or _quote_refusal(request, listing)
        or _base_refusal(request.base_size, request.limit_price or best, listing)
    )


def edit_refusal(price: Decimal, size: Decimal, listing: Listing) -> Refusal | None:
    """The first rule that an edit to this price and size breaks."""
    if not is_amount(price):
        return Refusal.INVALID_EDITED_PRICE
    if not is_amount(size):
        return Refusal.INVALID_EDITED_SIZE
    return _told(price_refusal(price, listing.product)) or _base_refusal(size, price, listing)


def _form(request: OrderRequest) -> OrderForm:
    if request.configuration not in _LIMITS:
        return OrderForm.MARKET_IOC
    return OrderForm.POST_ONLY if request.post_only else OrderForm.LIMIT_IOC


def _price_refusal(request: OrderRequest, listing: Listing) -> Refusal | None:
    price = request.limit_price
    return None if price is None else _told(price_refusal(price, listing.product))


def _told(refusal: PaperRefusal | None) -> Refusal | None:
    """What the in-process venue refuses, in this one's enum: the words are the same."""
    return None if refusal is None else Refusal(refusal.value)


def _quote_refusal(request: OrderRequest, listing: Listing) -> Refusal | None:
    size = request.quote_size
    if size is None:
        return None
    if not is_amount(size):
        return Refusal.INVALID_REQUEST
    if not is_multiple(size, listing.quote_increment):
        return Refusal.INVALID_SIZE_PRECISION
    if size < listing.product.quote_min_size:
        return Refusal.QUOTE_SIZE_TOO_SMALL
    return Refusal.QUOTE_SIZE_TOO_LARGE if size > listing.quote_max_size else None


def _base_refusal(size: Decimal | None, price: Decimal | None, listing: Listing) -> Refusal | None:
    if size is None:
        return None
    refusal = size_refusal(size, listing.product)
    if refusal is not None:
        return _told(refusal)
    if size > listing.base_max_size:
        return Refusal.BASE_SIZE_TOO_LARGE
    if price is None:
        return None
    with exactly():
        large = size * price > listing.quote_max_size
    small = _told(notional_refusal(size, price, listing.product))
    return Refusal.QUOTE_SIZE_TOO_LARGE if large else small
