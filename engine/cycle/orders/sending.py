"""Sending: a wish is priced, judged, recorded, made durable, gated, and only then sent.

In: a wish. Out: what became of it; the ledger holds every step. Nothing stands between the wire
gate and the send. A failure to record stops the order, never the other way round. The port asks
the gate once more right before the first byte, since a quota or a connection may be waited for.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from engine.cycle.desk import Told
from engine.cycle.facts.ledger import ledger_facts
from engine.cycle.facts.market import depth_for, quote_age_s
from engine.cycle.facts.order import order_facts
from engine.cycle.facts.portfolio import group_facts, strategy_facts
from engine.cycle.facts.position import Holdings
from engine.cycle.facts.universe import limit_groups, tier_of
from engine.cycle.facts.waivers import order_waiver_facts
from engine.cycle.judge import approved
from engine.cycle.judging.invariants import Reach
from engine.cycle.judging.situation import Block, Situation
from engine.cycle.orders import answers, ceilings, outage, supervising
from engine.cycle.orders.pricing import STOP, price, rungs_of
from engine.cycle.orders.ways_out import Leaving, way_out
from engine.cycle.records.order_bodies import decision_body, intent_body, reason_bodies
from engine.cycle.records.waivers import used
from engine.cycle.steps import breakers, liquidating, snapshot
from engine.ledger.folding import refusals
from engine.ledger.order_id import client_order_id, stream_tag
from engine.ledger.records import RecordKind
from engine.model.decisions import Reason, ReasonCode
from engine.model.numbers import floor_to
from engine.model.orders import (
    ApprovedOrder,
    Intent,
    Mode,
    OrderForm,
    OrderIntent,
    Rejected,
)
from engine.model.sizing import least_to_leave, units_for

if TYPE_CHECKING:
    from collections.abc import Iterable
    from decimal import Decimal

    from engine.cycle.desk import Desk, Round
    from engine.cycle.orders.pricing import Price
    from engine.expr.nodes import Value
    from engine.kinds.execution_policy.document import Rung
    from engine.ledger.bodies import Body
    from engine.model.decisions import Decision
    from engine.model.market import Product
    from engine.model.orders import ExitPlan
    from engine.model.supervision import Ask
    from engine.model.symbols import Symbol

_AGE = "quote.age_s"


@dataclass(frozen=True, slots=True)
class Wish:
    """What a step wants: base units to trade, or a value to buy for (one of the two).

    `value` is in the numeraire, at the order's worst price.
    """

    symbol: Symbol
    intent: Intent
    ladder: str
    strategy: str
    reason: str
    quantity: Decimal | None = None
    value: Decimal | None = None
    conviction: float | None = None
    plan: ExitPlan | None = None
    parent: int | None = None
    rung: int = 0


async def place(desk: Desk, this: Round, wish: Wish) -> Told | None:
    """Take one wish all the way; None when there is nothing to price or to trade."""
    intent = _priced(desk, this, wish)
    if intent is None:
        return None
    permit = supervising.permit(desk, this, intent)
    if permit.refusal is not None:
        this.block(intent.symbol, permit.refusal)
        return None
    intent = permit.narrowed(intent)
    situation = situation_of(desk, this, intent)
    decision = desk.judge.judge(intent, situation)
    if permit.ask_first and decision.verdict.allowed:
        supervising.ask(desk, this, intent, decision)
        return None
    return await _act(desk, this, _Judged(intent, situation, decision), permit.agreed)


@dataclass(frozen=True, slots=True)
class _Judged:
    """An order before it leaves, what was known of it, and what was decided."""

    intent: OrderIntent
    situation: Situation
    decision: Decision


async def _act(desk: Desk, this: Round, judged: _Judged, agreed: Ask | None) -> Told | None:
    """Record what was decided, and send what may leave."""
    intent, decision = judged.intent, judged.decision
    order_id = _order_id(desk, intent) if decision.verdict.allowed else None
    if order_id is None and _said_before(desk, intent, decision):
        # The same wish, refused for the same reasons a cycle later, is not told again.
        this.block(intent.symbol, decision.reasons[0])
        return None
    _record_decision(desk, this, judged, order_id)
    if order_id is None:
        this.block(intent.symbol, decision.reasons[0])
        return _told(this, Told(None, intent, decision, "denied"))
    if desk.mode is Mode.DRY_RUN:
        return _told(this, Told(order_id, intent, decision, "would send"))
    order = approved(
        decision,
        intent,
        client_order_id=order_id,
        policy_set=desk.policy_set.hash,
        now=this.now,
    )
    outcome, crossed = await _send(desk, this, order, agreed)
    return _told(this, Told(order_id, intent, decision, outcome, crossed))


def _said_before(desk: Desk, intent: OrderIntent, decision: Decision) -> bool:
    """Whether a trim or a purge was refused like this when it was last asked for."""
    said = desk.state.refused.get((intent.symbol, intent.intent))
    return said is not None and said == refusals.words_of(reason_bodies(decision))


def immediate(told: Told) -> bool:
    """Whether an order was sent that cannot rest: asking the venue tells its end."""
    return told.outcome == "sent" and told.intent.form is not OrderForm.POST_ONLY


def _told(this: Round, told: Told) -> Told:
    this.orders.append(told)
    return told


def _priced(desk: Desk, this: Round, wish: Wish) -> OrderIntent | None:
    product = desk.products.get(wish.symbol)
    if product is None:
        this.block(wish.symbol, Reason(ReasonCode.PRODUCT_UNKNOWN))
        return None
    rungs = rungs_of(desk.policy_set.execution, wish.ladder)
    # A ladder's last rung is repeated: an exit never gives up.
    rung = rungs[min(wish.rung, len(rungs) - 1)]
    priced = _price(desk, wish, rung, product)
    if priced is None:
        this.block(wish.symbol, Reason(ReasonCode.NO_PRICE))
        return None
    quantity = _quantity(desk, this, wish, priced, product)
    if quantity is None:
        return None
    return OrderIntent(
        number=desk.state.next_intent,
        symbol=wish.symbol,
        intent=wish.intent,
        form=priced.form,
        quantity=quantity,
        limit_price=priced.limit,
        reference_price=priced.reference,
        worst_price=priced.worst,
        strategy=wish.strategy,
        reason=wish.reason,
        conviction=wish.conviction,
        plan=wish.plan,
        time_to_live_s=priced.time_to_live_s,
        parent=wish.parent,
        ladder=wish.ladder,
        rung=wish.rung,
    )


def _price(desk: Desk, wish: Wish, rung: Rung, product: Product) -> Price | None:
    """An entry is priced as its rung says or not at all; a way out in any form that is possible."""
    quote = desk.market.quotes.get(wish.symbol)
    if wish.intent.adds_risk:
        return price(rung, wish.intent.side, quote, product)
    held = desk.state.positions.get(wish.symbol)
    paid = held.entry_price if held is not None else None
    around = Leaving(
        product=product,
        quote=quote,
        last_known=desk.market.last_bid.get(wish.symbol, paid),
        rest_s=desk.policy_set.schedule.interval,
        stop=wish.ladder == STOP,
    )
    return way_out(rungs_of(desk.policy_set.execution, wish.ladder), rung, around)


def _quantity(
    desk: Desk, this: Round, wish: Wish, priced: Price, product: Product
) -> Decimal | None:
    highest = max(priced.worst, priced.reference)
    if wish.quantity is not None:
        most = product.in_one_order(wish.quantity, highest)
        return floor_to(most, product.base_increment)
    rate = desk.valuation.rate(wish.symbol.quote)
    if rate is None or wish.value is None:
        values = (("currency", wish.symbol.quote),)
        this.block(wish.symbol, Reason(ReasonCode.NO_RATE, values))
        return None
    paid = min(priced.worst, priced.reference)
    taker_bps = desk.policy_set.deployment.fees.taker_bps
    least = least_to_leave(product, paid, wish.plan, taker_bps)
    units = units_for(wish.value / rate, priced.worst, product, least)
    return floor_to(product.in_one_order(units, highest), product.base_increment)


def situation_of(desk: Desk, this: Round, intent: OrderIntent) -> Situation:
    """All that the judge may know of this order, as of now: earlier orders count already."""
    symbol, state = intent.symbol, desk.state
    rate = desk.valuation.rate(symbol.quote)
    universe, tier = desk.policy_set.universe, tier_of(this.universe.get(symbol))
    told: dict[str, Value] = {
        **this.facts(symbol),
        **snapshot.ledger_account_facts(desk, this),
        **Holdings(state, desk.valuation, this.now).facts(symbol),
        **strategy_facts(
            state, desk.valuation, intent.strategy, orders=this.orders_of[intent.strategy]
        ),
        **order_facts(
            state, desk.valuation, intent, desk.market.quotes.get(symbol), dust=desk.dust()
        ),
        **ledger_facts(state, intent, this.now),
        **depth_for(desk.market, symbol, intent.side, rate),
        "order.tier": tier,
        **order_waiver_facts(desk.policy_set, symbol, tier, intent.strategy, this.now),
    }
    facts = this.believed(symbol, told)
    groups = tuple(
        group_facts(state, desk.valuation, universe, group)
        for group in limit_groups(universe, symbol)
    )
    _believe(desk, this, facts, groups)
    standing = breakers.blocks(desk, this, symbol)
    blocks = (*liquidating.blocks(desk, intent, standing), *own_blocks(desk, this, intent))
    return Situation(facts, groups, desk.products.get(symbol), rate, blocks)


def _believe(
    desk: Desk, this: Round, facts: dict[str, Value], groups: Iterable[dict[str, Value]]
) -> None:
    """Take out what breaks an invariant of the order: of its strategy, or of one of its groups."""
    for group in groups:
        for broken in desk.programme.invariants[Reach.ORDER].broken({**facts, **group}):
            this.broken_invariants[broken.text] += 1
            for name in broken.facts:
                facts.pop(name, None)
                group.pop(name, None)


def own_blocks(desk: Desk, this: Round, intent: OrderIntent) -> list[Block]:
    """What stands in an order's way besides rules and breakers: ledger, universe, maintenance."""
    found = []
    if not desk.recorder.healthy:
        found.append(Block(ReasonCode.LEDGER_NOT_DURABLE.value, (), exits_too=True))
    behind_s = outage.entries_halted_for_s(desk)
    if behind_s is not None:
        values = (("lag_s", f"{behind_s:.1f}"),)
        found.append(Block(ReasonCode.LEDGER_BEHIND.value, values, exits_too=False))
    if intent.symbol not in this.universe:
        found.append(Block(ReasonCode.NOT_IN_UNIVERSE.value, (), exits_too=False))
    if this.maintenance:
        values = (("window", this.maintenance),)
        found.append(Block(ReasonCode.MAINTENANCE.value, values, exits_too=False))
    return found


