"""What refused: denials by rule, and what stood in the way where nothing was even proposed.

In: a `Simulation`. Out: counts and asked money by rule, breaker or circumstance. An order that
several rules refuse counts for each of them, and as `alone` for none.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.cycle.records.telling import cause
from engine.model.decisions import ReasonCode
from engine.model.numbers import ZERO

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

    from engine.model.decisions import Reason
    from engine.simulation.result import OrderTold, Simulation


@dataclass(frozen=True, slots=True)
class Blame:
    """Orders that one rule (or breaker, or circumstance) refused; `alone` it did so by itself."""

    what: str
    orders: int
    alone: int
    asked_usd: Decimal


def culprits(order: OrderTold) -> tuple[str, ...]:
    """What refused an order, each once: rule ids, or a code with its subject."""
    found = [name for reason in order.decision.reasons for name in _names(reason)]
    return tuple(dict.fromkeys(found))


def _names(reason: Reason) -> Iterator[str]:
    values = dict(reason.values)
    if reason.code is ReasonCode.NOTHING_LEFT:
        yield from values["limits"].split(",")
    elif "breaker" in values:
        yield f"CircuitBreaker/{values['breaker']}"
    elif "rule" in values:
        yield values["rule"]
    else:
        yield " ".join(part for part in cause(reason) if part)


def blamed(simulation: Simulation) -> tuple[Blame, ...]:
    """Every refusal by what refused, the most frequent first."""
    orders: Counter[str] = Counter()
    alone: Counter[str] = Counter()
    asked: dict[str, Decimal] = {}
    for order in simulation.denied:
        names = culprits(order)
        for name in names:
            orders[name] += 1
            alone[name] += len(names) == 1
            asked[name] = asked.get(name, ZERO) + (order.asked_usd or ZERO)
    found = (Blame(name, orders[name], alone[name], asked[name]) for name in orders)
    return tuple(sorted(found, key=lambda each: (-each.orders, each.what)))


def silent_cycles(simulation: Simulation) -> tuple[tuple[str, int], ...]:
    """Why nothing was proposed, in cycles times products, the most frequent first."""
    found: Counter[str] = Counter()
    for each in simulation.silences:
        found[" ".join(part for part in cause(each.reason) if part)] += each.cycles
    return tuple(sorted(found.items(), key=lambda pair: (-pair[1], pair[0])))
