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
from engine.model.orders import Side
from engine.model.symbols import Symbol

if TYPE_CHECKING:
    from engine.cycle.market import MarketView
    from engine.kinds.deployment.document import DeploymentSpec
    from engine.ledger.state import State
    from engine.model.portfolio import WorkingOrder

_ONE = Decimal(1)


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
        bids = self.market.last_bid
        others = sorted(symbol for symbol in bids if symbol.base == asset and symbol != own)
        candidates = [own, *others] if own in bids else others
        return [(symbol, bids[symbol]) for symbol in candidates]

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
        parts = [self.holding(currency, amount) for currency, amount in state.cash.items()]
        known = [part for part in parts if part is not None]
        return sum(known, ZERO) if len(known) == len(parts) else None

    def position(self, state: State, symbol: Symbol) -> Decimal | None:
        """What our position in a product is worth; 0 when flat."""
        held = state.positions.get(symbol)
        if held is None:
            return ZERO
        bid, rate = self.market.last_bid.get(symbol), self.rate(symbol.quote)
        return None if bid is None or rate is None else held.quantity * bid * rate

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

    def cash_available(self, state: State, currency: str) -> Decimal:
        """Units of a quote currency that no working buy may still need."""
        held = sum(
            (
                order.remaining * order.worst_price
                for order in state.working.values()
                if order.side is Side.BUY and order.symbol.quote == currency
            ),
            ZERO,
        )
        return state.cash.get(currency, ZERO) - held
