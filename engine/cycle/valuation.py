"""What things are worth in the numeraire: stated rates, last bids, and the whole account.

In: the state, the market, the Deployment's rates and its word on coins without a price.
Out: Decimal money in the numeraire, or None where it cannot be known: there is no fallback
equity and no zero for "unknown".
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from engine.model.numbers import ZERO
from engine.model.orders import OrderForm, Side
from engine.model.symbols import Symbol

if TYPE_CHECKING:
    from engine.cycle.market import MarketView
    from engine.kinds.deployment.document import DeploymentSpec
    from engine.ledger.state import State
    from engine.model.market import Product
    from engine.model.portfolio import Position, WorkingOrder

_ONE = Decimal(1)
_BPS = 10_000


@dataclass(frozen=True, slots=True)
class Valuation:
    """Prices of this moment, by the Deployment's rules."""

    deployment: DeploymentSpec
    market: MarketView

    def rate(self, currency: str) -> Decimal | None:
        """What one unit of a quote currency is worth; None when nobody stated it."""
        if currency == self.deployment.numeraire:
            return _ONE
        rate = self.deployment.rates.get(currency)
        return None if rate is None else rate.value

    def coin(self, asset: str) -> Decimal | None:
        """What one unit of a held asset is worth, by its bid; None when it has no price."""
        for symbol, bid in self._bids(asset):
            rate = self.rate(symbol.quote)
            if rate is not None:
                return bid * rate
        return None

    def _bids(self, asset: str) -> list[tuple[Symbol, Decimal]]:
        own = Symbol(asset, self.deployment.numeraire)
        # The numeraire has a rate, so where the asset is priced in it nothing else is asked.
        quoted = self.market.last_bid
        candidates = [own] if own in quoted else sorted(s for s in quoted if s.base == asset)
        bids = ((symbol, self._bid(symbol)) for symbol in candidates)
        return [(symbol, bid) for symbol, bid in bids if bid is not None]

    def _bid(self, symbol: Symbol) -> Decimal | None:
        """The bid that counts for equity: the newest quote's, or the last one where `last` says so.

        A product whose newest quote has no bid is without a price.
        """
        if self.deployment.unpriced == "last":
            return self.market.last_bid.get(symbol)
        quote = self.market.quotes.get(symbol)
        return quote.bid if quote is not None else None

    def holding(self, currency: str, amount: Decimal) -> Decimal | None:
        """What a holding is worth; a coin without a price is worth what the Deployment says."""
        if amount == 0:
            return ZERO
        unit = self.rate(currency)
        if unit is None:
            unit = self.coin(currency)
        if unit is not None:
            return amount * unit
        return ZERO if self.deployment.unpriced == "zero" else None

    def equity(self, state: State) -> Decimal | None:
        """Cash and coins together; None when a part of it is unknown."""
        coins = self.coins(state)
        return None if coins is None else coins + self.cash(state)

    def cash(self, state: State) -> Decimal:
        """Everything held in currencies that have a rate."""
        ours = _held_by_asset(state)
        # A position in a currency with a rate is among the coins already: it is not cash as well.
        cash = (
            (self.rate(currency), units - ours.get(currency, ZERO))
            for currency, units in state.cash.items()
        )
        return sum((units * rate for rate, units in cash if rate is not None), ZERO)

    def coins(self, state: State) -> Decimal | None:
        """Everything held that is no cash: our positions at their own bids, the rest at its best.

        One asset may be held in two products whose prices differ; a position is then worth what
        its own product says, so that the whole is never less than its parts.
        """
        parts = [self._worth(held) for held in state.positions.values()]
        ours = _held_by_asset(state)
        count_others = self.deployment.holdings_not_ours != "ignore"
        for currency, units in state.cash.items():
            if self.rate(currency) is None and count_others:
                parts.append(self.holding(currency, units - ours.get(currency, ZERO)))
        known = [part for part in parts if part is not None]
        return sum(known, ZERO) if len(known) == len(parts) else None

    def _worth(self, held: Position) -> Decimal | None:
        """What a position adds to equity; without a price, what the Deployment says."""
        worth = self._product(held.symbol, held.quantity)
        return ZERO if worth is None and self.deployment.unpriced == "zero" else worth

    def _product(self, symbol: Symbol, units: Decimal) -> Decimal | None:
        bid, rate = self._bid(symbol), self.rate(symbol.quote)
        return None if bid is None or rate is None else units * bid * rate

    def flows(self, state: State) -> dict[str | Symbol, Decimal | None]:
        """What each unsettled flow adds to equity now, and None for what has no price.

        Each is valued as equity values it: what nobody counts is worth nothing here too.
        """
        return {what: self._flow(what, units) for what, units in state.nav.flowed.items()}

    def _flow(self, what: str | Symbol, units: Decimal) -> Decimal | None:
        if isinstance(what, Symbol):
            return self._product(what, units)
        unit = self.rate(what)
        if unit is None and self.deployment.holdings_not_ours == "ignore":
            return ZERO
        unit = unit if unit is not None else self.coin(what)
        return None if unit is None else units * unit

    def flowed(self, state: State) -> Decimal | None:
        """What is in equity only because it flowed in (or is missing since it flowed out)."""
        parts = self.flows(state).values()
        known = [part for part in parts if part is not None]
        if len(known) < len(parts) and self.deployment.unpriced != "zero":
            return None
        return sum(known, ZERO)

    def position(self, state: State, symbol: Symbol) -> Decimal | None:
        """What our position in a product has at risk, by its last bid; 0 when flat.

        Exposure is not equity: a book without bids makes nothing less of it.
        """
        held = state.positions.get(symbol)
        if held is None:
            return ZERO
        bid, rate = self.market.last_bid.get(symbol), self.rate(symbol.quote)
        return None if bid is None or rate is None else held.quantity * bid * rate

    def is_dust(self, state: State, symbol: Symbol, product: Product | None) -> bool:
        """Whether what is held is too small to be sold: dust is not a position."""
        held, bid = state.positions.get(symbol), self.market.last_bid.get(symbol)
        if held is None or product is None or bid is None:
            return False
        return product.too_small(held.quantity, bid)

    def pending_buy(self, order: WorkingOrder) -> Decimal | None:
        """What a working buy may still add, at its worst price; 0 for a sell."""
        if order.side is not Side.BUY:
            return ZERO
        rate = self.rate(order.symbol.quote)
        return None if rate is None else order.remaining * order.worst_price * rate

    def at_risk(self, state: State, symbols: set[Symbol] | None = None) -> Decimal | None:
        """Positions and pending buys of these products (of all when None)."""
        parts = [
            self.position(state, symbol)
            for symbol in state.positions
            if symbols is None or symbol in symbols
        ]
        parts.extend(
            self.pending_buy(order)
            for order in state.working.values()
            if symbols is None or order.symbol in symbols
        )
        known = [part for part in parts if part is not None]
        return sum(known, ZERO) if len(known) == len(parts) else None

    def fee_bps(self, form: OrderForm) -> Decimal:
        """The assumed fee of an order by its form: only one that rests is a maker's."""
        fees = self.deployment.fees
        return fees.maker_bps if form is OrderForm.POST_ONLY else fees.taker_bps

    def cash_available(self, state: State, currency: str) -> Decimal:
        """Units of a quote currency that no working buy may still need, its fee included.

        Buys of others at this account need theirs too: the venue holds it back from us.
        """
        held = self._held_for_others(state, currency) + sum(
            (
                order.remaining * order.worst_price * (1 + self.fee_bps(order.form) / _BPS)
                for order in state.working.values()
                if order.side is Side.BUY and order.symbol.quote == currency
            ),
            ZERO,
        )
        return state.cash.get(currency, ZERO) - held

    def _held_for_others(self, state: State, currency: str) -> Decimal:
        with_fee = 1 + self.deployment.fees.taker_bps / _BPS
        parts = (
            each.remaining * each.limit_price * with_fee
            for each in state.foreign.values()
            if each.side is Side.BUY and each.symbol.quote == currency and each.limit_price
        )
        return sum(parts, ZERO)


def _held_by_asset(state: State) -> dict[str, Decimal]:
    """Units of each asset in our positions, over all of its products."""
    ours: dict[str, Decimal] = {}
    for symbol, held in state.positions.items():
        ours[symbol.base] = ours.get(symbol.base, ZERO) + held.quantity
    return ours
