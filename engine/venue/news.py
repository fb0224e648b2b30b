"""What happened at the venue, for whoever passes it on: the websocket server's one source.

Out: `News`, in the order in which it happened, told after it is durable and before the request
that caused it is answered. A listener is a plain function; it must not wait, so it puts what it
hears on a queue of its own. Values are frozen and may be kept.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.model.market import Bar, Book, Quote, Trade

if TYPE_CHECKING:
    from engine.venue.listing import Listing
    from engine.venue.orders import Execution, Order
    from engine.venue.transfers import Transfer


@dataclass(frozen=True, slots=True)
class OrderChanged:
    """An order was taken, filled in part, or ended: its state now."""

    order: Order


@dataclass(frozen=True, slots=True)
class Executed:
    """An execution; the order's own change follows it."""

    execution: Execution


@dataclass(frozen=True, slots=True)
class Transferred:
    """Money came or went."""

    transfer: Transfer


@dataclass(frozen=True, slots=True)
class ListingChanged:
    """A product was listed, or its grid, limits or status changed."""

    listing: Listing


Happening = OrderChanged | Executed | Transferred | ListingChanged
"""What the venue remembers."""

News = Happening | Quote | Bar | Trade | Book
"""What listeners are told: happenings, and what the market shows."""

Listener = Callable[[News], None]
