"""The course of an account over quiet instants: what its positions are worth in each of them.

In: the desk between two cycles, what is shown of its products, the instants to come. Out: prices
and money, exactly as each cycle would work them out; and of each position at which instants it is
surely not to be sold. A doubt is no answer: then there is no course, or the instant counts as one
that is not quiet.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from engine.adapters.recorded.events import decimal_of_float
from engine.model.numbers import ZERO
from engine.simulation.prescreening.seen.columns import age_s, price

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from numpy.typing import NDArray

    from engine.cycle.desk import Desk
    from engine.model.market import Product
    from engine.model.portfolio import Position
    from engine.simulation.prescreening.seen.looking import Looking

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

# Far more than a few roundings of a price, far less than a tick of any market.
_ERROR = 1e-9
_PCT = 100
_NS = 10**9


@dataclass(frozen=True, slots=True)
class Held:
    """One position: its bids, and what it is worth at them; both end where a bid is missing."""

    position: Position
    bids: Sequence[Decimal]
    worths: Sequence[Decimal]
    rests: Flags


@dataclass(frozen=True, slots=True)
class Course:
    """What is held at each instant; `known` is how many of them can be told of.

    `coins` and `equity` are in the numeraire.
    """

    moments: Ints
    held: tuple[Held, ...]
    cash: Decimal
    coins: Sequence[Decimal]
    equity: Sequence[Decimal]
    known: int


def course_of(desk: Desk, looking: Looking, moments: Ints) -> Course | None:
    """The course over these instants of one stretch; None where another way is needed."""
    state = desk.state
    if not state.nav.units or not only_ours(desk):
        return None
    held = [_held(desk, looking, each, moments) for each in state.positions.values()]
    if any(each is None for each in held):
        return None
    ours = tuple(each for each in held if each is not None)
    known = min((first_of(~each.rests) for each in ours), default=len(moments))
    cash = desk.valuation.cash(state)
    # Added up in the order in which a valuation does it: not all sums of decimals are exact.
    worths = zip(*(each.worths[:known] for each in ours), strict=True)
    coins = [sum(each, ZERO) for each in worths] if ours else [ZERO] * known
    return Course(moments, ours, cash, coins, [each + cash for each in coins], known)


def only_ours(desk: Desk) -> bool:
    """Whether nothing is held but money and our own positions, or nothing else counts."""
    state = desk.state
    if desk.valuation.deployment.holdings_not_ours == "ignore":
        return True
    ours: dict[str, Decimal] = {}
    for symbol, position in state.positions.items():
        ours[symbol.base] = ours.get(symbol.base, ZERO) + position.quantity
    return all(
        desk.valuation.rate(currency) is not None or units == ours.get(currency, ZERO)
        for currency, units in state.cash.items()
    )


def _held(desk: Desk, looking: Looking, position: Position, moments: Ints) -> Held | None:
    shown, symbol = looking.shown.get(position.symbol), position.symbol
    product, rate = desk.products.get(symbol), desk.valuation.rate(symbol.quote)
    if shown is None or product is None or rate is None or position.last_exit is not None:
        return None
    newest = shown.newest[looking.places(moments)]
    bids = price(newest, shown.quotes.bid)
    fresh = age_s(shown.quotes, newest, moments) < position.plan.blind_exit_after_s
    # Without a bid, or with an old one, a position is blind: how long it may be, a cycle says.
    rests = fresh & _stays(position, bids, moments) & _is_sold_whole(product, position, bids)
    known = first_of(~rests)
    exact = [decimal_of_float(each) for each in bids[:known].tolist()]
    return Held(position, exact, [position.quantity * each * rate for each in exact], rests)


def _stays(position: Position, bids: Floats, moments: Ints) -> Flags:
    """At which bids the plan surely does not ask for a way out."""
    plan, entry = position.plan, float(position.entry_price)
    peaks = np.maximum.accumulate(np.maximum(float(position.peak_price), bids))
    stays = bids > _away(entry, -float(plan.stop_pct)) * (1 + _ERROR)
    if plan.trailing_pct is not None:
        stays &= bids > peaks * _away(1.0, -float(plan.trailing_pct)) * (1 + _ERROR)
    if plan.target_pct is not None:
        stays &= bids < _away(entry, float(plan.target_pct)) * (1 - _ERROR)
    if plan.max_hold_s is not None:
        stays &= moments - position.opened.ns < (plan.max_hold_s - 1) * _NS
    return stays


def _away(of: float, pct: float) -> float:
    return of * (_PCT + pct) / _PCT


def _is_sold_whole(product: Product, position: Position, bids: Floats) -> Flags:
    """Where it is surely no dust."""
    if position.quantity < product.base_min_size:
        return np.zeros(len(bids), dtype=np.bool_)
    least = float(product.quote_min_size) * (1 + _ERROR)
    return bids * float(position.quantity) > least


def first_of(flags: Flags) -> int:
    """The first place that is flagged; behind the last where none is."""
    return int(np.argmax(flags)) if flags.any() else len(flags)
