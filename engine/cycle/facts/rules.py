"""Facts of the rules themselves: breakers that are tripped, waivers that are in force."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.expr.nodes import Value
    from engine.ledger.state import State
    from engine.model.symbols import Symbol
    from engine.model.times import UtcTime
    from engine.policyset.policyset import PolicySet

ACCOUNT_KEY = ""
"""The key of a latch whose scope is the account or the venue."""

_S_PER_H = 3600


def account_rule_facts(policy_set: PolicySet, state: State, now: UtcTime) -> dict[str, Value]:
    """Breakers of account and venue scope, and waivers without a symbol."""
    facts: dict[str, Value] = {
        f"breaker.{name}.tripped": (name, ACCOUNT_KEY) in state.latches
        for name, spec in policy_set.breakers
        if spec.scope != "symbol"
    }
    in_force = waivers_in_force(policy_set, now)
    for name, waiver in policy_set.waivers:
        left = max(0.0, waiver.until.since_s(now)) / _S_PER_H
        facts[f"waiver.{name}.left_h"] = left
        if not waiver.scope.symbols:
            facts[f"waiver.{name}.active"] = name in in_force
    return facts


def symbol_rule_facts(
    policy_set: PolicySet, state: State, symbol: Symbol, now: UtcTime
) -> dict[str, Value]:
    """Breakers of symbol scope, and waivers that name symbols."""
    facts: dict[str, Value] = {
        f"breaker.{name}.tripped": (name, str(symbol)) in state.latches
        for name, spec in policy_set.breakers
        if spec.scope == "symbol"
    }
    in_force = waivers_in_force(policy_set, now)
    for name, waiver in policy_set.waivers:
        if waiver.scope.symbols:
            named = str(symbol) in waiver.scope.symbols
            facts[f"waiver.{name}.active"] = named and name in in_force
    return facts


def waivers_in_force(policy_set: PolicySet, now: UtcTime) -> tuple[str, ...]:
    """The names of the waivers whose time it is, wherever they count."""
    return tuple([name for name, w in policy_set.waivers if w.valid_from <= now < w.until])
