"""Which forms of order a product takes, by its status at the venue.

In: a status. Out: the forms; none where a product cannot be traded at all. Source: the flags
`post_only`, `limit_only`, `cancel_only` and `trading_disabled` of Coinbase Advanced Trade.
"""

from __future__ import annotations

from engine.model.market import ProductStatus
from engine.model.orders import OrderForm

FORMS = {
    ProductStatus.ONLINE: frozenset(OrderForm),
    ProductStatus.POST_ONLY: frozenset({OrderForm.POST_ONLY}),
    ProductStatus.LIMIT_ONLY: frozenset({OrderForm.POST_ONLY, OrderForm.LIMIT_IOC}),
    ProductStatus.CANCEL_ONLY: frozenset[OrderForm](),
    ProductStatus.HALTED: frozenset[OrderForm](),
}
