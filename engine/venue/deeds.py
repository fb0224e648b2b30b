"""What an operator may do to a venue: move money, show a quote, change a product.

In: a word and its fields. Out: a `Deed` that does it. Refuses (`WireError`) words and fields that
are none, before anything is done; a withdrawal of more than there is (`DeedRefusedError`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from engine.adapters.coinbase import wire
from engine.adapters.paper.wallet import OverdrawnError
from engine.model.market import ProductStatus, Quote

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from decimal import Decimal

    from engine.adapters.coinbase.wire import Wire
    from engine.model.symbols import Symbol
    from engine.venue.listing import Listing
    from engine.venue.venue import Venue


class DeedRefusedError(Exception):
    """It cannot be done, in words for a person."""


class Deed(Protocol):
    """Something that can be done to a venue."""

    def do(self, venue: Venue) -> None:
        """Do it; raises `DeedRefusedError`."""
        ...


@dataclass(frozen=True, slots=True)
class MoveMoney:
    """A deposit, or a withdrawal (negative units)."""

    currency: str
    units: Decimal

    def do(self, venue: Venue) -> None:
        """Move it."""
        try:
            venue.transfer(self.currency, self.units)
        except OverdrawnError as error:
            raise DeedRefusedError(str(error)) from error


@dataclass(frozen=True, slots=True)
class ShowQuote:
    """A quote as of now."""

    symbol: Symbol
    bid: Decimal | None
    ask: Decimal | None
    bid_size: Decimal | None
    ask_size: Decimal | None

    def do(self, venue: Venue) -> None:
        """Show it."""
        sizes = self.bid_size, self.ask_size
        venue.show(Quote(self.symbol, venue.clock.now(), self.bid, self.ask, *sizes))


@dataclass(frozen=True, slots=True)
class ChangeProduct:
    """Another status, or another grid, of a listed product."""

    symbol: Symbol
    status: ProductStatus | None
    base_increment: Decimal | None
    price_increment: Decimal | None

    def do(self, venue: Venue) -> None:
        """Change it."""
        listing = venue.listing(str(self.symbol))
        if listing is None:
            message = f"{self.symbol} is not listed"
            raise DeedRefusedError(message)
        venue.list_product(self._changed(listing))

    def _changed(self, listing: Listing) -> Listing:
        old = listing.product
        product = replace(
            old,
            status=self.status or old.status,
            base_increment=self.base_increment or old.base_increment,
            price_increment=self.price_increment or old.price_increment,
        )
        return replace(listing, product=product)


def deed_of(word: str, fields: Mapping[str, Wire]) -> Deed:
    """The deed of that word; raises `WireError`."""
    reader = _READERS.get(word)
    if reader is None:
        message = f"`{word}` is no deed: {', '.join(sorted(_READERS))} are"
        raise wire.WireError(message)
    return reader(fields)


def _transfer(fields: Mapping[str, Wire]) -> Deed:
    currency, units = wire.text(fields, "currency"), wire.number(fields, "units")
    if not (currency.isalnum() and currency == currency.upper()) or units == 0:
        message = "a transfer has a currency, and units that are not 0"
        raise wire.WireError(message)
    return MoveMoney(currency, units)


def _quote(fields: Mapping[str, Wire]) -> Deed:
    bid, ask, bid_size, ask_size = (
        wire.optional_number(fields, key) for key in ("bid", "ask", "bid_size", "ask_size")
    )
    return ShowQuote(wire.product_name(fields), bid, ask, bid_size, ask_size)


def _product(fields: Mapping[str, Wire]) -> Deed:
    word = wire.optional_text(fields, "status")
    try:
        status = ProductStatus(word) if word else None
    except ValueError as error:
        message = f"`{word}` is no status: {', '.join(each.value for each in ProductStatus)} are"
        raise wire.WireError(message) from error
    steps = [wire.optional_number(fields, key) for key in ("base_increment", "price_increment")]
    if any(step is not None and step <= 0 for step in steps):
        message = "increments are above zero"
        raise wire.WireError(message)
    return ChangeProduct(wire.product_name(fields), status, *steps)


_READERS: dict[str, Callable[[Mapping[str, Wire]], Deed]] = {
    "transfer": _transfer,
    "quote": _quote,
    "product": _product,
}
