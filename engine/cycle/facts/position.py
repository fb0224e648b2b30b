"""Facts of what is held of one product, working and unknown orders at their worst case."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.cycle.facts.pace import symbol_pace_facts, within
from engine.ledger.folding.windows import DAY_S
from engine.model.numbers import ZERO

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from engine.cycle.valuation import Valuation
    from engine.expr.nodes import Value
    from engine.ledger.state import State
    from engine.model.portfolio import Position
    from engine.model.symbols import Symbol
    from engine.model.times import UtcTime

_S_PER_H = 3600


class Holdings:
    """What the ledger says of any product as of one moment, for as long as it says nothing new.

    `position.*` and the pace of the product. Products of one quote currency in which nothing is
    held, works or was ever done are all alike.
    """

    def __init__(self, state: State, valuation: Valuation, now: UtcTime) -> None:
        self._state = state
        self._now = now
        self._valuation = valuation
        self._touched = {
            *state.positions,
            *(order.symbol for order in state.working.values()),
            *(symbol for _, symbol in state.pace.adds),
            *state.pace.last_of,
        }
        self._untouched: dict[str, dict[str, Value]] = {}

    def facts(self, symbol: Symbol) -> Mapping[str, Value]:
        """Its facts, not to be changed: other products may share them."""
        if symbol in self._touched:
            return self._made(symbol)
        facts = self._untouched.get(symbol.quote)
        if facts is None:
            facts = self._untouched[symbol.quote] = self._made(symbol)
        return facts

    def _made(self, symbol: Symbol) -> dict[str, Value]:
        held = position_facts(self._state, self._valuation, symbol, self._now)
        return {**held, **symbol_pace_facts(self._state, symbol, self._now)}


def position_facts(
    state: State, valuation: Valuation, symbol: Symbol, now: UtcTime
) -> dict[str, Value]:
    """`position.*` and the pending amounts; a value that cannot be known is absent."""
    facts: dict[str, Value] = {
        "position.managed": symbol in state.positions,
        "position.pending_sell_quantity": float(state.pending_sell(symbol)),
        "position.adds_24h_count": within(_adds(state, symbol), now, DAY_S),
    }
    rate = valuation.rate(symbol.quote)
    if rate is not None:
        cash = valuation.cash_available(state, symbol.quote) * rate
        facts["portfolio.cash_available_usd"] = float(cash)
    value = valuation.position(state, symbol)
    if value is not None:
        facts["position.value_usd"] = float(value)
    pending = [valuation.pending_buy(order) for order in state.working_for(symbol)]
    known = [each for each in pending if each is not None]
    if len(known) == len(pending):
        facts["position.pending_buy_usd"] = float(sum(known, ZERO))
    held = state.positions.get(symbol)
    if held is not None:
        facts |= _held_facts(held, valuation.market.last_bid.get(symbol), now)
    return facts


def _adds(state: State, symbol: Symbol) -> list[UtcTime]:
    return [time for time, each in state.pace.adds if each == symbol]


def _held_facts(held: Position, bid: Decimal | None, now: UtcTime) -> dict[str, Value]:
    facts: dict[str, Value] = {
        "position.strategy": held.strategy,
        "position.hold_h": now.since_s(held.opened) / _S_PER_H,
    }
    if bid is not None:
        peak = max(held.peak_price, bid)
        facts["position.pnl_pct"] = change_pct(held.entry_price, bid)
        facts["position.peak_pnl_pct"] = change_pct(held.entry_price, peak)
        facts["position.drop_from_peak_pct"] = -change_pct(peak, bid)
    return facts


def change_pct(before: Decimal, after: Decimal) -> float:
    """From `before` (> 0) to `after`, signed, in percent."""
    return float((after - before) / before * 100)
