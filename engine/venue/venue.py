"""The whole venue without its sockets: one account, its market, and who hears of what happens.

In: settings, a clock, chance for ids, perhaps a disk; then requests, market events, transfers.
Out: what bodies are made of. What happens in a call is on disk when the call is over, and then
told to listeners. Refuses settings that make no sense, and a memory of other money
(`MandateError`); after the disk has refused once, every call (`MemoryLostError`).
"""

from __future__ import annotations

import hashlib
import uuid
from typing import TYPE_CHECKING

from engine.adapters.paper.settings import findings_in
from engine.errors import Diagnostic, MandateError
from engine.model.numbers import canonical_number
from engine.venue.market import Market
from engine.venue.matching import Matching
from engine.venue.memory import Journal, MemoryLostError, opened
from engine.venue.news import ListingChanged, Transferred
from engine.venue.transfers import Transfer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from decimal import Decimal

    from engine.model.market import MarketEvent
    from engine.model.symbols import Symbol
    from engine.ports import Clock, Disk, Rng
    from engine.venue.fate import Fate, Placed
    from engine.venue.listing import Listing
    from engine.venue.memory import Remembered
    from engine.venue.news import Happening, Listener
    from engine.venue.orders import OrderRequest
    from engine.venue.refusals import Refusal
    from engine.venue.settings import VenueSettings

_NONCE_BYTES = 16


class Venue:
    """One account at a venue; every call that changes something tells of it before it returns."""

    def __init__(
        self, settings: VenueSettings, clock: Clock, rng: Rng, disk: Disk | None = None
    ) -> None:
        products = [each.product for each in settings.listings]
        findings = tuple(findings_in(products, settings.cash, settings.fees))
        if findings:
            raise MandateError(findings)
        self.settings = settings
        self.clock = clock
        known = None if disk is None else opened(disk)
        self.nonce = rng.token_bytes(_NONCE_BYTES) if known is None else known.nonce
        self.market = Market()
        self.transfers: list[Transfer] = []
        self._listings = {str(each.symbol): each for each in settings.listings}
        self._happened: list[Happening] = []
        self._matching = Matching(settings, clock, self.nonce, self._happened.append)
        self._listeners: list[Listener] = []
        self._journal = None if disk is None else Journal(disk)
        self.lost = False
        self.on_lost: Callable[[], None] = _nothing
        if known is not None:
            self._remember(known)
        elif self._journal is not None:
            self._journal.begin(self.nonce, settings.cash)

    def _remember(self, known: Remembered) -> None:
        """Be what the journal tells."""
        if known.cash != self.settings.cash:
            raise MandateError([_other_money(known, self.settings)])
        for each in known.happenings:
            if isinstance(each, Transferred):
                self.transfers.append(each.transfer)
            elif isinstance(each, ListingChanged):
                self._listings[str(each.listing.symbol)] = each.listing
            self._matching.remember(each)

    @property
    def fate(self) -> Fate:
        """What becomes of orders, to be asked; changes go through the calls below."""
        return self._matching

    @property
    def listings(self) -> Sequence[Listing]:
        """What is listed, by name."""
        return [self._listings[name] for name in sorted(self._listings)]

    def listing(self, name: str) -> Listing | None:
        """One product by its name."""
        return self._listings.get(name)

    def listen(self, listener: Listener) -> None:
        """Tell `listener` of everything from here on (`engine.venue.news`)."""
        self._listeners.append(listener)

    def leave(self, listener: Listener) -> None:
        """Tell `listener` nothing more."""
        self._listeners.remove(listener)

    # What changes something

    async def place(self, request: OrderRequest) -> Placed | Refusal:
        """Take an order, or refuse it."""
        outcome = await self._matching.place(request)
        self._commit()
        return outcome

    async def cancel(self, order_id: str) -> Refusal | None:
        """Cancel a working order; the refusal when there is nothing to cancel."""
        (refusal,) = await self.cancel_several([order_id])
        return refusal

    async def cancel_several(self, order_ids: Sequence[str]) -> Sequence[Refusal | None]:
        """Cancel working orders, all in one write; for each, what `cancel` says."""
        refusals = [await self._matching.cancel(each) for each in order_ids]
        self._commit()
        return refusals

    async def edit(self, order_id: str, price: Decimal, size: Decimal) -> Refusal | None:
        """Change a resting order's price and size, or say why not."""
        refusal = await self._matching.edit(order_id, price, size)
        self._commit()
        return refusal

    def refresh(self) -> None:
        """Let time pass before somebody looks: what expired has ended."""
        self._matching.pass_time()
        self._commit()

    def show(self, event: MarketEvent) -> None:
        """Show the market something; resting orders that it goes through are filled."""
        self.market.see(event)
        self._matching.on_event(event)
        self._commit()
        for listener in tuple(self._listeners):
            listener(event)

    def transfer(self, currency: str, units: Decimal) -> Transfer:
        """Deposit, or withdraw (negative); raises OverdrawnError when there is less."""
        self._matching.pass_time()
        self._matching.move(currency, units)
        number = len(self.transfers) + 1
        moved = Transfer(self.identity("transfer", number), currency, units, self._matching.now)
        self.transfers.append(moved)
        self._happened.append(Transferred(moved))
        self._commit()
        return moved

    def list_product(self, listing: Listing) -> None:
        """List a product, or change its grid, limits or status; working orders stay."""
        self._listings[str(listing.symbol)] = listing
        self._matching.list_product(listing)
        self._happened.append(ListingChanged(listing))
        self._commit()

    def identity(self, what: str, number: int | str) -> str:
        """An id of this venue's own, the same after every restart."""
        digest = hashlib.sha256(self.nonce + f"|{what}|{number}".encode()).digest()
        return str(uuid.UUID(bytes=digest[:16], version=4))

    def market_of(self, name: str) -> Symbol | None:
        """The product whose market `name` has; None where it is not listed."""
        listing = self._listings.get(name)
        return None if listing is None else listing.market

    def _commit(self) -> None:
        """Make what happened durable, then tell of it; raises `MemoryLostError`."""
        if self.lost:
            message = "the disk refused before"
            raise MemoryLostError(message)
        if not self._happened:
            return
        happened = tuple(self._happened)
        self._happened.clear()
        if self._journal is not None:
            self._keep(self._journal, happened)
        for each in happened:
            for listener in tuple(self._listeners):
                listener(each)

    def _keep(self, journal: Journal, happened: Sequence[Happening]) -> None:
        try:
            journal.keep(happened)
        except MemoryLostError:
            # What is known here is more than what a restart would know: nothing may rest on it.
            self.lost = True
            self.on_lost()
            raise


def _nothing() -> None:
    """What is done about a lost memory where nobody asked for anything."""


def _other_money(known: Remembered, settings: VenueSettings) -> Diagnostic:
    begun, named = (_money(each) for each in (known.cash, settings.cash))
    return Diagnostic(
        "M603",
        f"the venue's memory began with {begun}, and {named} is asked for",
        help="name the same cash, or another `--state` directory; deposits change a venue's money",
    )


def _money(cash: Mapping[str, Decimal]) -> str:
    return " ".join(f"{name}={canonical_number(units)}" for name, units in sorted(cash.items()))
