"""Facts of waivers: whether each is in force for what is at hand, and for how much longer.

In: the set, the time, and the product or the order. Out: `waiver.NAME.*`. A waiver counts from the
instant at which it begins, and no more at the one at which it ends; before and after it is inert.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.cycle.facts.universe import groups_of
from engine.expr.vocabulary import FactScope
from engine.kinds.waiver.lower import reach_of

if TYPE_CHECKING:
    from engine.expr.nodes import Value
    from engine.kinds.waiver.document import WaiverScope
    from engine.model.symbols import Symbol
    from engine.model.times import UtcTime
    from engine.policyset.policyset import PolicySet

_S_PER_H = 3600


def waivers_in_force(policy_set: PolicySet, now: UtcTime) -> tuple[str, ...]:
    """The names of the waivers whose time it is, wherever they count."""
    return tuple([name for name, w in policy_set.waivers if w.valid_from <= now < w.until])


def account_waiver_facts(policy_set: PolicySet, now: UtcTime) -> dict[str, Value]:
    """How long each lasts, and those that count for the whole account."""
    facts: dict[str, Value] = {}
    in_force = waivers_in_force(policy_set, now)
    for name, waiver in policy_set.waivers:
        facts[f"waiver.{name}.left_h"] = max(0.0, waiver.until.since_s(now)) / _S_PER_H
        if reach_of(waiver.scope) is FactScope.ACCOUNT:
            facts[f"waiver.{name}.active"] = name in in_force
    return facts


def symbol_waiver_facts(
    policy_set: PolicySet, symbol: Symbol, tier: str, now: UtcTime
) -> dict[str, Value]:
    """Those that name products, their groups or their tiers, and no strategy."""
    in_force = waivers_in_force(policy_set, now)
    return {
        f"waiver.{name}.active": name in in_force
        and _names_product(policy_set, waiver.scope, symbol, tier)
        for name, waiver in policy_set.waivers
        if reach_of(waiver.scope) is FactScope.SYMBOL
    }


def order_waiver_facts(
    policy_set: PolicySet, symbol: Symbol, tier: str, strategy: str, now: UtcTime
) -> dict[str, Value]:
    """All that is particular to an order: those of its product, and those of its strategy."""
    in_force = waivers_in_force(policy_set, now)
    own: dict[str, Value] = {
        f"waiver.{name}.active": name in in_force
        and strategy in waiver.scope.strategies
        and _names_product(policy_set, waiver.scope, symbol, tier)
        for name, waiver in policy_set.waivers
        if reach_of(waiver.scope) is FactScope.ORDER
    }
    return symbol_waiver_facts(policy_set, symbol, tier, now) | own


def _names_product(policy_set: PolicySet, scope: WaiverScope, symbol: Symbol, tier: str) -> bool:
    """Whether each of its lists that says something about products says yes."""
    return (
        (not scope.symbols or str(symbol) in scope.symbols)
        and (not scope.tiers or tier in scope.tiers)
        and (not scope.groups or bool(groups_of(policy_set.universe, symbol) & {*scope.groups}))
    )
