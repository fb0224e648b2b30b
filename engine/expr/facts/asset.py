"""Facts of one product: the venue's word on it, its market, and what the set says of it.

`asset.symbol` is there without an order, so that universe rules can name it.
"""

from __future__ import annotations

from engine.expr.facts.building import Source, derived
from engine.expr.units import Unit
from engine.expr.vocabulary import FactScope, FactSpec
from engine.model.market import ProductStatus

_PRODUCT = Source(FactScope.SYMBOL, "cycle.facts.product")
_UNIVERSE = Source(FactScope.SYMBOL, "cycle.facts.universe")

ASSET_FACTS: tuple[FactSpec, ...] = (
    _PRODUCT.text("asset.symbol", "the product, as BASE-QUOTE"),
    _PRODUCT.enum(
        "asset.status",
        "what the venue lets one do with it",
        tuple(each.value for each in ProductStatus),
    ),
    _PRODUCT.number("asset.min_notional_usd", Unit.USD, "the venue's smallest order value", low=0),
    _PRODUCT.number("asset.base_increment", Unit.BASE, "step of sizes", low=0),
    _PRODUCT.number("asset.price_increment", Unit.PRICE, "step of prices", low=0),
    _PRODUCT.number(
        "asset.listing_age_d", Unit.D, "days since the first price that we know", low=0
    ),
    _UNIVERSE.text_set("asset.groups", "the groups that the set puts it in"),
    _UNIVERSE.enum("asset.tier", "its universe tier; the set names the tiers", ()),
    _UNIVERSE.flag("asset.excluded", "whether the set excludes it now"),
    derived(
        FactScope.SYMBOL,
        "asset.volume_24h_usd",
        Unit.USD,
        'volume_usd("24h")',
        "value traded in the last 24 hours",
        low=0,
        threshold=(100.0, 1e12),
    ),
    derived(
        FactScope.SYMBOL,
        "asset.atr_pct",
        Unit.PCT,
        'atr_pct(14, "1h")',
        "average true range of 14 hourly bars, in percent of the close",
        low=0,
        threshold=(0.01, 100.0),
    ),
    derived(
        FactScope.SYMBOL,
        "asset.price_vs_mean20_pct",
        Unit.PCT,
        'share_pct(quote.mid - mean("20h"), mean("20h"))',
        "mid against the mean of the closes of 20 hours, in percent; above is positive",
        threshold=(0.05, 1_000.0),
    ),
)
