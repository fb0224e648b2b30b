"""The products of the synthetic market: invented, with grids like those of real venues.

Out: `LISTINGS`, what each coin looks like on a calm day, and `PRODUCTS`, its grid and minimums
as the venue port would state them. Nothing here was recorded from any market.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from engine.model.market import Product
from engine.model.symbols import Symbol


@dataclass(frozen=True, slots=True)
class Listing:
    """One coin on a calm day.

    `beta_ratio` is how far it follows the market's moves; `depth_usd` rests at the best price
    of each side; sizes are written in steps of `size_step`, a multiple of the base increment.
    `lag_min` is how late it joins a trend, so that not every signal comes at one instant.
    """

    product: Product
    price_usd: float
    beta_ratio: float
    spread_bps: float
    depth_usd: float
    volume_24h_usd: float
    size_step: Decimal
    lag_min: int

    @property
    def symbol(self) -> Symbol:
        """The product's symbol."""
        return self.product.symbol


def _product(base: str, price_increment: str, base_increment: str) -> Product:
    return Product(
        symbol=Symbol(base, "USD"),
        base_increment=Decimal(base_increment),
        price_increment=Decimal(price_increment),
        base_min_size=Decimal(base_increment),
        quote_min_size=Decimal(1),
    )


LISTINGS = (
    Listing(
        product=_product("AVAX", "0.01", "0.00000001"),
        price_usd=36.5,
        beta_ratio=1.25,
        spread_bps=8.0,
        depth_usd=70_000.0,
        volume_24h_usd=24e6,
        size_step=Decimal("0.1"),
        lag_min=9,
    ),
    Listing(
        product=_product("BTC", "0.01", "0.00000001"),
        price_usd=94_000.0,
        beta_ratio=0.85,
        spread_bps=1.0,
        depth_usd=400_000.0,
        volume_24h_usd=700e6,
        size_step=Decimal("0.001"),
        lag_min=0,
    ),
    Listing(
        product=_product("DOGE", "0.00001", "0.1"),
        price_usd=0.3215,
        beta_ratio=1.4,
        spread_bps=9.0,
        depth_usd=65_000.0,
        volume_24h_usd=40e6,
        size_step=Decimal(10),
        lag_min=12,
    ),
    Listing(
        product=_product("ETH", "0.01", "0.00000001"),
        price_usd=3_240.0,
        beta_ratio=1.0,
        spread_bps=1.5,
        depth_usd=300_000.0,
        volume_24h_usd=350e6,
        size_step=Decimal("0.01"),
        lag_min=3,
    ),
    Listing(
        product=_product("SOL", "0.01", "0.00000001"),
        price_usd=186.0,
        beta_ratio=1.2,
        spread_bps=3.0,
        depth_usd=220_000.0,
        volume_24h_usd=140e6,
        size_step=Decimal("0.1"),
        lag_min=6,
    ),
)

PRODUCTS: tuple[Product, ...] = tuple(listing.product for listing in LISTINGS)
