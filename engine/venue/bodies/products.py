"""Products and their markets in the venue's words, as its recorded bodies have them.

In: a listing and what is shown of its market. Out: the fields of `/products`, `/product_book`,
`/best_bid_ask`, `/ticker` and `/candles`. What is not known is an empty text, as there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.adapters.paper.money import exactly
from engine.model.market import ProductStatus
from engine.model.times import NS_PER_S
from engine.venue.bodies.words import Fields, moment, number

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from engine.model.market import BookLevel
    from engine.model.times import UtcTime
    from engine.venue.candles import Candle
    from engine.venue.listing import Listing
    from engine.venue.market import ProductMarket

_DAY_S = 86_400
_BPS = 10_000


def product_fields(listing: Listing, shown: ProductMarket, now: UtcTime) -> Fields:
    """One product of `/products`."""
    product, status = listing.product, listing.product.status
    volume = shown.minutes.volume_since(now.ns // NS_PER_S - _DAY_S)
    price = shown.price
    return {
        "product_id": str(product.symbol),
        "price": number(price),
        "price_percentage_change_24h": number(_change_pct(shown, now)),
        "volume_24h": number(volume),
        "volume_percentage_change_24h": "",
        "base_increment": number(product.base_increment),
        "quote_increment": number(listing.quote_increment),
        "quote_min_size": number(product.quote_min_size),
        "quote_max_size": number(listing.quote_max_size),
        "base_min_size": number(product.base_min_size),
        "base_max_size": number(listing.base_max_size),
        "base_name": listing.base_name or product.symbol.base,
        "quote_name": listing.quote_name or product.symbol.quote,
        "watched": False,
        "is_disabled": False,
        "new": False,
        "status": "online",
        "cancel_only": status is ProductStatus.CANCEL_ONLY,
        "limit_only": status is ProductStatus.LIMIT_ONLY,
        "post_only": status is ProductStatus.POST_ONLY,
        "trading_disabled": status is ProductStatus.HALTED,
        "auction_mode": False,
        "product_type": "SPOT",
        "quote_currency_id": product.symbol.quote,
        "base_currency_id": product.symbol.base,
        "fcm_trading_session_details": None,
        "mid_market_price": "",
        "alias": listing.alias,
        "alias_to": list(listing.alias_to),
        "base_display_symbol": product.symbol.base,
        "quote_display_symbol": product.symbol.quote,
        "view_only": False,
        "price_increment": number(product.price_increment),
        "display_name": str(product.symbol),
        "product_venue": "CBE",
        "approximate_quote_24h_volume": number(_quote_volume(volume, price)),
        "new_at": "2023-01-01T00:00:00Z",
        "market_cap": "",
        "base_cbrn": "",
        "quote_cbrn": "",
        "product_cbrn": "",
        "icon_color": "",
        "icon_url": "",
        "display_name_overwrite": "",
        "is_alpha_testing": False,
        "about_description": "",
        "best_bid_price": "",
        "best_ask_price": "",
    }


def _change_pct(shown: ProductMarket, now: UtcTime) -> Decimal | None:
    before = shown.minutes.first_since(now.ns // NS_PER_S - _DAY_S)
    if before is None or shown.price is None:
        return None
    return (shown.price - before.open) / before.open * 100


def _quote_volume(volume: Decimal | None, price: Decimal | None) -> Decimal | None:
    if volume is None or price is None:
        return None
    with exactly():
        return volume * price


def book_fields(name: str, shown: ProductMarket, limit: int | None, now: UtcTime) -> Fields:
    """One entry of `pricebooks`."""
    return {
        "product_id": name,
        "bids": _levels(shown.bids[:limit]),
        "asks": _levels(shown.asks[:limit]),
        "time": moment(shown.time or now),
    }


def _levels(levels: Sequence[BookLevel]) -> list[Fields]:
    return [{"price": number(each.price), "size": number(each.size)} for each in levels]


def product_book_fields(name: str, shown: ProductMarket, limit: int | None, now: UtcTime) -> Fields:
    """`/product_book`."""
    spread = shown.asks[0].price - shown.bids[0].price if shown.asks and shown.bids else None
    mid = shown.mid
    bps = None if spread is None or not mid else round(spread / mid * _BPS, 12)
    return {
        "pricebook": book_fields(name, shown, limit, now),
        "last": number(shown.price),
        "mid_market": number(mid),
        "spread_bps": number(bps),
        "spread_absolute": number(spread),
    }


def ticker_fields(name: str, shown: ProductMarket, limit: int) -> Fields:
    """`/products/{id}/ticker`: the newest trades first."""
    newest = list(shown.tape)[: -limit - 1 : -1]
    return {
        "trades": [
            {
                "trade_id": str(trade_number),
                "product_id": name,
                "price": number(trade.price),
                "size": number(trade.size),
                "time": moment(trade.time),
                # The venue names the side of the order that rested.
                "side": "BUY" if trade.taker_sold else "SELL",
                "bid": "",
                "ask": "",
                "exchange": "coinbase",
            }
            for trade_number, trade in newest
        ],
        "best_bid": number(shown.bids[0].price if shown.bids else None),
        "best_ask": number(shown.asks[0].price if shown.asks else None),
    }


def candle_fields(candle: Candle) -> Fields:
    """One entry of `candles`."""
    return {
        "start": str(candle.start_s),
        "low": number(candle.low),
        "high": number(candle.high),
        "open": number(candle.open),
        "close": number(candle.close),
        "volume": number(candle.volume),
    }
