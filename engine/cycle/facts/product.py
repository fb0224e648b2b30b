"""Facts of one product: the venue's word on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from decimal import Decimal

    from engine.expr.nodes import Value
    from engine.model.market import Product
    from engine.model.symbols import Symbol


_S_PER_D = 86_400


def product_facts(
    symbol: Symbol, product: Product | None, rate: Decimal | None, *, known_for_s: float
) -> dict[str, Value]:
    """`asset.symbol` and its age always; the grid and status where the venue told them."""
    facts: dict[str, Value] = {
        "asset.symbol": str(symbol),
        "asset.listing_age_d": known_for_s / _S_PER_D,
    }
    if product is None:
        return facts
    facts["asset.status"] = product.status.value
    facts["asset.base_increment"] = float(product.base_increment)
    facts["asset.price_increment"] = float(product.price_increment)
    if rate is not None:
        facts["asset.min_notional_usd"] = float(product.quote_min_size * rate)
    return facts
