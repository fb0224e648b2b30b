"""Facts of a product that stand until something happens: made when it has, kept meanwhile.

In: the product's grid, its rate, its membership, latches and waivers. Out: one mapping a product,
not to be changed by whoever gets it. What was kept is used only while all of that is equal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.cycle.facts.product import product_facts
from engine.cycle.facts.rules import symbol_rule_facts
from engine.cycle.facts.universe import excluded_now, tier_of, universe_facts
from engine.cycle.facts.waivers import symbol_waiver_facts, waivers_in_force

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from engine.cycle.desk import Desk, Round
    from engine.expr.nodes import Value
    from engine.model.symbols import Symbol

    Inputs = tuple[object, ...]


class StandingFacts:
    """What was last made for each product, and what it was made from."""

    def __init__(self) -> None:
        self._shared: Inputs = ()
        self._kept: dict[Symbol, tuple[Inputs, Mapping[str, Value]]] = {}

    def renew(self, desk: Desk, this: Round) -> None:
        """Look at what all products depend on; when it has changed, nothing that was kept counts.

        Of the time only what it decides.
        """
        policy_set = desk.policy_set
        shared = (
            policy_set.hash,
            excluded_now(policy_set.universe, this.now),
            waivers_in_force(policy_set, this.now),
            (*desk.state.latches,),
        )
        if shared != self._shared:
            self._shared = shared
            self._kept.clear()

    def of(
        self, desk: Desk, this: Round, symbol: Symbol, rate: Decimal | None
    ) -> Mapping[str, Value]:
        """`asset.*` but its age, breakers and waivers of the product, as of the last `renew`."""
        product, member = desk.products.get(symbol), this.universe.get(symbol)
        made_from = rate, product, member, symbol in desk.unconfirmed
        kept = self._kept.get(symbol)
        if kept is None or kept[0] != made_from:
            kept = self._kept[symbol] = made_from, _made(desk, this, symbol, rate)
        return kept[1]


def _made(desk: Desk, this: Round, symbol: Symbol, rate: Decimal | None) -> Mapping[str, Value]:
    policy_set, member = desk.policy_set, this.universe.get(symbol)
    facts = {
        **product_facts(symbol, desk.products.get(symbol), rate),
        **universe_facts(policy_set.universe, member, symbol, this.now),
        **symbol_rule_facts(policy_set, desk.state, symbol),
        **symbol_waiver_facts(policy_set, symbol, tier_of(member), this.now),
    }
    if symbol in desk.unconfirmed:
        del facts["asset.status"]
    return facts
