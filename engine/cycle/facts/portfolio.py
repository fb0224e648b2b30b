"""Facts of the whole account, and of the group at hand."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from engine.cycle.facts.universe import OTHERS, groups_of
from engine.ledger.folding.nav import value_of
from engine.ledger.folding.windows import WEEK_S
from engine.model.numbers import ZERO
from engine.model.times import NS_PER_S

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet
    from decimal import Decimal

    from engine.cycle.valuation import Valuation
    from engine.expr.nodes import Value
    from engine.kinds.universe_filter.document import UniverseFilterSpec
    from engine.ledger.state import NavMarks, State
    from engine.model.symbols import Symbol
    from engine.model.times import UtcTime


def portfolio_facts(
    state: State,
    valuation: Valuation,
    now: UtcTime,
    *,
    new_positions: int,
    dust: AbstractSet[Symbol],
) -> dict[str, Value]:
    """`portfolio.*`; `new_positions` counts those opened in this cycle so far."""
    facts: dict[str, Value] = {
        "portfolio.open_positions_count": float(len(_open_symbols(state, dust))),
        "portfolio.new_positions_cycle_count": float(new_positions),
    }
    # Equity from the coins at hand: to value all of them is what takes the time here.
    coins = valuation.coins(state)
    equity = None if coins is None else coins + valuation.cash(state)
    _put(facts, "portfolio.equity_usd", equity)
    _put(facts, "portfolio.at_risk_usd", valuation.at_risk(state))
    _put(facts, "portfolio.gross_usd", coins)
    flowed = valuation.flowed(state)
    settled = state.nav.valued_before is None
    if equity is not None and flowed is not None and settled:
        facts |= result_facts(state.nav, float(equity - flowed), now)
    return facts


def result_facts(nav: NavMarks, equity: float, now: UtcTime) -> dict[str, Value]:
    """Results as of now, by net asset value per unit: cash flows do not count as results.

    The marks are those of the last cycle; what has happened since is in `equity`, so a stop does
    not wait for the next cycle to see its loss. `equity` is without what flowed since.
    """
    value = value_of(nav, equity)
    day_start = nav.day_start if nav.day == now.day_start() else nav.latest
    return {
        "portfolio.pnl_day_pct": _change_pct(day_start, value),
        "portfolio.pnl_week_pct": _change_pct(_week_start(nav, now), value),
        "portfolio.drawdown_pct": max(0.0, -_change_pct(max(nav.high_water, value), value)),
    }


def _week_start(nav: NavMarks, now: UtcTime) -> float:
    """The newest mark that is at least seven days old; the oldest where none is."""
    if not nav.samples:
        return nav.latest
    # A week has a sample an hour.
    old = bisect_right(nav.samples, now.ns - WEEK_S * NS_PER_S, key=_sampled_ns)
    return nav.samples[max(0, old - 1)][1]


def _sampled_ns(sample: tuple[UtcTime, float]) -> int:
    return sample[0].ns


def group_facts(
    state: State, valuation: Valuation, universe: UniverseFilterSpec, group: str
) -> dict[str, Value]:
    """`group.name` and what is at risk in the group."""
    facts: dict[str, Value] = {"group.name": group}
    symbols = {s for s in _open_symbols(state) if _in_group(universe, s, group)}
    _put(facts, "portfolio.group_at_risk_usd", valuation.at_risk(state, symbols))
    return facts


def strategy_facts(
    state: State, valuation: Valuation, strategy: str, *, orders: int
) -> dict[str, Value]:
    """`strategy.*`; `orders` counts those that it sent in this cycle."""
    symbols = {s for s, held in state.positions.items() if held.strategy == strategy}
    pending = [o for o in state.working.values() if o.strategy == strategy]
    parts = [valuation.position(state, symbol) for symbol in symbols]
    parts.extend(valuation.pending_buy(order) for order in pending)
    known = [part for part in parts if part is not None]
    executions = state.pace.executions_since_arm.get(strategy, 0)
    facts: dict[str, Value] = {
        "strategy.name": strategy,
        "strategy.orders_cycle_count": float(orders),
        "strategy.executions_since_arm_count": float(executions),
    }
    if len(known) == len(parts):
        facts["strategy.at_risk_usd"] = float(sum(known, ZERO))
    return facts


def _in_group(universe: UniverseFilterSpec, symbol: Symbol, group: str) -> bool:
    groups = groups_of(universe, symbol)
    return group in groups or (group == OTHERS and not groups)


def _open_symbols(state: State, dust: AbstractSet[Symbol] = frozenset()) -> set[Symbol]:
    """Products held or being bought; a buy that so far brought dust is one that is being bought."""
    buys = {o.symbol for o in state.working.values() if o.intent.adds_risk}
    return buys | (set(state.positions) - dust)


def _put(facts: dict[str, Value], name: str, value: Decimal | None) -> None:
    if value is not None:
        facts[name] = float(value)


def _change_pct(before: float, after: float) -> float:
    return 100.0 * (after - before) / before if before else 0.0
