"""Facts of the breakers: which are tripped."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.expr.nodes import Value
    from engine.ledger.state import State
    from engine.model.symbols import Symbol
    from engine.policyset.policyset import PolicySet

ACCOUNT_KEY = ""
"""The key of a latch whose scope is the account or the venue."""


def account_rule_facts(policy_set: PolicySet, state: State) -> dict[str, Value]:
    """Breakers of account and venue scope."""
    return {
        f"breaker.{name}.tripped": (name, ACCOUNT_KEY) in state.latches
        for name, spec in policy_set.breakers
        if spec.scope != "symbol"
    }


def symbol_rule_facts(policy_set: PolicySet, state: State, symbol: Symbol) -> dict[str, Value]:
    """Breakers of symbol scope."""
    return {
        f"breaker.{name}.tripped": (name, str(symbol)) in state.latches
        for name, spec in policy_set.breakers
        if spec.scope == "symbol"
    }
