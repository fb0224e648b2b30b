"""Products as the venue lists them: the grid, the minimums, and what one may do now.

In: an object of `/products`. Out: `Product`. Refuses one without its increments; whatever forbids
more counts, so that a product which is both post-only and disabled is halted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.adapters.coinbase import wire
from engine.model.market import Product, ProductStatus

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from engine.adapters.coinbase.wire import Wire

SPOT = "SPOT"
_ONLINE = "online"


def product_of(fields: Mapping[str, Wire]) -> Product:
    """One spot product; raises `WireError`."""
    base_increment = wire.number(fields, "base_increment")
    price_increment = wire.number(fields, "price_increment")
    if base_increment <= 0 or price_increment <= 0:
        message = "a product's increments are above zero"
        raise wire.WireError(message)
    return Product(
        symbol=wire.product_name(fields),
        base_increment=base_increment,
        price_increment=price_increment,
        base_min_size=wire.number(fields, "base_min_size"),
        quote_min_size=wire.number(fields, "quote_min_size"),
        status=_status(fields),
        base_max_size=_most(fields, "base_max_size"),
        quote_max_size=_most(fields, "quote_max_size"),
    )


def _most(fields: Mapping[str, Wire], key: str) -> Decimal | None:
    """A largest size; one that is missing, or nothing, states none."""
    return wire.optional_number(fields, key) or None


def _status(fields: Mapping[str, Wire]) -> ProductStatus:
    stopped = any(
        wire.flag(fields, key) for key in ("is_disabled", "trading_disabled", "view_only")
    )
    if stopped or wire.text(fields, "status") != _ONLINE:
        return ProductStatus.HALTED
    if wire.flag(fields, "cancel_only"):
        return ProductStatus.CANCEL_ONLY
    # In an auction nothing is matched before its end: an immediate order would only die.
    if wire.flag(fields, "post_only") or wire.flag(fields, "auction_mode"):
        return ProductStatus.POST_ONLY
    return ProductStatus.LIMIT_ONLY if wire.flag(fields, "limit_only") else ProductStatus.ONLINE
