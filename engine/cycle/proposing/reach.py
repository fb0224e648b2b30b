"""Which products a strategy may trade: those of its tiers, and of these the ones that it names.

In: a strategy, a member of the universe. Out: yes or no. The judge holds each order to the names
once more, so that no path around this question leads to an order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.cycle.facts.universe import groups_of

if TYPE_CHECKING:
    from engine.kinds.strategy.document import StrategySpec
    from engine.kinds.universe_filter.document import UniverseFilterSpec
    from engine.model.symbols import Symbol


def trades(universe: UniverseFilterSpec, spec: StrategySpec, tier: str, symbol: Symbol) -> bool:
    """Whether the strategy may trade a product of this tier."""
    if tier not in spec.tiers:
        return False
    if not spec.symbols and not spec.groups:
        return True
    return str(symbol) in spec.symbols or not groups_of(universe, symbol).isdisjoint(spec.groups)
