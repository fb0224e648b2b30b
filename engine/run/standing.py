"""The facts that a ledger alone tells, as a cycle at its last instant would have them.

In: a `Status`. Out: facts of the account and of each product that is held or being bought, by the
functions that a cycle uses, over the last bids. What only the market or the venue tells is not
there: to whoever asks, it is unknown.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.cycle.facts.clock import clock_facts
from engine.cycle.facts.pace import pace_facts
from engine.cycle.facts.portfolio import portfolio_facts
from engine.cycle.facts.position import Holdings
from engine.cycle.market import MarketView
from engine.cycle.valuation import Valuation
from engine.model.market import Quote
from engine.model.symbols import Symbol
from engine.series import BarSource

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.expr.nodes import Value
    from engine.model.times import UtcTime
    from engine.run.status import Status


@dataclass(frozen=True, slots=True)
class Standing:
    """Facts as of the last cycle; none before the first one, or of a set nobody can build."""

    account: Mapping[str, Value] = field(default_factory=dict)
    products: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)


def standing_of(status: Status) -> Standing:
    """What the ledger says of the account and of its products."""
    policy_set = None if status.named is None else status.named.policy_set
    now = status.state.last_cycle
    if policy_set is None or now is None:
        return Standing()
    valuation = Valuation(policy_set.deployment, _market(status, now))
    return Standing(_account(status, valuation, now), _products(status, valuation, now))


def _account(status: Status, valuation: Valuation, now: UtcTime) -> Mapping[str, Value]:
    state = status.state
    portfolio = portfolio_facts(state, valuation, now, new_positions=0, dust=frozenset())
    regime: dict[str, Value] = {"regime.name": status.regime}
    return {**clock_facts(now), **portfolio, **pace_facts(state, now), **regime}


def _products(
    status: Status, valuation: Valuation, now: UtcTime
) -> Mapping[str, Mapping[str, Value]]:
    state = status.state
    holdings = Holdings(state, valuation, now)
    symbols = {*state.positions, *(order.symbol for order in state.working.values())}
    tiers = {symbol: member.tier for symbol, member in state.universe.items()}
    return {
        str(symbol): {
            **holdings.facts(symbol),
            **({"asset.tier": tiers[symbol]} if symbol in tiers else {}),
        }
        for symbol in sorted(symbols)
    }


def _market(status: Status, now: UtcTime) -> MarketView:
    market = MarketView((), lambda _symbol: BarSource.QUOTES)
    for name, bid in status.bids.items():
        market.on_event(Quote(Symbol.parse(name), now, bid, None))
    return market
