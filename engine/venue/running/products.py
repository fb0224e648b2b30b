"""Listings from a body of `/products`, as the venue itself would send it.

In: the bytes of a file. Out: listings of its spot products. Refuses (M608) a file that is no such
body; a product that cannot be read is refused too, since a person named it.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from engine.adapters.coinbase import wire
from engine.adapters.coinbase.products import SPOT, product_of
from engine.errors import Diagnostic, MandateError, Place
from engine.venue.listing import Listing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.adapters.coinbase.wire import Wire

_LARGEST = Decimal(1_000_000_000)


def listings_in(body: bytes, file: str) -> tuple[Listing, ...]:
    """The spot products of a body; raises `MandateError` (M608)."""
    try:
        told = wire.objects(wire.decode(body), "products")
        found = tuple(
            listing_of(each)
            for each in told
            if wire.optional_text(each, "product_type") in {"", SPOT}
        )
    except wire.WireError as error:
        raise _refused(file, str(error)) from error
    if not found:
        raise _refused(file, "it lists no spot product")
    return found


def listing_of(fields: Mapping[str, Wire]) -> Listing:
    """One product; raises `WireError`."""
    product = product_of(fields)
    return Listing(
        product=product,
        quote_increment=wire.optional_number(fields, "quote_increment") or product.price_increment,
        base_max_size=wire.optional_number(fields, "base_max_size") or _LARGEST,
        quote_max_size=wire.optional_number(fields, "quote_max_size") or _LARGEST,
        base_name=wire.optional_text(fields, "base_name"),
        quote_name=wire.optional_text(fields, "quote_name"),
        alias=wire.optional_text(fields, "alias"),
        alias_to=_names(fields.get("alias_to")),
    )


def _names(value: Wire) -> tuple[str, ...]:
    return tuple(each for each in value if isinstance(each, str)) if isinstance(value, list) else ()


def _refused(file: str, why: str) -> MandateError:
    message = f"it lists no products as the venue does: {why}"
    mend = "give a body of `GET /products`, saved as it came"
    return MandateError([Diagnostic("M608", message, Place(file, 1, 1), mend)])
