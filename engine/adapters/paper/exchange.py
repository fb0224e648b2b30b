"""An exchange in this process that fills honestly, for paper trading and for recordings.

In: market events as they are received, and approved orders through the port. Out: orders,
fills and balances, which a trader learns only by asking. Refuses to fill what the market did
not show: a size twice, a price that was only touched, a missing side, a size not recorded.
The same events and orders give the same answers: ids are counted, times come from the clock.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.adapters.paper.account import CANCELLED_ON_REQUEST, IOC_REST, Account
from engine.adapters.paper.entry import Refusal, entry_refusal, matches
from engine.adapters.paper.matching import reaches, takings, through, total
from engine.adapters.paper.money import exactly, is_amount
from engine.adapters.paper.restore import restore_account
from engine.adapters.paper.settings import (
    DuplicateIds,
    ImmediateFills,
    PaperRules,
    findings_in,
    without_grid,
)
from engine.adapters.paper.shown import Shown
from engine.errors import MandateError
from engine.model.account import FeeRates, KeyPermissions
from engine.model.market import Bar, BookLevel, Trade
from engine.model.orders import Acknowledged, NotSent, Rejected, Side
from engine.ports import Exchange

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from decimal import Decimal

    from engine.adapters.paper.order import PaperOrder
    from engine.adapters.paper.settings import PaperFees
    from engine.errors import Diagnostic
    from engine.model.account import Transfer
    from engine.model.market import MarketEvent, Product
    from engine.model.orders import ApprovedOrder, Fill, SubmitOutcome, VenueOrder
    from engine.model.symbols import Symbol
    from engine.model.times import UtcTime
    from engine.ports import Clock, Gate


class PaperExchange(Exchange):
    """One account at a venue of our own.

    `cash` is what the account begins with, by currency, coins included. Raises MandateError
    (M540-M542) when cash, fees or products make no sense.

    Its time is the latest of the clock, read at each call of the port, and of the events'
    receipt. It never runs backwards, so whoever asks since the last answer misses nothing.
    """

    def __init__(
        self,
        products: Mapping[Symbol, Product],
        cash: Mapping[str, Decimal],
        fees: PaperFees,
        clock: Clock,
        rules: PaperRules | None = None,
    ) -> None:
        _refuse(findings_in(products.values(), cash, fees))
        self._fees = fees
        self._rules = rules or PaperRules()
        waits = self._rules.immediate is ImmediateFills.NEXT_SAMPLE
        waits_s = self._rules.shown_for_s if waits else None
        self._account = Account(cash, fees, self._rules.stream, waits_s)
        self._history = self._account.history
        self._products = dict(products)
        self._shown = {symbol: Shown() for symbol in products}
        self._clock = clock

    def restore(
        self,
        orders: Sequence[VenueOrder],
        fills: Sequence[Fill],
        deadlines: Mapping[str, UtcTime],
    ) -> None:
        """Go on where a ledger stopped; for a venue that has seen nothing yet.

        `orders` and `fills` as this venue reported them, fills oldest first; `deadlines` are
        the `expires` of approved orders by client order id; `cash` given at building is that
        of the genesis, with deposits and withdrawals since. What the market showed before is
        forgotten: immediate orders are refused until it is seen again.
        Raises MandateError (M543-M545) when the record does not add up; then discard this venue.
        """
        restore_account(self._account, orders, fills, deadlines)

    # The market

    def on_event(self, event: MarketEvent) -> None:
        """Take in what the market shows, and fill resting orders that it goes through.

        Bars, and events of products that this venue does not list, only let time pass.
        """
        self._account.advance(event.time)
        shown = self._shown.get(event.symbol)
        if shown is None or isinstance(event, Bar):
            return
        if isinstance(event, Trade):
            self._match_trade(event, shown)
        elif shown.see(event) and self._history.working:
            self._take_waiting(event.symbol, event.time, shown)
            self._match_sample(event.symbol, event.time, shown)

    @property
    def waits(self) -> bool:
        """Whether an order here may still be filled by what the market shows, or end by itself."""
        return bool(self._history.working)

    def set_product(self, product: Product) -> None:
        """List a product, or change its grid, minimums or status; working orders stay.

        Raises MandateError (M542) when the product has no grid.
        """
        _refuse(without_grid([product]))
        self._products[product.symbol] = product
        self._shown.setdefault(product.symbol, Shown())

    # The port

    async def submit(self, order: ApprovedOrder, gate: Gate) -> SubmitOutcome:
        """Take an order, or refuse it in the venue's words; its fills are learnt by asking."""
        if (held_back := gate()) is not None:
            return NotSent(held_back)
        self._account.advance(self._clock.now())
        product = self._products.get(order.symbol)
        return self._repeated(order) or self._refused(order, product) or self._entered(order)

    async def cancel(self, venue_order_ids: Sequence[str]) -> Mapping[str, bool]:
        """Cancel working orders; False where there is none under that id."""
        self._account.advance(self._clock.now())
        return {each: self._cancelled(each) for each in venue_order_ids}

    def _cancelled(self, venue_order_id: str) -> bool:
        order = self._history.working.get(venue_order_id)
        if order is None:
            return False
        self._account.end(order, CANCELLED_ON_REQUEST)
        return True

    async def orders(self, since: UtcTime) -> Sequence[VenueOrder]:
        """Orders created or changed since then (inclusive), in the order of their creation."""
        self._account.advance(self._clock.now())
        return self._history.orders_since(since)

    async def fills(self, since: UtcTime) -> Sequence[Fill]:
        """Executions since then (inclusive), oldest first."""
        self._account.advance(self._clock.now())
        return self._history.fills_since(since)

    async def balances(self) -> Mapping[str, Decimal]:
        """Units by currency, working orders' holds included."""
        return self._account.wallet.units()

    async def transfers(self, currency: str, since: UtcTime) -> Sequence[Transfer]:
        """Nobody pays in or out here."""
        del currency, since
        return ()

    async def key_permissions(self) -> KeyPermissions:
        """Everything but moving money away; there are no keys and no portfolios."""
        return KeyPermissions(can_view=True, can_trade=True, can_transfer=False)

    async def fee_rates(self) -> FeeRates:
        """The rates that this venue was told."""
        return FeeRates(self._fees.maker_bps, self._fees.taker_bps)

    async def products(self) -> Sequence[Product]:
        """The products that this venue lists, by name."""
        return [self._products[symbol] for symbol in sorted(self._products)]

    async def server_time(self) -> UtcTime:
        """This venue's time, which is never before the clock's."""
        self._account.advance(self._clock.now())
        return self._account.now

    # Orders that enter

    def _repeated(self, order: ApprovedOrder) -> SubmitOutcome | None:
        earlier = self._history.by_client_id(order.client_order_id)
        if earlier is None or self._rules.duplicate_ids is DuplicateIds.CREATES_SECOND:
            return None
        if self._rules.duplicate_ids is DuplicateIds.REJECTS:
            return Rejected(Refusal.DUPLICATE_CLIENT_ORDER_ID.value)
        return Acknowledged(earlier.venue_order_id)

    def _refused(self, order: ApprovedOrder, product: Product | None) -> Rejected | None:
        if product is None:
            return Rejected(Refusal.INVALID_PRODUCT_ID.value)
        shown = self._shown[order.symbol]
        best = shown.best(order.intent.side)
        refusal = entry_refusal(order, product, self._account.now, best)
        if refusal is None and not shown.seen:
            refusal = Refusal.MISSING_MARKET_DATA
        return None if refusal is None else Rejected(refusal.value)

    def _entered(self, approved: ApprovedOrder) -> SubmitOutcome:
        order = self._account.drafted(approved)
        shown = self._shown[order.symbol]
        return self._rested(order, shown) if order.maker else self._taken(order, shown)

    def _rested(self, order: PaperOrder, shown: Shown) -> SubmitOutcome:
        best = shown.best(order.side)
        if best is not None and reaches(order.side, order.rest_price, best):
            return Rejected(Refusal.INVALID_LIMIT_PRICE_POST_ONLY.value, would_cross=True)
        if not self._affords(order, ()):
            return Rejected(Refusal.INSUFFICIENT_FUND.value)
        self._account.admit(order)
        return Acknowledged(order.venue_order_id)

    def _taken(self, order: PaperOrder, shown: Shown) -> SubmitOutcome:
        fresh = shown.fresh_at(self._account.now, self._rules.shown_for_s)
        levels = shown.levels(order.side) if fresh else ()
        if levels is None:
            return Rejected(Refusal.NO_SIZE_RECORDED.value)
        taken = _takings(order, levels)
        if not self._affords(order, taken):
            return Rejected(Refusal.INSUFFICIENT_FUND.value)
        self._account.admit(order)
        if self._account.waits_s is None:
            self._take(order, taken, shown)
        return Acknowledged(order.venue_order_id)

    def _take(self, order: PaperOrder, taken: Sequence[BookLevel], shown: Shown) -> None:
        """Fill an immediate order with what it takes, and end what is left of it."""
        for level in taken:
            shown.take(order.side, level)
            self._account.execute(order, level.size, level.price)
        if not order.status.final:
            self._account.end(order, IOC_REST)

    def _take_waiting(self, symbol: Symbol, time: UtcTime, shown: Shown) -> None:
        """Let the immediate orders that came before this sample meet it, in their order."""
        for order in self._fillable(symbol, time, maker=False):
            taken = _takings(order, shown.levels(order.side) or ())
            if self._affords(order, taken):
                self._take(order, taken, shown)
            else:
                # Money that was free at entry went into another order in between.
                self._account.end(order, Refusal.INSUFFICIENT_FUND.value)

    def _affords(self, order: PaperOrder, taken: Sequence[BookLevel]) -> bool:
        """Whether free money covers all of it at its limit, or what a market order takes."""
        free = self._account.wallet.free
        if order.side is Side.SELL:
            return order.quantity <= free(order.symbol.base)
        limit = order.limit_price
        notional = total(taken)[1] if limit is None else order.notional_left(limit)
        return order.cost_of(notional) <= free(order.symbol.quote)

    # Orders that rest

    def _match_sample(self, symbol: Symbol, time: UtcTime, shown: Shown) -> None:
        for order in self._fillable(symbol, time, maker=True):
            taken = self._fill_resting(order, shown.levels(order.side) or ())
            for level in taken:
                shown.take(order.side, level)

    def _match_trade(self, trade: Trade, shown: Shown) -> None:
        if not (is_amount(trade.price) and is_amount(trade.size)):
            return
        left = shown.news_in(trade)
        for order in self._fillable(trade.symbol, trade.time, maker=True):
            taken = self._fill_resting(order, [BookLevel(trade.price, left)])
            for level in taken:
                shown.take_traded(order.side, level)
                with exactly():
                    left -= level.size

    def _fill_resting(self, order: PaperOrder, levels: Iterable[BookLevel]) -> Sequence[BookLevel]:
        """Fill a resting order, at its own price, from what went through it."""
        price = order.rest_price
        taken = through(order.side, price, levels, order.left)
        quantity, _ = total(taken)
        if quantity > 0:
            self._account.execute(order, quantity, price)
        return taken

    def _fillable(self, symbol: Symbol, time: UtcTime, *, maker: bool) -> Sequence[PaperOrder]:
        """Resting (or waiting) orders from before `time`, if the product trades at all."""
        if not self._history.working or not matches(self._products[symbol]):
            return ()
        arrived = time.plus_s(-self._rules.arrives_after_s) if self._rules.arrives_after_s else time
        return self._history.working_before(symbol, arrived, maker=maker)


def _takings(order: PaperOrder, levels: Iterable[BookLevel]) -> Sequence[BookLevel]:
    """What an immediate order takes of these levels, within its limit."""
    limit = order.limit_price
    reached = [each for each in levels if limit is None or reaches(order.side, limit, each.price)]
    return takings(reached, order.quantity)


def _refuse(findings: Iterable[Diagnostic]) -> None:
    collected = tuple(findings)
    if collected:
        raise MandateError(collected)
