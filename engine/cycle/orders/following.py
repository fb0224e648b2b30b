"""Following orders up: what rested too long is cancelled, what was not filled gets its next rung.

In: working orders and the clock. Out: cancels, and child wishes after a confirmed end. An order
is never edited: a reprice or a fallback is a new intent, judged anew.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from engine.cycle.facts.rules import ACCOUNT_KEY
from engine.cycle.orders import cancelling, outage
from engine.cycle.orders.pricing import rungs_of
from engine.cycle.orders.sending import Wish
from engine.cycle.steps import reconcile
from engine.model.numbers import ZERO
from engine.model.orders import Intent

if TYPE_CHECKING:
    from decimal import Decimal

    from engine.cycle.desk import Desk, Round, Told
    from engine.ledger.state import Latch
    from engine.model.portfolio import WorkingOrder
    from engine.model.symbols import Symbol
    from engine.model.times import UtcTime


async def cancel_expired(desk: Desk, now: UtcTime) -> None:
    """Cancel what outlived its time, in case the venue does not do it by itself."""
    late = [o for o in desk.state.working.values() if o.expires is not None and now >= o.expires]
    await cancelling.cancel(desk, now, late, "its time to live is over")


async def clear_entries(desk: Desk, this: Round, symbol: Symbol) -> None:
    """A way out does not meet an entry of our own: that one is cancelled first.

    An exit goes on even where the venue does not confirm it: it is never blocked by doubt.
    """
    resting = [order for order in desk.state.working_for(symbol) if order.intent.adds_risk]
    if resting:
        why = "a way out of the same product comes first"
        # Nobody wants the rest of an entry into what is being left.
        await cancelling.cancel(desk, this.now, resting, why, for_good=True)
        await reconcile.absorb(desk, this.now)


async def cancel_for_breakers(desk: Desk, now: UtcTime) -> None:
    """Cancel what the tripped breakers, and a halt, do not leave standing."""
    halted = desk.kill_switch() is not None or desk.state.halted is not None
    doomed = [o for o in desk.state.working.values() if halted or _doomed(desk, o)]
    await cancelling.cancel(desk, now, doomed, "a breaker is tripped, or trading is halted")


async def cancel_in_outage(desk: Desk, now: UtcTime) -> None:
    """An entry that rests is new risk too: while an outage halts those, none stays at the venue."""
    behind_s = outage.entries_halted_for_s(desk)
    if behind_s is not None:
        resting = [each for each in desk.state.working.values() if each.intent.adds_risk]
        why = f"the shared ledger is {behind_s:.1f} s behind"
        await cancelling.cancel(desk, now, resting, why)


def _doomed(desk: Desk, order: WorkingOrder) -> bool:
    return any(_cancels(latch, order) for latch in desk.state.latches.values())


def _cancels(latch: Latch, order: WorkingOrder) -> bool:
    """Entries whenever they appear; ways out only where they were working at the trip.

    A way out that was made after the trip is what the trip wants; cancelling it would be a trap.
    """
    if latch.key not in {ACCOUNT_KEY, str(order.symbol)} or latch.cancel == "none":
        return False
    return order.intent.adds_risk or (latch.cancel == "all" and order.created < latch.tripped)


def child(desk: Desk, parent: WorkingOrder) -> Wish | None:
    """The next rung for what is left of an order that ended; None when the ladder has no more.

    An exit whose ladder is at its end begins again in the next cycle: the position is still there.
    """
    rung = parent.rung + 1
    if rung >= len(rungs_of(desk.policy_set.execution, parent.ladder)):
        return None
    left = _left(desk, parent)
    if left <= 0:
        return None
    return Wish(
        symbol=parent.symbol,
        intent=_goes_on_as(desk, parent),
        ladder=parent.ladder,
        strategy=parent.strategy,
        reason=parent.reason,
        quantity=left,
        conviction=parent.conviction,
        plan=parent.plan,
        parent=parent.number,
        rung=rung,
    )


def _goes_on_as(desk: Desk, parent: WorkingOrder) -> Intent:
    """What is left of an entry that was filled in part adds to the position that it opened."""
    held = desk.state.positions.get(parent.symbol)
    opened = held is not None and held.entry_intent == parent.number
    return Intent.ADD if parent.intent is Intent.ENTRY and opened else parent.intent


def _left(desk: Desk, parent: WorkingOrder) -> Decimal:
    """What is still wanted: an exit wants out of all that is held, a trim only of its share."""
    if parent.intent.adds_risk:
        return parent.remaining
    held = desk.state.positions.get(parent.symbol)
    ours = held.quantity - desk.state.pending_sell(parent.symbol) if held else ZERO
    return ours if parent.intent is Intent.EXIT else min(ours, parent.remaining)


def after_refusal(desk: Desk, wish: Wish, told: Told) -> Wish | None:
    """The next rung for an order that was refused in its form, such as a post-only that crosses."""
    rung = wish.rung + 1
    if rung >= len(rungs_of(desk.policy_set.execution, wish.ladder)):
        return None
    allowed = told.decision.verdict.allowed
    return replace(
        wish,
        quantity=told.decision.quantity if allowed else told.intent.quantity,
        value=None,
        parent=told.intent.number if allowed else wish.parent,
        rung=rung,
    )
