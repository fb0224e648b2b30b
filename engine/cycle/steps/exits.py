"""Exits: each position against the plan that was written into the ledger when it was opened.

In: positions, bids, facts. Out: exits in the order of the products, stops before targets; and
the marks (bid, blind since when) that the cycle record keeps. A position that cannot be judged
holds, and sells when it has been blind for as long as its plan allows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.cycle.facts.market import quote_age_s
from engine.cycle.facts.position import change_pct
from engine.cycle.facts.rules import ACCOUNT_KEY
from engine.cycle.steps import liquidating
from engine.errors import MandateError

if TYPE_CHECKING:
    from decimal import Decimal

    from engine.cycle.desk import Desk, Round
    from engine.ledger.bodies import Json
    from engine.model.orders import ExitPlan
    from engine.model.portfolio import Position
    from engine.model.times import UtcTime

_WHOLE_PCT = 100


@dataclass(frozen=True, slots=True)
class Exit:
    """A position that has to go, and whether it leaves by the stop's ladder."""

    position: Position
    reason: str
    stop: bool


@dataclass(frozen=True, slots=True)
class Mark:
    """What a position looked like this cycle; `bid` None: nobody can say what it is worth."""

    bid: Decimal | None
    blind_since: UtcTime | None

    def body(self) -> Json:
        """As the cycle record keeps it."""
        parts: dict[str, Json] = {}
        if self.bid is not None:
            parts["bid"] = str(self.bid)
        if self.blind_since is not None:
            parts["blind_since"] = str(self.blind_since)
        return parts


def marks(desk: Desk, this: Round) -> dict[str, Mark]:
    """The mark of every position, by product name."""
    return {str(each.symbol): _mark(desk, this, each) for each in desk.state.held()}


def _mark(desk: Desk, this: Round, position: Position) -> Mark:
    quote = desk.market.quotes.get(position.symbol)
    steady_s = desk.market.steady_age_s(position.symbol)
    age = quote_age_s(quote, this.now, steady_s) if quote is not None else None
    fresh = age is not None and age < position.plan.blind_exit_after_s
    if quote is not None and quote.bid is not None and quote.bid > 0 and fresh:
        return Mark(quote.bid, None)
    return Mark(None, position.blind_since or _last_seen(quote.time if quote else None, this.now))


def _last_seen(seen: UtcTime | None, now: UtcTime) -> UtcTime:
    # A stamp from the future is no reason to be blind later: that would put the sale off.
    return now if seen is None else min(seen, now)


def run(desk: Desk, this: Round, seen: dict[str, Mark]) -> tuple[Exit, ...]:
    """Every position that has to go now."""
    found = [_exit(desk, this, each, seen[str(each.symbol)]) for each in desk.state.held()]
    return tuple(each for each in found if each is not None)


def _exit(desk: Desk, this: Round, position: Position, mark: Mark) -> Exit | None:
    found = due(desk, this, position, mark)
    if found is not None or mark.bid is None or _waits(desk, this, position):
        return found
    if _wants_out(desk, this, position, position.plan):
        return Exit(position, f"when {position.plan.when}", stop=False)
    return None


def due(desk: Desk, this: Round, position: Position, mark: Mark) -> Exit | None:
    """Why a position has to go now, its plan's condition aside: what an order, a price, time say.

    Asks no fact, and the condition is the last that a plan asks.
    """
    if _waits(desk, this, position):
        return None
    ordered = liquidating.ordered(desk, position) or _ordered(desk, position)
    if ordered is not None:
        return Exit(position, ordered, stop=True)
    if mark.bid is None:
        return _blind(this, position, mark)
    peak = max(position.peak_price, mark.bid)
    stop = stop_met(position.plan, position.entry_price, peak, mark.bid)
    if stop is not None:
        return Exit(position, stop, stop=True)
    return _planned(this, position, mark.bid)


def _waits(desk: Desk, this: Round, position: Position) -> bool:
    """Whether the last try stands, and nobody has asked for another."""
    return _nothing_new(desk, this, position) and not liquidating.unanswered(desk, position)


def _nothing_new(desk: Desk, this: Round, position: Position) -> bool:
    """Whether a whole ladder was tried and the market has shown nothing since.

    The same order against the same view is no new try; but a feed may be dead and the venue
    alive, so it is tried again after as long as the plan lets a stop be blind.
    """
    last = position.last_exit
    if last is None or this.now.since_s(last) >= position.plan.blind_exit_after_s:
        return False
    quote = desk.market.quotes.get(position.symbol)
    return quote is None or quote.time <= last


def _ordered(desk: Desk, position: Position) -> str | None:
    """A tripped breaker whose document said that everything in its scope must be sold."""
    for latch in desk.state.latches.values():
        in_scope = latch.key in {ACCOUNT_KEY, str(position.symbol)}
        if latch.on_trip == "exit_all" and in_scope:
            return f"breaker {latch.breaker}"
    return None


def _blind(this: Round, position: Position, mark: Mark) -> Exit | None:
    since = mark.blind_since or this.now
    seconds = this.now.since_s(since)
    if seconds < position.plan.blind_exit_after_s:
        return None
    return Exit(position, f"blind for {seconds:.0f} s", stop=True)


def stop_met(plan: ExitPlan, entry: Decimal, peak: Decimal, bid: Decimal) -> str | None:
    """Why a bid asks for the stop's ladder; `peak` is the highest bid since the entry."""
    if bid <= _away(entry, -plan.stop_pct):
        return f"stop {change_pct(entry, bid):.2f} % <= -{plan.stop_pct} %"
    if plan.trailing_pct is not None and bid <= _away(peak, -plan.trailing_pct):
        return f"trailing {-change_pct(peak, bid):.2f} % >= {plan.trailing_pct} %"
    return None


def plan_met(plan: ExitPlan, entry: Decimal, bid: Decimal, held_s: float) -> str | None:
    """Why a bid, or the time that it took, asks for an exit that the plan has foreseen."""
    if plan.target_pct is not None and bid >= _away(entry, plan.target_pct):
        return f"target {change_pct(entry, bid):.2f} % >= {plan.target_pct} %"
    if plan.max_hold_s is not None and held_s >= plan.max_hold_s:
        return f"held {held_s:.0f} s >= {plan.max_hold_s} s"
    return None


def _away(price: Decimal, pct: Decimal) -> Decimal:
    """The price that lies so many per cent away: a level, since a quotient is rounded."""
    return price * (_WHOLE_PCT + pct) / _WHOLE_PCT


def _planned(this: Round, position: Position, bid: Decimal) -> Exit | None:
    plan = position.plan
    met = plan_met(plan, position.entry_price, bid, this.now.since_s(position.opened))
    return None if met is None else Exit(position, met, stop=False)


def _wants_out(desk: Desk, this: Round, position: Position, plan: ExitPlan) -> bool:
    """Whether the plan's condition holds; the plan is the position's, not the strategy's."""
    if plan.when is None:
        return False
    try:
        question = desk.programme.condition(plan.when)
    except MandateError:
        where = f"exit condition of {position.symbol}"
        this.notes.append(f"{where} means nothing in this release: {plan.when}")
        return False
    return question.evaluate(this.facts(position.symbol)).verdicts[0] is True
