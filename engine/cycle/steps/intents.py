"""From exits and proposals to wishes, and each wish down its ladder.

In: what the steps want. Out: orders placed one after another, exits first, in a fixed order;
each is counted as pending before the next is judged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.cycle.steps import following, reconcile, sending
from engine.cycle.steps.pricing import ladder_for
from engine.cycle.steps.sending import Wish
from engine.expr.printing import print_tree
from engine.expr.rewriting import map_facts
from engine.model.decisions import Reason, ReasonCode
from engine.model.numbers import ZERO
from engine.model.orders import ExitPlan, Intent

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from engine.cycle.desk import Desk, Round, Told
    from engine.cycle.steps.exits import Exit
    from engine.cycle.steps.strategies import Proposal
    from engine.expr.nodes import Fact, Node
    from engine.model.portfolio import WorkingOrder
    from engine.model.symbols import Symbol


async def place_exits(
    desk: Desk, this: Round, exits: Sequence[Exit], ended: Sequence[WorkingOrder]
) -> None:
    """Sell what has to go; never more than what our ledger holds less pending sells.

    Exits that `ended` unfilled go on first: begun anew they would never leave their first rung.
    A stop is not kept waiting by them, it has a ladder of its own.
    """
    stopped = {each.position.symbol for each in exits if each.stop}
    going_on = [order for order in ended if order.symbol not in stopped]
    continued = await place_children(desk, this, going_on)
    for each in exits:
        symbol = each.position.symbol
        if symbol in continued:
            continue
        if symbol in desk.dust():
            this.block(symbol, Reason(ReasonCode.BELOW_VENUE_MINIMUM, (("held", "dust"),)))
            continue
        if each.stop:
            await _clear_the_way(desk, this, symbol)
        held = desk.state.positions.get(symbol)
        quantity = held.quantity - desk.state.pending_sell(symbol) if held else ZERO
        if quantity <= 0:
            continue
        wish = Wish(
            symbol=symbol,
            intent=Intent.EXIT,
            ladder=ladder_for(Intent.EXIT, stop=each.stop),
            strategy=each.position.strategy,
            reason=each.reason,
            quantity=quantity,
        )
        await descend(desk, this, wish)


async def _clear_the_way(desk: Desk, this: Round, symbol: Symbol) -> None:
    """A stop does not wait for a resting exit: that one is cancelled, and its end learnt, first."""
    resting = [o for o in desk.state.working_for(symbol) if not o.intent.adds_risk]
    if resting:
        await following.cancel(desk, this.now, resting, "a stop takes its place")
        await reconcile.absorb(desk, this.now)


async def place_children(desk: Desk, this: Round, ended: Iterable[WorkingOrder]) -> set[Symbol]:
    """Go on with orders that ended unfilled since the last cycle, on their next rung.

    Returns the products in which one went on.
    """
    continued = set()
    for order in ended:
        wish = following.child(desk, order)
        if wish is not None:
            continued.add(order.symbol)
            await descend(desk, this, wish)
    return continued


async def place_entries(desk: Desk, this: Round, proposals: Iterable[Proposal]) -> None:
    """Ask for what strategies want; without equity nothing can be sized."""
    for proposal in proposals:
        equity = desk.valuation.equity(desk.state)
        if equity is None or equity <= 0:
            this.block(proposal.symbol, Reason(ReasonCode.NO_EQUITY))
            continue
        wish = Wish(
            symbol=proposal.symbol,
            intent=Intent.ENTRY,
            ladder="entry",
            strategy=proposal.strategy.name,
            reason=proposal.reason,
            value=equity * proposal.size_pct / 100,
            conviction=proposal.conviction,
            plan=plan_of(desk, proposal),
        )
        await descend(desk, this, wish)


async def descend(desk: Desk, this: Round, wish: Wish) -> None:
    """Place a wish, and while it ends at once unfilled, its next rung: each judged anew."""
    next_wish: Wish | None = wish
    while next_wish is not None:
        told = await sending.place(desk, this, next_wish)
        next_wish = await _next_rung(desk, this, next_wish, told) if told else None


async def _next_rung(desk: Desk, this: Round, wish: Wish, told: Told) -> Wish | None:
    if told.crossed:
        return following.after_crossing(desk, wish, told)
    if not sending.immediate(told):
        return None
    number = told.intent.number
    ended = [o for o in await reconcile.absorb(desk, this.now) if o.number == number]
    return following.child(desk, ended[0]) if ended else None


def plan_of(desk: Desk, proposal: Proposal) -> ExitPlan:
    """The strategy's exit plan as of now, its parameters as numbers: it belongs to the position."""
    spec = proposal.strategy.spec.exit
    return ExitPlan(
        stop_pct=spec.stop_pct,
        blind_exit_after_s=spec.blind_exit_after,
        target_pct=spec.target_pct,
        trailing_pct=spec.trailing_pct,
        max_hold_s=spec.max_hold,
        when=_condition(desk, proposal.strategy.name),
    )


def _condition(desk: Desk, strategy: str) -> str | None:
    rule = desk.policy_set.rule(f"Strategy/{strategy}#exit_when")
    if rule is None:
        return None
    vocabulary = desk.policy_set.vocabulary

    def become(fact: Fact) -> Node:
        definition = vocabulary.definition_tree(fact.name)
        own = fact.name.startswith("policy.")
        return map_facts(definition, become) if own and definition is not None else fact

    return print_tree(map_facts(rule.tree, become))
