"""A second set beside the one that traded: where it differed, and what that would have cost.

In: records of a run with `--shadow`. Out: `Shadowed`, one a decision in which the two differ, and
how many they were asked about. What the other set would have let go is valued at the fills of the
order that really went; where none went, at the worst price that was intended and the assumed fee:
that is an estimate, and is called one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.ledger import bodies
from engine.ledger.records import RecordKind
from engine.model.numbers import ZERO
from engine.model.orders import Intent, Side
from engine.model.symbols import Symbol
from engine.reporting.execution import executions

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from decimal import Decimal

    from engine.ledger.bodies import Body, Json
    from engine.ledger.records import Record
    from engine.model.times import UtcTime
    from engine.reporting.execution import Execution

_BPS = 10_000


@dataclass(frozen=True, slots=True)
class Shadowed:
    """One decision: what the set let go and what it came to, and the same of the other set.

    Costs are slippage and fees in the quote currency; `estimated` says that no fill tells the
    other's. A set that lets nothing go costs nothing, and trades nothing.
    """

    time: UtcTime
    symbol: Symbol
    intent: Intent
    strategy: str
    client_order_id: str
    policy_set: str
    shadow: str
    verdict: str
    quantity: Decimal
    notional: Decimal
    cost: Decimal
    shadow_verdict: str
    shadow_quantity: Decimal
    shadow_notional: Decimal
    shadow_cost: Decimal
    estimated: bool
    reasons: str


@dataclass(slots=True)
class Comparison:
    """All of a ledger: how many decisions a second set was asked about, and where it differed."""

    asked: int = 0
    differ: list[Shadowed] = field(default_factory=list)
    shadows: list[str] = field(default_factory=list)


def compared(
    records: Iterable[Record], taker_bps: Decimal, until: UtcTime | None = None
) -> Comparison:
    """Read the records once for the orders, and once for what the other set said of them."""
    told = [each for each in records if until is None or each.time < until]
    went = {each.client_order_id: each for each in executions(told)}
    found, waiting = Comparison(), 0
    for record in told:
        if record.kind is RecordKind.DECISION:
            waiting += 1
            body = bodies.of_record(record)
            if "shadow" in body:
                found.differ.append(_shadowed(record.time, body, went, taker_bps))
        elif record.kind is RecordKind.CYCLE:
            shadow = bodies.optional_text(bodies.of_record(record), "shadow")
            found.asked += waiting if shadow is not None else 0
            waiting = 0
            if shadow is not None and shadow not in found.shadows:
                found.shadows.append(shadow)
    return found


def _shadowed(
    time: UtcTime, body: Body, went: Mapping[str, Execution], taker_bps: Decimal
) -> Shadowed:
    wish, other = bodies.mapping(body, "wish"), bodies.mapping(body, "shadow")
    order_id = bodies.optional_text(body, "client_order_id") or ""
    done = went.get(order_id)
    quantity = bodies.number(other, "quantity")
    notional, cost, estimated = _priced(wish, done, quantity, taker_bps)
    return Shadowed(
        time=time,
        symbol=Symbol.parse(bodies.text(wish, "symbol")),
        intent=Intent(bodies.text(wish, "why")),
        strategy=bodies.text(wish, "strategy"),
        client_order_id=order_id,
        policy_set=bodies.text(body, "policy_set"),
        shadow=bodies.text(other, "policy_set"),
        verdict=bodies.text(body, "verdict"),
        quantity=bodies.number(body, "quantity"),
        notional=ZERO if done is None else done.notional,
        cost=ZERO if done is None else done.slippage + done.fee,
        shadow_verdict=bodies.text(other, "verdict"),
        shadow_quantity=quantity,
        shadow_notional=notional,
        shadow_cost=cost,
        estimated=estimated,
        reasons="; ".join(bodies.texts(other, "reasons")),
    )


def _priced(
    wish: Mapping[str, Json], done: Execution | None, quantity: Decimal, taker_bps: Decimal
) -> tuple[Decimal, Decimal, bool]:
    """What so much would have come to, what it would have cost, and whether that is estimated.

    As much of it as was really done, in proportion: an order that found no taker would have found
    none in another size either.
    """
    if not quantity:
        return ZERO, ZERO, False
    if done is not None and done.filled:
        part = quantity / done.quantity
        cost = done.slippage + done.fee
        return done.notional * part, cost * part, quantity > done.quantity
    if done is not None and done.outcome != "never left":
        return ZERO, ZERO, False
    reference, worst = bodies.number(wish, "reference_price"), bodies.number(wish, "worst_price")
    buys = Intent(bodies.text(wish, "why")).side is Side.BUY
    slipped = quantity * (worst - reference if buys else reference - worst)
    notional = quantity * worst
    return notional, max(slipped, ZERO) + notional * taker_bps / _BPS, True