def _order_id(desk: Desk, intent: OrderIntent) -> str:
    state = desk.state
    tag = stream_tag(desk.mode, state.account)
    return client_order_id(desk.policy_set.hash, tag, state.nonce, intent.number)


def _record_decision(desk: Desk, this: Round, judged: _Judged, order_id: str | None) -> None:
    intent, situation, decision = judged.intent, judged.situation, judged.decision
    body: Body = {
        **decision_body(intent, situation, decision, desk.programme.decision_facts),
        "cycle": this.number,
        "symbol": str(intent.symbol),
        "policy_set": desk.policy_set.hash,
        "mode": desk.mode.value,
        "intent": intent.number if order_id is not None else None,
        "client_order_id": order_id,
    }
    if desk.shadow is not None:
        other = desk.shadow.differs(intent, situation, decision, this.now)
        if other is not None:
            body["shadow"] = other.body
            this.notes.append(other.words)
    desk.recorder.record(RecordKind.DECISION, this.now, body)
    for waiver in used(desk.judge, intent, situation, decision):
        identity: Body = {
            "intent": intent.number,
            "client_order_id": order_id,
            "symbol": str(intent.symbol),
        }
        desk.recorder.record(RecordKind.WAIVER_USED, this.now, {**identity, **waiver})


async def _send(
    desk: Desk, this: Round, order: ApprovedOrder, agreed: Ask | None
) -> tuple[str, bool]:
    """What became of the order in words, and whether a post-only would have crossed."""
    identity: Body = {
        "intent": order.intent.number,
        "client_order_id": order.client_order_id,
        "symbol": str(order.symbol),
    }
    body = {**intent_body(order, desk.policy_set.hash), **supervising.agreed_body(agreed)}
    desk.recorder.record(RecordKind.INTENT, this.now, body)
    desk.recorder.sync()
    refused = wire_gate(desk, this, order)
    if refused is not None:
        # Never sent: the venue cannot know it, so the intent ends here.
        ended: Body = {**identity, "reason": refused, "sent": False}
        desk.recorder.record(RecordKind.CANCELLED, this.now, ended)
        this.block(order.symbol, Reason(ReasonCode.WIRE_GATE, (("why", refused),)))
        return f"not sent: {refused}", False
    # At its own time: in a long cycle a minute of orders would seem over before it is.
    desk.recorder.record(RecordKind.SENT, desk.clock.now(), identity)
    outcome = await desk.exchange.submit(order, partial(last_word, desk, this, order))
    this.orders_of[order.intent.strategy] += 1
    # A rung that goes on with an entry opens no second position.
    if order.intent.intent is Intent.ENTRY and order.intent.parent is None:
        this.new_positions += 1
    # The answer may have taken seconds: its own time is what a quarantine counts from.
    answered = max(this.now, desk.clock.now())
    crossed = isinstance(outcome, Rejected) and outcome.would_cross
    return answers.record(desk, answered, identity, outcome), crossed


