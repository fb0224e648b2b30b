"""Ways out: the price and form of a sell that has to leave, in whatever form is possible.

In: a rung, the ladder that it belongs to, the newest quote, the product's status. Out: `Price`;
None only where the venue takes no order at all, or the market shows nothing and nothing waits on
a stop. A product that takes no immediate order is left by resting at the touch, one that takes
no market order by a limit through the bid, and a stop without any bid by a market order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.cycle.orders.pricing import Price, price
from engine.model.forms import FORMS
from engine.model.market import ProductStatus
from engine.model.numbers import ZERO, ceil_to
from engine.model.orders import OrderForm, Side

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from engine.kinds.execution_policy.document import Rung
    from engine.model.market import Product, Quote

_BPS = 10_000


@dataclass(frozen=True, slots=True)
class Leaving:
    """What a way out depends on besides its rung.

    `last_known` is the last bid that was seen, or what our ledger paid; `rest_s` is how long an
    order rests that was meant to take; `stop` allows an order that nobody can price.
    """

    product: Product
    quote: Quote | None
    last_known: Decimal | None
    rest_s: int
    stop: bool


def way_out(rungs: Sequence[Rung], rung: Rung, around: Leaving) -> Price | None:
    """The price of one sell; its form is the rung's wherever the product takes that form."""
    possible = FORMS[around.product.status]
    form = OrderForm(rung.order)
    if possible == {OrderForm.POST_ONLY} and form is not OrderForm.POST_ONLY:
        return _at_the_touch(around)
    if possible and form not in possible:
        return _through(rungs, around)
    priced = price(rung, Side.SELL, around.quote, around.product)
    if priced is None and around.stop:
        return _unpriced(rungs, around)
    return priced


def _at_the_touch(around: Leaving) -> Price | None:
    """Join the ask; where it would cross, or there is none, one increment above the bid."""
    ask = around.quote.ask if around.quote else None
    bid = around.quote.bid if around.quote else None
    step = around.product.price_increment
    above = None if bid is None else bid + step
    known = [each for each in (ask, above) if each is not None]
    touch = max(known) if known else around.last_known
    if touch is None or touch <= 0:
        return None
    limit = ceil_to(touch, step)
    return Price(OrderForm.POST_ONLY, limit, limit, limit, around.rest_s)


def _through(rungs: Sequence[Rung], around: Leaving) -> Price | None:
    """Take down to the ladder's widest collar below the bid; without a collar, at any price."""
    bid = around.quote.bid if around.quote else None
    reference = bid or around.last_known
    if reference is None:
        return None
    widest = max((r.collar_bps for r in rungs if r.collar_bps is not None), default=None)
    step = around.product.price_increment
    lowest = ZERO if widest is None else reference - reference * widest / _BPS
    limit = max(step, ceil_to(lowest, step))
    return Price(OrderForm.LIMIT_IOC, limit, reference, limit, None)


def _unpriced(rungs: Sequence[Rung], around: Leaving) -> Price | None:
    """A stop that nobody can price: at any price where the ladder says so, else by what was known.

    The reference is what was last known, and only a size is ever checked against it.
    """
    any_price = any(rung.order == OrderForm.MARKET_IOC.value for rung in rungs)
    if not any_price or around.product.status is not ProductStatus.ONLINE:
        return _through(rungs, around)
    known = around.last_known
    if known is None:
        return None
    return Price(OrderForm.MARKET_IOC, None, known, known, None)
