"""From exits and proposals to wishes, and each wish down its ladder.

In: what the steps want. Out: orders placed one after another, exits first, in a fixed order;
each is counted as pending before the next is judged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.cycle.orders import cancelling, following, sending
from engine.cycle.orders.pricing import STOP, ladder_for
from engine.cycle.orders.sending import Wish
from engine.cycle.steps import reconcile
from engine.cycle.steps.plans import plan_of
from engine.model.decisions import Reason, ReasonCode
from engine.model.numbers import ZERO
from engine.model.orders import Intent

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from collections.abc import Set as AbstractSet
    from decimal import Decimal

    from engine.cycle.desk import Desk, Round, Told
    from engine.cycle.proposing.proposal import Proposal
    from engine.cycle.steps.exits import Exit
    from engine.model.portfolio import WorkingOrder
    from engine.model.symbols import Symbol

_BY_FORM = frozenset(
    {ReasonCode.LIMIT_BREACHED, ReasonCode.GUARD_BREACHED, ReasonCode.BELOW_VENUE_MINIMUM}
)


async def place_exits(desk: Desk, this: Round, exits: Sequence[Exit]) -> None:
    """Sell what has to go; never more than what our ledger holds less pending sells.

    Exits that ended unfilled go on first: begun anew they would never leave their first rung.
    A stop is not kept waiting by a planned exit, it has a ladder of its own.
    """
    stopped = {each.position.symbol for each in exits if each.stop}
    continued = await follow_exits(desk, this, stopped)
    for each in exits:
        symbol = each.position.symbol
        if symbol in continued:
            continue
        if symbol in desk.dust():
            this.block(symbol, Reason(ReasonCode.BELOW_VENUE_MINIMUM, (("held", "dust"),)))
            continue
        await following.clear_entries(desk, this, symbol)
        if each.stop:
            await _clear_the_way(desk, this, symbol)
        await _sell(desk, this, each)
        # An order that ended meanwhile goes on before its position would be asked for anew.
        continued |= await follow_exits(desk, this, stopped)
    await _place_late(desk, this, exits)


async def _place_late(desk: Desk, this: Round, exits: Sequence[Exit]) -> None:
    """Sell by a stop whose way became clear only while another position was sold."""
    tried = {told.intent.symbol for told in this.orders}
    for each in exits:
        if each.stop and each.position.symbol not in tried:
            await _sell(desk, this, each)


async def _sell(desk: Desk, this: Round, each: Exit) -> None:
    """Sell all that is left of a position: in slices, where the venue takes no order so large."""
    symbol, left = each.position.symbol, _unsold(desk, each.position.symbol)
    while left > 0 and symbol not in desk.dust():
        wish = Wish(
            symbol=symbol,
            intent=Intent.EXIT,
            ladder=ladder_for(Intent.EXIT, stop=each.stop),
            strategy=each.position.strategy,
            reason=each.reason,
            quantity=left,
        )
        await descend(desk, this, wish)
        before, left = left, _unsold(desk, symbol)
        # Another slice follows one that was sold; what did not sell waits for its next rung.
        if left >= before or any(o.symbol == symbol for o in desk.state.ended.values()):
            return


def _unsold(desk: Desk, symbol: Symbol) -> Decimal:
    """What our ledger holds less pending sells, unknown ones in full."""
    held = desk.state.positions.get(symbol)
    return held.quantity - desk.state.pending_sell(symbol) if held else ZERO


async def _clear_the_way(desk: Desk, this: Round, symbol: Symbol) -> None:
    """A stop does not wait for a resting exit: that one is cancelled, and its end learnt, first."""
    resting = [o for o in desk.state.working_for(symbol) if not o.intent.adds_risk]
    if resting:
        await cancelling.cancel(desk, this.now, resting, "a stop takes its place")
        await reconcile.absorb(desk, this.now)
        # One whose end is still unknown goes on when it is learnt, be it in this cycle.
        ended = desk.state.ended
        this.followed.update(order.number for order in resting if order.number in ended)


async def follow_exits(
    desk: Desk, this: Round, stopped: AbstractSet[Symbol] = frozenset()
) -> set[Symbol]:
    """Go on with orders that reduce risk and ended unfilled, on their next rung.

    Returns the products in which one went on. What was planned ends for those in `stopped`.
    """
    return await _follow(desk, this, adding=False, stopped=stopped)


async def follow_entries(desk: Desk, this: Round) -> None:
    """Go on with orders that add risk and ended unfilled, on their next rung."""
    await _follow(desk, this, adding=True, stopped=frozenset())


async def _follow(
    desk: Desk, this: Round, *, adding: bool, stopped: AbstractSet[Symbol]
) -> set[Symbol]:
    """Each ended order once a cycle, those too of which only this cycle learnt the end."""
    continued = set()
    while (order := _unfollowed(desk, this, adding=adding)) is not None:
        this.followed.add(order.number)
        if order.symbol in stopped and order.ladder != STOP:
            continue
        if adding and not _still_wanted(desk, order):
            values = (("strategy", order.strategy), ("why", "no longer enabled"))
            this.block(order.symbol, Reason(ReasonCode.NO_STRATEGY, values))
            continue
        if adding and _left_now(desk, this, order.symbol):
            this.block(order.symbol, Reason(ReasonCode.ORDER_WORKING))
            continue
        wish = following.child(desk, order)
        if wish is not None:
            continued.add(order.symbol)
            await descend(desk, this, wish)
    return continued


def _left_now(desk: Desk, this: Round, symbol: Symbol) -> bool:
    """Whether less of a product is wanted: an entry that just ended is not to buy it back."""
    asked = [told.intent.intent for told in this.orders if told.intent.symbol == symbol]
    working = [order.intent for order in desk.state.working_for(symbol)]
    return not all(intent.adds_risk for intent in asked + working)


def _still_wanted(desk: Desk, order: WorkingOrder) -> bool:
    """Whether the set in force has the strategy that wanted it, enabled; else nobody does."""
    return any(name == order.strategy for name, _ in desk.policy_set.strategies)


def _unfollowed(desk: Desk, this: Round, *, adding: bool) -> WorkingOrder | None:
    return next(
        (
            order
            for number, order in desk.state.ended.items()
            if number not in this.followed and order.intent.adds_risk is adding
        ),
        None,
    )


async def place_upkeep(desk: Desk, this: Round, wishes: Iterable[Wish]) -> None:
    """Sell what trims and purges ask for, each down the ladder of trims."""
    for wish in wishes:
        await descend(desk, this, wish)


async def place_entries(desk: Desk, this: Round, proposals: Iterable[Proposal]) -> None:
    """Ask for what strategies want; without equity nothing can be sized."""
    for proposal in proposals:
        equity = desk.valuation.equity(desk.state)
        if equity is None or equity <= 0:
            this.block(proposal.symbol, Reason(ReasonCode.NO_EQUITY))
            continue
        wish = Wish(
            symbol=proposal.symbol,
            intent=proposal.intent,
            ladder=ladder_for(proposal.intent, stop=False),
            strategy=proposal.strategy.name,
            reason=proposal.reason,
            value=equity * proposal.size_pct / 100,
            conviction=proposal.conviction,
            plan=proposal.plan
            or plan_of(desk.policy_set, proposal.strategy.name, proposal.strategy.spec.exit),
        )
        await descend(desk, this, wish)


async def descend(desk: Desk, this: Round, wish: Wish) -> None:
    """Place a wish, and while it ends at once unfilled, its next rung: each judged anew."""
    if not wish.intent.adds_risk:
        await following.clear_entries(desk, this, wish.symbol)
    next_wish: Wish | None = wish
    while next_wish is not None:
        told = await sending.place(desk, this, next_wish)
        next_wish = await _next_rung(desk, this, next_wish, told) if told else None


async def _next_rung(desk: Desk, this: Round, wish: Wish, told: Told) -> Wish | None:
    if told.crossed or (wish.ladder == STOP and _refused(told)):
        return following.after_refusal(desk, wish, told)
    if not sending.immediate(told):
        return None
    await reconcile.absorb(desk, this.now)
    # What else ended meanwhile stays with the ledger until its own turn.
    ended = desk.state.ended.get(told.intent.number)
    if ended is None:
        return None
    this.followed.add(ended.number)
    return following.child(desk, ended)


def _refused(told: Told) -> bool:
    """Whether another form of the order might pass where this one did not: a stop tries it."""
    if told.outcome == "denied":
        return all(reason.code in _BY_FORM for reason in told.decision.reasons)
    return told.outcome.startswith("rejected")
