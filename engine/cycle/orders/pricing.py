"""Pricing: a wish and a rung of its ladder become an order with a form and prices on the grid.

In: product, side, the market's quote, the rung. Out: `Price`, or None where the market shows
nothing to price by. A buy's limit is rounded down and a sell's up: never past the collar.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.model.numbers import ceil_to, floor_to
from engine.model.orders import OrderForm, Side

if TYPE_CHECKING:
    from decimal import Decimal

    from engine.kinds.execution_policy.document import ExecutionPolicySpec, Rung
    from engine.model.market import Product, Quote
    from engine.model.orders import Intent

_BPS = 10_000
STOP = "exit_stop"
LADDERS = ("entry", "exit", STOP, "trim")


@dataclass(frozen=True, slots=True)
class Price:
    """How an order will meet the book; `worst` is what it counts at against limits."""

    form: OrderForm
    limit: Decimal | None
    reference: Decimal
    worst: Decimal
    time_to_live_s: int | None


def ladder_for(intent: Intent, *, stop: bool) -> str:
    """The ladder of an intent; a stop has its own."""
    if intent.adds_risk:
        return "entry"
    if stop:
        return STOP
    return "exit" if intent.value == "exit" else "trim"


def rungs_of(execution: ExecutionPolicySpec, ladder: str) -> tuple[Rung, ...]:
    """The rungs of a ladder by name."""
    ladders = execution.ladders
    return {
        "entry": ladders.entry,
        "exit": ladders.exit,
        "exit_stop": ladders.exit_stop,
        "trim": ladders.trim,
    }[ladder]


def price(rung: Rung, side: Side, quote: Quote | None, product: Product) -> Price | None:
    """Price one order; with a one-sided book, a sell is priced by the bid alone."""
    if quote is None:
        return None
    reference = _reference(side, quote)
    if reference is None or reference <= 0:
        return None
    form = OrderForm(rung.order)
    limit = _limit(form, rung, side, quote, reference)
    if limit is not None:
        limit = _on_grid(limit, side, product)
    if limit is not None and limit <= 0:
        return None
    worst = limit if limit is not None else reference
    return Price(form, limit, reference, worst, rung.time_to_live)


def _reference(side: Side, quote: Quote) -> Decimal | None:
    if quote.mid is not None:
        return quote.mid
    return quote.bid if side is Side.SELL else None


def _limit(
    form: OrderForm, rung: Rung, side: Side, quote: Quote, reference: Decimal
) -> Decimal | None:
    if form is OrderForm.MARKET_IOC:
        return None
    if form is OrderForm.POST_ONLY:
        joined = quote.bid if side is Side.BUY else quote.ask
        return reference if joined is None else joined
    collar = reference * (rung.collar_bps or 0) / _BPS
    return reference + collar if side is Side.BUY else reference - collar


def _on_grid(limit: Decimal, side: Side, product: Product) -> Decimal:
    rounded = floor_to if side is Side.BUY else ceil_to
    return rounded(limit, product.price_increment)
