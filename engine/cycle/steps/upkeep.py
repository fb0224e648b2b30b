"""Upkeep: which of our lots a rule wants less of, by facts that were decided for long enough.

In: the round, positions and their marks. Out: wishes to trim and to purge, at most one a product,
and the marks (since when) that the cycle record keeps. Whatever cannot be decided in a cycle
begins its time anew: a gap in the data may put a sale off, and never brings one about.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from engine.cycle.facts.universe import excluded
from engine.cycle.orders.pricing import ladder_for
from engine.cycle.orders.sending import Wish
from engine.cycle.valuation import Valuation
from engine.ledger.state import Overdue
from engine.model.numbers import floor_to
from engine.model.orders import Intent

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from engine.cycle.desk import Desk, Round
    from engine.cycle.judging.trims import Trim
    from engine.cycle.steps.exits import Mark
    from engine.expr.nodes import Value
    from engine.ledger.bodies import Json
    from engine.model.market import Product
    from engine.model.portfolio import Position
    from engine.model.symbols import Symbol


@dataclass(frozen=True, slots=True)
class Holding:
    """A position that a bid of this moment prices; `busy` while an order of it is under way."""

    position: Position
    product: Product
    bid: Decimal
    rate: Decimal
    busy: bool

    @property
    def symbol(self) -> Symbol:
        """What is held."""
        return self.position.symbol

    def sizes(self, quantity: Decimal) -> dict[str, Value]:
        """The facts of selling so much, valued as the holding itself is valued."""
        return {
            "order.quantity": float(quantity),
            "order.notional_usd": float(quantity * self.bid * self.rate),
        }

    def whole_or(self, quantity: Decimal) -> Decimal:
        """The quantity on the grid, or all of it where it or the rest could not be sold alone."""
        held = self.position.quantity
        part = min(floor_to(quantity, self.product.base_increment), held)
        either = (part, held - part)
        return held if any(self.product.too_small(e, self.bid) for e in either) else part


def run(desk: Desk, this: Round, seen: Mapping[str, Mark]) -> tuple[Wish, ...]:
    """What has to be sold for the order of the portfolio, in the order of the products."""
    wishes = []
    for holding in _holdings(desk, this, seen):
        found = [*_trims(desk, this, holding), *_purges(desk, this, holding)]
        # What is under way already may be all that it takes; the marks go on meanwhile.
        if found and not holding.busy:
            wishes.append(max(found, key=lambda wish: wish.quantity or Decimal(0)))
    return tuple(wishes)


def _holdings(desk: Desk, this: Round, seen: Mapping[str, Mark]) -> Iterator[Holding]:
    """Positions that can be judged, where all are priced, and that are no dust."""
    if not _all_priced(desk, seen):
        return
    asked_for = {told.intent.symbol for told in this.orders}
    dust = desk.dust()
    for position in desk.state.held():
        symbol = position.symbol
        product, bid = desk.products.get(symbol), desk.market.last_bid.get(symbol)
        rate = desk.valuation.rate(symbol.quote)
        if product is None or bid is None or rate is None or symbol in dust:
            continue
        busy = symbol in asked_for or bool(desk.state.working_for(symbol))
        yield Holding(position, product, bid, rate, busy)


def _all_priced(desk: Desk, seen: Mapping[str, Mark]) -> bool:
    """Whether equity is known from fresh bids alone: a share of it is no fact otherwise."""
    if any(str(held) not in seen or seen[str(held)].bid is None for held in desk.state.positions):
        return False
    return Valuation(desk.policy_set.strict_deployment, desk.market).equity(desk.state) is not None


def _overdue(desk: Desk, this: Round, name: str, holding: Holding) -> Overdue:
    """Since when: from the ledger, where the cycle before this one said so too."""
    before, last = desk.state.overdue.get(name), desk.state.last_cycle
    longest = desk.policy_set.schedule.back_off.max_interval
    if before is None or last is None or this.now.since_s(last) > longest:
        before = Overdue(this.now, holding.position.quantity)
    this.overdue[name] = before
    return before


def _trims(desk: Desk, this: Round, holding: Holding) -> Iterator[Wish]:
    facts = this.facts(holding.symbol)
    for trim in desk.programme.trims:
        if not _above(trim, facts, holding, this):
            continue
        overdue = _overdue(desk, this, f"{trim.rule} {holding.symbol}", holding)
        if this.now.since_s(overdue.since) < trim.spec.after:
            continue
        quantity = _smallest(trim, facts, holding)
        if quantity is None or quantity * 100 < holding.position.quantity * trim.spec.at_least_pct:
            continue
        reason = f"above {trim.rule} since {overdue.since}"
        yield _wish(holding, Intent.TRIM, holding.whole_or(quantity), reason)


def _above(trim: Trim, facts: Mapping[str, Value], holding: Holding, this: Round) -> bool:
    """Whether the holding is decidedly above the limit, and no ended waiver says to hold it."""
    nothing = holding.sizes(Decimal(0))
    if trim.verdict(facts, nothing) is not False:
        return False
    waived = trim.held_by_waiver(holding.symbol, this.now)
    return not waived or trim.verdict({**facts, **waived}, nothing) is False


def _smallest(trim: Trim, facts: Mapping[str, Value], holding: Holding) -> Decimal | None:
    """The smallest sale on the grid after which the limit is kept.

    None where no sale does it, and where one on the way there cannot be decided.
    """
    step = holding.product.base_increment
    low, high = 0, int(holding.position.quantity / step)
    if trim.verdict(facts, holding.sizes(high * step)) is not True:
        return None
    while low + 1 < high:
        middle = (low + high) // 2
        verdict = trim.verdict(facts, holding.sizes(middle * step))
        if verdict is None:
            return None
        if verdict:
            high = middle
        else:
            low = middle
    return high * step


def _purges(desk: Desk, this: Round, holding: Holding) -> Iterator[Wish]:
    purge = desk.policy_set.universe.purge
    if purge is None or not _ineligible(desk, this, holding.symbol):
        return
    name = f"purge {holding.symbol}"
    overdue = _overdue(desk, this, name, holding)
    if this.now.since_s(overdue.since) < purge.after:
        return
    if overdue.sliced is not None and this.now.since_s(overdue.sliced) < purge.every:
        return
    if not holding.busy:
        this.overdue[name] = replace(overdue, sliced=this.now)
    reason = f"out of the universe since {overdue.since}"
    slice_ = holding.whole_or(overdue.quantity * purge.slice_pct / 100)
    yield _wish(holding, Intent.PURGE, slice_, reason)


def _ineligible(desk: Desk, this: Round, symbol: Symbol) -> bool:
    """Whether it is no member, and a person or decided facts say that it may not stay."""
    universe = desk.policy_set.universe
    if symbol in this.universe:
        return False
    if excluded(universe, symbol, this.now) is not None:
        return True
    if symbol.quote not in universe.quote_currencies:
        return True
    verdicts = desk.programme.stay.motor.evaluate(this.facts(symbol)).verdicts
    return all(verdict is False for verdict in verdicts)


def _wish(holding: Holding, intent: Intent, quantity: Decimal, reason: str) -> Wish:
    return Wish(
        symbol=holding.symbol,
        intent=intent,
        ladder=ladder_for(intent, stop=False),
        strategy=holding.position.strategy,
        reason=reason,
        quantity=quantity,
    )


def overdue_body(overdue: Mapping[str, Overdue]) -> dict[str, Json]:
    """The marks as the cycle record keeps them."""
    return {
        name: {
            "since": str(each.since),
            "quantity": str(each.quantity),
            **({} if each.sliced is None else {"sliced": str(each.sliced)}),
        }
        for name, each in sorted(overdue.items())
    }
