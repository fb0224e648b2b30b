"""Balances: what fills and flows move, and where the venue says otherwise.

In: fills, cash flows and reconciliations. Out: cash by currency, fees and differences.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.ledger import bodies
from engine.ledger.folding import nav, positions
from engine.model.numbers import ZERO
from engine.model.orders import Side
from engine.model.symbols import Symbol

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from engine.ledger.bodies import Json
    from engine.ledger.state import State
    from engine.model.times import UtcTime


def move_for_fill(state: State, symbol: Symbol, body: Mapping[str, Json]) -> None:
    """Book what a fill paid and brought, fee included."""
    quantity, price = bodies.number(body, "quantity"), bodies.number(body, "price")
    fee = bodies.number(body, "fee")
    sign = -1 if bodies.text(body, "side") == Side.BUY.value else 1
    cash = state.cash
    cash[symbol.quote] = cash.get(symbol.quote, ZERO) + sign * quantity * price - fee
    cash[symbol.base] = cash.get(symbol.base, ZERO) - sign * quantity
    state.fees += fee


def cash_flow(state: State, time: UtcTime, body: Mapping[str, Json]) -> None:
    """Book a deposit, withdrawal or reward; or settle those before, now that they have a price.

    Or settle what a new set's terms make of the account.

    Balances move and results do not. A withdrawal takes what no position holds first.
    """
    if "revalued" in body:
        equity, before = bodies.number(body, "equity_usd"), bodies.optional_number(body, "revalued")
        nav.revalue(state.nav, time, equity=equity, before=before)
        return
    if "settled" in body:
        _settle(state, time, body)
        return
    if "transfers" in body:
        state.transfers_seen.update(bodies.texts(body, "transfers"))
    currency, amount = bodies.text(body, "currency"), bodies.number(body, "amount")
    _flow(state, currency, amount)
    # What was said once is not said again of the same difference.
    if currency in state.away:
        state.away[currency] -= amount


def _flow(state: State, currency: str, amount: Decimal) -> None:
    """Units came in, or went out; what goes is taken from no position first."""
    state.cash[currency] = state.cash.get(currency, ZERO) + amount
    for symbol, units in positions.give_up(state, currency, at_most=-amount).items():
        nav.flow(state.nav, symbol, -units)
        amount += units
    nav.flow(state.nav, currency, amount)


def traded_by_hand(state: State, symbol: Symbol, body: Mapping[str, Json]) -> None:
    """Book a fill of no order of ours: one currency went out and another came in.

    It is no trade and no result of ours. A sale takes coins that no position holds first; where
    it took ours, the position is smaller, since they are gone.
    """
    quantity, price = bodies.number(body, "quantity"), bodies.number(body, "price")
    sign = 1 if bodies.text(body, "side") == Side.BUY.value else -1
    _flow(state, symbol.base, sign * quantity)
    _flow(state, symbol.quote, -sign * quantity * price - bodies.number(body, "fee"))


def _settle(state: State, time: UtcTime, body: Mapping[str, Json]) -> None:
    names = bodies.texts(body, "settled")
    what = [Symbol.parse(name) if "-" in name else name for name in names]
    equity, flowed = bodies.number(body, "equity_usd"), bodies.number(body, "flowed_usd")
    nav.settle(state.nav, time, what, equity=equity, flowed=flowed)


def adopted(state: State, time: UtcTime, body: Mapping[str, Json]) -> None:
    """Book coins that became ours to sell; those that no record had told of came in with it."""
    symbol, came_in = Symbol.parse(bodies.text(body, "symbol")), bodies.number(body, "came_in")
    state.cash[symbol.base] = state.cash.get(symbol.base, ZERO) + came_in
    positions.adopt(state, time, symbol, body)
    nav.flow(state.nav, symbol, came_in)


def reconcile(state: State, _time: UtcTime, body: Mapping[str, Json]) -> None:
    """Keep what differs between the venue and us: in words, and in units by currency."""
    told = bodies.mapping(body, "differences")
    state.differences = {name: str(words) for name, words in told.items()}
    away = bodies.mapping(body, "away")
    state.away = {name: bodies.number(away, name) for name in away}
