"""Orders and situations for the judge: the facts of an empty account, and what a test changes."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from cycle.trading_desk import BTC, PLAN, product

from engine.cycle.judge import Judge
from engine.cycle.judging.situation import Situation
from engine.model.orders import Intent, Mode, OrderForm, OrderIntent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.cycle.judging.situation import Block
    from engine.expr.nodes import Value
    from engine.model.decisions import Decision
    from engine.model.market import Product
    from engine.policyset.policyset import PolicySet

_JUDGES: dict[str, Judge] = {}
EMPTY_ACCOUNT: dict[str, Value] = {
    "portfolio.equity_usd": 10_000.0,
    "portfolio.at_risk_usd": 0.0,
    "portfolio.gross_usd": 0.0,
    "portfolio.open_positions_count": 0.0,
    "position.value_usd": 0.0,
    "position.pending_buy_usd": 0.0,
    "strategy.at_risk_usd": 0.0,
    "quote.bid": 99.95,
    "quote.ask": 100.05,
    "quote.age_s": 1.0,
    "quote.one_sided": False,
    "book.depth_20bps_usd": 5_000.0,
    "regime.name": "chop",
    "asset.tier": "core",
    "order.strategy": "follower",
}


def wish(
    intent: Intent = Intent.ENTRY, quantity: str | Decimal = "10", price: str = "100"
) -> OrderIntent:
    """An order for units of BTC at a price, 1,000 USD unless told otherwise."""
    worst = Decimal(price)
    return OrderIntent(
        number=1,
        symbol=BTC,
        intent=intent,
        form=OrderForm.LIMIT_IOC,
        quantity=Decimal(quantity),
        limit_price=worst,
        reference_price=worst,
        worst_price=worst,
        strategy="follower",
        reason="a test",
        conviction=1.0,
        plan=PLAN if intent.adds_risk else None,
    )


def situation(
    changes: Mapping[str, Value | None] | None = None,
    *,
    intent: Intent = Intent.ENTRY,
    groups: tuple[Mapping[str, Value], ...] = (),
    traded: Product | None = product(),  # noqa: B008 - a frozen value
    rate: Decimal | None = Decimal(1),
    blocks: tuple[Block, ...] = (),
) -> Situation:
    """The facts of an empty account with these changes; None takes a fact away."""
    own: dict[str, Value] = {"order.side": intent.side.value, "order.intent": intent.value}
    facts = {**EMPTY_ACCOUNT, **own, **(changes or {})}
    known = {name: value for name, value in facts.items() if value is not None}
    return Situation(known, groups, traded, rate, blocks)


def judged(policy_set: PolicySet, order: OrderIntent, around: Situation | None = None) -> Decision:
    """What the judge of a set says in paper mode."""
    if policy_set.hash not in _JUDGES:
        _JUDGES[policy_set.hash] = Judge(policy_set, Mode.PAPER)
    return _JUDGES[policy_set.hash].judge(order, around or situation(intent=order.intent))


def reasons(decision: Decision) -> list[str]:
    """The reasons' codes, each with the rule or thing that it names first."""
    return [
        each.code.value + (f":{each.values[0][1]}" if each.values else "")
        for each in decision.reasons
    ]
