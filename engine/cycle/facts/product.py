"""Facts of one product: the venue's word on it, and how long we have known it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from decimal import Decimal

    from engine.expr.nodes import Value
    from engine.model.market import Product
    from engine.model.symbols import Symbol
    from engine.model.times import UtcTime


_S_PER_D = 86_400


def product_facts(
    symbol: Symbol, product: Product | None, rate: Decimal | None
) -> dict[str, Value]:
    """`asset.symbol` always; the grid and status where the venue told them."""
    facts: dict[str, Value] = {"asset.symbol": str(symbol)}
    if product is None:
        return facts
    facts["asset.status"] = product.status.value
    facts["asset.base_increment"] = float(product.base_increment)
    facts["asset.price_increment"] = float(product.price_increment)
    if rate is not None:
        facts["asset.min_notional_usd"] = float(product.quote_min_size * rate)
    return facts


def age_facts(first_seen: UtcTime, now: UtcTime) -> dict[str, Value]:
    """`asset.listing_age_d`, counted from when we first heard of the product."""
    return {"asset.listing_age_d": now.since_s(first_seen) / _S_PER_D}
