"""Market data over REST, with a key or without.

In: requests. Out: products, books, trades, candles, the time, in the venue's words. A product that
shares another's market is answered with that one's name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.model.times import NS_PER_S
from engine.venue.bodies.accounts import time_fields
from engine.venue.bodies.products import (
    book_fields,
    candle_fields,
    product_book_fields,
    product_fields,
    ticker_fields,
)
from engine.venue.bodies.words import BAD, NOT_FOUND, failed, reply
from engine.venue.candles import GRANULARITIES_S

if TYPE_CHECKING:
    from engine.venue.bodies.words import Fields
    from engine.venue.endpoints.call import Call
    from engine.venue.listing import Listing
    from engine.venue.passage import Asked, Reply
    from engine.venue.venue import Venue

_CANDLES = 350
_TRADES = 100


async def server_time(venue: Venue, _: Call) -> Reply:
    """`GET /time`."""
    venue.refresh()
    return reply(time_fields(venue.fate.now))


async def list_products(venue: Venue, call: Call) -> Reply:
    """`GET /products`."""
    venue.refresh()
    wanted, kind = call.asked.all("product_ids"), call.asked.one("product_type")
    found = [
        each
        for each in venue.listings
        if (not wanted or str(each.symbol) in wanted)
        and kind in {"", "SPOT", "UNKNOWN_PRODUCT_TYPE"}
    ]
    limit, offset = _count(call.asked, "limit"), _count(call.asked, "offset")
    shown = found[offset or 0 :][: limit or None]
    return reply(
        {
            "products": [_product(venue, each) for each in shown],
            "num_products": len(found),
            "pagination": None,
        }
    )


def _product(venue: Venue, listing: Listing) -> Fields:
    return product_fields(listing, venue.market.of(listing.market), venue.fate.now)


def _count(asked: Asked, key: str) -> int | None:
    text = asked.one(key)
    return int(text) if text.isdecimal() else None


async def get_product(venue: Venue, call: Call) -> Reply:
    """`GET /products/{product_id}`."""
    venue.refresh()
    listing = venue.listing(call.named["product_id"])
    return _unlisted() if listing is None else reply(_product(venue, listing))


def _unlisted() -> Reply:
    return failed(NOT_FOUND, "NOT_FOUND", "valid product_id is required")


async def product_book(venue: Venue, call: Call) -> Reply:
    """`GET /product_book`."""
    venue.refresh()
    listing = venue.listing(call.asked.one("product_id"))
    if listing is None:
        return _unlisted()
    shown, name = venue.market.of(listing.market), str(listing.market)
    return reply(
        product_book_fields(name, shown, _count(call.asked, "limit") or None, venue.fate.now)
    )


async def best_bid_ask(venue: Venue, call: Call) -> Reply:
    """`GET /best_bid_ask`."""
    venue.refresh()
    wanted = call.asked.all("product_ids")
    books = [
        book_fields(str(each.market), venue.market.of(each.market), 1, venue.fate.now)
        for each in venue.listings
        if not wanted or str(each.symbol) in wanted
    ]
    return reply({"pricebooks": books})


async def ticker(venue: Venue, call: Call) -> Reply:
    """`GET /products/{product_id}/ticker`."""
    venue.refresh()
    listing = venue.listing(call.named["product_id"])
    if listing is None:
        return _unlisted()
    limit = _count(call.asked, "limit") or _TRADES
    return reply(ticker_fields(str(listing.market), venue.market.of(listing.market), limit))


async def candles(venue: Venue, call: Call) -> Reply:
    """`GET /products/{product_id}/candles`: newest first, at most 350."""
    venue.refresh()
    listing = venue.listing(call.named["product_id"])
    if listing is None:
        return _unlisted()
    granularity_s = GRANULARITIES_S.get(call.asked.one("granularity"))
    if granularity_s is None:
        return failed(BAD, "INVALID_ARGUMENT", "granularity is invalid")
    now_s = venue.fate.now.ns // NS_PER_S
    last_s = now_s if (end := _count(call.asked, "end")) is None else end
    first_s = _count(call.asked, "start")
    if first_s is None:
        first_s = last_s - _CANDLES * granularity_s
    if (last_s - first_s) // granularity_s > _CANDLES:
        return failed(
            BAD, "INVALID_ARGUMENT", f"number of candles requested should be less than {_CANDLES}"
        )
    found = venue.market.of(listing.market).minutes.candles(granularity_s, first_s, last_s)
    limit = _count(call.asked, "limit") or _CANDLES
    return reply({"candles": [candle_fields(each) for each in found[:limit]]})
