"""Honest matching: orders meet the market that is shown, and nothing else.

In: requests, and market events as they come. Out: orders, executions, balances. An order that
takes walks the levels that are shown, each size once; one that rests is filled at its own price
when the market goes through it, never at the touch, where others may stand before it. One that
waits for a price becomes a limit order when the market has shown that price.
Refuses, in the venue's words, what the product or the account does not allow.
"""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import replace
from typing import TYPE_CHECKING, assert_never

from engine.adapters.paper import DuplicateIds
from engine.adapters.paper.matching import reaches, takings, through, total
from engine.adapters.paper.money import exactly, is_amount
from engine.adapters.paper.shown import Shown
from engine.model.market import Bar, BookLevel, Trade
from engine.model.times import UtcTime
from engine.venue.clock import to_microseconds
from engine.venue.fate import Fate, Placed
from engine.venue.matching.charges import Charges, left_of
from engine.venue.matching.entry import edit_refusal, entry_refusal, trades
from engine.venue.matching.previewing import previewed
from engine.venue.matching.register import Register, by_priority
from engine.venue.matching.stops import Prices, reached, stop_refusal, woken
from engine.venue.matching.till import Till
from engine.venue.news import Executed, ListingChanged, OrderChanged, Transferred
from engine.venue.orders import Edit, Execution, Order, Status
from engine.venue.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from decimal import Decimal

    from engine.model.market import Book, MarketEvent, Quote
    from engine.model.symbols import Symbol
    from engine.ports import Clock
    from engine.venue.fate import Preview
    from engine.venue.listing import Listing
    from engine.venue.news import Happening
    from engine.venue.orders import Balance, OrderRequest
    from engine.venue.settings import VenueSettings

CANCELLED = "User requested cancel"
REST = "Immediate or cancel order not filled completely"
NOT_WHOLE = "Fill or kill order not filled completely"