def wire_gate(desk: Desk, this: Round, order: ApprovedOrder) -> str | None:
    """The last look before an order is recorded as sent: switch, lease, ledger, ceilings, quote.

    Returns why the order must not leave; None lets it.
    """
    ceiling = ceilings.refusal(desk, this, order)
    return _stopped(desk) or _behind(desk, order) or ceiling or _stale(desk, this, order)


def last_word(desk: Desk, this: Round, order: ApprovedOrder) -> str | None:
    """What can change while an order waits for quota or connection: switch, lease, ledger, quote.

    Asked in the same breath as its first byte; returns why it must not leave, None lets it. The
    ceilings are not asked again: it counts as sent by then, and no other was sent meanwhile.
    """
    return _stopped(desk) or _behind(desk, order) or _stale(desk, this, order)


def _stopped(desk: Desk) -> str | None:
    killed = desk.kill_switch()
    if killed is not None:
        return f"kill switch: {killed}"
    return None if desk.lease_held() else "the lock on this account is no longer ours"


def _behind(desk: Desk, order: ApprovedOrder) -> str | None:
    """What an outage of a shared ledger says of an order that adds risk."""
    behind_s = outage.entries_halted_for_s(desk) if order.intent.intent.adds_risk else None
    return None if behind_s is None else f"the shared ledger is {behind_s:.1f} s behind"


def _stale(desk: Desk, this: Round, order: ApprovedOrder) -> str | None:
    """What an old quote says of an order that adds risk; a way out is not asked for one."""
    if not order.intent.intent.adds_risk:
        return None
    quote = desk.market.quotes.get(order.symbol)
    age = None
    if quote is not None:
        age = quote_age_s(quote, desk.clock.now(), desk.market.steady_age_s(order.symbol))
    facts = {**this.facts(order.symbol)}
    facts.pop(_AGE, None)
    if age is not None:
        facts[_AGE] = age
    failed = desk.judge.stale_rules(order.intent.intent, facts)
    return f"quote too old for {failed[0]}" if failed else None