class Matching(Fate):
    """One account whose orders meet the market that `on_event` shows.

    `nonce` makes this venue's ids its own; `tell` hears of every change while a call runs.
    """

    def __init__(
        self,
        settings: VenueSettings,
        clock: Clock,
        nonce: bytes,
        tell: Callable[[Happening], None],
    ) -> None:
        self._rules = settings
        self._charges = Charges(settings.fees)
        self._clock = clock
        self._nonce = nonce
        self._tell = tell
        self._now = UtcTime(0)
        self._register = Register()
        self._till = Till(settings.cash, self._charges)
        self._listings = {each.symbol: each for each in settings.listings}
        self._shown: dict[Symbol, Shown] = {}
        self._prices = Prices()

    # What is known

    @property
    def now(self) -> UtcTime:
        """The latest of the clock and the market, at the last call."""
        return self._now

    def order(self, order_id: str) -> Order | None:
        """One order as it stands."""
        return self._register.orders.get(order_id)

    def orders(self) -> Sequence[Order]:
        """Every order as it stands, oldest first."""
        return list(self._register.orders.values())

    def executions(self) -> Sequence[Execution]:
        """Every execution, oldest first."""
        return self._register.executions

    def balances(self) -> Sequence[Balance]:
        """What is held of each currency, by name."""
        return self._till.balances()

    def pass_time(self) -> None:
        """Let time pass, and end what expired on the way."""
        self._advance(self._clock.now())

    def _advance(self, moment: UtcTime) -> None:
        self._now = max(self._now, to_microseconds(moment))
        for order in list(self._register.ended(self._now)):
            self._end(order, Status.EXPIRED, "")

    # What is asked

    async def place(self, request: OrderRequest) -> Placed | Refusal:
        """Take an order, or refuse it in the venue's words."""
        self.pass_time()
        earlier = self._register.by_client_id(request.client_order_id)
        if earlier is not None and self._rules.duplicate_ids is DuplicateIds.RETURNS_OLD:
            return Placed(earlier.order_id)
        if earlier is not None and self._rules.duplicate_ids is DuplicateIds.REJECTS:
            return Refusal.COMMANDER_REJECTED
        found = self._admissible(request)
        if isinstance(found, Refusal):
            return found
        return self._entered(self._drafted(request), self._shown_of(found), found)

    def preview(self, request: OrderRequest, instead_of: Order | None = None) -> Preview | Refusal:
        """What an order would do now, without doing it; what `instead_of` binds counts as free."""
        self.pass_time()
        found = self._admissible(request)
        if isinstance(found, Refusal):
            return found
        order, shown = self._drafted(request), self._shown_of(found)
        taken = self._takings(order, shown, found)
        if instead_of is None:
            refusal = self._unwilling(order, taken, shown)
        else:
            self._till.release(instead_of.order_id)
            refusal = self._unwilling(order, taken, shown)
            self._till.bind(instead_of)
        return refusal or previewed(order, taken, self._charges)

    def _admissible(self, request: OrderRequest) -> Listing | Refusal:
        """The product of an order that its rules let in, or the first rule that does not."""
        listing = self._listings.get(request.symbol)
        if listing is None:
            return Refusal.INVALID_PRODUCT_ID
        shown = self._shown_of(listing)
        refusal = entry_refusal(request, listing, self._now, shown.best(request.side))
        if refusal is None and not shown.seen:
            refusal = Refusal.MISSING_MARKET_DATA
        if refusal is None:
            refusal = stop_refusal(request, listing, self._prices.of(listing.market, shown))
        return refusal or listing

    async def cancel(self, order_id: str) -> Refusal | None:
        """Cancel a working order; the refusal when there is nothing to cancel."""
        self.pass_time()
        order = self._register.orders.get(order_id)
        # The book of a real venue forgets what has ended: it is as unknown as what never was.
        if order is None or order.status.final:
            return Refusal.UNKNOWN_CANCEL_ORDER
        self._end(order, Status.CANCELLED, CANCELLED)
        return None

    async def edit(self, order_id: str, price: Decimal, size: Decimal) -> Refusal | None:
        """Change a resting order; it loses its place in the queue."""
        self.pass_time()
        order = self._register.orders.get(order_id)
        if order is None:
            return Refusal.ORDER_NOT_FOUND
        if order.status.final:
            return Refusal.ONLY_OPEN_ORDERS_CAN_BE_EDITED
        return self._edited(order, price, size)

    def list_product(self, listing: Listing) -> None:
        """List a product, or change its grid, limits or status; working orders stay."""
        self._listings[listing.symbol] = listing

    def move(self, currency: str, units: Decimal) -> None:
        """Take in a deposit, or a withdrawal (negative); raises OverdrawnError below zero."""
        self._till.move(currency, units)

    def remember(self, happening: Happening) -> None:
        """Be told again what happened before a restart, in its order."""
        match happening:
            case OrderChanged(order):
                self._now = max(self._now, order.changed)
                self._keep(order)
            case Executed(execution):
                self._book(execution)
            case Transferred(transfer):
                self._now = max(self._now, transfer.time)
                self.move(transfer.currency, transfer.units)
            case ListingChanged(listing):
                self.list_product(listing)
            case _:
                assert_never(happening)

    # Orders that enter

    def _drafted(self, request: OrderRequest) -> Order:
        number = len(self._register.orders) + 1
        return Order(
            number=number,
            order_id=self._identity("order", number),
            request=request,
            size=request.base_size,
            limit_price=request.limit_price,
            created=self._now,
            queued=self._now,
            changed=self._now,
        )

    def _entered(self, order: Order, shown: Shown, listing: Listing) -> Placed | Refusal:
        taken = self._takings(order, shown, listing)
        refusal = self._unwilling(order, taken, shown)
        if refusal is not None:
            return refusal
        self._put(order)
        if order.request.configuration.whole and not _is_whole(order, taken):
            self._end(order, Status.CANCELLED, NOT_WHOLE)
        else:
            self._settle(self._take(order, taken, shown))
        return Placed(order.order_id)

    def _unwilling(self, order: Order, taken: Sequence[BookLevel], shown: Shown) -> Refusal | None:
        """Why the market, or the account, does not let an order in."""
        if self._crosses(order, shown):
            return Refusal.INVALID_LIMIT_PRICE_POST_ONLY
        return None if self._till.affords(order, taken) else Refusal.INSUFFICIENT_FUND

    def _crosses(self, order: Order, shown: Shown) -> bool:
        """Whether a post-only order would take."""
        best, limit = shown.best(order.side), order.limit_price
        met = best is not None and limit is not None and reaches(order.side, limit, best)
        return order.request.post_only and met

    def _take(self, order: Order, taken: Sequence[BookLevel], shown: Shown) -> Order:
        for level in taken:
            shown.take(order.side, level)
            order = self._execute(order, level, maker=False)
        return order

    def _settle(self, order: Order) -> None:
        """What is left after an order has taken: it rests, or it ends."""
        if order.status.final or order.request.configuration.rests:
            return
        spent = order.size is None and order.filled > 0
        if spent:
            self._put(replace(order, status=Status.FILLED, changed=self._now))
        else:
            self._end(order, Status.CANCELLED, REST)

    def _takings(self, order: Order, shown: Shown, listing: Listing) -> Sequence[BookLevel]:
        fresh = shown.fresh_at(self._now, self._rules.shown_for_s)
        if order.request.post_only or order.dormant or not fresh:
            return ()
        limit = order.limit_price
        levels = [
            each
            for each in shown.levels(order.side) or ()
            if limit is None or reaches(order.side, limit, each.price)
        ]
        if order.size is not None:
            return takings(levels, left_of(order))
        budget, increment = order.request.quote_size, listing.product.base_increment
        return () if budget is None else self._charges.bought(levels, budget, increment)

    def _edited(self, order: Order, price: Decimal, size: Decimal) -> Refusal | None:
        listing = self._listings[order.symbol]
        refusal = edit_refusal(price, size, listing)
        if refusal is None and size <= order.filled:
            refusal = Refusal.CANNOT_EDIT_TO_BELOW_FILLED_SIZE
        shown = self._shown_of(listing)
        changed = replace(
            order,
            limit_price=price,
            size=size,
            queued=self._now,
            changed=self._now,
            edits=(*order.edits, Edit(price, size, self._now)),
        )
        if refusal is None and self._crosses(changed, shown):
            refusal = Refusal.INVALID_LIMIT_PRICE_POST_ONLY
        if refusal is not None:
            return refusal
        # What it bound so far is free for what it will bind.
        self._till.release(order.order_id)
        if not self._till.affords(changed, ()):
            self._till.bind(order)
            return Refusal.INSUFFICIENT_FUND
        self._put(changed)
        self._take(changed, self._takings(changed, shown, listing), shown)
        return None

    # Orders that rest

    def on_event(self, event: MarketEvent) -> None:
        """Take in what the market shows, and fill the resting orders that it goes through."""
        self._advance(event.time)
        if isinstance(event, Bar):
            return
        shown = self._shown.setdefault(event.symbol, Shown())
        if isinstance(event, Trade):
            self._match_trade(event, shown)
        elif shown.see(event):
            for order in self._fillable(event.symbol, event.time):
                levels = shown.levels(order.side) or ()
                for level in self._fill_resting(order, levels):
                    shown.take(order.side, level)
        self._wake(event, shown)

    def _wake(self, event: Trade | Quote | Book, shown: Shown) -> None:
        """Turn orders whose stop is reached into limit orders, and let them take at once."""
        price = self._prices.of(event.symbol, shown)
        if price is None:
            return
        for order in [each for each in self._register.working.values() if each.waits]:
            there = order.queued < event.time and self._meets(order, event.symbol)
            if there and reached(order, price):
                listing = self._listings[order.symbol]
                awake = woken(order, self._now, listing)
                self._put(awake)
                self._take(awake, self._takings(awake, shown, listing), shown)

    def _match_trade(self, trade: Trade, shown: Shown) -> None:
        if not (is_amount(trade.price) and is_amount(trade.size)):
            return
        self._prices.on_trade(trade)
        left = shown.news_in(trade)
        for order in self._fillable(trade.symbol, trade.time):
            for level in self._fill_resting(order, [BookLevel(trade.price, left)]):
                shown.take_traded(order.side, level)
                with exactly():
                    left -= level.size

    def _fill_resting(self, order: Order, levels: Iterable[BookLevel]) -> Sequence[BookLevel]:
        """Fill a resting order, at its own price, from what went through it."""
        price = order.rest_price
        taken = through(order.side, price, levels, left_of(order))
        quantity, _ = total(taken)
        if quantity > 0:
            self._execute(order, BookLevel(price, quantity), maker=True)
        return taken

    def _fillable(self, market: Symbol, before: UtcTime) -> Sequence[Order]:
        """Resting orders of a market that were there before that instant, as they come."""
        if not self._register.working:
            return ()
        return by_priority(
            each
            for each in self._register.working.values()
            if each.queued < before and not each.dormant and self._meets(each, market)
        )

    def _meets(self, order: Order, market: Symbol) -> bool:
        listing = self._listings[order.symbol]
        return trades(listing) and listing.market == market

    # What changes

    def _execute(self, order: Order, level: BookLevel, *, maker: bool) -> Order:
        """Fill a part of an order: money moves, the bound part shrinks, both are told."""
        with exactly():
            notional = level.size * level.price
            filled = order.filled + level.size
        fee, owed = self._charges.due(order, notional, maker=maker)
        number = len(self._register.executions) + 1
        execution = Execution(
            number=number,
            entry_id=self._identity("entry", number),
            trade_id=self._identity("trade", number),
            order_id=order.order_id,
            client_order_id=order.request.client_order_id,
            symbol=order.symbol,
            side=order.side,
            size=level.size,
            price=level.price,
            fee=fee,
            maker=maker,
            time=self._now,
        )
        with exactly():
            changed = replace(
                order,
                filled=filled,
                notional=order.notional + notional,
                fees=order.fees + fee,
                owed=owed,
                fills_count=order.fills_count + 1,
                changed=self._now,
                status=Status.FILLED if filled == order.size else order.status,
            )
        self._book(execution)
        self._tell(Executed(execution))
        self._put(changed)
        return changed

    def _book(self, execution: Execution) -> None:
        self._register.executions.append(execution)
        self._till.book(execution)

    def _end(self, order: Order, status: Status, reason: str) -> None:
        self._put(replace(order, status=status, reason=reason, changed=self._now))

    def _put(self, order: Order) -> None:
        self._keep(order)
        self._tell(OrderChanged(order))

    def _keep(self, order: Order) -> None:
        """Remember an order, and bind what the rest of it can still cost."""
        self._register.put(order)
        self._till.bind(order)

    def _shown_of(self, listing: Listing) -> Shown:
        return self._shown.setdefault(listing.market, Shown())

    def _identity(self, what: str, number: int) -> str:
        digest = hashlib.sha256(self._nonce + f"|{what}|{number}".encode()).digest()
        return str(uuid.UUID(bytes=digest[:16], version=4))


def _is_whole(order: Order, taken: Sequence[BookLevel]) -> bool:
    """Whether what would be taken is all of what was asked for."""
    quantity, _ = total(taken)
    return quantity == order.size if order.size is not None else quantity > 0
